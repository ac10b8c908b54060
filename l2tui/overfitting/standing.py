"""The verdict of a run: what the evidence is for, and what is said, which does not change with every epoch."""

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, structs

from l2tui.overfitting.evidence import (
    ABOVE,
    ENOUGH,
    NEAR,
    RISEN,
    SLIPPED,
    SURELY_STRONG,
    both_risen,
    has_blown_up,
    has_improved,
    has_small_gap,
    is_about_right,
    is_collapsed,
    is_held_up,
    rises,
)
from l2tui.overfitting.ratios import rise

if TYPE_CHECKING:
    from l2tui.overfitting.watch import Watch

Verdict = Literal[
    "waiting",
    "learning",
    "overfitting",
    "working",
    "about_right",
    "l2_too_strong",
    "l2_too_weak",
    "small_gap",
    "plateau",
    "diverged",
]

# Values between two changes of the verdict, and between two looks at the evidence.
HOLD, LOOK = 100, 10
STOOD_SHARE, STOOD_MOST = 0.1, 20
IMPROVED = 0.03
SMALL_GAP, SMALL_STILL = 0.45, 0.5
MOVED = 0.02


_ANY: frozenset[Verdict] = frozenset(
    ("diverged", "overfitting", "working", "about_right", "l2_too_strong", "small_gap", "plateau")
)
_FINAL: frozenset[Verdict] = frozenset(("diverged",))
# What takes the place of a verdict while that still holds.
_GIVES_WAY: dict[Verdict, frozenset[Verdict]] = {
    "waiting": _ANY | {"learning"},
    "learning": _ANY,
    "plateau": _ANY | {"learning"},
    "small_gap": _ANY - {"plateau"},
    "working": _FINAL | {"about_right", "overfitting", "l2_too_strong"},
    "about_right": _FINAL,
    "overfitting": _FINAL,
    "l2_too_strong": _FINAL,
    "diverged": frozenset(),
}


class Standing(Struct, frozen=True, gc=False):
    """What is said of a run, and since when.

    It changes at most once in 100 values, unless somebody changes λ, the rate or the weights: then it begins anew with
    "waiting", and the first word that follows is free. "diverged" does not wait. A verdict that ceases to hold before
    the 100 values are over keeps its place, but as what was true until then ("Overfitting until 230"), which stays true
    whatever follows.

    Other runs are compared with a level of val_loss that is as steady: that at which the losses first settled, and a
    later one only if it differs by more than 2 %.

    Attributes:
        verdict: What is said.
        changed: Values seen when it last changed; None while it is free to.
        until: The last epoch at which the evidence held, where it holds no longer; else None.
        level: Mean of val_loss where the losses settled; None before they did.
        level_epoch: The epoch of that level.
        level_seen: Values seen then.
    """

    verdict: Verdict = "waiting"
    changed: int | None = None
    until: int | None = None
    level: float | None = None
    level_epoch: int = 0
    level_seen: int = 0


def look(watch: "Watch") -> Standing:
    """Returns what is to be said of a run now."""
    said, seen = watch.standing, watch.seen
    found = judge(watch)
    stands = found == said.verdict or (said.until is None and holds(said.verdict, watch))
    free = said.changed is None or seen - said.changed >= HOLD or found == "diverged"
    if stands and (found == said.verdict or found not in _GIVES_WAY[said.verdict]):
        said = said if said.until is None else structs.replace(said, until=None)
    elif not free:
        return said if stands or said.until is not None else structs.replace(said, until=watch.epoch)
    else:
        first = said.changed is None and said.verdict == "waiting" and found == "learning"
        said = structs.replace(said, verdict=found, changed=None if first else seen, until=None)
    return _with_level(said, watch) if free and watch.trend.settled else said


def _with_level(said: Standing, watch: "Watch") -> Standing:
    """Returns it with the present level, if that is the first or another one; a new one counts as a change."""
    level, epoch, seen = watch.trend.val, watch.epoch or 0, watch.seen
    if said.level is None:
        return structs.replace(said, level=level, level_epoch=epoch, level_seen=seen)
    if abs(rise(level, said.level)) <= MOVED or seen - said.level_seen < HOLD:
        return said
    return structs.replace(said, changed=seen, level=level, level_epoch=epoch, level_seen=seen)


def closing(watch: "Watch") -> Verdict:
    """Returns what is said at the end, where nothing follows that it could be held against."""
    said, found = watch.standing, judge(watch)
    final = found if said.until is not None or found in _GIVES_WAY[said.verdict] else said.verdict
    if final not in ("waiting", "learning", "small_gap", "plateau"):
        return final
    if watch.confirmed_epoch is not None:
        return "overfitting"
    return "small_gap" if final == "learning" and has_small_gap(watch, SMALL_GAP) else final


def judge(watch: "Watch") -> Verdict:
    """Returns the verdict for which there is evidence in the present phase.

    The first that holds of:

    - diverged: train_loss is finite, but as good as not;
    - waiting, for ten values;
    - l2_too_strong: λ is above 0, the losses have settled, and one of `is_held_up`, `both_risen` and `is_collapsed`;
    - overfitting: the mark has stood for a tenth of the run or 20 values, and in a phase that began with a change
      val_loss rises within it, or settled above the low of a smaller λ with train_loss below it;
    - about_right: λ was raised, val_loss fell by it and settled within 5 % of the low of a smaller λ, which had not
      kept it;
    - working: val_loss was level or rising before the change, and is lower by 3 % or more since;
    - small_gap: λ is 0.01 or more, the losses have settled, and train_loss, which decay holds up, is the larger part of
      val_loss: the gap, which decay curbs, is less than 45 % of it;
    - plateau: neither loss moves;
    - learning.
    """
    trend = watch.trend
    if has_blown_up(watch):
        return "diverged"
    if trend.seen < ENOUGH:
        return "waiting"
    if trend.settled and (is_held_up(watch) or is_collapsed(watch)):
        return "l2_too_strong"
    if trend.settled and both_risen(watch, RISEN):
        return "l2_too_strong" if watch.phase.l2 >= SURELY_STRONG else "plateau"
    if _overfits(watch):
        return "overfitting"
    if has_improved(watch, IMPROVED):
        settled = watch.standing.verdict in ("working", "about_right") and trend.settled
        return "about_right" if settled and is_about_right(watch, NEAR) else "working"
    if trend.settled and has_small_gap(watch, SMALL_GAP):
        return "small_gap"
    return "plateau" if trend.still else "learning"


def holds(verdict: Verdict, watch: "Watch") -> bool:
    """Returns whether what was said may go on being said: the evidence may be weaker than it takes to say it first."""
    trend = watch.trend
    if verdict == "overfitting":
        return watch.confirmed_epoch is not None or (watch.since_best > ENOUGH and rises(watch, SLIPPED / 2))
    if verdict == "l2_too_strong":
        return is_held_up(watch, 0.5) or both_risen(watch, RISEN / 2) or is_collapsed(watch)
    if verdict == "working":
        return has_improved(watch, 0.0)
    if verdict == "about_right":
        return is_about_right(watch, 3 * NEAR)
    if verdict == "diverged":
        return has_blown_up(watch)
    if verdict == "small_gap":
        return has_small_gap(watch, SMALL_STILL)
    if verdict == "plateau":
        moved = max(abs(rise(trend.val, trend.last_val)), abs(rise(trend.train, trend.last_train or trend.train)))
        return moved < RISEN
    return True


def is_refuted(watch: "Watch") -> bool:
    """Returns whether what is said of a run no longer holds, though it is said to."""
    said = watch.standing
    return said.until is None and not holds(said.verdict, watch)


def _overfits(watch: "Watch") -> bool:
    if watch.confirmed_epoch is None or watch.epoch is None:
        return False
    if watch.epoch - watch.confirmed_epoch < min(STOOD_MOST, STOOD_SHARE * watch.seen):
        return False
    trend = watch.trend
    if rises(watch, SLIPPED):
        return True
    low = watch.phase.lowest(below=False)
    return trend.settled and low is not None and rise(trend.val, low.val) > ABOVE and trend.train < low.train
