"""Every size of the terminal: what must be whole, what must be reachable, and what is said where there is no room."""

import random

import pytest
from textual.events import Resize
from textual.geometry import Size

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.runs.events import SettingChanged
from l2tui.settings import changed
from l2tui.tui.app import L2tuiApp
from l2tui.tui.widgets.panels import WeightGauge
from l2tui.view.settings_rows import PANEL_SETTINGS, label_of
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, make_snapshot
from tests.tui.reading_screen import (
    drawn,
    lines_of,
    row_of,
    run_screen,
    screen_lines,
    select,
    start,
    text_of,
    title_of,
    until,
    until_shown,
)

pytestmark = pytest.mark.slow

SIZES = [(60, 16), (80, 24), (100, 30), (120, 40), (300, 100)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_main_things_are_there_at_every_size(app: L2tuiApp, worker: Worker, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await start(pilot)
        await until(pilot, lambda: "Overfitting since 78" in text_of(pilot, "#verdict"))
        assert "▸" in row_of(pilot, "λ")
        assert "running" in text_of(pilot, "#status")
        assert "epoch 400/3000" in text_of(pilot, "#status")
        assert "q quit" in text_of(pilot, "#keys")
        assert "? help" in text_of(pilot, "#keys")
        chart = text_of(pilot, "#chart")
        assert "★" in chart
        assert "▲" in chart
        assert "78" in chart
        assert "train 0.1027" in text_of(pilot, "#legend")
        assert "val 0.5700" in text_of(pilot, "#legend")
        assert "W1" in text_of(pilot, "#gauge")
        assert "W2" in text_of(pilot, "#gauge")
        assert all(len(line) == size[0] for line in screen_lines(pilot))


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_every_setting_can_be_reached(app: L2tuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.press("home")
        for name in PANEL_SETTINGS:
            await until(pilot, lambda name=name: row_of(pilot, label_of(name)).startswith("▸"))
            await pilot.press("down")


async def test_at_80x24_nothing_is_cut_off(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        for words in ("space start, and watch both losses", "more or less weight decay λ, while it runs", "? all keys"):
            assert words in text_of(pilot, "#chart")
        assert text_of(pilot, "#verdict").endswith("two interleaved half circles in the plane")
        assert text_of(pilot, "#gauge").endswith("once it trains")
        await start(pilot)
        await until_shown(pilot, "rising since 78")
        rows = lines_of(pilot, "SettingsList")
        assert [row[1:13].strip() for row in rows] == [label_of(name) for name in PANEL_SETTINGS]
        assert not any("…" in row for row in rows)
        assert text_of(pilot, "#status").endswith("steps/s")
        assert lines_of(pilot, "#keys")[0].rstrip().endswith("q quit")
        legend = text_of(pilot, "#legend")
        assert "gap 0.4673" in legend
        assert legend.endswith("0.0000")
        gauge = [line.rstrip() for line in lines_of(pilot, "#gauge")]
        assert gauge[0].endswith("1.62  4.59")
        assert gauge[1].endswith("0.82  2.19")
        assert " rms ─ max ─╮" in title_of(pilot, "#gauge")
        gauge_box = run_screen(pilot).query_one(WeightGauge)
        gauge_box.index = 0
        await until(pilot, lambda: "╭─ Norm at 0 " in title_of(pilot, "#gauge"))
        assert "1.00x" in lines_of(pilot, "#gauge")[0]
        assert all(line.endswith("decay") for line in gauge[2:4])
        assert title_of(pilot, "#loss").count("alarm since epoch") == 1


async def test_the_longest_names_fit(worker: Worker) -> None:
    app = worker.app(recommended_settings("breast-cancer", seed=2**32 - 1))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        assert row_of(pilot, "data").split()[-1] == "breast-cancer"
        assert row_of(pilot, "seed").split()[-1] == str(2**32 - 1)
        assert text_of(pilot, "#verdict").endswith(CATALOGUE["breast-cancer"].summary)


async def test_large_numbers_fit(worker: Worker) -> None:
    settings = changed(MOONS, epochs=10**9, l2=0.00012345, learning_rate=0.123456)
    worker.shown = make_snapshot(settings, 2900, epoch=999_999_999, steps_per_second=1_234_567.0)
    app = worker.app(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "999999999/1000000000" in text_of(pilot, "#status")
        assert text_of(pilot, "#status").endswith("1,200,000 steps/s")
        assert "0.00012345" in row_of(pilot, "λ")
        assert "1000000000" in row_of(pilot, "epochs")


@pytest.mark.parametrize("size", [(59, 16), (60, 15), (59, 15), (20, 5), (300, 3), (1, 1)])
async def test_too_small_it_says_so_and_recovers(app: L2tuiApp, worker: Worker, size: tuple[int, int]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = screen_lines(pilot)
        await pilot.resize_terminal(*size)
        if size[0] >= 20:
            await until(pilot, lambda: "60 x 16" in " ".join("".join(screen_lines(pilot)).split()))
        await pilot.press("plus")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: len(screen_lines(pilot)) == 24)
        await pilot.press("0")
        await until(pilot, lambda: screen_lines(pilot) == before)
        assert [command.value for command in worker.commands] == [1e-5, 0.0]


async def test_it_can_open_too_small(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
        await pilot.resize_terminal(80, 24)
        await until_shown(pilot, "rising since 78", "Overfitting since 78")


async def test_a_storm_of_resizes_ends_in_the_same_picture(app: L2tuiApp, worker: Worker) -> None:
    sizes = random.Random(0)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = screen_lines(pilot)
        for turn in range(200):
            size = Size(sizes.randint(1, 200), sizes.randint(1, 60))
            app._driver._size = size
            app.post_message(Resize(size, size))
            if turn % 20 == 0:
                await pilot.pause(0.0)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: screen_lines(pilot) == before)


async def test_dialogs_fit_the_smallest_size(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        await start(pilot)
        await pilot.press("q")
        await until_shown(pilot, "A training is running.", "stop it, keep the run", "leave it running", "stay here")


async def test_where_there_is_room_the_screen_tells_what_happened(app: L2tuiApp, worker: Worker) -> None:
    happened = tuple(
        SettingChanged(epoch=epoch, step=epoch, name="l2", old=0.0, new=0.001) for epoch in range(120, 130)
    )
    worker.shown = make_snapshot(events=happened)
    for rows in (16, 24, 40, 50, 100):
        async with worker.app(MOONS).run_test(size=(120, rows)) as pilot:
            await start(pilot)
            await until_shown(pilot, "Overfitting since 78")
            told = [line.strip() for line in lines_of(pilot, "#verdict") if line.strip().startswith("at 1")]
            assert bool(told) == (rows >= 50)
            if told:
                assert told[-1] == "at 129      λ 0 → 0.001"
                assert any("trained for" in line for line in lines_of(pilot, "#verdict"))


async def test_what_a_restart_is_needed_for_is_said_in_full_at_every_size(app: L2tuiApp, worker: Worker) -> None:
    for size in ((60, 16), (80, 24)):
        async with worker.app(MOONS).run_test(size=size) as pilot:
            await start(pilot)
            select(pilot, "hidden")
            await pilot.press("right")
            await until_shown(pilot, "R restarts")
            assert not any("R restarts" in line and "…" in line for line in screen_lines(pilot))


async def test_at_80x24_the_scores_and_the_sensitivity_are_whole(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until(pilot, lambda: "accuracy train 0.949 val 0.715" in title_of(pilot, "#loss"))
        assert "sensitivity 11.9: input ±0.1, output up to ±1.2 ─" in title_of(pilot, "#gauge")
        assert "knowing nothing" in text_of(pilot, "#chart")
        assert all("noise" in line for line in lines_of(pilot, "#gauge")[2:])
        run_screen(pilot).index = 0
        await until(pilot, lambda: "accuracy train 0.650 val 0.650" in title_of(pilot, "#loss"))
        assert "sensitivity 0.80" in title_of(pilot, "#gauge")
