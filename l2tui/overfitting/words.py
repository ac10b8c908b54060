"""What each verdict says: the headline, the evidence in numbers, and what to try next."""

from typing import Literal, NamedTuple

from l2tui.overfitting.evidence import (
    ABOVE,
    ENOUGH,
    RISEN,
    SURELY_STRONG,
    both_risen,
    is_collapsed,
    is_held_up,
)
from l2tui.overfitting.ratios import rise, show
from l2tui.overfitting.standing import Verdict
from l2tui.overfitting.trend import Trend
from l2tui.overfitting.watch import Watch

Direction = Literal["up", "down", "stay"]

SEEMS_RISEN = 0.04
SMALL_RISE, LARGE_RISE = 0.06, 0.2
SURELY_WEAK, HIGHEST_L2 = 3e-4, 0.3
AT_ONCE = 2
LONGEST = 100


class Words(NamedTuple):
    """What is said of a run.

    Attributes:
        verdict: The verdict.
        evidence: One line of numbers.
        advice: What to try next.
        direction: Where λ should go by that; None where it says nothing of λ.
        until: The last epoch at which the verdict held, where it holds no longer; else None.
    """

    verdict: Verdict
    evidence: str
    advice: str
    direction: Direction | None = None
    until: int | None = None


def words_of(verdict: Verdict, watch: Watch, l2: float, until: int | None = None) -> Words:
    """Returns what a verdict says of a run; where it held only up to an epoch, what the losses do now."""
    if until is None:
        return _WORDS[verdict](watch, l2)
    return _learning(watch, l2)._replace(verdict=verdict, until=until)


def _waiting(watch: Watch, l2: float) -> Words:
    more = ENOUGH - watch.trend.seen
    if more > 0:
        needed = f"{more} more epoch{'s' * (more != 1)} needed for a verdict"
        return Words("waiting", needed if watch.phase.began is None else f"{_act(watch)}; {needed}", "train longer")
    return _learning(watch, l2)._replace(verdict="waiting")


def _learning(watch: Watch, l2: float) -> Words:
    if watch.confirmed_epoch is not None:
        alarm = f"alarm since epoch {watch.confirmed_epoch}"
        return Words("learning", f"{_val(watch)}; {alarm}; overfitting if it lasts", "train longer")
    if rise(watch.val_since, watch.best_val_loss) > SEEMS_RISEN and watch.train_since < watch.best_train_loss:
        return Words("learning", f"{_val(watch)}; not enough evidence yet that this is a rise", "train longer")
    return Words("learning", f"{_val(watch)}; {_train(watch)}", "train longer")


def _overfitting(watch: Watch, l2: float) -> Words:
    evidence = f"{_val(watch)}; {_train(watch)}"
    if watch.confirmed_epoch is not None and watch.best_epoch is not None:
        later = watch.confirmed_epoch - watch.best_epoch
        confirmed = f"confirmed {later} epoch{'s' * (later != 1)} later"
        whole = f"{evidence}; {confirmed}"
        evidence = whole if len(whole) <= LONGEST else f"{_val(watch)}; {confirmed}"
    if watch.best_epoch is not None and watch.best_epoch <= AT_ONCE:
        return Words("overfitting", evidence, "lower the learning rate")
    if l2 == 0:
        return Words("overfitting", evidence, "raise λ", "up")
    low = watch.phase.lowest(below=False)
    lowest = watch.trend.low_val
    if low is not None and watch.trend.train < low.train:
        lowest = min(lowest, low.val)
    if l2 > SURELY_WEAK and rise(watch.trend.val, lowest) < (SMALL_RISE if l2 < SURELY_STRONG else LARGE_RISE):
        return Words("overfitting", evidence, "stop here, the best weights are kept", "stay")
    if l2 < HIGHEST_L2:
        return Words("overfitting", evidence, "raise λ", "up")
    return Words("overfitting", evidence, "more data, as λ is high already", "stay")


def _working(watch: Watch, l2: float) -> Words:
    low = watch.phase.lowest(below=True)
    if (
        watch.trend.settled
        and low is not None
        and rise(watch.trend.val, low.val) > ABOVE
        and watch.trend.train < low.train
    ):
        return Words("working", _before_and_now(watch), "raise λ", "up")
    return Words("working", _before_and_now(watch), "train longer, to see where val settles")


def _about_right(watch: Watch, l2: float) -> Words:
    settled = "; val has settled there" if watch.trend.settled else ""
    return Words("about_right", f"{_before_and_now(watch)}{settled}", "keep λ", "stay")


def _too_strong(watch: Watch, l2: float) -> Words:
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
    return Words("l2_too_strong", evidence, "lower λ", "down")


def _both_risen(watch: Watch) -> str:
    trend = watch.trend
    val, train = _percent(rise(trend.val, trend.low_val)), _percent(rise(trend.train, trend.low_train))
    return f"val {val} and train {train} above where they were when val was lowest with this λ"


def _blown_up(watch: Watch, l2: float) -> Words:
    times = watch.trend.train / max(watch.first_train_loss, 1e-12)
    evidence = f"train {watch.trend.train:.3g}, {times:.3g} times that of the untrained network"
    return Words("diverged", evidence, "lower the learning rate")


def _small_gap(watch: Watch, l2: float) -> Words:
    trend = watch.trend
    gap = rise(trend.val, trend.train)
    evidence = f"val {trend.val:.3g}, {_percent(abs(gap))} {'above' if gap >= 0 else 'below'} train"
    return Words("small_gap", f"{evidence}; little overfitting is left for λ to curb", "try a lower λ", "down")


def _plateau(watch: Watch, l2: float) -> Words:
    if both_risen(watch, RISEN / 2):
        return Words("plateau", _both_risen(watch), "lower the learning rate")
    trend = watch.trend
    evidence = f"neither loss moves since about epoch {trend.before_start}"
    if not trend.still:
        moved = (abs(rise(now, then)) for now, then in _since_last_window(trend))
        evidence = "val moved by {} and train by {}".format(*map(_percent, moved)) + f" since epoch {trend.last_start}"
    if l2 == 0:
        return Words("plateau", evidence, "stop here, or raise the learning rate")
    evidence += "; whether another λ is better, one run cannot tell"
    return Words("plateau", evidence, "sweep λ to compare others")


def _since_last_window(trend: Trend) -> tuple[tuple[float, float], ...]:
    """Returns both losses now and in the last full window."""
    return (trend.val, trend.last_val), (trend.train, trend.last_train or trend.train)


_WORDS = {
    "waiting": _waiting,
    "learning": _learning,
    "overfitting": _overfitting,
    "working": _working,
    "about_right": _about_right,
    "l2_too_strong": _too_strong,
    "small_gap": _small_gap,
    "plateau": _plateau,
    "diverged": _blown_up,
}


HEADLINES: dict[str, str] = {
    "waiting": "Too early to tell",
    "learning": "Learning",
    "overfitting": "Overfitting",
    "about_right": "λ about right",
    "l2_too_strong": "λ too strong",
    "l2_too_weak": "λ too weak",
    "small_gap": "Hardly any gap",
    "plateau": "Plateau",
    "diverged": "Diverged",
}
_WORKING = {"l2": "λ {:g} is working", "rate": "The new rate is working", "weights": "The restored weights do better"}
# Of what was true for a while and, before the hundred epochs are over, is no longer.
_UNTIL: dict[Verdict, str] = {
    "about_right": "λ seemed right",
    "l2_too_strong": "λ seemed too strong",
    "working": "Better",
}


def headline(words: Words, watch: Watch, l2: float) -> str:
    """Returns the verdict in words."""
    verdict = words.verdict
    if words.until is not None:
        return f"{_UNTIL.get(verdict, HEADLINES.get(verdict, ''))} until {words.until}"
    if verdict == "working":
        return _WORKING.get(watch.phase.act, "Working").format(l2)
    if verdict == "overfitting" and watch.onset_epoch is not None:
        return f"Overfitting since {watch.onset_epoch}"
    return HEADLINES[verdict]


def _act(watch: Watch) -> str:
    phase = watch.phase
    what = {"l2": f"λ {phase.l2_before:g} -> {phase.l2:g}", "rate": "new rate", "weights": "best weights put back"}
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
