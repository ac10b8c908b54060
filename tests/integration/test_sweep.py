"""A sweep in its own processes: the same bits whoever trains and whatever is killed, those of ordinary runs."""

import os
import platform
import re
import signal
import time
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from l2tui.data.prepare import prepare
from l2tui.data.table.inspect import inspect_table
from l2tui.errors import RunError
from l2tui.settings import Settings, TableChoice, changed
from l2tui.sweep.coordinator import run_sweep
from l2tui.sweep.directory import (
    Finer,
    MoreFolds,
    StopSweep,
    SweepDirectory,
    SweepPlan,
    create_sweep,
    read_plan,
    read_status,
    send_command,
    write_plan,
)
from l2tui.sweep.memory import PROCESS_BYTES, bytes_of, need_of
from l2tui.sweep.pool import LocalPool
from l2tui.sweep.results import Lane
from l2tui.sweep.summary import read_lanes, read_view
from l2tui.training.trainer import Trainer
from l2tui.worker.launch import start_sweep

pytestmark = pytest.mark.slow

GRID = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
QUICK = Settings(hidden=16, epochs=160, learning_rate=0.5, batch_size=8, train_size=60, folds=3)


def make(path: Path, settings: Settings = QUICK, **options) -> SweepDirectory:
    return create_sweep(SweepPlan(settings=settings, l2=GRID, workers=2, **options), path=path)


def files(sweep: SweepDirectory) -> tuple[bytes, bytes]:
    return sweep.lanes.read_bytes(), sweep.curves.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> SweepDirectory:
    sweep = make(tmp_path_factory.mktemp("sweep") / "whole")
    assert run_sweep(sweep).state == "finished"
    return sweep


def test_each_lane_is_the_ordinary_run_of_its_fold(whole):
    lanes = read_lanes(whole)
    assert {(lane.fold, lane.l2) for lane in lanes} == {(fold, l2) for fold in (0, 1, 2, 3) for l2 in GRID}
    for lane in lanes:
        trainer, tail = trained(changed(QUICK, l2=lane.l2, fold=lane.fold, epochs=lane.epoch))
        assert lane.best_val_loss == trainer.watch.best_val_loss
        assert lane.best_epoch == trainer.watch.best_epoch
        assert (lane.w1_norm, lane.w2_norm) == (trainer.record().w1_norm, trainer.record().w2_norm)
        assert lane.val_accuracy == trainer.record().val_accuracy
        assert lane.val_loss == pytest.approx(np.mean(tail), rel=1e-12)


def trained(settings: Settings) -> tuple[Trainer, list[float]]:
    trainer = Trainer(settings, prepare(settings))
    losses = []
    while not trainer.finished:
        end = trainer.advance(seconds=1.0)
        if end is not None:
            losses.append(end.record.val_loss)
    return trainer, losses[-max(1, round(settings.epochs / 20)) :]


def test_dropped_lambdas_leave_every_fold_at_the_same_rung(whole):
    lanes = read_lanes(whole)
    epochs = {l2: {lane.epoch for lane in lanes if lane.l2 == l2} for l2 in GRID}
    assert all(len(found) == 1 for found in epochs.values())
    assert {epoch for found in epochs.values() for epoch in found} <= {20, 40, 80, 160}
    assert epochs[0.0] == {160}
    assert all(lane.left == (lane.epoch < 160) for lane in lanes)


@pytest.mark.parametrize("after", [0.0, 0.3, 0.7])
def test_a_sweep_that_is_killed_ends_with_the_same_bits(tmp_path, whole, reap, after):
    sweep = make(tmp_path / "killed")
    for _ in range(3):
        kill_after_share(reap, sweep, after)
    process = reap(start_sweep(sweep))
    assert process.wait(60) == 0
    assert read_status(sweep).state == "finished"
    assert files(sweep) == files(whole)


def test_a_long_sweep_goes_on_from_its_checkpoint(tmp_path, reap):
    settings = changed(QUICK, hidden=32, epochs=2000)
    whole, killed = make(tmp_path / "whole", settings), make(tmp_path / "killed", settings)
    process = reap(start_sweep(killed))
    until(lambda: killed.checkpoint.exists() and read_status(killed).share > 0)
    reached = read_status(killed).share
    process.kill()
    process.wait(10)
    assert reached < 1
    run_sweep(killed)
    run_sweep(whole)
    assert files(killed) == files(whole)


def kill_after_share(reap, sweep: SweepDirectory, share: float) -> None:
    process = reap(start_sweep(sweep))
    until(lambda: process.poll() is not None or ((s := read_status(sweep)) is not None and s.share >= share))
    children = psutil.Process(process.pid).children() if process.poll() is None else []
    process.kill()
    process.wait(10)
    # Nobody trains on for a sweep that is gone.
    assert not psutil.wait_procs(children, timeout=10)[1]


def test_a_killed_training_process_is_made_up_for(tmp_path, whole, reap):
    sweep = make(tmp_path / "sweep")
    process = reap(start_sweep(sweep))
    until(lambda: bool(psutil.Process(process.pid).children()))
    psutil.Process(process.pid).children()[0].send_signal(signal.SIGKILL)
    assert process.wait(60) == 0
    assert files(sweep) == files(whole)


def test_a_stopped_sweep_goes_on_and_a_finished_one_takes_more(tmp_path, whole, reap):
    sweep = make(tmp_path / "sweep")
    process = reap(start_sweep(sweep))
    until(lambda: read_status(sweep) is not None)
    send_command(sweep, StopSweep())
    assert process.wait(60) == 0
    assert read_status(sweep).state in ("stopped", "finished")
    assert run_sweep(sweep).state == "finished"
    assert files(sweep) == files(whole)
    best = read_view(sweep).answer.best_l2
    send_command(sweep, Finer())
    send_command(sweep, MoreFolds())
    assert run_sweep(sweep).rounds[-2:] == ("finer", "folds")
    view = read_view(sweep)
    finer = [one for one in view.per_l2 if one.l2 not in GRID]
    assert finer
    assert all(abs(np.log10(one.l2 / best)) < 0.6 for one in finer)
    assert view.folds == (0, 1, 2, 3, 4, 5, 6)
    # What was trained before is as it was.
    before = {(lane.fold, lane.l2): lane for lane in read_lanes(whole)}
    after = {(lane.fold, lane.l2): lane for lane in read_lanes(sweep)}
    assert {key: after[key] for key in before} == before
    # Asked again, with nothing to do, it is done at once and changes nothing.
    again = files(sweep)
    run_sweep(sweep)
    assert files(sweep) == again


def test_an_optimizer_with_memory_survives_a_kill_too(tmp_path):
    settings = changed(QUICK, optimizer="adam", learning_rate=0.01, dtype="float32")
    whole, cut = make(tmp_path / "whole", settings, racing=False), make(tmp_path / "cut", settings, racing=False)
    run_sweep(whole)
    box = []
    run_sweep(cut, on_coordinator=box.append, on_status=lambda status: status.share > 0.3 and box[0].stop())
    assert read_status(cut).state == "stopped"
    run_sweep(cut)
    assert files(cut) == files(whole)


def test_lanes_that_diverge_do_not_end_the_sweep(tmp_path):
    settings = changed(QUICK, data="diabetes", learning_rate=0.05, train_size=80)
    plan = SweepPlan(settings=settings, l2=(0.0, 1e-3, 1e-2, 40.0, 60.0), workers=1, racing=False)
    sweep = create_sweep(plan, path=tmp_path / "sweep")
    run_sweep(sweep)
    view = read_view(sweep)
    assert [one.diverged for one in view.per_l2] == [0, 0, 0, 4, 4]
    assert view.answer.best_l2 in (0.0, 1e-3, 1e-2)


def test_two_processes_do_not_train_one_sweep(tmp_path, reap):
    sweep = make(tmp_path / "sweep", changed(QUICK, epochs=20_000))
    process = reap(start_sweep(sweep))
    try:
        until(lambda: read_status(sweep) is not None)
        second = reap(start_sweep(sweep))
        assert second.wait(30) == 1
        assert b"is training it already" in sweep.log.read_bytes()
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0
    assert read_status(sweep).state == "stopped"


def test_what_lanes_hold_is_json_that_anybody_reads(whole):
    lines = whole.lanes.read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Lane) for line in lines] == read_lanes(whole)


def until(holds, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_sentence_does_not_depend_on_which_fold_ends_last(tmp_path):
    # The own split validates on 200 rows, the others on fewer: errors of paired folds depend on that share.
    answers = []
    for name, workers in (("one", 1), ("two", 2), ("again", 2)):
        sweep = create_sweep(SweepPlan(settings=QUICK, l2=GRID, workers=workers), path=tmp_path / name)
        run_sweep(sweep)
        answers.append(read_view(sweep).answer)
        folds = [prepare(changed(QUICK, fold=fold)) for fold in sweep_folds(sweep)]
        share = np.mean([len(fold.X_val) / len(fold.X_train) for fold in folds])
        assert read_status(sweep).val_share == pytest.approx(share)
        assert read_status(sweep).task == "classification"
    assert answers[0] == answers[1] == answers[2]


def sweep_folds(sweep: SweepDirectory) -> tuple[int, ...]:
    return read_view(sweep).folds


def room_for(lanes: float, plan: SweepPlan) -> int:
    """Returns what a process may take for so many lanes of the own split, which is the largest fold here."""
    splits = prepare(plan.settings)
    need, states = need_of(splits, plan.settings), len(plan.l2) * (1 + len(plan.folds))
    return PROCESS_BYTES + bytes_of(splits) + need.fold + int(lanes * need.lane) + states * need.waiting


@pytest.mark.parametrize(("lanes", "size"), [(2.5, 2), (1.5, 2), (0.1, 1)])
def test_lanes_that_memory_does_not_hold_train_in_turns_to_the_same_bits(tmp_path, whole, lanes, size):
    sweep = make(tmp_path / "sweep")
    pools = []

    def make_pool(plan: SweepPlan) -> LocalPool:
        # Data of three more folds are kept, as long as they are few.
        kept = sum(bytes_of(prepare(changed(plan.settings, fold=fold))) for fold in (1, 2, 3)) if lanes > 1 else 0
        pools.append(LocalPool(plan.settings, 2, memory=2 * (room_for(lanes, plan) + kept)))
        return pools[0]

    assert run_sweep(sweep, make_pool=make_pool).state == "finished"
    assert files(sweep) == files(whole)
    assert pools[0].size == size
    if lanes > 1:
        (note,) = read_status(sweep).notes
        assert re.fullmatch(r"Memory holds [1-4] of [2-5] λ of a fold at a time .*: they train in turns\.", note)


def test_a_lane_that_memory_does_not_hold_is_refused(tmp_path):
    sweep = make(tmp_path / "sweep")
    with pytest.raises(RunError, match="not enough memory for the data and the network of one lane: it takes about"):
        run_sweep(sweep, make_pool=lambda plan: LocalPool(plan.settings, 2, memory=room_for(0.5, plan)))
    assert read_status(sweep).state == "failed"


def stopped_half_way(sweep: SweepDirectory) -> SweepDirectory:
    box = []
    run_sweep(sweep, on_coordinator=box.append, on_status=lambda status: status.share > 0.3 and box[0].stop())
    assert read_status(sweep).state == "stopped"
    return sweep


def test_a_sweep_of_another_version_is_resumed_and_says_so(tmp_path, whole):
    sweep = stopped_half_way(make(tmp_path / "sweep"))
    plan = read_plan(sweep)
    assert plan.fingerprint == prepare(plan.settings).fingerprint
    write_plan(sweep, msgspec.structs.replace(plan, versions={**plan.versions, "numpy": "1.0", "python": "3.1.7"}))
    assert run_sweep(sweep).notes == (
        f"Begun with NumPy 1.0 (now {np.__version__}), Python 3.1.7 (now {platform.python_version()}): "
        "what trains from here on may differ in its last bits.",
    )
    assert files(sweep) == files(whole)
    # Nothing is left to train: no version matters.
    assert run_sweep(sweep).notes == ()


def test_a_sweep_of_another_table_is_refused(tmp_path):
    table = tmp_path / "mine.csv"
    rows = [f"{i * 37 % 101},{i * 53 % 89},{'yes' if (i * 37 % 101) > 50 else 'no'}" for i in range(120)]
    table.write_text("\n".join(["a,b,c", *rows]) + "\n")
    settings = changed(inspect_table(table, TableChoice(target="c")).settings, epochs=200, hidden=8, folds=3)
    sweep = stopped_half_way(make(tmp_path / "sweep", settings))
    table.write_text("\n".join(["a,b,c", *rows[1:], "1,2,no"]) + "\n")
    with pytest.raises(RunError, match="the data are no longer those that the run was trained on"):
        run_sweep(sweep)
