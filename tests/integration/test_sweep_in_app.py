"""The app and a real sweep: begun by key, found again in the list and after a restart."""

import pytest
from textual.pilot import Pilot

from l2tui.line.options import DrawingOptions
from l2tui.settings import Settings
from l2tui.sweep.directory import SweepDirectory, SweepPlan, create_sweep
from l2tui.tui.app import L2tuiApp
from l2tui.tui.context import Context
from l2tui.tui.controller import Controller
from l2tui.tui.screens.runs import RunsScreen
from l2tui.tui.screens.sweep import SweepScreen
from l2tui.view.key_names import KeyNames
from l2tui.view.look import Look
from tests.tui.reading_screen import drawn, until, until_shown

pytestmark = pytest.mark.slow

QUICK = Settings(hidden=8, epochs=40, train_size=60, batch_size=10, learning_rate=0.3, folds=2)


def app() -> L2tuiApp:
    return L2tuiApp(Controller(QUICK), Context(Look(), KeyNames(None), DrawingOptions()))


async def is_on_top(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))


def has_ended(pilot: Pilot[None]) -> None:
    assert pilot.app.screen._client._process.wait(30) == 0


@pytest.fixture
def unfinished() -> SweepDirectory:
    return create_sweep(SweepPlan(settings=QUICK, l2=(0.0, 1e-3, 1e-2)))


async def test_a_key_sweeps_and_the_list_opens_it_again(runs_root):
    async with app().run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("w")
        await is_on_top(pilot)
        await until_shown(pilot, "● done", "trained to epoch 40")
        has_ended(pilot)
    async with app().run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
        await until_shown(pilot, "sweep, ")
        await pilot.press("enter")
        await is_on_top(pilot)
        await until_shown(pilot, "● done")


async def test_a_sweep_that_trains_is_offered_after_a_restart_and_w_comes_back_to_it(runs_root, unfinished):
    with unfinished.locked():
        for answer in ("y", "n"):
            async with app().run_test(size=(80, 24)) as pilot:
                await until_shown(pilot, "is sweeping λ")
                await pilot.press(answer)
                if answer == "n":
                    await drawn(pilot)
                    await pilot.press("w")
                await is_on_top(pilot)
                assert pilot.app.screen._client.sweep.path == unfinished.path


async def test_an_interrupted_sweep_goes_on_from_the_list(runs_root, unfinished):
    async with app().run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("r")
        await until_shown(pilot, "interrupted")
        await pilot.press("ctrl+r")
        await is_on_top(pilot)
        await until_shown(pilot, "● done")
        has_ended(pilot)
