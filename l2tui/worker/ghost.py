"""The ghost of a run: a twin at another λ that trains along, and what is written of it."""

from l2tui.errors import SettingsError
from l2tui.runs.events import Ghost, GhostBegan, GhostEnded, GhostSwapped, SettingChanged, Swap
from l2tui.settings import parse_value
from l2tui.training.records import is_recorded
from l2tui.training.trainer import Trainer
from l2tui.training.twin import EVERY
from l2tui.worker.keeper import Keeper
from l2tui.worker.log import say


class Ghosts:
    """Begins, ends and swaps the ghost as commands ask, and keeps its curve.

    Args:
        trainer: The trainer that takes the twin along.
        keeper: Writes events and the curve.
    """

    def __init__(self, trainer: Trainer, keeper: Keeper) -> None:
        self._trainer, self._keeper = trainer, keeper

    def obey(self, command: Ghost | Swap) -> None:
        """Does what a command asks; what makes no sense now is ignored."""
        trainer = self._trainer
        if isinstance(command, Swap):
            self._swap()
        elif command.l2 is None:
            self._end("asked")
        elif not trainer.diverged:
            try:
                l2 = parse_value("l2", command.l2)
            except SettingsError as error:
                say(f"ignored: {error}")
                return
            self._end("asked")
            trainer.begin_twin(l2)
            self._keeper.begin_ghost()
            self._keeper.event(GhostBegan(epoch=trainer.epoch, step=trainer.step, l2=l2))

    def end_epoch(self) -> None:
        """Adds the losses of an epoch that has just ended to the ghost's curve."""
        trainer = self._trainer
        if trainer.twin is None or trainer.epoch % EVERY:
            return
        if trainer.twin.diverged:
            self._end("diverged")
        elif is_recorded(trainer.epoch):
            self._keeper.ghost((trainer.epoch, *trainer.twin.losses.values()))

    def _end(self, reason: str) -> None:
        trainer = self._trainer
        if trainer.twin is not None:
            trainer.end_twin()
            self._keeper.event(GhostEnded(epoch=trainer.epoch, step=trainer.step, reason=reason))

    def _swap(self) -> None:
        trainer = self._trainer
        if trainer.twin is None:
            return
        old = trainer.settings.l2
        trainer.swap_twin()
        at, new = {"epoch": trainer.epoch, "step": trainer.step}, trainer.settings.l2
        self._keeper.event(GhostSwapped(**at, l2=new, ghost_l2=old))
        if new != old:
            self._keeper.event(SettingChanged(**at, name="l2", old=old, new=new))
