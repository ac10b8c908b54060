"""The screen as it should look, kept as text: characters, and the style of every cell.

`L2TUI_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py` writes them anew; the difference is then for a person to
judge.
"""

import difflib
import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from l2tui.learn.lesson import bundled
from l2tui.runs.events import SettingChanged
from l2tui.settings import TableChoice, changed
from l2tui.tui.lesson.course import Course
from l2tui.tui.lesson.on_screen import take
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.screens.compare import CompareScreen
from l2tui.tui.screens.help import HelpScreen
from l2tui.tui.screens.leave import LeaveScreen
from l2tui.tui.screens.sweep import SweepScreen
from tests.subjects import FakeSource, made_up_log
from tests.subjects import made_up as made_up_subject
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import DONE, MOONS, make_snapshot
from tests.tui.reading_screen import drawn, run_screen, screen_lines, start, style_map, until, until_shown
from tests.tui.tables import FakeTool, write_table
from tests.tui.test_sweep import FakeSweep, made_up

FOLDER = Path(__file__).parent / "snapshots"
STRONG = changed(MOONS, l2=1e-2)
UPDATE = os.environ.get("L2TUI_UPDATE_SNAPSHOTS") == "1"


async def ready(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)


async def overfitting(pilot: Pilot[None], worker: Worker) -> None:
    worker.shown = make_snapshot()
    await start(pilot)


async def paused(pilot: Pilot[None], worker: Worker) -> None:
    steps = ((150, 0.0, 3e-4), (260, 3e-4, 1e-3), (330, 1e-3, 1e-2))
    events = tuple(SettingChanged(epoch=at, step=7 * at, name="l2", old=old, new=new) for at, old, new in steps)
    worker.shown = make_snapshot(STRONG, state="paused", events=events)
    await start(pilot, "paused")
    await pilot.press("y", "tab", "left", "left", "left")


async def finished(pilot: Pilot[None], worker: Worker) -> None:
    worker.shown = make_snapshot(DONE, state="finished", overfits=False)
    await start(pilot, "finished")


async def asks(pilot: Pilot[None], worker: Worker) -> None:
    await overfitting(pilot, worker)
    await pilot.press("q")
    await until(pilot, lambda: isinstance(pilot.app.screen, LeaveScreen))


async def helps(pilot: Pilot[None], worker: Worker) -> None:
    await overfitting(pilot, worker)
    await pilot.press("question_mark")
    await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))


async def opens(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    await pilot.press("o")
    await until_shown(pilot, "fruit.parquet", "trees/")
    await pilot.press("f", "down")


async def previews(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    run_screen(pilot).open_table(TableToOpen(Path("flowers.csv").absolute()))
    await until_shown(pilot, "◎ target", "virginica")
    await pilot.press("up", "x")
    await until_shown(pilot, "left out: colour")


async def previews_a_number(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    choice = TableChoice(target="width", group="species")
    run_screen(pilot).open_table(TableToOpen(Path("flowers.csv").absolute(), choice))
    await until_shown(pilot, "◎ target", "groups of species")


async def results_of_classes(pilot: Pilot[None], worker: Worker) -> None:
    await overfitting(pilot, worker)
    await pilot.press("t")
    await until_shown(pilot, "not looked at yet")
    await pilot.press("t")
    await until_shown(pilot, "looked at once so far")


async def results_of_a_number(pilot: Pilot[None], worker: Worker) -> None:
    await overfitting(pilot, worker)
    await pilot.press("t")
    await until_shown(pilot, "Predicted against true")


async def sweeps(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    pilot.app.push_screen(SweepScreen(FakeSweep(made_up())))
    await until_shown(pilot, "beats no decay", "trained to epoch 500")


async def compares(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    subjects = [made_up_subject(l2) for l2 in (0.0, 1e-4, 1e-3, 3e-3, 1e-2)]
    pilot.app.push_screen(CompareScreen([FakeSource(subject) for subject in subjects]))
    await until_shown(pilot, "5 runs", "┤")
    await pilot.press("shift+left", "tab", "tab")
    await until_shown(pilot, "at epoch", "run 3/5")


async def compares_what_differs(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    subjects = [made_up_subject(l2, seed=seed) for l2 in (0.0, 1e-3) for seed in (0, 1, 2)]
    pilot.app.push_screen(CompareScreen([FakeSource(subject) for subject in (*subjects, made_up_log())]))
    await until_shown(pilot, "NOT COMPARABLE", "┤")
    await pilot.press("g", "equals_sign")
    await until_shown(pilot, "2 means", "differences from a")


async def asks_in_a_lesson(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    await take(run_screen(pilot), Course(bundled()))
    await pilot.press("enter", "2")
    await until_shown(pilot, "▸2 fall, then rise")


async def says_to_press(pilot: Pilot[None], worker: Worker) -> None:
    await asks_in_a_lesson(pilot, worker)
    await pilot.press("enter")
    await until_shown(pilot, "Press space to train, and")


async def shows_that_it_holds(pilot: Pilot[None], worker: Worker) -> None:
    await says_to_press(pilot, worker)
    settings = run_screen(pilot).pending
    worker.shown = make_snapshot(settings, settings.epochs, state="finished")
    await pilot.press("space")
    await until_shown(pilot, "That is right.", "It holds.")


async def says_why(pilot: Pilot[None], worker: Worker) -> None:
    await shows_that_it_holds(pilot, worker)
    await pilot.press("enter")
    await until_shown(pilot, "From ★ on the network")


async def lists_lessons(pilot: Pilot[None], worker: Worker) -> None:
    await drawn(pilot)
    await pilot.press("L")
    await until_shown(pilot, "enter begins", "How much?")


SCENES = {
    "ready": ready,
    "overfitting": overfitting,
    "paused": paused,
    "finished": finished,
    "leave": asks,
    "help": helps,
    "open": opens,
    "preview": previews,
    "preview-number": previews_a_number,
    "results": results_of_classes,
    "results-number": results_of_a_number,
    "sweep": sweeps,
    "compare": compares,
    "compare-apart": compares_what_differs,
    "lesson-question": asks_in_a_lesson,
    "lesson-press": says_to_press,
    "lesson-holds": shows_that_it_holds,
    "lesson-why": says_why,
    "lessons": lists_lessons,
}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCENES)
async def test_the_screen_looks_as_before(
    worker: Worker,
    tool: FakeTool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    size: tuple[int, int],
) -> None:
    for table in ("flowers.csv", "fruit.parquet", "trees/oaks.csv"):
        write_table(tmp_path / "here", table)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("l2tui.learn.progress.progress_path", lambda: tmp_path / "lessons.json")
    tool.regression = name == "results-number"
    app = worker.app({"finished": DONE, "paused": STRONG}.get(name, MOONS))
    async with app.run_test(size=size) as pilot:
        await SCENES[name](pilot, worker)
        dark = await settled(pilot)
        app.action_toggle_light()
        await until(pilot, lambda: not app.current_theme.dark)
        if name == "help":
            # Its text is made when it opens, and the theme does not change while it is open.
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        light = await settled(pilot)
    assert light[0] == dark[0], "a theme changes colours, not characters"
    assert light[1] != dark[1]
    compare(FOLDER / f"{name}-{size[0]}x{size[1]}.txt", "\n".join([*dark[0], "", *dark[1], "", *light[1], ""]))


async def settled(pilot: Pilot[None]) -> tuple[list[str], list[str]]:
    """The screen's characters and styles, once they stay the same."""
    before: tuple[list[str], list[str]] = [], []
    for _ in range(50):
        await pilot.pause()
        rows, letters = style_map(pilot)
        now = screen_lines(pilot), [*rows, *(f"{letter}: {words}" for letter, words in letters.items())]
        if now == before:
            return now
        before = now
    raise AssertionError("the picture does not come to rest")


def compare(path: Path, shown: str) -> None:
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if shown != kept:
        lines = difflib.unified_diff(kept.splitlines(), shown.splitlines(), "kept", "shown", lineterm="")
        pytest.fail(f"{path.name} differs; if that is meant, see the top of this file\n" + "\n".join(lines))
