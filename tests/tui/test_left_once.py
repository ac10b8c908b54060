"""A dialog that is left twice in one moment is left once, and one that lies under another is left after it."""

import asyncio
import threading
from pathlib import Path

import pytest

from l2tui.tui.app import L2tuiApp
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.screens.text import TextScreen
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, run_screen, start, until, until_shown
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


async def test_what_a_dialog_still_waits_for_ends_before_its_widgets_go(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_left = threading.Event()
    monkeypatch.setattr("l2tui.tui.screens.runs.list_runs", lambda: is_left.wait(30) and [])
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("r")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        waiting = [work for work in app.workers if work.node is app.screen and not work.is_finished]
        assert waiting
        app.screen.dismiss(None)
        assert all(work.is_cancelled for work in waiting)
        is_left.set()
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_a_table_that_is_accepted_under_another_dialog_is_left_after_it(
    worker: Worker, tool: FakeTool, tmp_path: Path
) -> None:
    app = worker.app(MOONS, table=TableToOpen(write_table(tmp_path, "flowers.csv")))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target", "setosa")
        tool.held = True
        # The last look at the table ends while its keys are read.
        await pilot.press("c", "a", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        tool.held = False
        preview = app.screen_stack[1]
        await until(pilot, lambda: not preview._looking)
        assert isinstance(app.screen, TextScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending.table is not None


async def test_an_export_that_ends_under_a_question_leaves_it_to_be_answered(
    app: L2tuiApp, tool: FakeTool, worker: Worker
) -> None:
    tool.held = True
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("e", "n")
        await until_shown(pilot, "Writing")
        await pilot.press("ctrl+q")
        await until_shown(pilot, "A training is running")
        tool.held = False
        await until_shown(pilot, "written to")
        await pilot.press("escape")
        await until_shown(pilot, "A training is running")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await pilot.press("q")
        await until_shown(pilot, "A training is running")
