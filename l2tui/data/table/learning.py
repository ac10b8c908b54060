"""How each column of a table becomes inputs: learnt on the training rows alone."""

from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.data.naming import natural_key
from l2tui.data.preparation import ColumnPlan, Floats, raw_inputs, standard
from l2tui.data.table.loading import RawColumn
from l2tui.errors import DataError

HEAVY_SKEW = 3.0
_RARE_ROWS = 10
_RARE_SHARE = 50
_KNOTS = 1000
_MIN_ROWS_TO_TELL = 20


def learn(column: RawColumn, train: NDArray[np.int64], transform: str) -> tuple[ColumnPlan | None, str]:
    """Learns from the training rows how a column becomes inputs.

    Args:
        column: The column.
        train: The training rows.
        transform: "none", "log" or "rank".

    Returns:
        The plan and what was done in words; no plan where the column is of no use, and why.

    Raises:
        DataError: A transformation was asked for that the column cannot have, or its numbers are too large.
    """
    if column.reading.kind == "category":
        if transform != "none":
            raise DataError(f"column {column.name!r} is text and cannot be transformed by {transform}")
        plan, note = _learn_category(column, train)
        values = column.values[train]
    else:
        values = column.values[train]
        plan, note = _learn_number(column, values, transform)
    if plan is None:
        return None, note
    means, scales = [], []
    with np.errstate(all="ignore"):
        for inputs in raw_inputs(plan, values, column.labels):
            mean, scale = standard(inputs)
            means.append(float(mean))
            scales.append(float(scale))
    if not np.isfinite([plan.fill, *means, *scales]).all():
        raise DataError(
            f"column {column.name!r} has numbers too large to reckon with; use --transform NAME=rank or --drop"
        )
    return _with_scales(plan, means, scales), note


def skewness(values: Floats) -> float:
    """Returns the third standardised moment of the values that are there, 0 for none or constant ones."""
    there = values[~np.isnan(values)]
    if len(there) < _MIN_ROWS_TO_TELL:
        return 0.0
    with np.errstate(all="ignore"):
        mean, scale = standard(there)
        skew = float((((there - mean) / scale) ** 3).mean())
    return skew if np.isfinite(skew) else 0.0


def _learn_number(column: RawColumn, values: Floats, transform: str) -> tuple[ColumnPlan | None, str]:
    missing = np.isnan(values)
    there = values[~missing]
    if not len(there):
        return None, "dropped: no value in the training rows"
    low, high = there.min(), there.max()
    if low == high and not missing.any():
        return None, "dropped: one value in all training rows"
    name = column.name
    plan = ColumnPlan(
        name=name,
        reading=column.reading,
        fill=float(np.median(there)),
        missing_input=bool(missing.any()),
        inputs=(name, f"{name} missing") if missing.any() else (name,),
    )
    notes = ["missing: median"] if missing.any() else []
    if transform == "log":
        plan = _replace(plan, transform="log", shift=float(low))
        notes.append("logarithm")
    elif transform == "rank":
        knots, scores = _normal_scores(there)
        plan = _replace(plan, transform="rank", knots=tuple(knots.tolist()), scores=tuple(scores.tolist()))
        notes.append("normal scores")
    return plan, ", ".join(notes)


def _learn_category(column: RawColumn, train: NDArray[np.int64]) -> tuple[ColumnPlan | None, str]:
    values = column.values[train]
    n_missing = int((values < 0).sum())
    counts = np.bincount(values[values >= 0], minlength=len(column.labels))
    there = np.flatnonzero(counts)
    if not len(there):
        return None, "dropped: no value in the training rows"
    if len(there) == 1 and not n_missing:
        return None, "dropped: one value in all training rows"
    rare = min(_RARE_ROWS, max(2, len(train) // _RARE_SHARE))
    labels = sorted((column.labels[k] for k in there), key=natural_key)
    count = {column.labels[k]: int(counts[k]) for k in there}
    rare = min(rare, max(count.values()))
    joined = tuple(label for label in labels if count[label] < rare)
    kept = tuple(label for label in labels if count[label] >= rare)
    name = column.name
    inputs = [f"{name}={label}" for label in kept]
    notes = []
    if joined:
        inputs.append(f"{name}: other")
        notes.append(f"{len(joined)} rare value{'s' * (len(joined) > 1)} joined")
    if n_missing:
        inputs.append(f"{name} missing")
        notes.append("missing: an input of its own")
    plan = ColumnPlan(
        name=name,
        reading=column.reading,
        categories=kept,
        joined=joined,
        other=bool(joined),
        missing_input=bool(n_missing),
        inputs=tuple(inputs),
    )
    return plan, ", ".join(notes)


def _normal_scores(values: Floats) -> tuple[Floats, Floats]:
    """Returns different values, rising, and the normal deviate of the middle of each one's ranks."""
    different, counts = np.unique(values, return_counts=True)
    middle = (np.cumsum(counts) - 0.5 * counts) / len(values)
    normal = NormalDist()
    if len(different) > _KNOTS:
        # Evenly spread over the scores, so that the rare values at both ends are all among them.
        scores = np.linspace(normal.inv_cdf(middle[0]), normal.inv_cdf(middle[-1]), _KNOTS)
        some = np.unique(np.searchsorted(middle, [normal.cdf(z) for z in scores.tolist()]).clip(max=len(middle) - 1))
        different, middle = different[some], middle[some]
    return different, np.array([normal.inv_cdf(p) for p in middle.tolist()])


def _replace(plan: ColumnPlan, **values: object) -> ColumnPlan:
    return msgspec.structs.replace(plan, **values)


def _with_scales(plan: ColumnPlan, means: list[float], scales: list[float]) -> ColumnPlan:
    return _replace(plan, means=tuple(means), scales=tuple(scales))
