"""What a sweep says: the λ with the lowest val_loss, what is as good, and whether decay helps at all."""

import math
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.settings import show_value
from l2tui.sweep.directory import Judge

Floats = NDArray[np.float64]
Verdict = Literal["waiting", "helps", "no_help", "cannot_tell", "edge", "diverged"]

# A mean this much above the lowest is not as good, whatever the folds say.
AS_GOOD = 0.2
# The least gain, as a share of the loss without decay, that is called one.
LEAST_GAIN = 0.05
# Decay helps by a gain above this in so large a share of the folds, by either pair. Tuned on 216 sweeps of the study.
HELPS = ((0.08, 2 / 3), (0.12, 1 / 2))


class PairedDifference(Struct, frozen=True):
    """How much one choice is better than another: the mean paired difference over the folds, as a share.

    Attributes:
        gain: 1 - mean loss of the one / mean loss of the other; negative where it is worse.
        error: Standard error of the gain, None with a single fold.
        wins: Folds in which it is better.
        folds: Folds compared.
    """

    gain: float
    error: float | None
    wins: int
    folds: int


class Answer(Struct, frozen=True):
    """What a sweep says about λ.

    Attributes:
        verdict: waiting (not all λ are trained), helps, no_help (λ = 0 is as good), cannot_tell, edge (the loss
            still falls at the largest λ), diverged (no λ has a finite loss).
        best_l2: λ with the lowest mean val_loss, None before there is one.
        low: Smallest λ that is as good, contiguous with the best.
        high: Largest such λ.
        one_se_l2: Largest λ within one standard error of the lowest mean, None with a single fold.
        loss: Mean val_loss at `best_l2`.
        without_decay: Mean val_loss at λ = 0, None where it was not trained.
        helps: The best λ against λ = 0.
        stopping: Stopping λ = 0 at ★ against the best λ at the end: positive where stopping is better.
        sentence: All that in words.
    """

    verdict: Verdict
    best_l2: float | None = None
    low: float | None = None
    high: float | None = None
    one_se_l2: float | None = None
    loss: float | None = None
    without_decay: float | None = None
    helps: PairedDifference | None = None
    stopping: PairedDifference | None = None
    sentence: str = ""


def answer(
    l2: tuple[float, ...], level: Floats, best: Floats, *, val_share: float, judge: Judge = "end", done: bool = True
) -> Answer:
    """Answers from the losses of all lanes.

    Args:
        l2: The grid, ascending.
        level: (folds, λ) final val_loss; not finite where a lane left early or diverged.
        best: (folds, λ) val_loss at ★, where it is known.
        val_share: Validation rows for each training row, which the standard error of paired folds depends on.
        judge: Whether λ is chosen by the val_loss at the end or at ★.
        done: Whether all that will be trained is.
    """
    if not level.size:
        return Answer("waiting")
    loss = np.where(np.isfinite(level), best, np.nan) if judge == "best" else level
    mean = loss.mean(axis=0)
    known = np.flatnonzero(np.isfinite(mean))
    if not len(known):
        none = not done
        return Answer("waiting" if none else "diverged", sentence="" if none else "Every λ diverged: lower the rate.")
    winner = int(known[np.argmin(mean[known])])
    position = int(np.flatnonzero(known == winner)[0])
    good = _as_good(loss, known, position)
    zero = next((int(lane) for lane in known if l2[lane] == 0), None)
    helps = stopping = None
    if zero is not None:
        helps = compare(loss[:, winner], loss[:, zero], val_share)
        if judge == "end":
            stopping = compare(best[:, zero], loss[:, winner], val_share)
        if winner != zero and _is_clear(helps):
            # Where decay helps, no decay is not as good, however wide the range.
            good = good[good != zero]
    verdict = _verdict(l2, known, winner, good, zero, helps, done)
    found = Answer(
        verdict,
        l2[winner],
        l2[good[0]],
        l2[good[-1]],
        _one_se(l2, loss, known, winner),
        float(mean[winner]),
        None if zero is None else float(mean[zero]),
        helps,
        stopping,
    )
    return msgspec.structs.replace(found, sentence=_sentence(found))


def compare(one: Floats, other: Floats, val_share: float) -> PairedDifference:
    """Compares the losses of two choices, (folds,) each, on the same folds.

    The gain is 1 - mean(one)/mean(other). Its standard error is that of the mean paired difference, by the corrected
    variance (1/J + n_val/n_train)·s², as the folds share training rows.

    Source:
        Nadeau, Bengio, *Inference for the Generalization Error* (2003), section 3.
    """
    difference, scale, folds = other - one, float(other.mean()), len(one)
    if scale <= 0:
        return PairedDifference(0.0, None, int((difference > 0).sum()), folds)
    error = None
    if folds > 1:
        error = math.sqrt((1 / folds + val_share) * float(difference.var(ddof=1))) / scale
    return PairedDifference(float(difference.mean()) / scale, error, int((difference > 0).sum()), folds)


def _as_good(loss: Floats, known: NDArray[np.int64], position: int) -> NDArray[np.int64]:
    """Returns the lanes around the winner that are as good: mean within 20 %, and not beaten by it in every fold."""
    winner = known[position]
    mean = loss.mean(axis=0)
    fine = [
        lane == winner or (mean[lane] <= (1 + AS_GOOD) * mean[winner] and not (loss[:, lane] > loss[:, winner]).all())
        for lane in known
    ]
    low = high = position
    while low > 0 and fine[low - 1]:
        low -= 1
    while high + 1 < len(known) and fine[high + 1]:
        high += 1
    return known[low : high + 1]


def _one_se(l2: tuple[float, ...], loss: Floats, known: NDArray[np.int64], winner: int) -> float | None:
    if len(loss) < 2:
        return None
    mean = loss.mean(axis=0)
    bound = mean[winner] + loss[:, winner].std(ddof=1) / math.sqrt(len(loss))
    return l2[max(int(lane) for lane in known if mean[lane] <= bound)]


def _verdict(
    l2: tuple[float, ...],
    known: NDArray[np.int64],
    winner: int,
    good: NDArray[np.int64],
    zero: int | None,
    helps: PairedDifference | None,
    done: bool,
) -> Verdict:
    if not done:
        return "waiting"
    if winner == len(l2) - 1 and len(known) > 1:
        return "edge"
    if helps is None:
        return "cannot_tell"
    if l2[winner] == 0 or (zero in good and helps.gain <= LEAST_GAIN):
        return "no_help"
    return "helps" if _is_clear(helps) else "cannot_tell"


def _is_clear(helps: PairedDifference) -> bool:
    """Returns whether decay helps: by a clear gain in most folds, or by a large one in half of them."""
    return any(helps.gain > gain and helps.wins >= share * helps.folds - 1e-9 for gain, share in HELPS)


def _sentence(found: Answer) -> str:
    if found.best_l2 is None:
        return ""
    best, low, high = (show_value("l2", value) for value in (found.best_l2, found.low, found.high))
    stretch = f"{low} to {high} are as good" if low != high else "no other λ of the grid is as good"
    parts = []
    if found.verdict == "waiting":
        return f"So far λ {best} leads."
    if found.verdict == "edge":
        parts.append(f"The loss still falls at λ = {best}, the largest of the grid: the best λ may be larger.")
    elif found.verdict == "no_help":
        same = f"λ = 0 is as good as any (0 to {high})" if low != high else "λ = 0 has the lowest loss"
        alone = " on one fold, so without an interval" if found.helps is not None and found.helps.error is None else ""
        parts.append(f"Decay does not help here: {same}{alone}.")
    elif found.helps is None:
        parts.append(f"λ = {best} has the lowest loss; {stretch}. λ = 0 was not trained to compare with.")
    elif found.verdict == "cannot_tell" and found.helps.gain <= LEAST_GAIN:
        parts.append(f"Decay hardly helps here: λ = {best} beats no decay by {_percent(found.helps)}.")
    elif found.verdict == "cannot_tell":
        parts.append(f"Cannot tell: λ = {best} beats no decay by {_percent(found.helps)}. More rows or folds may tell.")
    else:
        helps = found.helps
        sure = helps.error is None or helps.gain > helps.error or helps.wins == helps.folds
        parts.append(f"{'' if sure else 'On average '}λ = {best} beats no decay by {_percent(helps)}; {stretch}.")
    if found.stopping is not None and found.verdict in ("helps", "edge", "no_help"):
        parts.append(_about_stopping(found.stopping))
    return " ".join(parts)


def _about_stopping(stopping: PairedDifference) -> str:
    """Says what stopping without decay is worth against the best λ; a gain within two errors is not clear."""
    word, error = "better" if stopping.gain > 0 else "worse", stopping.error
    if error is None:
        return f"Stopping at ★ without decay is {word} by {100 * abs(stopping.gain):.0f} % on that fold."
    by = f"by {100 * abs(stopping.gain):.0f} ± {100 * error:.0f} %"
    if abs(stopping.gain) <= 2 * error:
        return f"Stopping at ★ without decay is {word} {by}: no clear difference."
    return f"Stopping at ★ without decay is {word} {by}."


def _percent(found: PairedDifference) -> str:
    if found.error is None:
        return f"{100 * found.gain:.0f} % on one fold, so without an interval"
    folds = f"in {found.wins} of {found.folds} folds"
    return f"{100 * found.gain:.0f} ± {100 * found.error:.0f} % ({folds})"
