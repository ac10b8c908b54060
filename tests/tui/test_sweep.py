"""The screen of a sweep, with made-up views and without a process."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from textual.pilot import Pilot

from l2tui.errors import RunError
from l2tui.settings import Settings, changed
from l2tui.sweep.answer import answer
from l2tui.sweep.directory import Finer, MoreFolds, SweepCommand, SweepDirectory, SweepPlan, SweepStatus
from l2tui.sweep.grid import default_grid
from l2tui.sweep.summary import PerL2, SweepView
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.sweep import SweepScreen
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, run_screen, screen_lines, strips, until, until_shown

GRID = default_grid()
SIZES = [(80, 24), (120, 40), (60, 16)]


class FakeSweep:
    """In place of `SweepClient`."""

    def __init__(self, view: SweepView) -> None:
        self.view, self.plan, self.sweep = view, view.plan, view.sweep
        self.asked: list[SweepCommand] = []
        self.resumed = self.damaged = False

    def poll(self) -> SweepView:
        if self.damaged:
            raise RunError("/runs/sweep-moons/sweep.json: cannot be read")
        return self.view

    def curve(self, l2: float) -> tuple[np.ndarray, np.ndarray]:
        epochs = np.arange(1, 200)
        return epochs, np.stack([1 / epochs, 0.3 + l2 + 1e-3 * epochs], axis=1).astype(np.float32)

    def ask(self, command: SweepCommand) -> None:
        self.asked.append(command)

    def resume(self) -> None:
        self.resumed = True

    def fits(self, settings: Settings) -> bool:
        return True


def made_up(losses: np.ndarray | None = None, *, state: str = "finished", alive: bool = False) -> SweepView:
    """A sweep of six folds with a U, or with losses (folds, λ) of one's own."""
    if losses is None:
        lanes = np.arange(len(GRID))
        losses = 0.25 + 0.01 * (lanes - 7.0) ** 2 + 0.004 * np.arange(6)[:, None]
    done = state == "finished"
    found = answer(GRID, losses, 0.9 * losses, val_share=1.0, done=done)
    per_l2 = tuple(
        PerL2(
            l2=l2,
            epoch=500 if done else 90,
            left=False,
            diverged=0,
            val_loss=float(losses[:, k].mean()),
            val_error=float(losses[:, k].std(ddof=1) / 6**0.5),
            train_loss=0.05 + 0.03 * k,
            best_val_loss=0.9 * float(losses[:, k].mean()),
            val_accuracy=0.9,
            w1_norm=13.0 - k,
            w2_norm=7.0 - k / 2,
            val_losses=tuple(losses[:, k]),
            best_val_losses=tuple(0.9 * losses[:, k]),
        )
        for k, l2 in enumerate(GRID)
    )
    return SweepView(
        sweep=SweepDirectory(Path("/runs/sweep-moons")),
        plan=SweepPlan(settings=changed(MOONS, epochs=500), l2=GRID),
        status=SweepStatus(state=state, share=1.0 if done else 0.4, elapsed=4.0, left=None if done else 6.0),
        alive=alive,
        per_l2=per_l2,
        folds=tuple(range(6)),
        answer=found,
    )


def answers() -> dict[str, np.ndarray]:
    """Losses for every kind of answer."""
    lanes, folds = np.arange(len(GRID)), np.arange(6)[:, None]
    return {
        "helps": 0.25 + 0.01 * (lanes - 7.0) ** 2 + 0.004 * folds,
        "no_help": 0.25 + 0.02 * lanes + 0.004 * folds,
        "on average": 1.2 + np.array([[-0.8, -0.8, -0.8, 0.3, 0.3, 0.2]]).T * (lanes == 7),
        "cannot_tell": 1.2 + np.array([[-0.6, -0.3, 0.05, 0.05, 0.05, 0.05]]).T * (lanes == 7),
        "edge": 2.0 - 0.1 * lanes + 0.004 * folds,
        "diverged": np.full((6, len(GRID)), np.nan),
    }


async def shown(pilot: Pilot[None], sweep: FakeSweep) -> SweepScreen:
    await drawn(pilot)
    screen = SweepScreen(sweep)
    pilot.app.push_screen(screen)
    await until_shown(pilot, "λ sweep")
    await until(pilot, lambda: screen.view is not None)
    await pilot.pause()
    return screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", answers())
async def test_the_whole_sentence_is_on_the_screen(worker: Worker, kind: str, size: tuple[int, int]) -> None:
    view = made_up(answers()[kind])
    assert view.answer.verdict == ("helps" if kind == "on average" else kind)
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await shown(pilot, FakeSweep(view))
        sentence = view.answer.sentence
        await until(pilot, lambda: sentence in " ".join(" ".join(screen_lines(pilot)).split()))


@pytest.mark.parametrize("size", SIZES)
async def test_the_u_the_star_and_the_keys_fit(worker: Worker, size: tuple[int, int]) -> None:
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await shown(pilot, FakeSweep(made_up()))
        text = "\n".join(screen_lines(pilot))
        assert "★" in text
        assert "back" in text
        assert text.count("●") >= len(GRID) - 1


@pytest.mark.parametrize("size", SIZES)
async def test_how_far_it_is_fits_into_the_top_line(worker: Worker, size: tuple[int, int]) -> None:
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await shown(pilot, FakeSweep(made_up(state="running", alive=True)))
        await until_shown(pilot, "● running  40 %  about 6 s left")


async def test_arrows_point_and_enter_puts_that_lambda_into_the_settings(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        sweep = FakeSweep(made_up())
        await drawn(pilot)
        run_screen(pilot).sweep = sweep
        await pilot.press("w")
        await until_shown(pilot, "λ = 0.003")
        await pilot.press("right")
        await until_shown(pilot, "λ = 0.01")
        await pilot.press("left", "left")
        await until_shown(pilot, "λ = 0.001")
        await pilot.press("enter")
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 1e-3)


async def test_more_is_asked_for_and_a_stopped_sweep_goes_on(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        sweep = FakeSweep(made_up())
        await shown(pilot, sweep)
        await pilot.press("f", "m")
        await until(pilot, lambda: sweep.asked == [Finer(), MoreFolds()])
        sweep.view = made_up(state="running", alive=False)
        await until_shown(pilot, "● stopped", "go on")
        await pilot.press("g")
        await until(pilot, lambda: sweep.resumed)
        sweep.view = msgspec.structs.replace(sweep.view, alive=True)
        await until_shown(pilot, "● running", "about 6 s left")
        assert "go on" not in "\n".join(screen_lines(pilot))


async def test_esc_leaves_and_w_comes_back_to_the_same_sweep(worker: Worker) -> None:
    app: L2tuiApp = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        sweep = FakeSweep(made_up(state="running", alive=True))
        await drawn(pilot)
        run_screen(pilot).sweep = sweep
        for _ in range(2):
            await pilot.press("w")
            await until(pilot, lambda: isinstance(app.screen, SweepScreen))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
        assert run_screen(pilot).sweep is sweep


async def test_a_sweep_that_can_no_longer_be_read_takes_no_lambda_away(worker: Worker) -> None:
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        sweep = FakeSweep(made_up())
        await drawn(pilot)
        run_screen(pilot).sweep = sweep
        await pilot.press("w")
        await until_shown(pilot, "λ = 0.003")
        sweep.damaged = True
        await pilot.press("enter")
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 3e-3)
        await pilot.pause()
        assert app.is_running
        assert app.fault is None


async def test_other_colours_are_those_of_the_whole_screen(worker: Worker) -> None:
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        sweep = FakeSweep(made_up())
        await shown(pilot, sweep)
        app.theme = "l2tui-light"
        await pilot.pause()
        switched = strips(pilot)
        await pilot.press("escape")
        await shown(pilot, sweep)
        await until(pilot, lambda: strips(pilot) == switched)
