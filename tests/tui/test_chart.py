"""The chart's switches, cursor and legend."""

import pytest
from textual.pilot import Pilot

from l2tui.line.textual.keys import name_of_character
from l2tui.runs.events import SettingChanged
from l2tui.tui.app import L2tuiApp
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.view.figures import figure
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import losses
from tests.tui.reading_screen import lines_of, run_screen, start, text_of, title_of, until


@pytest.mark.parametrize(("key", "word"), [("y", "log"), ("S", "smoothed"), ("z", "recent part")])
async def test_a_switch_is_named_on_the_border_and_taken_back(
    app: L2tuiApp, worker: Worker, key: str, word: str
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = lines_of(pilot, "#chart")
        assert word not in title_of(pilot, "#loss")
        await pilot.press(key)
        await until(pilot, lambda: word in title_of(pilot, "#loss"))
        assert "alarm since epoch" in title_of(pilot, "#loss")
        if key != "S":
            await until(pilot, lambda: lines_of(pilot, "#chart") != before)
        await pilot.press(key)
        await until(pilot, lambda: word not in title_of(pilot, "#loss"))
        await until(pilot, lambda: lines_of(pilot, "#chart") == before)


async def test_all_switches_at_once_have_room_on_the_border(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("y", "S", "z")
        await until(pilot, lambda: "log · smoothed · recent part · alarm since epoch" in title_of(pilot, "#loss"))


async def test_the_chart_shows_both_marks_and_the_change_of_lambda(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.events = (SettingChanged(epoch=300, step=2100, name="l2", old=0.0, new=3e-4),)
        await until(pilot, lambda: "λ 0 → 0.0003" in text_of(pilot, "#chart"))
        shown = text_of(pilot, "#chart")
        assert "★" in shown
        assert "▲" in shown
        assert "rising since 78" in shown


async def test_the_cursor_reads_the_values_at_its_epoch(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await start(pilot)
        last = text_of(pilot, "#legend")
        assert "@" not in last
        await pilot.press("tab")
        assert isinstance(pilot.app.focused, LossChart)
        for key in ("left", "left", "shift+left", "right", "shift+left"):
            await pilot.press(key)
            await pilot.pause()
            assert_legend_is_right(pilot)
        assert run_screen(pilot).index < 380
        await pilot.press("escape")
        await until(pilot, lambda: text_of(pilot, "#legend") == last)


async def test_the_cursor_goes_from_mark_to_mark_wherever_the_focus_is(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.events = (SettingChanged(epoch=300, step=2100, name="l2", old=0.0, new=3e-4),)
        await until(pilot, lambda: "λ 0 → 0.0003" in text_of(pilot, "#chart"))
        assessment = run_screen(pilot).view.assessment
        marks = [assessment.best_epoch, assessment.confirmed_epoch, 300]
        assert marks == sorted(marks)
        assert not isinstance(pilot.app.focused, LossChart)
        for key, epoch in zip("[[[[]]", [marks[2], marks[1], marks[0], marks[2], marks[0], marks[1]], strict=True):
            await pilot.press(name_of_character(key))
            await until(pilot, lambda epoch=epoch: text_of(pilot, "#legend").startswith(f"@{epoch} "))
            assert_legend_is_right(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: run_screen(pilot).index is None)


def assert_legend_is_right(pilot: Pilot[None]) -> None:
    _, train, val = losses(400)
    words = text_of(pilot, "#legend")
    index = run_screen(pilot).index
    assert words.startswith(f"@{index} ")
    for value in (train[index], val[index], val[index] - train[index]):
        assert figure(value).strip() in words
    assert str(index) in text_of(pilot, "#chart")


async def test_the_cursor_stops_at_both_ends(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("tab", "right", "shift+right")
        await pilot.pause()
        assert text_of(pilot, "#legend").startswith("@400 ")
        await pilot.press(*["shift+left"] * 12)
        await pilot.pause()
        assert text_of(pilot, "#legend").startswith("@0 ")


async def test_a_click_puts_the_cursor_where_it_points(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        mark = next(line.index("★") for line in lines_of(pilot, "#chart") if "★" in line)
        await pilot.click("#chart", offset=(mark, 5))
        await until(pilot, lambda: text_of(pilot, "#legend").startswith("@"))
        # The chart is 53 cells wide and its axis ends at 500, so a cell is about ten epochs.
        assert abs(run_screen(pilot).index - 78) <= 12


async def test_the_cursor_works_before_there_is_a_run(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "left", "shift+right", "escape", "tab")
        await pilot.pause()
        assert run_screen(pilot).index is None


async def test_the_theme_changes_while_it_runs(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = lines_of(pilot, "#chart")
        await pilot.press("T")
        await until(pilot, lambda: not app.current_theme.dark)
        await pilot.pause()
        assert lines_of(pilot, "#chart") == before
        await pilot.press("T")
        await until(pilot, lambda: app.current_theme.dark)
