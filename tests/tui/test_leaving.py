"""Leaving: at once where nothing runs, else with a question whose answer is obeyed."""

import asyncio
import threading
from typing import Any

import pytest
from textual.pilot import Pilot

from l2tui.runs.events import AnyCommand, Stop
from l2tui.tui.app import Commands, L2tuiApp
from l2tui.tui.screens.leave import LeaveScreen
from tests.tui.fake_worker import FakeClient, Worker
from tests.tui.made_up_runs import make_snapshot
from tests.tui.reading_screen import run_screen, start, until, until_shown


async def until_left(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: pilot.app._exit)


@pytest.mark.parametrize("key", ["q", "d"])
async def test_idle_it_leaves_at_once(app: L2tuiApp, worker: Worker, key: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await until_left(pilot)
        assert worker.clients == []
        assert app.return_code == 0
        assert app.return_value is None


async def test_after_the_end_it_leaves_at_once_and_says_where_the_run_is(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(state="finished")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "stopped")
        await pilot.press("q")
        await until_left(pilot)
        assert worker.commands == []
        assert "/runs/moons" in app.return_value


@pytest.mark.parametrize(
    ("key", "commands", "words"), [("s", [Stop()], "The run is in /runs/moons"), ("l", [], "Training goes on")]
)
async def test_while_it_trains_it_asks_and_does_as_told(
    app: L2tuiApp, worker: Worker, key: str, commands: list[Stop], words: str
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("q")
        await until_shown(pilot, "A training is running.", "stop it, keep the run", "leave it running", "stay here")
        assert worker.commands == []
        await pilot.press(key)
        await until_left(pilot)
        assert worker.commands == commands
        assert words in app.return_value


async def test_escape_stays_and_it_can_be_asked_again(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        for _ in range(2):
            await pilot.press("q")
            await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, LeaveScreen))
        assert worker.commands == []
        assert not app._exit


async def test_detach_leaves_without_a_question_or_a_stop(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("d")
        await until_left(pilot)
        assert worker.commands == []
        assert "Training goes on in /runs/moons" in app.return_value


async def test_a_paused_run_is_asked_about_as_well(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("space")
        await until_shown(pilot, "◐ paused")
        await pilot.press("q")
        await until_shown(pilot, "A training is paused.", "leave it paused")
        await pilot.press("l")
        await until_left(pilot)
        assert app.return_value == "Training is paused in /runs/moons"


async def test_what_arrives_after_the_widgets_are_gone_is_no_error(
    app: L2tuiApp, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave, to_thread = asyncio.Event(), asyncio.to_thread

    async def late(function: Any, *values: Any) -> Any:
        result = await to_thread(function, *values)
        if function.__name__ == "load":
            await leave.wait()
        return result

    monkeypatch.setattr(asyncio, "to_thread", late)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
        await run_screen(pilot).query_one("#loss").remove()
        leave.set()
        polls = worker.client.polls
        worker.client.epochs += 1
        await until(pilot, lambda: worker.client.polls > polls + 1)
        assert app._exception is None


class Slow(FakeClient):
    """A worker that takes its time to end."""

    ended = threading.Event()

    def send(self, command: AnyCommand) -> int:
        if not isinstance(command, Stop):
            return super().send(command)
        self.commands.append(command)
        return len(self.commands)

    def wait(self, seconds: float) -> bool:
        return self.ended.wait(30)


async def test_an_impatient_key_neither_asks_again_nor_stops_twice(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.__class__ = Slow
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("enter")
        await until(pilot, lambda: Stop() in worker.commands)
        for _ in range(3):
            await pilot.press("ctrl+q")
            assert app.screen is run_screen(pilot)
        Slow.ended.set()
        await until_left(pilot)
        assert worker.commands.count(Stop()) == 1


async def test_the_key_that_leaves_uncovers_a_question_that_something_lies_on(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        question = app.screen
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Commands))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.screen is question)
        await pilot.press("ctrl+q")
        assert app.screen is question
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
