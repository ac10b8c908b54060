"""Phases of a run: what the losses do since λ, the learning rate or the weights were last changed."""

import math
from typing import Literal, NamedTuple

from msgspec import Struct, structs

from l2tui.overfitting.trend import Trend

Act = Literal["start", "l2", "rate", "weights"]

# Changes that follow each other within so many values are one act: a person presses a key several times.
GROUP = 50
# Levels of earlier phases that are remembered.
LOWS = 8
FALLING = 0.98


class Change(NamedTuple):
    """Something that was changed from outside while the run went on.

    Attributes:
        epoch: The last finished epoch; the change acts on those after it.
        act: What was changed.
        l2: λ from there on; None where that is not known or λ is as before.
    """

    epoch: int
    act: Act = "rate"
    l2: float | None = None


class Low(NamedTuple):
    """The lowest mean of ten val_losses in a row under one λ. A mean, as a single value may be low by luck.

    Attributes:
        l2: That λ.
        train: The mean of the train_losses there.
        val: The mean of the val_losses.
    """

    l2: float
    train: float
    val: float


class Phase(Struct, frozen=True, gc=False):
    """The epochs since λ, the learning rate or the weights were last changed, and where the losses were before.

    Changes within 50 values of each other are one group: their references are those before the first of them, and the
    losses are judged since the last of them.

    Attributes:
        act: What began the phase; for a group, λ where λ was among what changed.
        began: Last epoch before the first change of the group; None for the start of the run.
        changed: Last epoch before the last change of the group.
        l2: λ in force.
        l2_before: λ before the group.
        train_before: Recent mean of train_loss before the group; None at the start of the run.
        val_before: The same of val_loss.
        stood_before: Whether val_loss was level or rising there, so that a fall after it is the change's doing.
        rising_before: Whether the mark was up there.
        settled_before: Whether both losses had settled there.
        lows: The lows of earlier phases, one for each λ, at most eight.
    """

    act: Act = "start"
    began: int | None = None
    changed: int | None = None
    l2: float = 0.0
    l2_before: float = 0.0
    train_before: float | None = None
    val_before: float = 0.0
    stood_before: bool = False
    rising_before: bool = False
    settled_before: bool = False
    lows: tuple[Low, ...] = ()

    def next(self, change: Change, trend: Trend, *, marked: bool) -> "Phase":
        """Returns the phase that a change begins; the same one with a later `changed` if it belongs to its group.

        Args:
            change: What was changed.
            trend: The trend of the phase that ends.
            marked: Whether the mark is up.
        """
        l2, lows = self.l2 if change.l2 is None else change.l2, self._lows_with(trend)
        if self.began is not None and trend.seen < GROUP:
            act = "l2" if "l2" in (self.act, change.act) else change.act
            return structs.replace(self, act=act, changed=change.epoch, l2=l2, lows=lows)
        earlier = trend.last_val if trend.before_train is None else trend.before_val
        stood = trend.last_train is not None and trend.val > FALLING * earlier
        before = (self.l2, trend.train, trend.val, stood, marked, trend.settled)
        return Phase(change.act, change.epoch, change.epoch, l2, *before, lows)

    @property
    def raised(self) -> bool:
        """Whether a higher λ began the phase."""
        return self.act == "l2" and self.l2 > self.l2_before

    def lowest(self, *, below: bool) -> Low | None:
        """Returns the lowest of the earlier phases' lows whose λ was not above the present one, or was below it."""
        lows = [low for low in self.lows if low.l2 < self.l2 or (low.l2 == self.l2 and not below)]
        return min(lows, key=lambda low: low.val, default=None)

    def _lows_with(self, trend: Trend) -> tuple[Low, ...]:
        if not math.isfinite(trend.low_val):
            return self.lows
        mine = Low(self.l2, trend.low_train, trend.low_val)
        same = [low for low in self.lows if low.l2 == self.l2]
        others = [low for low in self.lows if low.l2 != self.l2]
        return (*others[1 - LOWS :], min([mine, *same], key=lambda low: low.val))
