"""Runs side by side: marked in the list or in a sweep, read at a cursor, from a baseline, with seeds folded."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from textual.pilot import Pilot

from l2tui.errors import RunError
from l2tui.runs.comparison import Subject
from l2tui.tui.screens.compare import CompareScreen
from l2tui.tui.widgets.drawn import Drawn
from tests.subjects import FakeSource, made_up, made_up_log
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, screen_lines, until, until_shown

SIZES = [(80, 24), (120, 40), (60, 16)]
FIVE = [made_up(l2) for l2 in (0.0, 1e-4, 1e-3, 3e-3, 1e-2)]


async def compare(pilot: Pilot[None], subjects: Sequence[Subject]) -> CompareScreen:
    await drawn(pilot)
    screen = CompareScreen([FakeSource(subject) for subject in subjects])
    pilot.app.push_screen(screen)
    await until_shown(pilot, "compare ", "┤")
    return screen


def table(pilot: Pilot[None]) -> dict[str, list[str]]:
    """The rows of the table on the screen, by what they are called."""
    region = pilot.app.screen.query_one("#compare-table", Drawn).region
    lines = screen_lines(pilot)[region.y : region.bottom]
    room = len(lines[0]) - len(lines[0].lstrip())
    return {line[:room].strip() or "heads": line[room:].split() for line in lines}


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_matters_is_on_the_screen(worker: Worker, size: tuple[int, int]) -> None:
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await compare(pilot, FIVE)
        await until_shown(pilot, "5 runs", "val loss", "★a", "λ", "0.0001", "final val", "back", "run 1/5")
        text = "\n".join(screen_lines(pilot))
        assert "NOT COMPARABLE" not in text


async def test_smoothing_zoom_and_a_log_axis_change_no_number(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        await compare(pilot, FIVE)
        await pilot.press("left", "left", "left")
        await until_shown(pilot, "val @")
        before, picture = table(pilot), screen_lines(pilot)[2:20]
        for key in ("S", "z", "y"):
            await pilot.press(key)
            await until(pilot, lambda: screen_lines(pilot)[2:20] != picture)
            assert table(pilot) == before
        await until_shown(pilot, "smoothed", "recent part", "log")


async def test_the_cursor_reads_all_curves_at_one_epoch(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        screen = await compare(pilot, FIVE)
        await pilot.press("shift+left")
        await until_shown(pilot, "at epoch ")
        epoch = screen._epoch
        assert epoch is not None
        shown = [float(cell.lstrip("•")) for cell in table(pilot)[f"val @{epoch}"]]
        assert shown == pytest.approx([run.val[epoch] for run in FIVE], abs=1e-4)
        await pilot.press("escape")
        await until(pilot, lambda: "val" in table(pilot))
        # Back from the last epoch to the one before it, to the last again, and past it.
        await pilot.press("left", "right", "right")
        await until_shown(pilot, "esc back")
        assert screen._epoch is None


async def test_all_rows_a_baseline_and_the_training_loss(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 60)) as pilot:
        await compare(pilot, FIVE)
        assert "noise" not in table(pilot)
        await pilot.press("a")
        await until(pilot, lambda: "noise" in table(pilot))
        await pilot.press("a", "tab", "tab", "equals_sign")
        await until_shown(pilot, "differences from c")
        final = [run.final_loss("val") for run in FIVE]
        shown = [float(cell.lstrip("•")) for cell in table(pilot)["final val"]]
        assert shown == pytest.approx(
            [*(loss - final[2] for loss in final[:2]), final[2], *(loss - final[2] for loss in final[3:])], abs=1e-4
        )
        await pilot.press("equals_sign", "t")
        await until_shown(pilot, "train loss")
        assert "differences" not in screen_lines(pilot)[0]


async def test_seeds_fold_into_means_that_compare(worker: Worker) -> None:
    subjects = [made_up(l2, seed=seed) for l2 in (0.0, 1e-3) for seed in (0, 1, 2)]
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await compare(pilot, subjects)
        await until_shown(pilot, "NOT COMPARABLE: other seeds", "g folds the seeds")
        await pilot.press("g")
        await until_shown(pilot, "2 means", "a 3 seeds", "band")
        assert not any("NOT COMPARABLE" in line for line in screen_lines(pilot))
        assert any(cell.startswith("•") for cell in table(pilot)["final val"])
        await pilot.press("g")
        await until_shown(pilot, "6 runs")


async def test_without_seeds_to_fold_the_key_says_so(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await compare(pilot, FIVE)
        await pilot.press("g")
        await until(pilot, lambda: any("differ in the seed alone" in words for words in told))
        assert "folded" not in screen_lines(pilot)[0]


async def test_it_survives_any_size(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await compare(pilot, [*FIVE, made_up_log()])
        for size in ((40, 10), (20, 8), (1, 1), (10, 3), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("left", "tab", "down", "g", "z")
        await until_shown(pilot, "5 runs, 1 log", "┤")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            made_up(1e-3, settings=msgspec.structs.replace(FIVE[0].settings, noise=0.1), fingerprint="x"),
            "different data",
        ),
        (made_up_log(), "other programs' losses"),
    ],
    ids=["data", "log"],
)
async def test_other_data_are_told_apart_loudly(
    worker: Worker, other: Subject, words: str, size: tuple[int, int]
) -> None:
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await compare(pilot, [*FIVE[:2], other])
        await until_shown(pilot, f"NOT COMPARABLE: {words}")
        assert not any("•" in line for line in screen_lines(pilot))


async def test_runs_that_train_are_followed(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        screen = await compare(pilot, FIVE[:2])
        source = screen._sources[1]
        assert isinstance(source, FakeSource)
        source.subject = made_up(1e-4, epochs=150, planned=400, state="running", is_live=True)
        await until_shown(pilot, "1 training", "last epoch")
        await until(pilot, lambda: table(pilot)["last epoch"] == ["400", "150"])
        source.subject = made_up(1e-4, epochs=151, planned=400, state="running", is_live=True)
        await until(pilot, lambda: table(pilot)["last epoch"] == ["400", "151"])


async def test_a_run_that_can_no_longer_be_read_stays_as_it_was(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        screen = await compare(pilot, FIVE[:2])
        source = screen._sources[1]
        assert isinstance(source, FakeSource)
        source.error = RunError("/runs/x: the run directory is gone")
        await until(pilot, lambda: told == ["/runs/x: the run directory is gone"])
        assert "2 runs" in screen_lines(pilot)[0]


async def test_all_keys_are_explained(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 60)) as pilot:
        await compare(pilot, FIVE)
        await pilot.press("question_mark")
        await until_shown(pilot, "differences from the selected run", "mean over the last 5 %", "baseline")


async def test_every_column_can_be_reached(worker: Worker) -> None:
    twelve = [made_up(l2, name=f"run {k}") for k, l2 in enumerate(np.round(np.linspace(0, 0.011, 12), 4).tolist())]
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await compare(pilot, twelve)
        seen = set()
        for at in range(12):
            await until_shown(pilot, f"run {at + 1}/12")
            seen |= set(table(pilot)["λ"])
            await pilot.press("tab")
        await until_shown(pilot, "run 1/12")
        assert len(seen) == 12


async def test_the_app_opens_with_a_comparison_and_leaves_with_it(worker: Worker) -> None:
    app = worker.app(MOONS, compared=[FakeSource(made_up_log(name)) for name in ("a.csv", "b.csv")])
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "2 logs", "NOT COMPARABLE: other programs")
        await pilot.press("escape")
        await until(pilot, lambda: not app.is_running or app._exit)
