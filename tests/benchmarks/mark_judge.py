"""What a curve truly does, seen from its end, and how a criterion's marks compare with that."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from l2tui.overfitting import Change, Watch
from l2tui.overfitting.criteria import Patience
from l2tui.settings import CriterionName
from tests.benchmarks.mark_curves import Curve

Truth = Literal["overfit", "not", "between"]

LAST = 0.05
STOOD = 20


def truth(curve: Curve) -> Truth:
    """Returns what the run is, from the mean of its last 5 % of values.

    Overfit if val_loss is there above 1.05 times its minimum while train_loss is below its value at that minimum;
    not if val_loss is below 1.02 times, or train_loss has not fallen; else between, and left out.
    """
    tail, best = max(1, round(LAST * len(curve.val))), int(np.argmin(curve.val))
    return _call(curve, tail, curve.val[best], curve.train[best])


def smooth_truth(curve: Curve) -> Truth:
    """The same against the lowest mean of 5 % of the values in a row: a single lucky value is no minimum there."""
    tail = max(1, round(LAST * len(curve.val)))
    window = np.ones(tail) / tail
    val, train = np.convolve(curve.val, window, "valid"), np.convolve(curve.train, window, "valid")
    best = int(np.argmin(val))
    return _call(curve, tail, val[best], train[best])


def _call(curve: Curve, tail: int, val: float, train: float) -> Truth:
    risen = curve.val[-tail:].mean() / max(val, 1e-12)
    fallen = curve.train[-tail:].mean() < train
    if risen > 1.05 and fallen:
        return "overfit"
    return "not" if risen < 1.02 or not fallen else "between"


class Outcome(NamedTuple):
    """What a criterion said of one curve.

    Attributes:
        curve: The curve.
        truth: What it is.
        best: Its best epoch.
        confirmed: Epoch of the mark that is up at the end, or None.
        withdrawn: How often a mark was withdrawn.
        first: Epoch of the first mark, or None.
        stood: Epoch at which a mark had been up for 20 values for the first time, or None.
    """

    curve: Curve
    truth: Truth
    best: int
    confirmed: int | None
    withdrawn: int
    first: int | None
    stood: int | None


def outcome(curve: Curve, name: CriterionName) -> Outcome:
    """Follows a curve with a criterion, epoch by epoch, and tells what it said."""
    watch, pending = Watch.start(name), list(curve.changed[::-1])
    first = stood = None
    held = 0
    for epoch, train, val in zip(curve.epochs.tolist(), curve.train.tolist(), curve.val.tolist(), strict=True):
        while pending and pending[-1] < epoch:
            watch = watch.changed(Change(pending.pop()))
        watch = watch.update(epoch, train, val)
        held = 0 if watch.confirmed_epoch is None else held + 1
        if held == 1 and first is None:
            first = epoch
        if held == STOOD and stood is None:
            stood = epoch
    best = int(curve.epochs[np.argmin(curve.val)])
    return Outcome(curve, truth(curve), best, watch.confirmed_epoch, watch.withdrawn, first, stood)


def patience_stop(curve: Curve, patience: int) -> int | None:
    """Returns the epoch at which Keras' rule ends the run, or None."""
    rule = Patience(patience)
    for epoch, val in zip(curve.epochs.tolist(), curve.val.tolist(), strict=True):
        rule = rule.update(epoch, 0.0, val)
        if rule.fires:
            return int(epoch)
    return None


class Score(NamedTuple):
    """How often a criterion is right; None where there is nothing to count."""

    runs: int
    overfit: int
    fine: int
    found: float | None
    false: float | None
    withdrawn: float
    delay: float | None
    delay_p90: float | None


def score(outcomes: Sequence[Outcome], smooth: bool = False) -> Score:
    """Counts over runs, by either definition of what a run is."""
    calls = [smooth_truth(o.curve) if smooth else o.truth for o in outcomes]
    over = [o for o, call in zip(outcomes, calls, strict=True) if call == "overfit"]
    fine = [o for o, call in zip(outcomes, calls, strict=True) if call == "not"]
    delays = [o.confirmed - o.best for o in over if o.confirmed is not None]
    return Score(
        len(outcomes),
        len(over),
        len(fine),
        _mean(o.confirmed is not None for o in over),
        _mean(o.confirmed is not None for o in fine),
        _mean(o.withdrawn for o in outcomes) or 0.0,
        float(np.median(delays)) if delays else None,
        float(np.percentile(delays, 90)) if delays else None,
    )


class Stopping(NamedTuple):
    """What it saves and costs to end runs early.

    Attributes:
        stopped: Share of runs that were ended early.
        saved: Share of all epochs that were not trained, mean over the runs.
        cost: How far the best val_loss up to the stop lies above that of the whole run, mean over the runs.
        cost_p90: The same, exceeded by a tenth of the runs.
        dear: Share of the runs where it lies more than 5 % above.
    """

    stopped: float
    saved: float
    cost: float
    cost_p90: float
    dear: float


def stopping(stops: Iterable[tuple[Curve, int | None]]) -> Stopping:
    """Sums up runs that each end at an epoch, or at their end if that is None."""
    stopped, saved, costs = [], [], []
    for curve, stop in stops:
        last = int(curve.epochs[-1])
        end = last if stop is None else stop
        stopped.append(end < last)
        saved.append(1.0 - end / last)
        best = float(curve.val[curve.epochs <= end].min())
        costs.append(best / max(float(curve.val.min()), 1e-12) - 1.0)
    p90 = float(np.percentile(costs, 90))
    return Stopping(
        float(np.mean(stopped)),
        float(np.mean(saved)),
        float(np.mean(costs)),
        p90,
        float(np.mean(np.array(costs) > 0.05)),
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return float(np.mean(listed)) if listed else None
