"""The verdict on a run in words: what is going on, the evidence in numbers, and what to try next."""

import math
from typing import Literal

from msgspec import Struct

from l2tui.overfitting.ratios import rise, show
from l2tui.overfitting.watch import Watch

Verdict = Literal["waiting", "learning", "overfitting", "l2_too_strong", "plateau", "diverged"]

ENOUGH = 10
RISEN = 0.05
SEEMS_RISEN = 0.04
SMALL_RISE = 0.1
HIGH_L2 = 1e-2
SMALL_GAP = 0.2
AT_ONCE = 2
LONGEST = 100


class Assessment(Struct, frozen=True, gc=False):
    """What a run looks like after an epoch. Losses that are not finite are None, as JSON has no other word for them.

    Attributes:
        verdict: waiting (not enough evidence yet), learning, overfitting (the mark is up), l2_too_strong (both losses
            rise), plateau (neither moves), diverged (a loss is not finite).
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


def assess(watch: Watch, l2: float) -> Assessment:
    """Returns the verdict on a run.

    The first that holds of:

    - diverged;
    - overfitting, while the mark is up;
    - waiting, for the first ten epochs and for ten after a change of λ or the learning rate;
    - both losses risen, that is 5 % above their values at the best epoch in the mean of ten or so epochs, whatever the
      criterion says: the penalty is too strong, if there is one. Without one the steps are too long, which is called
      a plateau, as nothing is gained;
    - plateau;
    - waiting, while val_loss lies 4 % above its best in that mean and train_loss below, but no mark is up: one more
      epoch may prove it a rise or a chance;
    - learning.

    Args:
        watch: The epochs so far.
        l2: The present λ.
    """
    verdict, evidence, advice = _judge(watch, l2)
    return Assessment(
        verdict,
        watch.epoch,
        _finite(watch.train_loss),
        _finite(watch.val_loss),
        watch.best_epoch,
        _finite(watch.best_val_loss),
        watch.onset_epoch,
        watch.confirmed_epoch,
        watch.criterion.readout,
        evidence,
        advice,
    )


def _judge(watch: Watch, l2: float) -> tuple[Verdict, str, str]:
    if watch.diverged_epoch is not None:
        return "diverged", f"loss no longer finite at epoch {watch.diverged_epoch}", "lower the learning rate"
    if watch.confirmed_epoch is not None:
        return "overfitting", _proof(watch), _against_overfitting(watch, l2)
    if watch.seen < ENOUGH:
        return "waiting", f"{watch.seen} of the {ENOUGH} losses that it takes to tell", "train longer"
    if watch.settling:
        evidence = f"λ or rate changed after epoch {watch.changed_epoch}; too early to tell what it does"
        return "waiting", evidence, "train longer"
    if _both_risen(watch):
        evidence = f"{_val(watch)}; train {_percent(rise(watch.train_since, watch.best_train_loss))} above it as well"
        return ("l2_too_strong", evidence, "lower λ") if l2 > 0 else ("plateau", evidence, "lower the learning rate")
    if watch.trend.still:
        evidence = f"neither loss has moved by 0.5 % since about epoch {watch.trend.before_start}"
        return "plateau", evidence, _against_plateau(watch, l2)
    if _seems_to_rise(watch):
        return "waiting", f"{_val(watch)}; not enough evidence yet that this is a rise", "train longer"
    return "learning", f"{_val(watch)}; {_train(watch)}", "train longer"


def _proof(watch: Watch) -> str:
    later = (watch.confirmed_epoch or 0) - (watch.best_epoch or 0)
    confirmed = f"confirmed {later} epoch{'s' * (later != 1)} later"
    whole = f"{_val(watch)}; {_train(watch)}; {confirmed}"
    return whole if len(whole) <= LONGEST else f"{_val(watch)}; {confirmed}"


def _against_overfitting(watch: Watch, l2: float) -> str:
    if watch.best_epoch is not None and watch.best_epoch <= AT_ONCE:
        return "lower the learning rate"
    if l2 == 0:
        return "raise λ"
    if rise(watch.val_since, watch.best_val_loss) < SMALL_RISE:
        return "stop here, the best weights are kept"
    return "raise λ further" if l2 < HIGH_L2 else "more data, as λ is high already"


def _against_plateau(watch: Watch, l2: float) -> str:
    if l2 == 0:
        return "stop here, or raise the learning rate"
    small_gap = rise(watch.val_since, watch.train_since) < SMALL_GAP
    return "lower λ, both losses are held up" if small_gap else "stop here, or try another λ"


def _seems_to_rise(watch: Watch) -> bool:
    return rise(watch.val_since, watch.best_val_loss) > SEEMS_RISEN and watch.train_since < watch.best_train_loss


def _both_risen(watch: Watch) -> bool:
    return (
        watch.since_best >= ENOUGH
        and rise(watch.val_since, watch.best_val_loss) > RISEN
        and rise(watch.train_since, watch.best_train_loss) > RISEN
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
