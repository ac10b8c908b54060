"""Keys have names and words, can be given another place, and are listed in the help and the command palette."""

import pytest
from textual.binding import Binding

from l2tui.runs.events import SetValue
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.ask import AskScreen, NoteScreen
from l2tui.tui.screens.compare import CompareScreen
from l2tui.tui.screens.export import ExportScreen
from l2tui.tui.screens.help import HelpScreen
from l2tui.tui.screens.leave import LeaveScreen
from l2tui.tui.screens.open_file import OpenScreen
from l2tui.tui.screens.preparation import PreparationScreen
from l2tui.tui.screens.preview import PreviewScreen
from l2tui.tui.screens.results import ResultsScreen
from l2tui.tui.screens.run import RunScreen
from l2tui.tui.screens.runs import RunsScreen
from l2tui.tui.screens.sweep import SweepScreen
from l2tui.tui.screens.table import TableScreen
from l2tui.tui.screens.text import LineScreen, TextScreen
from l2tui.tui.widgets.columns import ColumnList
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.tui.widgets.settings_panel import SettingEditor, SettingsList
from tests.tui.fake_worker import Worker
from tests.tui.reading_screen import run_screen, screen_lines, start, strips, until, value_of

OWNERS = (
    *(RunScreen, SettingsList, SettingEditor, LossChart, HelpScreen, LeaveScreen, AskScreen, NoteScreen, RunsScreen),
    *(OpenScreen, TableScreen, PreviewScreen, ColumnList, PreparationScreen, ResultsScreen, ExportScreen),
    *(TextScreen, LineScreen, SweepScreen, CompareScreen),
)
LISTED = [*RunScreen.BINDINGS, *SettingsList.BINDINGS, *LossChart.BINDINGS]


def test_every_binding_has_an_id_of_its_own() -> None:
    bindings = [binding for owner in OWNERS for binding in owner.BINDINGS]
    assert all(isinstance(binding, Binding) for binding in bindings)
    ids = [binding.id for binding in bindings]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_every_key_has_a_word_of_explanation() -> None:
    assert [binding.id for binding in LISTED if not binding.tooltip or len(binding.tooltip) > 56] == []


def test_no_key_of_a_screen_has_two_meanings() -> None:
    for owner in OWNERS:
        keys = [key for binding in owner.BINDINGS for key in binding.key.split(",")]
        assert len(set(keys)) == len(keys), owner


async def test_a_users_keymap_moves_a_key(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_keymap({"l2.up": "u", "run.toggle": "p"})
        await pilot.press("p")
        await until(pilot, lambda: len(worker.clients) == 1)
        await pilot.press("u")
        await until(pilot, lambda: value_of(pilot, "λ") == "1e-05")
        await pilot.press("plus", "space")
        await pilot.pause()
        assert worker.commands == [SetValue("l2", 1e-5)]


async def test_help_lists_every_key_with_its_words(app: L2tuiApp) -> None:
    async with app.run_test(size=(120, 100)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.pause()
        shown = screen_lines(pilot)
        for binding in LISTED:
            assert any(binding.tooltip in line for line in shown), binding
        for word in ("ctrl+p", "★", "▲", "Criteria", "Reading the picture"):
            assert any(word in line for line in shown), word


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_help_scrolls_to_its_end_and_closes(app: L2tuiApp, worker: Worker, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await start(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("end")
        await until(pilot, lambda: any("adamw" in line for line in screen_lines(pilot)))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert worker.commands == []


async def test_the_palette_has_a_command_for_every_key(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        commands = list(app.get_system_commands(run_screen(pilot)))
        helps = [command.help for command in commands]
        assert [binding.id for binding in RunScreen.BINDINGS if binding.tooltip not in helps] == []
        titles = [command.title for command in commands]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("words", ["more λ", "more lambda", "more weight decay"])
async def test_a_command_of_the_palette_does_what_its_key_does(app: L2tuiApp, worker: Worker, words: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*("space" if sign == " " else sign for sign in words))
        await until(pilot, lambda: any("More λ" in line for line in screen_lines(pilot)))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 1e-5)


@pytest.mark.parametrize("opens", ["question_mark", "r", "o", "ctrl+p"])
async def test_the_screen_can_be_drawn_again_wherever_one_is(
    app: L2tuiApp, worker: Worker, monkeypatch: pytest.MonkeyPatch, opens: str
) -> None:
    drawn_again: list[int] = []
    monkeypatch.setattr(app, "redraw_all", lambda: drawn_again.append(len(app.screen_stack)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+l", opens)
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("ctrl+l")
        assert drawn_again == [1, 2]


@pytest.mark.parametrize("opens", ["question_mark", "ctrl+p", "r"])
async def test_a_dialog_leaves_what_lies_around_it_as_it_was(app: L2tuiApp, worker: Worker, opens: str) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await start(pilot)
        before = strips(pilot)
        await pilot.press(opens)
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.pause()
        # Every cell that is sent again costs a slow line its time, both when the dialog comes and when it goes.
        assert strips(pilot)[-1] == before[-1]
        assert strips(pilot)[0] == before[0]
