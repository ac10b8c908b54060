"""Text from outside (paths, reasons, errors) is shown as it is: no markup, no escape sequences."""

from pathlib import Path

from l2tui.errors import RunError
from l2tui.tui.app import L2tuiApp
from tests.tui.conftest import Worker, make_snapshot, screen_lines, start, strips, text_of, until
from tests.tui.test_leaving import farewell

HOSTILE = "[red]no[/red] \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202ereversed [/]"


def control_characters(pilot: object) -> set[str]:
    return {character for strip in strips(pilot) for character in strip.text if not character.isprintable()}


async def test_a_hostile_reason_is_only_text(app: L2tuiApp, worker: Worker) -> None:
    for state in ("failed", "diverged"):
        worker.shown = make_snapshot(state=state, alive=False, reason=HOSTILE, epochs=30)
        app = L2tuiApp(app._settings)
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


async def test_a_hostile_path_is_printed_as_it_is(app: L2tuiApp, worker: Worker) -> None:
    worker.path = "/runs/[red]x[/red]/[/]"
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("d")
        await until(pilot, lambda: app._exit)
        assert str(Path(worker.path)) in farewell(app)


async def test_a_path_with_an_escape_does_not_reach_the_terminal(app: L2tuiApp, worker: Worker) -> None:
    worker.path = "/runs/\x1b[31mx"
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("d")
        await until(pilot, lambda: app._exit)
        assert "\x1b" not in farewell(app)


async def test_a_hostile_value_is_told_as_text(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press(*"[red]9", "enter")
        await until(pilot, lambda: "'[red]9'" in text_of(pilot, "SettingEditor Label"))
