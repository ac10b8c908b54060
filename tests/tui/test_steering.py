"""Keys that start, pause and steer a run, and what the worker is asked for."""

import pytest
from msgspec.structs import replace

from l2tui.errors import RunError
from l2tui.runs.events import Advance, Pause, RestoreBest, Resume, SetValue, Stop
from l2tui.tui.app import L2tuiApp
from l2tui.tui.ladders import L2_LADDER, PACE_LADDER
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import DONE, MOONS, haunted, make_snapshot
from tests.tui.reading_screen import (
    lines_of,
    row_of,
    run_screen,
    screen_lines,
    start,
    text_of,
    until,
    until_shown,
    value_of,
)


async def test_space_starts_pauses_and_goes_on(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "● running" in lines_of(pilot, "#status")[0]
        await pilot.press("space")
        await until_shown(pilot, "◐ paused", "space go on")
        await pilot.press("space")
        await until_shown(pilot, "● running", "space pause")
        assert worker.commands == [Pause(), Resume()]
        assert len(worker.clients) == 1
        assert worker.client.settings == MOONS


async def test_keys_right_after_the_start_reach_the_new_run(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "plus", "space")
        await until_shown(pilot, "◐ paused")
        assert worker.commands == [SetValue("l2", 1e-5), Pause()]
        assert len(worker.clients) == 1


async def test_keys_right_after_a_restart_reach_the_new_run(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(state="finished")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "stopped")
        worker.shown = None
        await pilot.press("R", "plus", "space")
        await until_shown(pilot, "◐ paused")
        assert len(worker.clients) == 2
        assert worker.commands == [SetValue("l2", 1e-5), Pause()]
        assert worker.client.settings.l2 == 1e-5


async def test_plus_and_minus_climb_the_ladder_and_zero_switches_off(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        for value in (1e-5, 3e-5, 1e-4):
            await pilot.press("plus")
            await until(pilot, lambda value=value: float(value_of(pilot, "λ")) == value)
        await pilot.press("minus")
        await until(pilot, lambda: float(value_of(pilot, "λ")) == 3e-5)
        await pilot.press("0")
        await until(pilot, lambda: value_of(pilot, "λ") == "0")
        await pilot.press("minus")
        await pilot.pause()
        assert worker.commands == [SetValue("l2", value) for value in (1e-5, 3e-5, 1e-4, 3e-5, 0.0)]
        assert L2_LADDER[:4] == (0.0, 1e-5, 3e-5, 1e-4)
        await until(pilot, lambda: run_screen(pilot).live.l2 == 0.0)
        assert "R" not in row_of(pilot, "λ")[-2:]


async def test_the_equals_key_is_plus_without_shift(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("equals_sign")
        await until(pilot, lambda: value_of(pilot, "λ") == "1e-05")
        assert worker.clients == []


async def test_lambda_set_before_the_start_is_that_of_the_run(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("plus", "plus")
        await start(pilot)
        assert worker.client.settings.l2 == 3e-5
        assert worker.commands == []


async def test_pace_moves_along_its_ladder_up_to_max(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        climb = PACE_LADDER[PACE_LADDER.index(100.0) + 1 :]
        for pace in climb:
            await pilot.press("greater_than_sign")
            shown = "max" if pace is None else f"{pace:g}/s"
            await until(pilot, lambda shown=shown: value_of(pilot, "pace") == shown)
        await pilot.press("greater_than_sign", "less_than_sign")
        await until(pilot, lambda: value_of(pilot, "pace") == "1000/s")
        assert worker.commands == [SetValue("pace", pace) for pace in (*climb, 1000.0)]


@pytest.mark.parametrize(("key", "command"), [("full_stop", Advance()), ("comma", Advance(epoch=True))])
async def test_one_step_or_epoch_begins_paused(app: L2tuiApp, worker: Worker, key: str, command: Advance) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await until_shown(pilot, "◐ paused")
        assert worker.client.paused_at_start
        await pilot.press(key)
        await pilot.pause()
        assert worker.commands == [command, command]
        await pilot.press("space")
        await until_shown(pilot, "● running")


async def test_restart_stops_the_run_and_begins_with_what_is_on_the_screen(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("up", "up", "right")
        await until(pilot, lambda: row_of(pilot, "hidden").split()[-2:] == ["64→128", "R"])
        assert worker.commands == []
        await until_shown(pilot, "R restarts with it")
        await pilot.press("R")
        await until(pilot, lambda: len(worker.clients) == 2 and run_screen(pilot).live.hidden == 128)
        assert worker.clients[0].commands == [Stop()]
        assert worker.client.settings.hidden == 128
        await until(pilot, lambda: not row_of(pilot, "hidden").rstrip().endswith("R"))
        assert "R restarts with it" not in "\n".join(screen_lines(pilot))


async def test_new_seed_restarts_with_the_next_one(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("N")
        await until(pilot, lambda: len(worker.clients) == 2)
        assert worker.client.settings.seed == MOONS.seed + 1
        assert worker.clients[0].commands == [Stop()]
        await until(pilot, lambda: value_of(pilot, "seed") == "1")


async def test_best_weights_are_asked_for_or_it_says_why_not(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: "no training" in "".join(told))
        await start(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "epoch 78" in "".join(told))
        assert worker.commands == [RestoreBest()]


async def test_the_next_criterion_judges_the_same_curve(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = f"alarm since epoch {run_screen(pilot).view.assessment.confirmed_epoch}"
        await until_shown(pilot, before)
        await pilot.press("c")
        await until(pilot, lambda: value_of(pilot, "criterion") != "gl")
        assert worker.commands == [SetValue("criterion", value_of(pilot, "criterion"))]
        await until(pilot, lambda: before not in "\n".join(screen_lines(pilot)))


@pytest.mark.parametrize(
    ("state", "phase", "words"),
    [
        ("finished", "finished", ("■ finished", "Overfitting since 78")),
        ("failed", "failed", ("✗ failed", "The run failed.", "out of memory")),
        ("running", "interrupted", ("✗ interrupted", "The run was cut off.")),
    ],
)
async def test_the_end_of_a_run_is_named(worker: Worker, state: str, phase: str, words: tuple[str, ...]) -> None:
    worker.shown = make_snapshot(DONE, state=state, alive=False, reason="out of memory" if state == "failed" else "")
    app = worker.app(DONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, phase)
        for word in words:
            assert word in text_of(pilot, "#status") + text_of(pilot, "#verdict")
        await pilot.press("plus")
        await until(pilot, lambda: row_of(pilot, "λ").split()[-2:] == ["0→1e-05", "R"])
        assert worker.commands == []


async def test_divergence_is_named_with_what_to_lower(app: L2tuiApp, worker: Worker) -> None:
    before = make_snapshot(epochs=30).status.assessment
    worker.shown = make_snapshot(
        epochs=30,
        state="diverged",
        reason="loss no longer finite at epoch 30",
        assessment=replace(
            before, verdict="diverged", headline="Diverged", train_loss=None, advice="lower the learning rate"
        ),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "diverged")
        await until_shown(pilot, "✗ diverged", "Diverged", "lower the learning", "no longer finite")


async def test_space_after_the_end_says_what_to_press(worker: Worker, told: list[str]) -> None:
    worker.shown = make_snapshot(DONE, state="finished")
    app = worker.app(DONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "finished")
        await pilot.press("space")
        await until(pilot, lambda: "R runs it again" in "".join(told))
        assert len(worker.clients) == 1


async def test_a_run_that_was_stopped_early_goes_on_with_space(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(state="finished")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "stopped")
        worker.shown = None
        await pilot.press("space")
        await until_shown(pilot, "● running")
        assert [client.path for client in worker.clients] == [worker.clients[0].path] * 2
        assert worker.client.resumed


async def test_a_failed_run_starts_again_with_space(app: L2tuiApp, worker: Worker) -> None:
    worker.shown = make_snapshot(state="failed", reason="the disk is full")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "failed")
        worker.shown = None
        await pilot.press("space")
        await until_shown(pilot, "● running")
        assert len(worker.clients) == 2


async def test_a_damaged_run_is_told_and_the_app_lives_on(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.error = RunError("metrics.csv: damaged: 3 values for 20 columns")
        await until(pilot, lambda: "metrics.csv: damaged: 3 values for 20 columns" in told)
        await pilot.press("R")
        await until(pilot, lambda: len(worker.clients) == 2)
        await until(pilot, lambda: worker.client.polls > 2)
        assert app.is_running


async def test_a_command_that_cannot_be_sent_is_told(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.refuses = RunError("control.jsonl: cannot be written to: disk full")
        await pilot.press("plus")
        await until(pilot, lambda: "control.jsonl: cannot be written to: disk full" in told)
        assert app.is_running


@pytest.mark.parametrize("key", ["b", "G", "x", "greater_than_sign"])
async def test_what_could_not_be_done_is_not_called_done(worker: Worker, told: list[str], key: str) -> None:
    worker.shown = haunted()
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.refuses = RunError("control.jsonl: disk full")
        await pilot.press(key)
        await until(pilot, lambda: told)
        await pilot.pause()
        assert told == ["control.jsonl: disk full"]


async def test_a_worker_that_cannot_be_started_is_told(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    worker.refuses_to_start = RunError("/runs: cannot make the run directory: Permission denied")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "Permission denied" in "".join(told))
        worker.refuses_to_start = None
        await start(pilot)
        assert len(worker.clients) == 1


async def test_a_refused_restart_leaves_the_running_run_alone(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.refuses_to_start = RunError("/runs: cannot make the run directory: disk full")
        await pilot.press("R")
        await until(pilot, lambda: "disk full" in "".join(told))
        assert Stop() not in worker.commands


async def test_the_picture_follows_the_run(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        worker.epochs = 50
        await start(pilot)
        await until_shown(pilot, "epoch   50/3000", "Learning")
        chart = lines_of(pilot, "#chart")
        worker.client.epochs = 400
        await until_shown(pilot, "epoch  400/3000", "Overfitting since 78", "rising since 78")
        assert lines_of(pilot, "#chart") != chart
