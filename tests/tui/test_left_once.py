"""A dialog that is left twice in one moment is left once, and one that is covered when its work is done later."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Label

from l2tui.tui.own_table import TableToOpen
from l2tui.tui.screens import open_file, runs
from l2tui.tui.screens.export import ExportScreen
from l2tui.tui.screens.leave import LeaveScreen
from l2tui.tui.screens.preview import PreviewScreen
from l2tui.tui.screens.text import TextScreen
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import DEADLINE, drawn, run_screen, start, until, until_shown
from tests.tui.tables import FakeTool, write_table


async def test_a_second_answer_in_the_same_moment_does_nothing(worker: Worker) -> None:
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        for key in ("question_mark", "r", "o", "L"):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            dialog = app.screen
            dialog.dismiss(None)
            dialog.dismiss(None)
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await asyncio.sleep(0)
            assert app.screen is run_screen(pilot)
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")


async def test_a_table_that_was_accepted_behind_its_notes_is_taken_when_they_are_closed(
    worker: Worker, tool: FakeTool, tmp_path: Path
) -> None:
    app = worker.app(MOONS, table=TableToOpen(write_table(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        tool.held = True
        await pilot.press("k")
        await until(pilot, lambda: len(tool.calls) == 2)
        await pilot.press("a", "n")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        preview = app.screen_stack[-2]
        tool.held = False
        await until(pilot, lambda: preview._looking is False)
        await pilot.pause()
        assert isinstance(preview, PreviewScreen)
        assert isinstance(app.screen, TextScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await until(pilot, lambda: run_screen(pilot).pending.data.endswith("flowers.csv"))


async def test_an_export_that_ends_behind_a_question_leaves_the_question(worker: Worker, tool: FakeTool) -> None:
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        tool.held = True
        await pilot.press("r")
        await until(pilot, lambda: tool.calls)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        tool.held = False
        for _ in range(5):
            await pilot.pause(0.02)
        assert isinstance(app.screen, LeaveScreen)
        await pilot.press("escape")
        await until_shown(pilot, "recipe.md")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


@pytest.mark.parametrize("key", ["o", "r"])
async def test_a_list_that_arrives_while_its_dialog_is_taken_down_is_not_shown(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    asked, arrives = threading.Event(), threading.Event()

    def read(*_: object) -> list[Any]:
        asked.set()
        arrives.wait(DEADLINE)
        return []

    async def taken_down(_: Label) -> None:
        arrives.set()
        await asyncio.sleep(0.1)

    monkeypatch.setattr(open_file, "matches_of", read)
    monkeypatch.setattr(runs, "list_runs", read)
    monkeypatch.setattr(Label, "_on_unmount", taken_down, raising=False)
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press(key)
        await until(pilot, asked.is_set)
        app.screen.dismiss(None)
        await until(pilot, arrives.is_set)
        await start(pilot)
        assert app.fault is None
