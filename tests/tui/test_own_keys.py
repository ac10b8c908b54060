"""Keys of a user's own work, and are what the screen names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen

from l2tui.errors import SettingsError
from l2tui.runs.info import Note
from l2tui.tui.app import L2tuiApp
from l2tui.tui.keymap import all_bindings, check_keymap
from l2tui.tui.screens.ask import NoteScreen
from l2tui.tui.screens.export import ExportScreen
from l2tui.tui.screens.leave import LeaveScreen
from l2tui.tui.screens.open_file import OpenScreen
from l2tui.tui.screens.preparation import PreparationScreen
from l2tui.tui.screens.table import TableScreen
from l2tui.tui.screens.text import LineScreen, TextScreen
from l2tui.view.key_names import bindings_of
from l2tui.view.preparation import StoredPreparation
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, make_snapshot
from tests.tui.reading_screen import drawn, run_screen, screen_lines, start, text_of, until, until_shown

KEYMAP = check_keymap(
    {
        "run.toggle": "p",
        "l2.up": "u",
        "app.help": "f1",
        "app.quit": "k",
        "leave.stop": "e",
        "settings.type": "i",
        "run.restart": "ctrl+k",
        "chart.hide": "H",
    },
    "file",
)


def own(worker: Worker) -> L2tuiApp:
    worker.shown = make_snapshot()
    return worker.app(MOONS, keymap=KEYMAP)


async def begin(pilot: Pilot[None]) -> None:
    await drawn(pilot)
    await pilot.press("p")
    await until(pilot, lambda: run_screen(pilot).view.phase == "running")
    await pilot.pause()


async def test_before_a_run_the_screen_names_them(worker: Worker) -> None:
    app = own(worker)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        assert "Press p to train." in text_of(pilot, "#verdict")
        for words in ("p start, and watch", "u - more or less weight decay", "f1 all keys"):
            assert words in text_of(pilot, "#chart")
        keys = text_of(pilot, "#keys")
        for words in ("p run", "u - λ", "f1 help", "k quit"):
            assert words in keys
        assert "space" not in "\n".join(screen_lines(pilot))


async def test_they_do_what_they_should_and_the_old_ones_nothing(worker: Worker) -> None:
    app = own(worker)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("space", "q", "question_mark", "enter")
        await pilot.pause()
        assert worker.clients == []
        assert len(app.screen_stack) == 1
        await begin(pilot)
        assert "raise λ (u)" in text_of(pilot, "#verdict")
        await pilot.press("u", "plus")
        await pilot.pause()
        assert len(worker.commands) == 1
        await pilot.press("i")
        await until(pilot, lambda: run_screen(pilot).query("SettingEditor"))


async def test_the_dialog_names_and_obeys_them(worker: Worker) -> None:
    app = own(worker)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.pause()
        shown = "\n".join(screen_lines(pilot))
        assert "e    stop it, keep the run" in shown
        assert "l    leave it running" in shown
        await pilot.press("s")
        await pilot.pause()
        assert isinstance(app.screen, LeaveScreen)
        await pilot.press("e")
        await until(pilot, lambda: not app.is_running or app._exit)


async def test_help_and_the_palette_name_them(worker: Worker) -> None:
    app = own(worker)
    async with app.run_test(size=(120, 100)) as pilot:
        await start_with_help(pilot)
        shown = "\n".join(" ".join(line.split()) for line in screen_lines(pilot))
        for words in (
            "p start, pause, go on",
            "u one notch more",
            "f1 all keys",
            "i type a value",
            "H put the",
        ):
            assert words in shown
        titles = [command.title for command in app.get_system_commands(run_screen(pilot))]
        assert {
            "Run / pause  (p)",
            "More λ (lambda, weight decay)  (u)",
            "Help  (f1)",
            "Less λ (lambda, weight decay)  (-)",
        } <= set(titles)


async def start_with_help(pilot: Pilot[None]) -> None:
    await drawn(pilot)
    await pilot.press("f1")
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.pause()


async def test_the_mouse_selects_a_setting_and_then_opens_it(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        settings = run_screen(pilot).query_one("SettingsList")
        await pilot.click("SettingsList", offset=(4, 5))
        await until(pilot, lambda: settings.name_selected == "hidden")
        assert not run_screen(pilot).query("SettingEditor")
        await pilot.click("SettingsList", offset=(4, 5))
        await until(pilot, lambda: run_screen(pilot).query("SettingEditor"))
        await pilot.press("escape")
        settings.post_message(_wheel(settings))
        await until(pilot, lambda: settings.name_selected == "activation")


def _wheel(widget: object) -> object:
    from textual.events import MouseScrollDown

    return MouseScrollDown(
        widget=widget,
        x=1,
        y=1,
        delta_x=0,
        delta_y=1,
        button=0,
        shift=False,
        meta=False,
        ctrl=False,
    )


async def test_a_click_on_a_key_in_the_bottom_line_does_what_it_does(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(160, 24)) as pilot:
        await start(pilot)

        def at(words: str) -> tuple[int, int]:
            return screen_lines(pilot)[23].index(words), 0

        await pilot.click("#keys", offset=at("+ - λ"))
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 1e-5)
        await pilot.click("#keys", offset=(at("+ - λ")[0] + 2, 0))
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 0.0)
        await pilot.click("#keys", offset=at("log"))
        await until(pilot, lambda: run_screen(pilot).log_y)
        await pilot.click("#keys", offset=at("pause"))
        await until(pilot, lambda: worker.client.state == "paused")
        await until(pilot, lambda: "space go on" in screen_lines(pilot)[23])
        await pilot.click("#keys", offset=at("quit"))
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))


# A letter that no screen uses, for every key; what fields are typed into have others.
EVERY = {
    binding.id: "f6" if binding.priority else chr(0x430 + number % 32)
    for bindings in all_bindings().values()
    for number, binding in enumerate(bindings)
    if binding.id
}


def every_key_own(worker: Worker, owner: type[DOMNode]) -> L2tuiApp:
    own = {binding.id: EVERY[binding.id] for binding in bindings_of(owner) if binding.id}
    return worker.app(MOONS, keymap={**own, **{id: EVERY[id] for id in ("table.notes", "table.keys", "table.back")}})


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: TextScreen("Notes", "One."), ["а closes"]),
        (lambda: LineScreen("Rows", "all", str), ["f6 leaves it"]),
        (lambda: ExportScreen(Path("run")), ["а    weights", "б    the whole", "в    recipe", "г    back"]),
        (lambda: PreparationScreen(StoredPreparation("classification", "y"), "table"), ["а closes"]),
        (lambda: OpenScreen(), ["f6 open", "f6 complete", "f6 f6 choose", "f6 back", "f6 completes it"]),
        (lambda: TableScreen(), ["↑ ↓ columns", "а notes", "б keys", "в back"]),
    ],
    ids=["text", "line", "export", "preparation", "open", "table"],
)
async def test_every_dialog_names_the_keys_that_it_obeys(
    worker: Worker, make: Callable[[], Screen[Any]], names: list[str]
) -> None:
    screen = make()
    app = every_key_own(worker, type(screen))
    async with app.run_test(size=(100, 30)) as pilot:
        await drawn(pilot)
        app.push_screen(screen)
        await until(pilot, lambda: app.screen is screen)
        await until_shown(pilot, *names)


async def test_the_list_of_a_tables_keys_names_them(worker: Worker) -> None:
    screen = TableScreen()
    app = every_key_own(worker, TableScreen)
    async with app.run_test(size=(100, 30)) as pilot:
        await drawn(pilot)
        app.push_screen(screen)
        await pilot.press("б")
        await until_shown(pilot, "а          all notes on the table", "↑          to the column above")


@pytest.mark.parametrize("id", ["note.cancel", "line.cancel", "editor.close"])
def test_the_way_out_of_a_field_is_no_key_that_types(id: str) -> None:
    with pytest.raises(SettingsError, match="expected a key that types nothing"):
        check_keymap({id: "k"}, "file")


async def test_the_way_out_of_a_field_goes_before_what_the_field_does_with_the_key(worker: Worker) -> None:
    app = worker.app(MOONS, keymap=check_keymap({"editor.close": "ctrl+x", "note.cancel": "ctrl+x"}, "file"))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: run_screen(pilot).query("SettingEditor"))
        await pilot.press("7", "ctrl+x")
        await until(pilot, lambda: not run_screen(pilot).query("SettingEditor"))
        app.push_screen(NoteScreen(Note("", "")))
        await pilot.press("a", "ctrl+x")
        await until(pilot, lambda: len(app.screen_stack) == 1)
