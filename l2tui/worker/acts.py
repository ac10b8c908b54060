"""What commands do to a run that is being trained."""

import time

from l2tui.errors import SettingsError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    AnyCommand,
    BestRestored,
    Ghost,
    Pause,
    Paused,
    RestoreBest,
    Resume,
    Resumed,
    SaveWeights,
    SettingChanged,
    SetValue,
    ShowPicture,
    Stop,
    Swap,
    Value,
)
from l2tui.settings import LIVE_SETTINGS, CriterionName, parse_value
from l2tui.training.reevaluation import Reevaluation
from l2tui.training.trainer import Trainer
from l2tui.worker.control import Inbox
from l2tui.worker.ending import StopReason
from l2tui.worker.ghost import Ghosts
from l2tui.worker.handing_out import HandingOut
from l2tui.worker.keeper import Keeper, Kept
from l2tui.worker.log import say
from l2tui.worker.marks import Marks
from l2tui.worker.meter import Meter
from l2tui.worker.notices import Notices
from l2tui.worker.pacing import Pacer


class Acts:
    """Does what commands ask, writes down that it was done, and knows what is still to do.

    Args:
        run: The run's directory.
        trainer: The trainer.
        keeper: Writes the run's files.
        meter: Measures time in training and speed.
        pictures: Hands out pictures on demand.
        paused: Whether the run begins paused.
    """

    def __init__(
        self, run: RunDirectory, trainer: Trainer, keeper: Keeper, meter: Meter, pictures: HandingOut, *, paused: bool
    ) -> None:
        self.trainer, self._keeper, self._meter = trainer, keeper, meter
        self._inbox, self._pictures = Inbox(run), pictures
        self._pacer = Pacer(time.monotonic)
        self._paused = paused
        self._steps_left = 0
        self._epoch_asked = False
        self._stopping = False
        self._stop_reason: StopReason = "stopped"
        self._marks = Marks(trainer, keeper)
        self._ghosts = Ghosts(trainer, keeper)
        self._notices = Notices(run)
        self._reevaluation: Reevaluation | None = None

    def _idle(self) -> bool:
        return self._paused and self._steps_left == 0 and not self._epoch_asked

    def _do(self, command: AnyCommand) -> None:
        at = {"epoch": self.trainer.epoch, "step": self.trainer.step}
        if isinstance(command, Pause) and not self._paused:
            self._paused = True
            self._meter.stop(self.trainer.step)
            self._keeper.event(Paused(**at))
            self._checkpoint()
        elif isinstance(command, Resume) and self._paused:
            self._paused, self._steps_left, self._epoch_asked = False, 0, False
            self._meter.start(self.trainer.step)
            self._pacer.restart()
            self._keeper.event(Resumed(**at))
        elif isinstance(command, Advance):
            self._advance(command)
        elif isinstance(command, SetValue):
            self._set(command)
        elif isinstance(command, RestoreBest):
            self._restore_best()
            self._checkpoint()
        elif isinstance(command, Ghost | Swap):
            self._ghosts.obey(command)
            self._checkpoint()
        elif isinstance(command, SaveWeights):
            self._keeper.weights()
        elif isinstance(command, ShowPicture):
            self._pictures.ask(command)
        elif isinstance(command, Stop):
            self._stopping = True

    def _restore_best(self, *, to_train: bool = True) -> None:
        trainer = self.trainer
        if trainer.watch.best_epoch is not None:
            trainer.restore_best(to_train=to_train)
            self._keeper.event(
                BestRestored(epoch=trainer.epoch, step=trainer.step, from_epoch=trainer.watch.best_epoch)
            )

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
            say(f"ignored: {command.name} cannot change while training")
            return
        old = getattr(trainer.settings, command.name)
        try:
            if command.name == "criterion":
                self._choose(parse_value(command.name, command.value))
                return
            trainer.set(command.name, command.value)
        except SettingsError as error:
            say(f"ignored: {error}")
            return
        new = getattr(trainer.settings, command.name)
        if new == old:
            return
        if command.name == "pace":
            self._pacer.restart()
        self._note_setting(command.name, old, new)

    def _note_setting(self, name: str, old: Value, new: Value) -> None:
        trainer = self.trainer
        self._keeper.event(SettingChanged(epoch=trainer.epoch, step=trainer.step, name=name, old=old, new=new))
        if name in ("criterion", "stop_on_overfit"):
            self._note_marks()
        self._checkpoint()

    def _choose(self, criterion: CriterionName) -> None:
        """Begins to take a criterion over the epochs so far; it is in force once it has caught up with the run."""
        trainer = self.trainer
        if criterion == trainer.settings.criterion:
            self._reevaluation = None
            return
        self._reevaluation = trainer.reevaluation(criterion)
        self._reevaluate(self._reevaluation)
        if self._reevaluation is not None:
            self._checkpoint()

    def _reevaluate(self, reevaluation: Reevaluation) -> None:
        old = self.trainer.settings.criterion
        try:
            done = reevaluation.advance()
        except OSError as error:
            self._keeper.trouble = error
        except EOFError as error:
            self._reevaluation = None
            self._notices.say(f"{error}; the criterion stays {old}")
        else:
            if done:
                self._reevaluation = None
                self.trainer.take(reevaluation)
                self._note_setting("criterion", old, reevaluation.criterion)

    def _note_marks(self) -> None:
        if self._marks.note():
            self._stop_for_overfitting()

    def _stop_for_overfitting(self) -> None:
        self._stopping, self._stop_reason = True, "overfitting"

    def _checkpoint(self) -> None:
        self._keeper.checkpoint(
            Kept(
                commands=self._inbox.position,
                paused=self._paused,
                auto_stop=self._marks.may_stop,
                overfitted=self._stop_reason == "overfitting",
                criterion=None if self._reevaluation is None else self._reevaluation.criterion,
            )
        )
