"""The curve of a ghost, the twin that trains along with a run: its file, and what a reader makes of it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, GhostBegan, GhostEnded, GhostSwapped
from l2tui.runs.following import Floats, LineFollower


@dataclass(frozen=True, eq=False)
class GhostCurve:
    """A ghost that trains along.

    Attributes:
        l2: Its λ.
        began: The epoch from whose weights it set out.
        epochs: Epochs at which its losses were taken.
        train: train_loss there.
        val: val_loss there.
    """

    l2: float
    began: int
    epochs: Floats
    train: Floats
    val: Floats


def ghost_of(events: Sequence[AnyEvent]) -> tuple[float, int] | None:
    """Returns λ of the ghost that trains along, and the epoch at which it began; None without one."""
    found = None
    for event in events:
        if isinstance(event, GhostBegan):
            found = (event.l2, event.epoch)
        elif isinstance(event, GhostSwapped) and found is not None:
            found = (event.ghost_l2, found[1])
        elif isinstance(event, GhostEnded):
            found = None
    return found


class GhostReader:
    """Follows the ghost of a run. A ghost that begins anew has a new file."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._lines = LineFollower(run.ghost)
        self._rows: Floats = np.empty((0, 3))

    def poll(self, events: Sequence[AnyEvent]) -> GhostCurve | None:
        """Returns the ghost as it is now, None where no ghost trains along.

        Raises:
            RunError: Its file is damaged.
        """
        now = ghost_of(events)
        if now is None:
            return None
        data, anew = self._lines.read()
        if anew:
            self._rows = np.empty((0, 3))
            data = data.partition(b"\n")[2]
        if data:
            try:
                rows = np.loadtxt(io.BytesIO(data), delimiter=",", ndmin=2, comments=None).reshape(-1, 3)
            except ValueError as error:
                self._lines.restart()
                raise RunError(f"{self._run.ghost}: damaged: {error}") from None
            self._rows = np.concatenate([self._rows, rows])
        return GhostCurve(*now, *self._rows.T)
