"""The keys of forks and ghosts, what they ask of the worker, and what the screen says of it."""

import dataclasses

from l2tui.runs.events import Ghost, Origin, RunSettings, SettingChanged, Swap
from l2tui.settings import changed
from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens import fork
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, haunted, make_snapshot
from tests.tui.reading_screen import lines_of, start, until, until_shown


async def test_g_starts_a_ghost_without_decay_and_says_so(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(changed(MOONS, l2=1e-3), 400)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("x")
        await until_shown(pilot, "There is no ghost to swap with: G starts one.")
        assert worker.commands == []
        await pilot.press("G")
        await until_shown(pilot, "A ghost at λ 0 trains along")
        assert worker.commands == [Ghost(0.0)]


async def test_g_starts_a_ghost_with_decay_where_the_run_has_none(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(changed(MOONS, l2=0.0), 400)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("G")
        await until_shown(pilot, "A ghost at λ 0.001 trains along")
        assert worker.commands == [Ghost(1e-3)]


async def test_a_ghost_is_in_the_legend_and_can_be_swapped_and_ended(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = haunted()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until_shown(pilot, "⠐⠐", "+0.0500", "x swap  G end ghost")
        await pilot.press("x")
        await until_shown(pilot, "Swapped: the run goes on with the ghost's weights and λ 0.")
        await pilot.press("G")
        await until_shown(pilot, "The ghost trains along no more.")
        assert worker.commands == [Swap(), Ghost(None)]


async def test_a_fork_is_asked_for_at_the_cursor_and_a_wrong_value_is_said(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(changed(MOONS, l2=1e-3), 400)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("F")
        await until_shown(pilot, "Fork at the present", "0.003", "esc cancels")
        await pilot.press("home", "minus", "enter")
        await until_shown(pilot, "l2: expected")
        await pilot.press("escape", "tab", "left", "F")
        await until_shown(pilot, "Fork at epoch 39")


async def test_a_fork_before_a_change_starts_from_the_values_of_that_epoch(app: L2tuiApp, worker: Worker) -> None:
    steps = [(200, "l2", 1e-3, 0.1), (300, "l2", 0.1, 0.3), (300, "learning_rate", 0.2, 0.1)]
    events = tuple(SettingChanged(epoch=at, step=0, name=name, old=old, new=new) for at, name, old, new in steps)
    made = make_snapshot(changed(MOONS, l2=0.3, learning_rate=0.1), 400)
    worker.shown = dataclasses.replace(made, events=events)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        app.screen.index = 250
        await pilot.press("F")
        await until_shown(pilot, "Fork at epoch 250", "differs: λ 0.1 → 0.3")
        await pilot.press(*["backspace"] * 3, *"0.1")
        await until_shown(pilot, "differs: nothing yet")
        assert app.screen.query_one("#learning_rate").value == "0.2"


async def test_what_differs_is_handed_on_and_an_adam_brings_its_rate(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(changed(MOONS, l2=1e-3), 400)
    answers: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        app.push_screen(fork.ForkScreen(changed(MOONS, l2=1e-3), 400, present=True), answers.append)
        await until_shown(pilot, "Fork at the present")
        await pilot.press("tab", "tab", "ctrl+k", "ctrl+u", *"adam", "enter")
        await until(pilot, lambda: len(answers) == 1)
        assert answers == [{"l2": "0.003", "optimizer": "adam", "learning_rate": 0.001}]


async def test_the_top_line_says_where_a_fork_comes_from(app: L2tuiApp, worker: Worker) -> None:
    made = RunSettings(settings=MOONS, created="", versions={}, origin=Origin("20240101-000000-moons-abcd", 70))
    worker.shown = dataclasses.replace(make_snapshot(MOONS, 400), settings=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until_shown(pilot, "fork @70")
        assert "abcd" not in lines_of(pilot, "#status")[0]
        await pilot.resize_terminal(120, 40)
        await until_shown(pilot, "fork of 20240101-000000-moons-abcd @70")
