"""Another criterion on the epochs so far, in pieces that hold nobody up."""

from collections.abc import Sequence
from itertools import islice, takewhile

from l2tui.overfitting.phase import Change
from l2tui.overfitting.watch import Watch, evaluate
from l2tui.runs.curve import CurveStore
from l2tui.settings import CriterionName

# About 15 ms of work. Counted, not timed, so that a short curve is judged at once on every machine.
PIECE = 4096


class Reevaluation:
    """Takes a criterion over a curve, piece by piece, while the curve may grow.

    Args:
        watch: The watch before any epoch.
        criterion: Its criterion.
        curve: The losses of every epoch.
        changes: What was changed from outside, in order; it grows with the curve.

    Attributes:
        criterion: The criterion.
        watch: Its watch on the epochs that were taken so far.
        taken: How many these are.
    """

    def __init__(self, watch: Watch, criterion: CriterionName, curve: CurveStore, changes: Sequence[Change]) -> None:
        self.criterion: CriterionName = criterion
        self.watch = watch
        self._curve, self._changes = curve, changes
        self.taken = self._changed = 0

    def advance(self) -> bool:
        """Takes the next piece; returns whether the watch has come to the end of the curve.

        Raises:
            OSError: The curve cannot be read, or written so far.
            EOFError: Somebody cut it.
        """
        start, stop = self.taken, min(len(self._curve), self.taken + PIECE)
        train, val = self._curve.losses(start, stop)
        # A change acts on the epochs after it, so those after the last epoch of a piece belong to that piece.
        changes = list(takewhile(lambda change: change.epoch < stop, islice(self._changes, self._changed, None)))
        self.watch = evaluate(
            self.criterion, range(start, stop), train.tolist(), val.tolist(), changes, start=self.watch
        )
        self.taken = stop
        self._changed += len(changes)
        return stop == len(self._curve)
