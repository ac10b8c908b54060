"""Commands in any batches, a worker cut off after any write: the files are those of a run that nothing happened to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from l2tui.data.prepare import prepare
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    AnyCommand,
    AnyEvent,
    BestRestored,
    Pause,
    RestoreBest,
    Resume,
    SettingChanged,
    SetValue,
    decode_event,
)
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.records import EpochEnd, EpochRecord
from l2tui.training.trainer import Trainer
from l2tui.worker import keeper, session
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

pytestmark = pytest.mark.slow

SETTINGS = Settings(noise=0.35, train_size=32, hidden=4, batch_size=16, epochs=24, learning_rate=0.3)
VALUES = {"l2": (0.0, 1e-3, 1e-2), "learning_rate": (0.3, 0.1, 0.05), "criterion": ("growing", "gl", "up")}

Batches = dict[int, list[AnyCommand]]


class Killed(BaseException):
    """Stands for a process that is no more."""


class Mortal:
    """Ends the process, so to speak, after a number of writes."""

    def __init__(self, patch: pytest.MonkeyPatch, writes: int) -> None:
        self.left = writes
        for name in ("rename", "pwrite", "fsync", "ftruncate"):
            self._wrap(patch, os, name)
        for name in ("_Appender",):
            self._wrap(patch, __import__("l2tui.runs.recorder", fromlist=[name]).__dict__[name], "flush")

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def write(*args: Any, **kwargs: Any) -> Any:
            if self.left <= 0:
                raise Killed
            done = original(*args, **kwargs)
            self.left -= 1
            if self.left == 0:
                raise Killed
            return done

        patch.setattr(owner, name, write)


commands = st.one_of(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.sampled_from(VALUES[name]).map(lambda value: SetValue(name, value))
    ),
    st.sampled_from([RestoreBest(), Pause(), Resume(), SetValue("l2", -1.0)]),
)


def wanted(batches: Batches) -> list[tuple[str, Any]]:
    """What the commands change, in order, as the events should say it."""
    now = {"l2": 0.0, "learning_rate": 0.3, "criterion": SETTINGS.criterion}
    found: list[tuple[str, Any]] = []
    for _, batch in sorted(batches.items()):
        for command in batch:
            if isinstance(command, RestoreBest):
                found.append(("best", None))
            elif isinstance(command, SetValue) and command.value != -1.0 and now[command.name] != command.value:
                now[command.name] = command.value
                found.append((command.name, command.value))
    return found


def done(events: list[AnyEvent]) -> list[tuple[str, Any]]:
    return [
        ("best", None) if isinstance(event, BestRestored) else (event.name, event.new)
        for event in events
        if isinstance(event, BestRestored | SettingChanged)
    ]


def replayed(events: list[AnyEvent]) -> tuple[list[EpochRecord], Trainer]:
    """What a trainer alone makes of the changes that the events tell of."""
    trainer, records = Trainer(SETTINGS, prepare(SETTINGS)), []
    changes = [event for event in events if isinstance(event, BestRestored | SettingChanged)]
    while True:
        while changes and (changes[0].epoch, changes[0].step) == (trainer.epoch, trainer.step) and trainer.curve:
            change = changes.pop(0)
            if isinstance(change, BestRestored):
                trainer.restore_best()
            else:
                trainer.set(change.name, change.new)
        if trainer.finished:
            assert not changes
            return records, trainer
        end = trainer.advance(max_steps=1, seconds=10)
        if end is not None and end.record is not None:
            records.append(end.record)


def lived(run: RunDirectory, batches: Batches, kills: list[int]) -> list[AnyEvent]:
    """Trains a run to its end, through all its deaths; returns its events."""
    left = {epoch: list(batch) for epoch, batch in batches.items()}

    def on_epoch(end: EpochEnd) -> None:
        for command in left.pop(end.epoch, []):
            send(run, command)

    for writes in [*kills, 0]:
        with pytest.MonkeyPatch.context() as patch:
            # The loop looks before every step. Only commands make checkpoints, so that most deaths are among them.
            patch.setattr(session, "LOOK_SECONDS", 0.0)
            patch.setattr(keeper, "CHECKPOINT_SECONDS", 1e9)
            if writes:
                Mortal(patch, writes)
            try:
                work(run, on_epoch=on_epoch)
            except Killed:
                continue
            break
    return [decode_event(line) for line in run.events.read_bytes().splitlines()]


@examples(max_examples=80)
@given(
    batches=st.dictionaries(st.integers(0, 20), st.lists(commands, min_size=1, max_size=4), max_size=4),
    kills=st.lists(st.integers(1, 60), max_size=6),
)
def test_every_command_acts_once_and_in_order_whenever_the_worker_dies(
    tmp_path_factory: pytest.TempPathFactory, batches: Batches, kills: list[int]
) -> None:
    # Without a resume behind it, a pause would hold the run for good.
    batches = {**batches, 21: [Resume()]} if any(Pause() in batch for batch in batches.values()) else batches
    batches = {epoch: [*batch, Resume()] if Pause() in batch else batch for epoch, batch in batches.items()}
    run = new_run(SETTINGS, path=tmp_path_factory.mktemp("runs") / "run")
    events = lived(run, batches, kills)
    assert done(events) == wanted(batches)
    records, trainer = replayed(events)
    found = RunReader(run).poll()
    for name in EpochRecord._fields:
        if name != "elapsed":
            np.testing.assert_array_equal(found.column(name), [getattr(record, name) for record in records])
    with np.load(run.checkpoint) as file:
        assert file["theta"].tobytes() == trainer.parameters.theta.tobytes()
        assert file["watch"].tobytes() == trainer.watch.dump()
    losses = np.column_stack(trainer.curve.losses())
    assert run.curve.read_bytes() == losses.astype("<f8").tobytes()


def test_two_commands_read_in_one_look_survive_a_death_between_them(tmp_path: Path) -> None:
    batches: Batches = {3: [SetValue("l2", 1e-3), SetValue("learning_rate", 0.1), RestoreBest()]}
    for writes in range(1, 80):
        run = new_run(SETTINGS, path=tmp_path / str(writes))
        assert done(lived(run, batches, [writes])) == wanted(batches)
