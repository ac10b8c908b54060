"""The mark of overfitting as the events tell of it, and whether the run stops for it."""

from l2tui.runs.events import Confirmed, Withdrawn
from l2tui.training.trainer import Trainer
from l2tui.worker.keeper import Keeper

# A run stops for overfitting once the mark has stood for so long: of the marks that are withdrawn again, most are by
# then, which makes the best weights that are missed by stopping too early rarer by half.
STOP_AFTER_EPOCHS = 20


class Marks:
    """Writes an event where the mark changes.

    Args:
        trainer: The trainer whose watch sets the mark.
        keeper: Writes the events.

    Attributes:
        may_stop: Whether the run may stop for the present mark.
    """

    def __init__(self, trainer: Trainer, keeper: Keeper) -> None:
        self._trainer, self._keeper = trainer, keeper
        self._confirmed = trainer.watch.confirmed_epoch
        self.may_stop = True

    def note(self) -> bool:
        """Compares the mark with the last one; returns whether the run is to stop for it."""
        trainer = self._trainer
        if trainer.watch.confirmed_epoch != self._confirmed:
            self._note_change()
        self.may_stop |= self._confirmed is None
        stood = self._confirmed is not None and trainer.epoch - self._confirmed >= STOP_AFTER_EPOCHS
        return stood and self.may_stop and trainer.settings.stop_on_overfit

    def _note_change(self) -> None:
        trainer = self._trainer
        at, watch = {"epoch": trainer.epoch, "step": trainer.step}, trainer.watch
        if self._confirmed is not None:
            self._keeper.event(Withdrawn(**at))
        self._confirmed = watch.confirmed_epoch
        if watch.onset_epoch is not None:
            criterion = trainer.settings.criterion
            self._keeper.event(Confirmed(**at, onset_epoch=watch.onset_epoch, criterion=criterion))
