"""The list of runs, what can be done from it, and the table of all criteria."""

import asyncio
import threading
from pathlib import Path

import msgspec
import pytest
from textual.widgets import DataTable

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.info import RunInfo
from l2tui.runs.listing import describe_run, list_runs
from l2tui.runs.recorder import write_run_settings
from l2tui.settings import Settings
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.runs import RunsScreen
from tests.tui.fake_worker import Worker
from tests.tui.reading_screen import DEADLINE, run_screen, screen_lines, start, until, until_shown
from tests.tui.test_type_ahead import at_once


def _run(root: Path, name: str, *, data: str = "moons", l2: float = 0.0) -> RunDirectory:
    run = RunDirectory(root / name)
    run.path.mkdir(parents=True)
    settings = Settings(data=data, noise=0.3 if data == "moons" else None, l2=l2)
    write_run_settings(run, RunSettings(settings=settings, created="2024-05-01T12:00:00+00:00", versions={}))
    status = Status(state="finished", pid=1, heartbeat=0.0, settings=settings, epoch=9)
    run.status.write_bytes(msgspec.json.encode(status))
    return run


@pytest.fixture
def runs(runs_root: Path) -> list[RunDirectory]:
    return [
        _run(runs_root, "20240101-000000-moons-aaaa"),
        _run(runs_root, "20240102-000000-wine-bbbb", data="wine", l2=0.25),
        _run(runs_root, "20240103-000000-moons-cccc"),
    ]


async def test_runs_are_listed_filtered_as_typed_and_opened(
    app: L2tuiApp, worker: Worker, runs: list[RunDirectory]
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "0103-000000-moons-cccc", "0101-000000-moons-aaaa", "3 of 3")
        await pilot.press(*"wine")
        await until_shown(pilot, "0102-000000-wine-bbbb", "1 of 3")
        assert not any("moons-aaaa" in line for line in screen_lines(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await until(pilot, lambda: run_screen(pilot).pending.l2 == 0.25)
        assert run_screen(pilot).controller.run.source.path == runs[1].path
        assert worker.clients == []


async def test_a_run_gets_a_name_that_is_shown_as_it_is(app: L2tuiApp, runs: list[RunDirectory]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "3 of 3")
        await pilot.press("ctrl+t")
        await until_shown(pilot, "Name", "Note")
        await pilot.press(*"[red]x", "enter")
        await until_shown(pilot, "[red]x", "3 of 3")
        info = describe_run(runs[2])
        assert info is not None
        assert info.title == "[red]x"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_a_run_is_deleted_only_after_a_question(app: L2tuiApp, runs: list[RunDirectory]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "3 of 3")
        for answer in ("n", "y"):
            await pilot.press("down", "ctrl+d")
            await until_shown(pilot, "for good?")
            assert runs[1].path.exists()
            await pilot.press(answer)
            await until(pilot, lambda: isinstance(app.screen, RunsScreen))
            await pilot.press("up")
        await until_shown(pilot, "2 of 2")
        assert [run.path.exists() for run in runs] == [True, False, True]


async def test_a_run_that_trains_is_not_deleted(app: L2tuiApp, runs: list[RunDirectory], told: list[str]) -> None:
    with runs[2].locked():
        async with app.run_test(size=(80, 24)) as pilot:
            # The start offers the run that trains; it is left alone.
            await until_shown(pilot, "is training")
            await pilot.press("n", "r")
            await until_shown(pilot, "3 of 3")
            await pilot.press("ctrl+d")
            await until(pilot, lambda: any("stop it first" in words for words in told))
            assert runs[2].path.exists()


async def test_keys_typed_ahead_wait_for_the_list(
    app: L2tuiApp, worker: Worker, runs: list[RunDirectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def list_slowly() -> list[RunInfo]:
        may_go_on.wait(DEADLINE)
        return list_runs()

    monkeypatch.setattr("l2tui.tui.screens.runs.list_runs", list_slowly)
    async with app.run_test(size=(80, 24)) as pilot:
        at_once(pilot, "r", *"moons", "down", "enter")
        async with asyncio.timeout(DEADLINE):
            while not isinstance(app.screen, RunsScreen):
                await asyncio.sleep(0.01)
        may_go_on.set()
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await until(pilot, lambda: run_screen(pilot).controller.run.source.path == runs[0].path)


async def test_a_click_chooses_a_run_and_the_next_one_opens_it(
    app: L2tuiApp, worker: Worker, runs: list[RunDirectory]
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "3 of 3")
        await pilot.click(DataTable, offset=(5, 3))
        await pilot.pause()
        assert isinstance(app.screen, RunsScreen)
        assert app.screen.query_one(DataTable).cursor_row == 2
        await pilot.click(DataTable, offset=(5, 3))
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await until(pilot, lambda: run_screen(pilot).controller.run.source.path == runs[0].path)


async def test_all_criteria_are_shown_side_by_side(app: L2tuiApp, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("C")
        await until(pilot, lambda: any("no curve" in words for words in told))
        await start(pilot)
        await pilot.press("C")
        await until_shown(pilot, "growing", "gl", "up", "pq", "patience", "since ★", "confirmed ▲")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


@pytest.mark.parametrize("width", [60, 66, 80, 120])
async def test_no_number_of_the_list_is_cut_off(app: L2tuiApp, runs: list[RunDirectory], width: int) -> None:
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("r")
        await until_shown(pilot, "3 of 3")
        await pilot.resize_terminal(width, 16)
        table = app.screen.query_one(DataTable)
        await until(pilot, lambda: 0 < table.virtual_size.width <= table.size.width < width)
        heads = [str(column.label) for column in table.ordered_columns]
        assert heads[0] == "name"
        assert {"λ", "final", "verdict"} <= set(heads)
        assert "curve" in heads or width < 80
        assert ("epoch" in heads) == (width >= 120)
        await until_shown(pilot, "^o order", "back")


async def test_the_criteria_fit_the_smallest_size(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        await start(pilot)
        await pilot.press("C")
        await until_shown(pilot, "growing ", "patience ", "withdrawn")
        assert not any("…" in line for line in screen_lines(pilot)[:8])
