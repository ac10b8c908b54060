"""What is compared is marked: runs in the list, λ in a sweep."""

from pathlib import Path

import msgspec
import pytest
from textual.widgets import DataTable, Input

from l2tui.runs.comparison import Subject
from l2tui.runs.curve import write_losses
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.recorder import write_run_settings
from l2tui.sweep.directory import SweepDirectory, SweepPlan, create_sweep
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.runs import RunsScreen
from l2tui.tui.screens.sweep import SweepScreen
from tests.subjects import made_up
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, run_screen, screen_lines, until, until_shown
from tests.tui.test_sweep import FakeSweep
from tests.tui.test_sweep import made_up as made_up_sweep

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
