"""Text from outside (paths, reasons, errors) is shown as it is: no markup, no escape sequences."""

import pytest
from textual.pilot import Pilot

from l2tui.errors import RunError
from l2tui.tui.app import L2tuiApp, run_app
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, make_snapshot
from tests.tui.reading_screen import screen_lines, start, strips, text_of, until

HOSTILE = "[red]no[/red] \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202ereversed [/]"


def control_characters(pilot: Pilot[None]) -> set[str]:
    return {character for strip in strips(pilot) for character in strip.text if not character.isprintable()}


async def test_a_hostile_reason_is_only_text(app: L2tuiApp, worker: Worker) -> None:
    for state in ("failed", "diverged"):
        worker.shown = make_snapshot(state=state, alive=False, reason=HOSTILE, epochs=30)
        app = worker.app(MOONS)
        async with app.run_test(size=(120, 40)) as pilot:
            await start(pilot, state)
            assert control_characters(pilot) == set()
            if state == "failed":
                assert "[red]no[/red]" in text_of(pilot, "#verdict")


async def test_a_hostile_error_is_only_text(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await start(pilot)
        worker.client.error = RunError(f"{HOSTILE}: damaged")
        await until(pilot, lambda: any("[red]no[/red]" in line for line in screen_lines(pilot)))
        assert control_characters(pilot) == set()
        assert app.is_running


def test_last_words_are_printed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/runs/{'long/' * 40}[red]x[/red]/[/]"
    monkeypatch.setattr(L2tuiApp, "run", lambda app, **_: f"The run is in {path}\x1b[31m")
    run_app(MOONS)
    printed = capsys.readouterr().out
    assert printed.startswith(f"The run is in {path}")
    assert "\x1b" not in printed


async def test_a_hostile_value_is_told_as_text(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"[red]9", "enter")
        await until(pilot, lambda: "'[red]9'" in text_of(pilot, "SettingEditor Label"))
