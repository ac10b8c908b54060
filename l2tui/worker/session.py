"""The worker's loop: train, obey, record. The same loop serves the app's worker and headless training."""

import time
from collections.abc import Callable

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Diverged,
    Finished,
    Ghost,
    RestoreBest,
    Resumed,
    SetValue,
    Started,
    State,
    Stop,
    Swap,
)
from l2tui.training.records import EpochEnd
from l2tui.training.trainer import Trainer
from l2tui.worker.acts import Acts
from l2tui.worker.control import Inbox
from l2tui.worker.ending import last_words
from l2tui.worker.handing_out import HandingOut
from l2tui.worker.keeper import Keeper, Kept
from l2tui.worker.log import say
from l2tui.worker.meter import Meter

# A command acts within 50 ms: training looks for one at least every 20 ms, waiting every 10 ms.
LOOK_SECONDS = 0.02
WAIT_SECONDS = 0.01
STATUS_SECONDS = 0.1
TROUBLE_SECONDS = 0.5
# What changes the training, or the row of an epoch.
_ACTS = (SetValue, RestoreBest, Ghost, Swap)


class Session(Acts):
    """Trains one run to its end.

    Args:
        run: Its directory.
        trainer: The trainer, at the point from which to go on.
        keeper: Writes the run's files.
        meter: Measures time in training and speed.
        pictures: Hands out pictures on demand.
        paused: Whether to begin paused.
        on_epoch: Called after each epoch, for a progress display.
    """

    def __init__(
        self,
        run: RunDirectory,
        trainer: Trainer,
        keeper: Keeper,
        meter: Meter,
        pictures: HandingOut,
        *,
        paused: bool = False,
        on_epoch: Callable[[EpochEnd], None] | None = None,
    ) -> None:
        super().__init__(run, trainer, keeper, meter, pictures, paused=paused)
        self._run, self._on_epoch = run, on_epoch
        self._started = False
        self._reason = ""
        self._next_look = self._next_status = 0.0

    def resume(self, kept: Kept, *, ended: bool, stale: int = 0) -> None:
        """Takes up a run where a checkpoint was made, before `run`.

        Commands that came since then act now. A stop does not where it was meant for the worker before.

        Args:
            kept: What `_checkpoint` kept of the session.
            ended: Whether the run had come to its end, so that it is to train beyond it.
            stale: Bytes of commands that were there before this worker.
        """
        trainer = self.trainer
        self._paused = False
        self._marks.may_stop = kept.auto_stop
        if kept.overfitted and ended:
            # A run that goes on after it was stopped for overfitting is not stopped for the same mark again.
            self._marks.may_stop = False
            self._settle()
            self._restore_best()
        elif kept.overfitted:
            self._stop_for_overfitting()
        if kept.paused:
            self._keeper.event(Resumed(epoch=trainer.epoch, step=trainer.step))
        if kept.criterion is not None:
            self._reevaluation = trainer.reevaluation(kept.criterion)
        self._inbox = Inbox(self._run, kept.commands)
        self._inbox.look()
        self._started = True
        if self._inbox.holds(*_ACTS) and not self._settle():
            return
        for command in self._inbox:
            if not (isinstance(command, Stop) and self._inbox.position <= stale):
                self._do(command)

    def run(self) -> Finished | Diverged:
        """Trains until the run is finished, stopped or diverged.

        Returns:
            The last event of the run.

        Raises:
            OSError: The run directory is gone.
        """
        if not self._started:
            self._keeper.event(Started(epoch=self.trainer.epoch, step=self.trainer.step))
            self._end_epoch(self.trainer.advance())
            self._checkpoint()
        self._meter.start(self.trainer.step)
        while not self._over():
            now = time.monotonic()
            if now >= self._next_look:
                self._obey(now)
            self._wait_for_room(self._checkpoint)
            if self._over():
                break
            if self._reevaluation is not None:
                self._reevaluate(self._reevaluation)
            if self.trainer.finished:
                continue
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

    def _over(self) -> bool:
        return self._stopping or (self.trainer.finished and self._reevaluation is None)

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
            self._keeper.row(end.record)
        self._ghosts.end_epoch()
        self._note_marks()
        if self._on_epoch is not None:
            self._on_epoch(end)
        if trainer.epoch > 0:
            self._pacer.epoch_done(None if self._paused else trainer.settings.pace)

    def _settle(self) -> bool:
        """Ends an epoch whose last step is made, so that its row is of the weights that its steps led to.

        The losses of an epoch are taken in pieces. What is done to the run between two of them would be done to an
        epoch that has ended but for its losses.

        Returns:
            Whether the run goes on. If not, commands wait for the worker that trains it beyond its end.
        """
        trainer = self.trainer
        if trainer.step_in_epoch < trainer.steps_per_epoch:
            return True
        self._end_epoch(trainer.advance(max_steps=0))
        return not self._over()

    def _obey(self, now: float) -> None:
        self._next_look = now + LOOK_SECONDS
        self._inbox.look()
        if self._inbox.holds(*_ACTS) and not self._settle():
            return
        for command in self._inbox:
            self._do(command)
            self._next_status = now
        self._pictures.advance(idle=self._idle())
        if now >= self._next_status:
            self._next_status = now + STATUS_SECONDS
            self._notices.look(self._inbox)
            self._write("paused" if self._idle() else "running")
        if now >= self._keeper.next_checkpoint:
            self._checkpoint()

    def _write(self, state: State) -> None:
        reason = self._reason or self._notices.text
        if not reason and self._reevaluation is not None:
            of = f"{self._reevaluation.taken:,} of {self.trainer.epoch:,} epochs"
            reason = f"the criterion {self._reevaluation.criterion} has been taken over {of}"
        self._keeper.status(state, commands=self._inbox.position, reason=reason)

    def _wait_for_room(self, retry: Callable[[], None]) -> None:
        """Where something could not be written, waits with everything in memory until it can be.

        Args:
            retry: Writes again.

        Raises:
            OSError: The run directory is gone, or the run is to stop.
        """
        keeper = self._keeper
        if keeper.trouble is None:
            return
        self._meter.stop(self.trainer.step)
        otherwise, said = self._reason, ""
        while keeper.trouble is not None:
            gone = isinstance(keeper.trouble, FileNotFoundError) and not self._run.is_in_place()
            if self._stopping or gone:
                raise keeper.trouble
            self._reason = f"cannot write: {keeper.trouble.strerror}; goes on by itself once that has changed"
            if self._reason != said:
                say(self._reason)
            said = self._reason
            self._write("paused")
            time.sleep(TROUBLE_SECONDS)
            self._inbox.look()
            self._stopping |= self._inbox.holds(Stop)
            self._reason = otherwise
            keeper.trouble = None
            retry()
        self._pacer.restart()
        if not self._paused:
            self._meter.start(self.trainer.step)
        self._next_look = 0.0

    def _finish(self) -> Finished | Diverged:
        trainer = self.trainer
        self._meter.stop(trainer.step)
        self._pictures.close()
        last, self._reason = last_words(trainer, self._stop_reason if self._stopping else None)
        if trainer.curve and trainer.step_in_epoch == 0 and self._keeper.recorded != trainer.epoch:
            self._keeper.row(trainer.record())
        # The checkpoint comes before the last words, which are cut off if the run goes on, and said again if it is cut
        # off between them.
        self._checkpoint()
        self._wait_for_room(self._checkpoint)
        if self._stop_reason == "overfitting":
            self._restore_best(to_train=False)
        self._keeper.event(last)
        state: State = "diverged" if trainer.diverged else "finished"
        self._write(state)
        self._wait_for_room(lambda: self._write(state))
        return last
