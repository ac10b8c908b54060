"""The worker's loop: train, obey, record. The same loop serves the app's worker and headless training."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

from l2tui.errors import SettingsError
from l2tui.overfitting.verdict import assess
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    AnyCommand,
    AnyEvent,
    BestRestored,
    Confirmed,
    Diverged,
    Facts,
    Finished,
    Pause,
    Paused,
    RestoreBest,
    Resume,
    Resumed,
    SettingChanged,
    SetValue,
    Snapshot,
    Started,
    State,
    Status,
    Stop,
    Withdrawn,
)
from l2tui.runs.recorder import Recorder
from l2tui.settings import LIVE_SETTINGS
from l2tui.training.checkpoint import save_best, save_checkpoint, save_weights
from l2tui.training.records import EpochRecord, is_recorded
from l2tui.training.trainer import EpochEnd, Trainer
from l2tui.worker.control import Inbox
from l2tui.worker.meter import Meter
from l2tui.worker.pacing import Pacer

# A command acts within 50 ms: training looks for one at least every 20 ms, waiting every 10 ms.
LOOK_SECONDS = 0.02
WAIT_SECONDS = 0.01
STATUS_SECONDS = 0.1
# A checkpoint is made about every second, or less often where it would take more than a hundredth of the time.
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_SHARE = 0.01
TROUBLE_SECONDS = 0.5
# A run stops for overfitting once the mark has stood for so long: of the marks that are withdrawn again, most are by
# then, which makes the best weights that are missed by stopping too early rarer by half.
STOP_AFTER_EPOCHS = 20


class Session:
    """Trains one run to its end.

    Args:
        run: Its directory.
        trainer: The trainer, at the point from which to go on.
        facts: What is known of the data and the network.
        recorder: Where metrics, events and the status go.
        pid: The process that trains.
        meter: Measures time in training and speed.
        paused: Whether to begin paused.
        on_epoch: Called after each epoch, for a progress display.
    """

    def __init__(
        self,
        run: RunDirectory,
        trainer: Trainer,
        facts: Facts,
        recorder: Recorder,
        *,
        pid: int,
        meter: Meter,
        paused: bool = False,
        on_epoch: Callable[[EpochEnd], None] | None = None,
    ) -> None:
        self._run, self.trainer, self._facts, self._recorder = run, trainer, facts, recorder
        self._pid, self._meter, self._on_epoch = pid, meter, on_epoch
        self._inbox = Inbox(run)
        self._pacer = Pacer(time.monotonic)
        self._started = False
        self._paused = paused
        self._steps_left = 0
        self._epoch_asked = False
        self._stopping = False
        self._stop_reason: Literal["stopped", "overfitting"] = "stopped"
        self._reason = ""
        self._best_unsaved = False
        self._recorded: int | None = None
        self._metrics_before_last: int | None = None
        self._confirmed: int | None = None
        self._auto_stop = True
        self._trouble: OSError | None = None
        self._next_look = self._next_status = 0.0
        self._next_checkpoint = time.monotonic() + CHECKPOINT_SECONDS

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Takes up a run where a checkpoint was made, before `run`.

        Args:
            saved: What `_checkpoint` kept of the session.
        """
        trainer = self.trainer
        self._recorded = trainer.epoch if is_recorded(trainer.epoch) else None
        self._confirmed = trainer.watch.confirmed_epoch
        self._auto_stop = saved["auto_stop"]
        self._inbox = Inbox(self._run, saved["commands"])
        for command in self._inbox.read():
            if isinstance(command, SetValue):
                self._do(command)
        if saved["paused"]:
            self._event(Resumed(epoch=trainer.epoch, step=trainer.step))
        self._started = True

    def run(self) -> Finished | Diverged:
        """Trains until the run is finished, stopped or diverged.

        Returns:
            The last event of the run.

        Raises:
            OSError: The run directory is gone.
        """
        if not self._started:
            self._event(Started(epoch=self.trainer.epoch, step=self.trainer.step))
            self._end_epoch(self.trainer.advance())
            self._checkpoint()
        self._meter.start(self.trainer.step)
        while not self.trainer.finished and not self._stopping:
            now = time.monotonic()
            if now >= self._next_look:
                self._obey(now)
            self._wait_for_room(self._checkpoint)
            if self._stopping or self.trainer.finished:
                break
            if self._idle():
                time.sleep(WAIT_SECONDS)
            elif (wait := self._pacer.wait()) > 0 and self.trainer.step_in_epoch == 0:
                time.sleep(min(wait, WAIT_SECONDS))
            else:
                self._train()
        return self._finish()

    def stop(self) -> None:
        """Ends the run soon, as the stop command does; safe to call from a signal handler."""
        self._stopping = True

    def _idle(self) -> bool:
        return self._paused and self._steps_left == 0 and not self._epoch_asked

    def _train(self) -> None:
        before = self.trainer.step
        limit = self._steps_left if self._paused and not self._epoch_asked else None
        end = self.trainer.advance(max_steps=limit, seconds=LOOK_SECONDS)
        if limit is not None:
            self._steps_left -= self.trainer.step - before
        if end is not None:
            self._end_epoch(end)
        if self._idle():
            self._meter.stop(self.trainer.step)
            self._next_look = self._next_status = 0.0

    def _end_epoch(self, end: EpochEnd | None) -> None:
        trainer = self.trainer
        if end is None or trainer.diverged:
            return
        self._epoch_asked = False
        if end.record is not None:
            self._record(end.record)
        self._best_unsaved |= end.improved
        self._note_marks()
        if self._on_epoch is not None:
            self._on_epoch(end)
        if trainer.epoch > 0:
            self._pacer.epoch_done(None if self._paused else trainer.settings.pace)

    def _record(self, record: EpochRecord) -> None:
        # A row that is there only because it is the last one is cut off again when the run goes on.
        self._metrics_before_last = None if is_recorded(record.epoch) else self._recorder.sizes()[0]
        self._recorder.add(record)
        self._recorded = record.epoch

    def _note_marks(self) -> None:
        if self.trainer.watch.confirmed_epoch != self._confirmed:
            self._note_changed_mark()
        self._auto_stop |= self._confirmed is None
        stood = self._confirmed is not None and self.trainer.epoch - self._confirmed >= STOP_AFTER_EPOCHS
        if stood and self._auto_stop and self.trainer.settings.stop_on_overfit:
            self._stopping, self._stop_reason = True, "overfitting"

    def _note_changed_mark(self) -> None:
        trainer = self.trainer
        watch = trainer.watch
        if self._confirmed is not None:
            self._event(Withdrawn(epoch=trainer.epoch, step=trainer.step))
        self._confirmed = watch.confirmed_epoch
        if watch.onset_epoch is not None:
            self._event(
                Confirmed(
                    epoch=trainer.epoch,
                    step=trainer.step,
                    onset_epoch=watch.onset_epoch,
                    criterion=trainer.settings.criterion,
                )
            )

    def _obey(self, now: float) -> None:
        self._next_look = now + LOOK_SECONDS
        commands = self._inbox.read()
        for command in commands:
            self._do(command)
        if commands or now >= self._next_status:
            self._next_status = now + STATUS_SECONDS
            self._write("paused" if self._idle() else "running")
        if now >= self._next_checkpoint:
            self._checkpoint()

    def _do(self, command: AnyCommand) -> None:
        at = {"epoch": self.trainer.epoch, "step": self.trainer.step}
        if isinstance(command, Pause) and not self._paused:
            self._paused = True
            self._meter.stop(self.trainer.step)
            self._event(Paused(**at))
            self._checkpoint()
        elif isinstance(command, Resume) and self._paused:
            self._paused, self._steps_left, self._epoch_asked = False, 0, False
            self._meter.start(self.trainer.step)
            self._pacer.restart()
            self._event(Resumed(**at))
        elif isinstance(command, Advance):
            self._advance(command)
        elif isinstance(command, SetValue):
            self._set(command)
        elif isinstance(command, RestoreBest):
            self._restore_best()
            self._checkpoint()
        elif isinstance(command, Snapshot):
            save_weights(self.trainer, self._run.weights)
        elif isinstance(command, Stop):
            self._stopping = True

    def _restore_best(self) -> None:
        trainer = self.trainer
        if trainer.watch.best_epoch is not None:
            trainer.restore_best()
            self._event(BestRestored(epoch=trainer.epoch, step=trainer.step, from_epoch=trainer.watch.best_epoch))

    def _advance(self, command: Advance) -> None:
        if not self._paused:
            self._do(Pause())
        if command.epoch:
            self._epoch_asked = True
        else:
            self._steps_left += max(1, command.steps)
        self._pacer.restart()
        self._meter.start(self.trainer.step)

    def _set(self, command: SetValue) -> None:
        trainer = self.trainer
        if command.name not in LIVE_SETTINGS:
            print(f"ignored: {command.name} cannot change while training", flush=True)  # noqa: T201 the worker's log
            return
        old = getattr(trainer.settings, command.name)
        try:
            trainer.set(command.name, command.value)
        except SettingsError as error:
            print(f"ignored: {error}", flush=True)  # noqa: T201 the worker's log
            return
        new = getattr(trainer.settings, command.name)
        if new == old:
            return
        if command.name == "pace":
            self._pacer.restart()
        self._event(SettingChanged(epoch=trainer.epoch, step=trainer.step, name=command.name, old=old, new=new))
        if command.name in ("criterion", "stop_on_overfit"):
            self._note_marks()
        self._checkpoint()

    def _event(self, event: AnyEvent) -> None:
        try:
            self._recorder.event(event)
        except OSError as error:
            self._trouble = error

    def _write(self, state: State) -> None:
        try:
            self._recorder.flush()
            self._write_status(state)
        except OSError as error:
            self._trouble = error

    def _checkpoint(self) -> None:
        began = time.monotonic()
        try:
            self._recorder.sync()
            metrics, events = self._recorder.sizes()
            save_checkpoint(
                self.trainer,
                self._run.checkpoint,
                {
                    "metrics": metrics if self._metrics_before_last is None else self._metrics_before_last,
                    "events": events,
                    "commands": self._inbox.position,
                    "paused": self._paused,
                    # A run that goes on after it was stopped for overfitting is not stopped for the same mark again.
                    "auto_stop": self._auto_stop and self._stop_reason != "overfitting",
                    "elapsed": self._meter.elapsed(),
                },
            )
            if self.trainer.watch.best_epoch is not None and (self._best_unsaved or not self._run.best.exists()):
                save_best(self.trainer, self._run.best)
                self._best_unsaved = False
        except OSError as error:
            self._trouble = error
        now = time.monotonic()
        self._next_checkpoint = now + max(CHECKPOINT_SECONDS, (now - began) / CHECKPOINT_SHARE)

    def _wait_for_room(self, retry: Callable[[], None]) -> None:
        """Where something could not be written, waits with everything in memory until it can be.

        Args:
            retry: Writes again, and sets `_trouble` if that fails.

        Raises:
            OSError: The run directory is gone, or the run is to stop.
        """
        if self._trouble is None:
            return
        self._meter.stop(self.trainer.step)
        otherwise, said = self._reason, ""
        while self._trouble is not None:
            if self._stopping or not self._run.path.is_dir():
                raise self._trouble
            reason = f"cannot write: {self._trouble.strerror}; goes on by itself once that has changed"
            if reason != said:
                print(reason, flush=True)  # noqa: T201 the worker's log
            said = self._reason = reason
            with suppress(OSError):
                self._write_status("paused")
            time.sleep(TROUBLE_SECONDS)
            self._trouble = None
            self._stopping |= any(isinstance(command, Stop) for command in self._inbox.read())
            self._reason = otherwise
            retry()
        self._pacer.restart()
        if not self._paused:
            self._meter.start(self.trainer.step)

    def _finish(self) -> Finished | Diverged:
        trainer = self.trainer
        at = {"epoch": trainer.epoch, "step": trainer.step}
        self._meter.stop(trainer.step)
        last: Finished | Diverged
        if trainer.diverged:
            advice = "lower the learning rate"
            if trainer.settings.l2 * trainer.settings.learning_rate >= 0.5:
                advice = "lower λ or the learning rate: 2·lr·λ is 1 or more, so that decay alone overshoots zero"
            last = Diverged(**at, advice=advice)
            self._reason = f"the loss is no longer finite: {advice}"
        elif self._stopping:
            last = Finished(**at, reason=self._stop_reason)
            self._reason = {"overfitting": "overfitting was confirmed", "stopped": "stopped"}[self._stop_reason]
        else:
            last = Finished(**at, reason="epochs")
            self._reason = "all epochs done"
        if trainer.val_losses and trainer.step_in_epoch == 0 and self._recorded != trainer.epoch:
            self._record(trainer.record())
        if self._stopping and self._stop_reason == "overfitting":
            self._restore_best()
        # The checkpoint comes before the last word, which is cut off if the run goes on.
        self._checkpoint()
        self._wait_for_room(self._checkpoint)
        self._event(last)
        state: State = "diverged" if trainer.diverged else "finished"
        self._write(state)
        self._wait_for_room(lambda: self._write(state))
        return last

    def _write_status(self, state: State) -> None:
        trainer = self.trainer
        self._recorder.status(
            Status(
                state=state,
                pid=self._pid,
                heartbeat=time.time(),
                settings=trainer.settings,
                epoch=trainer.epoch,
                step=trainer.step,
                step_in_epoch=trainer.step_in_epoch,
                steps_per_epoch=trainer.steps_per_epoch,
                steps_per_second=self._meter.rate(trainer.step),
                facts=self._facts,
                commands=self._inbox.position,
                assessment=assess(trainer.watch, trainer.settings.l2),
                reason=self._reason,
            )
        )
