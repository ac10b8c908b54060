"""The verdict on a run: what is going on, the evidence in numbers, and what to try next."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from l2tui.overfitting.evidence import ENOUGH
from l2tui.overfitting.ratios import rise
from l2tui.overfitting.standing import Verdict, closing
from l2tui.overfitting.watch import Watch
from l2tui.overfitting.words import Direction, Words, at_end, headline, words_of

BETTER = 0.02


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
            run shows it), small_gap (λ is high and the gap the smaller part of val_loss), plateau (neither loss moves,
            and one run cannot tell more), diverged (a loss is not finite, or as good as).
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
        until: The last epoch at which the verdict held, where it holds no longer and another has to wait; else None.
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
    until: int | None = None


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
        headline(words, watch, l2),
        words.direction,
        watch.phase.began,
        watch.trend.val if watch.trend.seen else None,
        words.until,
    )


def _judge(watch: Watch, l2: float, known: Sequence[Known], ended: bool) -> Words:
    if watch.diverged_epoch is not None:
        return Words("diverged", f"loss no longer finite at epoch {watch.diverged_epoch}", "lower the learning rate")
    by_others = _by_others(watch, l2, known, ended)
    if by_others is not None:
        return by_others
    if ended:
        return at_end(words_of(closing(watch), watch, l2))
    return words_of(watch.standing.verdict, watch, l2, watch.standing.until)


def _by_others(watch: Watch, l2: float, known: Sequence[Known], ended: bool) -> Words | None:
    """Compares the run with others that ended, once it is there or its losses have settled."""
    others = [one for one in known if one.l2 != l2]
    at_end = ended and watch.trend.seen >= ENOUGH
    mine, where = (
        (watch.trend.val, "here") if at_end else (watch.standing.level, f"at epoch {watch.standing.level_epoch}")
    )
    if not others or mine is None or watch.standing.verdict == "diverged":
        return None
    best = min(others, key=lambda one: one.val_loss)
    evidence = f"val {mine:.3g} {where}; another run ended at {best.val_loss:.3g} with λ {best.l2:g}"
    if rise(mine, best.val_loss) > BETTER:
        if best.l2 < l2:
            return Words("l2_too_strong", evidence, f"lower λ towards {best.l2:g}", "down")
        return Words("l2_too_weak", evidence, f"raise λ towards {best.l2:g}", "up")
    sides = {one.l2 < l2 for one in others} if l2 > 0 else {True, any(one.l2 > 0 for one in others)}
    return Words("about_right", evidence, "keep λ", "stay") if len(sides) == 2 else None


def _finite(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None
