"""What is on the screen before anything is pressed, and what it did not have to wait for."""

import json
import subprocess
import sys

from l2tui.tui.app import L2tuiApp
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import lines_of, run_screen, screen_lines, title_of, until

HEAVY = ("numpy", "plotext", "polars", "l2tui.runs.reader", "l2tui.data.splits", "l2tui.nn", "l2tui.training")

FIRST_PAINT = """
import json, sys
from textual.app import App
from l2tui.settings import Settings
from l2tui.tui.app import L2tuiApp
from l2tui.tui.context import Context
from l2tui.tui.controller import Controller
from l2tui.line.options import DrawingOptions
from l2tui.view.key_names import KeyNames
from l2tui.view.look import Look

seen = {}
display = App._display

def watch(self, screen, renderable):
    if renderable is not None and not seen and screen.query("#settings") and screen.query_one("#settings").size.area:
        seen["modules"] = sorted(sys.modules)
    display(self, screen, renderable)

App._display = watch
app = L2tuiApp(Controller(Settings()), Context(Look(), KeyNames(), DrawingOptions()))

async def look(pilot):
    while not [chart for chart in app.screen.query("#chart") if chart.draw is not None]:
        await pilot.pause(0.01)
    seen["drawing module comes later"] = "plotext" in sys.modules
    app.exit()

app.run(headless=True, auto_pilot=look, size=(80, 24))
print(json.dumps(seen))
"""


async def test_the_first_frame_shows_settings_the_question_and_the_keys(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = "\n".join(screen_lines(pilot))
        assert "Settings" in title_of(pilot, "#settings")
        assert "ready" in lines_of(pilot, "#status")[0]
        for words in ("Press space to train.", "Is my model memorising", "how much weight decay", "★", "▲"):
            assert words in shown
        for key in ("space run", "+ - λ", "? help", "q quit"):
            assert key in lines_of(pilot, "#keys")[0]


def test_the_first_frame_waits_for_no_number_library() -> None:
    run = subprocess.run([sys.executable, "-c", FIRST_PAINT], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert [name for name in HEAVY if name in seen["modules"]] == []
    assert seen["drawing module comes later"]


async def test_start_begins_at_once(worker: Worker) -> None:
    app = worker.app(MOONS, start=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
        assert len(worker.clients) == 1
        assert not worker.client.paused_at_start
