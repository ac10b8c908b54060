"""A ghost in the files of its run: it costs the run no bit, and a kill costs neither of them anything."""

import os
import random
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, Ghost, GhostBegan, GhostEnded, GhostSwapped, SettingChanged, SetValue, Swap
from l2tui.runs.ghost import GhostCurve
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.records import EpochEnd
from l2tui.worker import session
from l2tui.worker.control import send
from l2tui.worker.fork import make_fork
from l2tui.worker.launch import new_run
from l2tui.worker.work import work
from tests.integration.short_runs import Acts, content, fields, impatient, trained

pytestmark = pytest.mark.slow

SETTINGS = Settings(noise=0.35, train_size=60, hidden=8, batch_size=16, epochs=80, learning_rate=0.1, l2=1e-3)


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    with impatient():
        yield


def _ghost(run: RunDirectory) -> GhostCurve:
    ghost = RunReader(run).poll().ghost
    assert ghost is not None
    return ghost


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_files_of_a_run_are_the_same_with_and_without_a_ghost(optimizer: str) -> None:
    values = {**fields(SETTINGS), "optimizer": optimizer}
    alone = trained(new_run(Settings(**values)))
    paired = trained(new_run(Settings(**values)), {11: Ghost(0.0)})
    assert content(paired) == content(alone)
    ghost = _ghost(paired)
    assert ghost.l2 == 0.0
    assert ghost.began < ghost.epochs[0] <= ghost.began + 2
    assert ghost.epochs[-1] == SETTINGS.epochs


def test_the_curve_of_a_ghost_is_that_of_the_fork_with_its_l2() -> None:
    # One step an epoch: the ghost begins between two of them.
    settings = Settings(**{**fields(SETTINGS), "batch_size": 60})
    parent = trained(new_run(settings), {11: Ghost(0.1), 30: SetValue("l2", 0.0)})
    ghost = _ghost(parent)
    assert ghost.l2 == 0.1
    snapshot = RunReader(trained(make_fork(parent, {"l2": 0.1}, epoch=ghost.began))).poll()
    shared = np.isin(snapshot.column("epoch"), ghost.epochs)
    assert snapshot.column("val_loss")[shared].tobytes() == ghost.val.tobytes()
    assert snapshot.column("train_loss")[shared].tobytes() == ghost.train.tobytes()
    assert shared.sum() == len(ghost.epochs)


def test_a_run_with_a_ghost_that_is_killed_again_and_again_ends_with_the_bits_of_one_that_was_not() -> None:
    chance = random.Random(7)
    broken = new_run(SETTINGS)
    kills = 0
    todo: Acts = {9: Ghost(0.05), 31: Swap(), 50: SetValue("l2", 0.02)}
    while _dies(broken, todo, chance.randrange(2, 9)):
        kills += 1
        for epoch in [epoch for epoch in todo if _epoch(broken) > epoch]:
            del todo[epoch]
    assert kills > 8
    assert any(isinstance(event, GhostSwapped) for event in RunReader(broken).poll().events)
    ghost, expected = _ghost(broken), _replayed(broken)
    assert content(broken) == content(expected)
    assert ghost.val.tobytes() == _ghost(expected).val.tobytes()
    assert ghost.epochs.tobytes() == _ghost(expected).epochs.tobytes()


def _replayed(run: RunDirectory) -> RunDirectory:
    """Returns the run with the acts of another at the very steps, without any interruption."""
    again = new_run(SETTINGS)
    due: list[tuple[tuple[int, int], AnyCommand]] = []
    for event in RunReader(run).poll().events:
        if isinstance(event, GhostBegan):
            due.append(((event.epoch, event.step), Ghost(event.l2)))
        elif isinstance(event, GhostSwapped):
            due.append(((event.epoch, event.step), Swap()))
        elif isinstance(event, SettingChanged) and ((event.epoch, event.step), Swap()) not in due:
            due.append(((event.epoch, event.step), SetValue(event.name, event.new)))

    def at(one: session.Session) -> None:
        train = one._train

        def stepwise() -> None:
            while due and due[0][0] == (one.trainer.epoch, one.trainer.step):
                one._do(due.pop(0)[1])
            train()

        one._train = stepwise  # type: ignore[method-assign]

    work(again, on_session=at)
    assert not due
    return again


def _epoch(run: RunDirectory) -> int:
    status = RunReader(run).poll().status
    return 0 if status is None else status.epoch


def _dies(run: RunDirectory, acts: Acts, epochs: int) -> bool:
    """Trains a run in a process that is killed after some epochs; returns whether it was, before its end."""
    child = os.fork()
    if child == 0:
        try:
            left = [epochs]

            def act(end: EpochEnd) -> None:
                if end.epoch in acts:
                    send(run, acts[end.epoch])
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            work(run, on_epoch=act)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_run_that_was_swapped_forks_behind_the_swap_and_is_computed_again_across_it() -> None:
    parent = trained(new_run(SETTINGS), {9: Ghost(0.05), 31: Swap()})
    swapped = next(event for event in RunReader(parent).poll().events if isinstance(event, GhostSwapped))
    fork = trained(make_fork(parent, {}, epoch=swapped.epoch + 5))
    assert content(fork) == content(parent)
    for kept in parent.path.glob("state-*.npz"):
        kept.unlink()
    again = trained(make_fork(parent, {}, epoch=swapped.epoch + 5))
    assert content(again) == content(parent)
    events = RunReader(again).poll().events
    assert isinstance(next(event for event in reversed(events) if "Ghost" in type(event).__name__), GhostEnded)


def test_a_ghost_that_diverges_ends_and_the_run_goes_on() -> None:
    run = trained(new_run(SETTINGS), {9: Ghost(100.0)})
    snapshot = RunReader(run).poll()
    assert snapshot.ghost is None
    assert [event.reason for event in snapshot.events if isinstance(event, GhostEnded)] == ["diverged"]
    assert content(run) == content(trained(new_run(SETTINGS)))
