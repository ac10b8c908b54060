"""The verdict on a run in words: what is going on, the evidence in numbers, and what to try next."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from l2tui.overfitting.ratios import rise, show
from l2tui.overfitting.standing import (
    ABOVE,
    ENOUGH,
    RISEN,
    SURELY_STRONG,
    Verdict,
    both_risen,
    has_blown_up,
    is_collapsed,
    is_held_up,
)
from l2tui.overfitting.watch import Watch

Direction = Literal["up", "down", "stay"]

SEEMS_RISEN = 0.04
SMALL_RISE, LARGE_RISE = 0.06, 0.2
HIGHEST_L2 = 0.3
AT_ONCE = 2
LONGEST = 100
BETTER, SAME = 0.02, 0.05


class Known(NamedTuple):
    """How a finished run ended that has the same data and settings but for λ.

    Attributes:
        l2: Its λ.
        val_loss: Its final val_loss, a mean.
    """

    l2: float
    val_loss: float


class Assessment(Struct, frozen=True, gc=False):
    """What a run looks like after an epoch. Losses that are not finite are None, as JSON has no other word for them.

    Attributes:
        verdict: waiting (not enough evidence yet), learning, overfitting (the mark is up), working (the last change
            made val_loss better), about_right (so has λ, and val_loss has settled), l2_too_strong, l2_too_weak (another
            run shows it), plateau (neither loss moves, and one run cannot tell more), diverged (a loss is not finite,
            or as good as).
        epoch: The epoch, None before the first.
        train_loss: Data loss on the training part after it.
        val_loss: Data loss on the validation part after it.
        best_epoch: ★, the epoch with the lowest val_loss.
        best_val_loss: That loss.
        onset_epoch: ★ if a rise from there is confirmed, else None.
        confirmed_epoch: ▲, the epoch at which it was confirmed.
        readout: Where the criterion stands.
        evidence: One line of numbers, about 100 characters at most.
        advice: What to try next, in 44 characters at most.
        headline: The verdict in words.
        direction: Where λ should go by that advice; None where it says nothing of λ.
        phase_epoch: Last epoch before the change that began the present phase; None for the start of the run.
        level: Mean of val_loss over the last twentieth of the phase, or ten values: the final val_loss at the end.
    """

    verdict: Verdict
    epoch: int | None
    train_loss: float | None
    val_loss: float | None
    best_epoch: int | None
    best_val_loss: float | None
    onset_epoch: int | None
    confirmed_epoch: int | None
    readout: str
    evidence: str
    advice: str
    headline: str = ""
    direction: Direction | None = None
    phase_epoch: int | None = None
    level: float | None = None


class _Words(NamedTuple):
    verdict: Verdict
    evidence: str
    advice: str
    direction: Direction | None = None


def assess(watch: Watch, l2: float, known: Sequence[Known] = (), *, ended: bool = False) -> Assessment:
    """Returns the verdict on a run: that of `watch.standing`, unless a loss diverged or other runs know better.

    Args:
        watch: The epochs so far.
        l2: The present λ.
        known: Finished runs on the same data with the same settings but for λ.
        ended: Whether the run is at its end, so that its val_loss can be compared with theirs before it has settled.
    """
    words = _judge(watch, l2, known, ended)
    return Assessment(
        words.verdict,
        watch.epoch,
        _finite(watch.train_loss),
        _finite(watch.val_loss),
        watch.best_epoch,
        _finite(watch.best_val_loss),
        watch.onset_epoch,
        watch.confirmed_epoch,
        watch.criterion.readout,
        words.evidence,
        words.advice,
        _headline(words.verdict, watch, l2),
        words.direction,
        watch.phase.began,
        watch.trend.val if watch.trend.seen else None,
    )


def _judge(watch: Watch, l2: float, known: Sequence[Known], ended: bool) -> _Words:
    if watch.diverged_epoch is not None:
        return _Words("diverged", f"loss no longer finite at epoch {watch.diverged_epoch}", "lower the learning rate")
    if has_blown_up(watch):
        times = watch.trend.train / max(watch.first_train_loss, 1e-12)
        evidence = f"train {watch.trend.train:.3g}, {times:.3g} times that of the untrained network"
        return _Words("diverged", evidence, "lower the learning rate")
    by_others = _by_others(watch, l2, known, ended)
    if by_others is not None:
        return by_others
    said = watch.standing.verdict
    if ended and watch.confirmed_epoch is not None and said in ("waiting", "learning", "plateau"):
        # No more epochs follow that the mark could be held against.
        said = "overfitting"
    return _WORDS[said](watch, l2)


def _by_others(watch: Watch, l2: float, known: Sequence[Known], ended: bool) -> _Words | None:
    """Compares the run with others that ended, once it is there or its losses have settled."""
    others = [one for one in known if one.l2 != l2]
    if not others or not (watch.trend.settled or (ended and watch.trend.seen >= ENOUGH)):
        return None
    best, mine = min(others, key=lambda one: one.val_loss), watch.trend.val
    evidence = f"val {mine:.3g} here; another run ended at {best.val_loss:.3g} with λ {best.l2:g}"
    if rise(mine, best.val_loss) > BETTER:
        if best.l2 < l2:
            return _Words("l2_too_strong", evidence, f"lower λ towards {best.l2:g}", "down")
        return _Words("l2_too_weak", evidence, f"raise λ towards {best.l2:g}", "up")
    sides = {one.l2 < l2 for one in others} if l2 > 0 else {True, any(one.l2 > 0 for one in others)}
    return _Words("about_right", evidence, "keep λ", "stay") if len(sides) == 2 else None


def _waiting(watch: Watch, l2: float) -> _Words:
    more = ENOUGH - watch.trend.seen
    if more > 0:
        needed = f"{more} more epoch{'s' * (more != 1)} needed for a verdict"
        return _Words("waiting", needed if watch.phase.began is None else f"{_act(watch)}; {needed}", "train longer")
    return _learning(watch, l2)._replace(verdict="waiting")


def _learning(watch: Watch, l2: float) -> _Words:
    if rise(watch.val_since, watch.best_val_loss) > SEEMS_RISEN and watch.train_since < watch.best_train_loss:
        return _Words("learning", f"{_val(watch)}; not enough evidence yet that this is a rise", "train longer")
    return _Words("learning", f"{_val(watch)}; {_train(watch)}", "train longer")


def _overfitting(watch: Watch, l2: float) -> _Words:
    evidence = f"{_val(watch)}; {_train(watch)}"
    if watch.confirmed_epoch is not None and watch.best_epoch is not None:
        later = watch.confirmed_epoch - watch.best_epoch
        confirmed = f"confirmed {later} epoch{'s' * (later != 1)} later"
        whole = f"{evidence}; {confirmed}"
        evidence = whole if len(whole) <= LONGEST else f"{_val(watch)}; {confirmed}"
    if watch.best_epoch is not None and watch.best_epoch <= AT_ONCE:
        return _Words("overfitting", evidence, "lower the learning rate")
    if l2 == 0:
        return _Words("overfitting", evidence, "raise λ", "up")
    low = watch.phase.lowest(below=False)
    lowest = watch.trend.low_val
    if low is not None and watch.trend.train < low.train:
        lowest = min(lowest, low.val)
    if rise(watch.trend.val, lowest) < (SMALL_RISE if l2 < SURELY_STRONG else LARGE_RISE):
        return _Words("overfitting", evidence, "stop here, the best weights are kept", "stay")
    if l2 < HIGHEST_L2:
        return _Words("overfitting", evidence, "raise λ further", "up")
    return _Words("overfitting", evidence, "more data, as λ is high already", "stay")


def _working(watch: Watch, l2: float) -> _Words:
    low = watch.phase.lowest(below=True)
    if (
        watch.trend.settled
        and low is not None
        and rise(watch.trend.val, low.val) > ABOVE
        and watch.trend.train < low.train
    ):
        return _Words("working", _before_and_now(watch), "raise λ further", "up")
    return _Words("working", _before_and_now(watch), "train longer, to see where val settles")


def _about_right(watch: Watch, l2: float) -> _Words:
    return _Words("about_right", f"{_before_and_now(watch)}; val has settled there", "keep λ", "stay")


def _too_strong(watch: Watch, l2: float) -> _Words:
    trend, phase, low = watch.trend, watch.phase, watch.phase.lowest(below=True)
    now = f"val {trend.val:.3g}, train {trend.train:.3g}"
    if is_held_up(watch, 0.5) and phase.train_before is not None and trend.val > phase.val_before:
        before = f"{phase.val_before:.3g}, {phase.train_before:.3g}"
        evidence = f"{now}; before epoch {phase.began} with λ {phase.l2_before:g} they were {before}"
    elif is_held_up(watch, 0.5) and low is not None:
        evidence = f"{now}; with λ {low.l2:g} they were once down to {low.val:.3g}, {low.train:.3g}"
    elif both_risen(watch, RISEN / 2) or not is_collapsed(watch):
        evidence = _both_risen(watch)
    else:
        evidence = f"train {trend.train:.3g}, no better than knowing nothing ({watch.nothing:.3g})"
    return _Words("l2_too_strong", evidence, "lower λ", "down")


def _both_risen(watch: Watch) -> str:
    trend = watch.trend
    val, train = _percent(rise(trend.val, trend.low_val)), _percent(rise(trend.train, trend.low_train))
    return f"val {val} and train {train} above where they were when val was lowest with this λ"


def _plateau(watch: Watch, l2: float) -> _Words:
    if both_risen(watch, RISEN / 2):
        return _Words("plateau", _both_risen(watch), "lower the learning rate")
    evidence = f"neither loss moves since about epoch {watch.trend.before_start}"
    if l2 == 0:
        return _Words("plateau", evidence, "stop here, or raise the learning rate")
    evidence += "; whether another λ is better, one run cannot tell"
    return _Words("plateau", evidence, "sweep λ to compare others")


_WORDS = {
    "waiting": _waiting,
    "learning": _learning,
    "overfitting": _overfitting,
    "working": _working,
    "about_right": _about_right,
    "l2_too_strong": _too_strong,
    "plateau": _plateau,
}


def _headline(verdict: Verdict, watch: Watch, l2: float) -> str:
    if verdict == "working":
        return {
            "l2": f"λ {l2:g} is working",
            "rate": "The new rate is working",
            "weights": "The other weights do better",
        }.get(watch.phase.act, "Working")
    if verdict == "overfitting":
        return "Overfitting" if watch.onset_epoch is None else f"Overfitting since {watch.onset_epoch}"
    return {
        "waiting": "Too early to tell",
        "learning": "Learning",
        "about_right": "λ about right",
        "l2_too_strong": "λ too strong",
        "l2_too_weak": "λ too weak",
        "plateau": "Plateau",
        "diverged": "Diverged",
    }[verdict]


def _act(watch: Watch) -> str:
    phase = watch.phase
    what = {"l2": f"λ {phase.l2_before:g} -> {phase.l2:g}", "rate": "new rate", "weights": "other weights"}
    return f"{what.get(phase.act, 'changed')} after epoch {phase.changed}"


def _before_and_now(watch: Watch) -> str:
    phase, trend = watch.phase, watch.trend
    gaps = phase.val_before - (phase.train_before or 0.0), trend.val - trend.train
    return (
        f"val {phase.val_before:.2g} -> {trend.val:.2g} since epoch {phase.began}, gap {gaps[0]:.2g} -> {gaps[1]:.2g}"
    )


def _val(watch: Watch) -> str:
    if watch.epoch == watch.best_epoch:
        return f"val at its best, {watch.best_val_loss:.3g}"
    above = _percent(rise(watch.val_loss, watch.best_val_loss))
    return f"val {above} above its best of {watch.best_val_loss:.3g} at epoch {watch.best_epoch}"


def _train(watch: Watch) -> str:
    if watch.trend.train_falls:
        return "train still falling"
    if watch.train_since < watch.best_train_loss:
        return f"train {_percent(-rise(watch.train_since, watch.best_train_loss))} lower than then"
    return "train not falling"


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if 9.95 <= percent < 9999.5 else f"{show(percent)} %"


def _finite(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None
