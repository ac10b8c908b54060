"""What was typed ahead on a slow line and arrives in one piece does what it would have done key by key."""

import asyncio
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from l2tui.tui.app import L2tuiApp
from l2tui.tui.recent import remember_table
from l2tui.tui.screens.open_file import OpenScreen
from tests.tui.fake_worker import Worker
from tests.tui.reading_screen import DEADLINE, select, until, until_shown
from tests.tui.tables import FakeTool, write_table

_NAMED = {"enter": "\r", "tab": "\t", "space": " "}


def at_once(pilot: Pilot[None], *keys: str) -> None:
    """Hands the app keys as one read from the terminal does: none waits for the one before."""
    for key in keys:
        pilot.app.post_message(Key(key, _NAMED.get(key, key if len(key) == 1 else None)))


async def test_a_dialog_gets_what_was_typed_before_it_was_there(
    app: L2tuiApp, tool: FakeTool, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(tmp_path, "dunes.csv")
    write_table(tmp_path, "flowers.csv")
    monkeypatch.chdir(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        # The d of the name would detach, were it taken for a key of the main screen.
        at_once(pilot, "o", *"dun", "tab", "enter")
        await until_shown(pilot, "dunes.csv", "setosa")
        assert tool.calls[0][1] == str(tmp_path / "dunes.csv")


async def test_completing_takes_all_of_what_was_typed(
    app: L2tuiApp, tool: FakeTool, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_table(write_table(tmp_path / "else", "old.csv"))
    write_table(tmp_path, "here/flowers.csv")
    monkeypatch.chdir(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "recent")
        at_once(pilot, *"hex", "backspace", "tab", "f", "tab")
        await until(pilot, lambda: pilot.app.screen.query_one(Input).value == "here/flowers.csv")


async def test_a_value_is_finished_before_the_next_key_acts(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "learning_rate")
        at_once(pilot, "enter", *"0.9", "backspace", *"25", "enter", "plus", "space")
        await until(pilot, lambda: worker.clients)
        assert worker.client.settings.learning_rate == 0.25
        assert worker.client.settings.l2 == 1e-5


async def test_a_paste_keeps_its_place_among_the_keys(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        at_once(pilot, "o", "x")
        pilot.app.post_message(Paste("/no/such"))
        at_once(pilot, "y")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen))
        await until(pilot, lambda: app.screen.query_one(Input).value == "x/no/suchy")


async def test_a_key_that_takes_long_does_not_hold_up_the_others_for_ever(
    app: L2tuiApp, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l2tui.tui.type_ahead._LONGEST", 0.05)
    async with app.run_test(size=(80, 24)) as pilot:
        # What has the focus is busy, and does not pass the key on before it is let go. A pilot would wait for it.
        held = asyncio.Event()
        assert app.focused is not None
        app.focused.call_later(held.wait)
        at_once(pilot, "plus", "ctrl+p")
        async with asyncio.timeout(DEADLINE):
            while len(app.screen_stack) == 1:
                await asyncio.sleep(0.01)
        held.set()
        await until_shown(pilot, "Search for commands")
