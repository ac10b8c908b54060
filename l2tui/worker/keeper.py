"""Keeps a run on disk while it trains. A write that fails is remembered, not raised, and nothing is lost by it."""

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from l2tui.overfitting.verdict import Known, assess
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, Facts, State, Status
from l2tui.runs.recorder import Recorder
from l2tui.runs.states import keep_state
from l2tui.settings import CriterionName
from l2tui.training.checkpoint import save_best, save_checkpoint, save_weights
from l2tui.training.records import EpochRecord, has_measures, is_measured, is_recorded, without_measures
from l2tui.training.state import Count
from l2tui.training.trainer import Trainer
from l2tui.worker.log import say
from l2tui.worker.meter import Meter

# A checkpoint is made about every second, or less often where it would take more than a hundredth of the time.
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_SHARE = 0.01


class Kept(Struct, frozen=True, kw_only=True):
    """What a checkpoint holds besides the state of the trainer.

    Attributes:
        metrics: Bytes of the metrics that belong to it.
        events: Bytes of the events that belong to it.
        elapsed: Seconds of training so far.
        commands: Bytes of the commands that have acted.
        paused: Whether the run is paused.
        auto_stop: Whether it may stop by itself for the present mark.
        overfitted: Whether it is stopping for overfitting.
        ghost: Bytes of the ghost's curve that belong to it.
        criterion: A criterion that is being taken over the epochs so far, to be in force from then on.
        row: The row of the last epoch as it is where the run goes on, if that is not how it ends; it comes after the
            `metrics` bytes.
    """

    metrics: Count = 0
    events: Count = 0
    ghost: Count = 0
    elapsed: Annotated[float, Meta(ge=0)] = 0.0
    commands: Count
    paused: bool
    auto_stop: bool
    overfitted: bool
    criterion: CriterionName | None = None
    row: tuple[int | float | None, ...] | None = None


class Keeper:
    """Writes the files of one run from its trainer.

    Args:
        run: The run's directory.
        trainer: Its trainer.
        recorder: Where metrics, events and the status go.
        facts: What is known of the data and the network.
        meter: Measures time in training and speed.
        known: How other runs ended that differ in λ alone.
        row: What the checkpoint has kept as `Kept.row`.

    Attributes:
        trouble: Why the last write failed; None while all is well. What it was to write is kept for the next one.
        recorded: The last epoch with a row in the metrics.
        next_checkpoint: When the next checkpoint is due, on the monotonic clock.
    """

    def __init__(
        self,
        run: RunDirectory,
        trainer: Trainer,
        recorder: Recorder,
        facts: Facts,
        meter: Meter,
        known: Sequence[Known] = (),
        row: Sequence[int | float | None] | None = None,
    ) -> None:
        self._known = known
        self._run, self._trainer, self._recorder, self._facts, self._meter = run, trainer, recorder, facts, meter
        self.trouble: OSError | None = None
        self.recorded = trainer.epoch if trainer.curve and is_recorded(trainer.epoch) else None
        if row is not None and trainer.finished:
            self.recorded = None
        elif row is not None:
            recorder.add(tuple(math.nan if value is None else value for value in row))
        self.next_checkpoint = time.monotonic() + CHECKPOINT_SECONDS
        self._before_last: tuple[int, tuple[int | float, ...] | None] | None = None
        self._best_saved: int | None = None

    def row(self, record: EpochRecord) -> None:
        """Adds a row to the metrics."""
        # A row that is there, or holds measures, only because it is the last one is cut off again, or loses them, when
        # the run goes on.
        recorded = is_recorded(record.epoch)
        if recorded and (is_measured(record.epoch) or not has_measures(record)):
            self._before_last = None
        else:
            self._before_last = (self._recorder.sizes()[0], without_measures(record) if recorded else None)
        self._recorder.add(record)
        self.recorded = record.epoch

    def begin_ghost(self) -> None:
        """Begins the curve of a ghost."""
        self._try(self._recorder.begin_ghost)

    def ghost(self, row: tuple[float, ...]) -> None:
        """Adds a row to the curve of the ghost."""
        self._recorder.ghost(row)

    def event(self, event: AnyEvent) -> None:
        """Writes an event."""
        self._try(lambda: self._recorder.event(event))

    def status(self, state: State, *, commands: int, reason: str) -> None:
        """Writes the rows that were added, and replaces the status.

        Args:
            state: The run's state in short.
            commands: Bytes of commands acted upon.
            reason: Why it ended, or waits.
        """
        trainer = self._trainer
        status = Status(
            state=state,
            pid=os.getpid(),
            heartbeat=time.time(),
            settings=trainer.settings,
            epoch=trainer.epoch,
            step=trainer.step,
            step_in_epoch=trainer.step_in_epoch,
            steps_per_epoch=trainer.steps_per_epoch,
            steps_per_second=self._meter.rate(trainer.step),
            facts=self._facts,
            commands=commands,
            assessment=assess(trainer.watch, trainer.settings.l2, self._known, ended=state == "finished"),
            reason=reason,
        )
        # The rows first: who reads that an epoch is done finds its row. There is room for the status even where there
        # is none for more rows.
        self._try(self._recorder.flush)
        self._try(lambda: self._recorder.status(status))

    def checkpoint(self, kept: Kept) -> None:
        """Makes a checkpoint, and one of the best weights if they are new.

        Args:
            kept: What the session wants to find again; sizes and time are filled in.
        """
        began = time.monotonic()
        trainer = self._trainer
        try:
            self._recorder.sync()
            metrics, events = self._recorder.sizes()
            metrics, row = self._before_last or (metrics, None)
            elapsed = self._meter.elapsed()
            ghost = self._recorder.ghost_size
            kept = msgspec.structs.replace(kept, metrics=metrics, events=events, ghost=ghost, elapsed=elapsed, row=row)
            save_checkpoint(trainer, self._run, kept)
            self._save_best()
            self._keep_state()
        except OSError as error:
            self.trouble = error
        now = time.monotonic()
        self.next_checkpoint = now + max(CHECKPOINT_SECONDS, (now - began) / CHECKPOINT_SHARE)

    def weights(self) -> None:
        """Writes the live weights, for pictures, and the best ones if they are new."""
        self._try(self._save_best)
        self._try(lambda: save_weights(self._trainer, self._run))

    def _keep_state(self) -> None:
        if self._trainer.diverged:
            return
        try:
            keep_state(self._run, self._trainer.epoch)
        except OSError as error:
            # A fork then takes longer to make; that is no reason to hold up the training.
            say(f"no state to fork from is kept at epoch {self._trainer.epoch}: {error.strerror}")

    def _save_best(self) -> None:
        best = self._trainer.watch.best_epoch
        if best is not None and (best != self._best_saved or not self._run.best.exists()):
            save_best(self._trainer, self._run)
            self._best_saved = best

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self.trouble = error
