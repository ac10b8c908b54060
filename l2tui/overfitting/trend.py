"""Whether two losses still move, in constant memory: means over windows that grow with the run."""

import math

from msgspec import Struct

from l2tui.overfitting.ratios import rise

RECENT = 10
RECENT_SHARE = 1 / 20
FIRST_WINDOW = 10
GROWTH = 1.25
STILL = 0.005
RECENT_STILL = 0.03
SETTLED_AFTER, SETTLED_VAL, SETTLED_TRAIN = 40, 0.02, 0.04


class Trend(Struct, frozen=True, gc=False):
    """Recent means of both losses, and their means over the last two full windows.

    A window closes when the number of values reaches 10, 20, 30, 40, 50, 62, 77, ...: each holds at least 10 values and
    about a fifth of the run. So the noise of its mean falls as the run gets longer, and what counts as "no longer
    moving" is always measured against the length of the run.

    Attributes:
        seen: Values so far.
        train: Recent mean of train_loss: of all values up to the tenth, then exponential with a memory of ten values or
            of a twentieth of all, whichever is longer.
        val: The same of val_loss.
        low_train: `train` where `val` was lowest, not counting the first nine.
        low_val: The lowest `val`.
        opened: How many values lie before the open window.
        closes: The number of values at which it closes.
        train_sum: Sum of train_loss in the open window.
        val_sum: Sum of val_loss in the open window.
        start: First epoch of the open window.
        last_start: First epoch of the last full window.
        last_train: Mean of train_loss over the last full window.
        last_val: Mean of val_loss over it.
        before_start: First epoch of the full window before that.
        before_train: Mean of train_loss over that window, None while there is none.
        before_val: Mean of val_loss over that window.
    """

    seen: int = 0
    train: float = 0.0
    val: float = 0.0
    low_train: float = math.inf
    low_val: float = math.inf
    opened: int = 0
    closes: int = FIRST_WINDOW
    train_sum: float = 0.0
    val_sum: float = 0.0
    start: int = 0
    last_start: int = 0
    last_train: float | None = None
    last_val: float = 0.0
    before_start: int = 0
    before_train: float | None = None
    before_val: float = 0.0

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "Trend":
        """Returns the trend after one more epoch with finite losses."""
        seen = self.seen + 1
        weight = 1.0 / (seen if seen < RECENT else RECENT if seen < RECENT / RECENT_SHARE else RECENT_SHARE * seen)
        train = self.train + weight * (train_loss - self.train)
        val = self.val + weight * (val_loss - self.val)
        low_train, low_val = (train, val) if seen >= RECENT and val < self.low_val else (self.low_train, self.low_val)
        opened, closes = self.opened, self.closes
        start = epoch if seen == opened + 1 else self.start
        train_sum, val_sum = self.train_sum + train_loss, self.val_sum + val_loss
        if seen < closes:
            last = (self.last_start, self.last_train, self.last_val)
            before = (self.before_start, self.before_train, self.before_val)
            return Trend(
                seen, train, val, low_train, low_val, opened, closes, train_sum, val_sum, start, *last, *before
            )
        length = seen - opened
        closes = max(seen + FIRST_WINDOW, int(seen * GROWTH))
        last = (start, train_sum / length, val_sum / length)
        before = (self.last_start, self.last_train, self.last_val)
        return Trend(seen, train, val, low_train, low_val, seen, closes, 0.0, 0.0, epoch, *last, *before)

    @property
    def still(self) -> bool:
        """Whether neither loss moves.

        Their means over the last two full windows differ by at most 0.5 %, and the recent means, which see a new λ at
        once, lie within 3 % of the last window's.
        """
        if self.last_train is None or self.before_train is None:
            return False
        return (
            abs(rise(self.last_train, self.before_train)) <= STILL
            and abs(rise(self.last_val, self.before_val)) <= STILL
            and abs(rise(self.train, self.last_train)) <= RECENT_STILL
            and abs(rise(self.val, self.last_val)) <= RECENT_STILL
        )

    @property
    def settled(self) -> bool:
        """Whether the losses have come to a level, noise aside: two full windows within 2 % (val) and 4 % (train)."""
        if self.before_train is None or self.last_train is None or self.seen < SETTLED_AFTER:
            return False
        return (
            abs(rise(self.last_val, self.before_val)) <= SETTLED_VAL
            and abs(rise(self.last_train, self.before_train)) <= SETTLED_TRAIN
            and abs(rise(self.val, self.last_val)) <= RECENT_STILL
        )

    @property
    def train_falls(self) -> bool:
        """Whether the recent train_loss lies below its mean over the last full window.

        Just after a window has closed, the recent mean is mostly one over that window itself, and looks back further
        than it: then the window before counts.
        """
        earlier = self.before_train if self.seen - self.opened < RECENT else self.last_train
        return earlier is not None and self.train < earlier
