"""What speaks for a verdict in the present phase of a run, one question each."""

from typing import TYPE_CHECKING

from l2tui.overfitting.phase import Low
from l2tui.overfitting.ratios import rise

if TYPE_CHECKING:
    from l2tui.overfitting.watch import Watch

ENOUGH = 10
RISEN = 0.05
NEAR = 0.05
HELD_UP, LOW_VAL, LOW_TRAIN = 0.12, 0.3, 0.3
ABOVE = 0.1
SLIPPED = 0.02
BLOWN_UP, ABSURD = 10.0, 1000.0
NOTHING = 0.97
SURELY_STRONG = 1e-2


def rises(watch: "Watch", by: float) -> bool:
    """Whether val_loss has risen within the phase since it was lowest, and train_loss has fallen."""
    trend = watch.trend
    return rise(trend.val, trend.low_val) > by and trend.train < trend.low_train


def is_held_up(watch: "Watch", share: float = 1.0) -> bool:
    """Whether λ was raised, and both losses are well above where the smaller one had them.

    That is 12 % above their means before the change, if they had settled there, or 30 % above the low of a smaller λ.

    Args:
        watch: The run.
        share: Which part of these margins is enough.
    """
    phase, trend = watch.phase, watch.trend
    if not phase.raised or phase.train_before is None:
        return False
    by = share * HELD_UP
    higher = rise(trend.val, phase.val_before) > by and rise(trend.train, phase.train_before) > by
    if higher and phase.settled_before:
        return True
    low = phase.lowest(below=True)
    return (
        low is not None
        and rise(trend.val, low.val) > share * LOW_VAL
        and rise(trend.train, low.train) > share * LOW_TRAIN
    )


def both_risen(watch: "Watch", by: float) -> bool:
    """Whether both losses have risen within the phase since val_loss was lowest, and not on their way to a higher λ."""
    trend = watch.trend
    return not watch.phase.raised and rise(trend.val, trend.low_val) > by and rise(trend.train, trend.low_train) > by


def is_collapsed(watch: "Watch") -> bool:
    """Whether train_loss rests at that of a network that knows nothing, under a λ that explains it."""
    nothing, trend = watch.nothing, watch.trend
    return nothing is not None and watch.phase.l2 >= SURELY_STRONG and trend.train > NOTHING * nothing


def has_improved(watch: "Watch", by: float) -> bool:
    """Whether val_loss stood before the change that began the phase, and is lower since."""
    phase, trend = watch.phase, watch.trend
    if phase.began is None or not phase.stood_before:
        return False
    return trend.val < (1.0 - (by / 3 if phase.rising_before else by)) * phase.val_before


def is_about_right(watch: "Watch", near: float) -> bool:
    """Whether λ was raised and val_loss is about where a smaller λ had it only for a moment."""
    phase, trend = watch.phase, watch.trend
    low: Low | None = phase.lowest(below=True)
    return phase.raised and low is not None and rise(trend.val, low.val) < near


def has_small_gap(watch: "Watch", gap: float) -> bool:
    """Whether λ is high, the gap less than a share of val_loss, and no smaller λ was seen to be no better."""
    phase, trend = watch.phase, watch.trend
    low = phase.lowest(below=True)
    if phase.l2 < SURELY_STRONG or (low is not None and low.val > (1.0 - NEAR) * trend.val):
        return False
    return trend.val - trend.train < gap * trend.val


def has_blown_up(watch: "Watch") -> bool:
    """Whether train_loss has stayed far above that of a network that knows nothing: finite, but as good as diverged.

    Ten times it for twenty values, or a thousand times it for two.
    """
    nothing = watch.nothing if watch.nothing is not None else watch.first_train_loss
    times = watch.trend.train / max(nothing, 1e-12)
    return (watch.trend.seen >= 2 * ENOUGH and times > BLOWN_UP) or (watch.trend.seen >= 2 and times > ABSURD)
