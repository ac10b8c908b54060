"""Runs side by side: marked in the list or in a sweep, read at a cursor, from a baseline, with seeds folded."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from l2tui.errors import RunError
from l2tui.runs.comparison import Subject
from l2tui.runs.curve import write_losses
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.recorder import write_run_settings
from l2tui.sweep.directory import SweepDirectory, SweepPlan, create_sweep
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.compare import CompareScreen
from l2tui.tui.screens.runs import RunsScreen
from l2tui.tui.screens.sweep import SweepScreen
from l2tui.tui.widgets.picture import Picture
from tests.subjects import FakeSource, made_up, made_up_log
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, run_screen, screen_lines, until, until_shown
from tests.tui.test_sweep import FakeSweep
from tests.tui.test_sweep import made_up as made_up_sweep

SIZES = [(80, 24), (120, 40), (60, 16)]
FIVE = [made_up(l2) for l2 in (0.0, 1e-4, 1e-3, 3e-3, 1e-2)]


def write_run(root: Path, subject: Subject) -> RunDirectory:
    """Writes a run that has ended, with the losses of a subject."""
    run = RunDirectory(root / f"20240101-{subject.name.removeprefix('0101-')}")
    run.path.mkdir(parents=True)
    assert subject.settings is not None
    settings = RunSettings(
        settings=subject.settings, created="2024-01-01T00:00:00+00:00", versions={}, fingerprint=subject.fingerprint
    )
    write_run_settings(run, settings)
    write_losses(run, [(subject.train, subject.val)])
    status = Status(state="finished", pid=1, heartbeat=0.0, settings=subject.settings, epoch=subject.epoch or 0)
    run.status.write_bytes(msgspec.json.encode(status))
    return run


async def compare(pilot: Pilot[None], subjects: Sequence[Subject]) -> CompareScreen:
    await drawn(pilot)
    screen = CompareScreen([FakeSource(subject) for subject in subjects])
    pilot.app.push_screen(screen)
    await until_shown(pilot, "compare ", "┤")
    return screen


def table(pilot: Pilot[None]) -> dict[str, list[str]]:
    """The rows of the table on the screen, by what they are called."""
    region = pilot.app.screen.query_one("#compare-table", Picture).region
    lines = screen_lines(pilot)[region.y : region.bottom]
    room = len(lines[0]) - len(lines[0].lstrip())
    return {line[:room].strip() or "heads": line[room:].split() for line in lines}


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_matters_is_on_the_screen(worker: Worker, size: tuple[int, int]) -> None:
    async with worker.app(MOONS).run_test(size=size) as pilot:
        await compare(pilot, FIVE)
        text = "\n".join(screen_lines(pilot))
        for word in (
            "5 runs",
            "val loss",
            "★a",
            "λ",
            "0.0001",
            "final val" if size[1] > 16 else "val",
            "back",
            "run 1/5",
        ):
            assert word in text, word
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


@pytest.fixture
def runs(runs_root: Path) -> list[RunDirectory]:
    return [write_run(runs_root, subject) for subject in FIVE]


async def test_marked_runs_are_compared_and_the_chosen_one_is_opened(
    app: L2tuiApp, worker: Worker, runs: list[RunDirectory]
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "5 of 5", "enter open")
        await pilot.press("space", "space", "space")
        await until_shown(pilot, "3 marked", "enter compare 3", "●")
        await pilot.press("enter")
        await until_shown(pilot, "3 runs", "val loss", "run 1/3")
        await pilot.press("escape")
        await until_shown(pilot, "3 marked")
        await pilot.press("enter")
        await until_shown(pilot, "run 1/3")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        opened = run_screen(pilot).controller.run.source.path
        assert opened == sorted(run.path for run in runs)[-2]
        assert worker.clients == []


async def test_marks_stay_while_the_list_is_filtered(app: L2tuiApp, runs: list[RunDirectory]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "5 of 5")
        await pilot.press(*"moons,0.01")
        await until_shown(pilot, "1 of 5")
        await pilot.press("space")
        await until_shown(pilot, "1 of 5 · 1 marked")
        assert app.screen.query_one(Input).value == "moons,0.01"
        await pilot.press(*["backspace"] * 4, *"0.003")
        await until_shown(pilot, "1 of 5 · 1 marked")
        await pilot.press("space", *["backspace"] * 20)
        await until_shown(pilot, "5 of 5 · 2 marked")
        assert sum("●" in line for line in screen_lines(pilot)) == 2
        await pilot.press("space", "space")
        await until_shown(pilot, "5 of 5 · 2 marked")


async def test_too_few_and_too_many_marks_say_so(app: L2tuiApp, runs_root: Path, told: list[str]) -> None:
    for k in range(14):
        write_run(runs_root, made_up(round(1e-4 * k, 5), epochs=20))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "14 of 14")
        await pilot.press("space", "enter")
        await until(pilot, lambda: any("2 to 12 runs can be compared; 1 marked" in words for words in told))
        await pilot.press(*["space"] * 12, "enter")
        await until(pilot, lambda: any("13 marked" in words for words in told))
        assert isinstance(app.screen, RunsScreen)


async def test_a_sweep_is_not_marked_among_runs(app: L2tuiApp, runs_root: Path, told: list[str]) -> None:
    create_sweep(SweepPlan(settings=FIVE[0].settings, l2=(0.0, 1e-3)), path=runs_root / "20240101-000000-sweep-aaaa")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "1 of 1")
        await pilot.press("space")
        await until(pilot, lambda: any("open it and mark λ there" in words for words in told))
        assert app.screen.query_one(DataTable).row_count == 1


async def test_marked_lambdas_of_a_sweep_are_compared(worker: Worker, told: list[str], tmp_path: Path) -> None:
    view = msgspec.structs.replace(made_up_sweep(), sweep=SweepDirectory(tmp_path))
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        pilot.app.push_screen(SweepScreen(FakeSweep(view)))
        await until_shown(pilot, "λ = 0.003", "space mark")
        await pilot.press("space", "c")
        await until(pilot, lambda: any("2 to 12 λ can be compared; 1 marked" in words for words in told))
        await pilot.press("right", "space")
        await until_shown(pilot, "marked 0.003, 0.01", "c compare 2")
        await pilot.press("space")
        await until_shown(pilot, "marked 0.003 ")


async def test_the_app_opens_with_a_comparison_and_leaves_with_it(worker: Worker) -> None:
    app = worker.app(MOONS, compared=[FakeSource(made_up_log(name)) for name in ("a.csv", "b.csv")])
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "2 logs", "NOT COMPARABLE: other programs")
        await pilot.press("escape")
        await until(pilot, lambda: not app.is_running or app._exit)
