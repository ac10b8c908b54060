"""Thousands of epochs to at most two points a column, in bins that stay where they are while a run grows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DOTS_ACROSS = 2
"""Columns of dots in one cell of braille."""

_SMOOTHING_PASSES = 4
_LARGEST = 1e250


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a chart.

    Attributes:
        x: Columns of dots, shape (m,), ascending.
        y: Values, shape (m,); NaN where the line is broken.
    """

    x: Ints
    y: Floats


def clean_series(epochs: NDArray[np.number[Any]], *series: NDArray[np.floating[Any]]) -> tuple[Floats, ...]:
    """Returns the epochs and series as float64 of one length, with NaN for every value that is not finite."""
    length = min(len(epochs), *(len(values) for values in series))
    when = np.asarray(epochs[:length], dtype=np.float64)
    kept = np.isfinite(when)
    whole = bool(kept.all())
    cleaned: list[Floats] = [when if whole else when[kept]]
    for raw in series:
        values = np.asarray(raw[:length], dtype=np.float64)
        values = values if whole else values[kept]
        finite = np.isfinite(values)
        cleaned.append(values if finite.all() else np.where(finite, values, np.nan))
    return tuple(cleaned)


def bin_trace(epochs: Floats, values: Floats, edges: Floats, dots_per_bin: int, *, smooth: bool = False) -> Trace:
    """Thins a series to two points a bin, its minimum and maximum, in the order in which they come about.

    A monotone line keeps its shape and a noisy one its whole band. Smoothed, there is one point a bin, its mean.

    Args:
        epochs: Ascending, shape (n,).
        values: Shape (n,), with NaN for what is missing.
        edges: First epoch of each bin and the end of the last, shape (bins + 1,), ascending.
        dots_per_bin: Columns of dots that a bin covers, 1 or 2.
        smooth: Whether to take the means.

    Returns:
        The points of the bins that hold an epoch; such a bin without any value gives NaN.
    """
    index = np.searchsorted(epochs, edges)
    filled = np.flatnonzero(index[1:] > index[:-1])
    if not len(filled):
        return Trace(np.empty(0, np.int64), np.empty(0))
    starts = index[filled]
    part = values[: index[-1]]
    column = filled.astype(np.int64) * dots_per_bin
    if smooth:
        known = ~np.isnan(part)
        count = np.add.reduceat(known.astype(np.float64), starts)
        total = np.add.reduceat(_within_reach(np.where(known, part, 0.0)), starts)
        return Trace(column, np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))
    low = _within_reach(np.fmin.reduceat(part, starts))
    high = _within_reach(np.fmax.reduceat(part, starts))
    rising = part[index[filled + 1] - 1] >= part[starts]
    x = np.repeat(column, 2)
    x[1::2] += dots_per_bin - 1
    y = np.empty(len(x))
    y[0::2] = np.where(rising, low, high)
    y[1::2] = np.where(rising, high, low)
    return Trace(x, y)


def _within_reach(values: Floats) -> Floats:
    # Sums and differences of such values do not overflow.
    return np.clip(values, -_LARGEST, _LARGEST)


def smooth_line(values: Floats) -> Floats:
    """Averages each value with its neighbours, several times over; both ends and the brinks of gaps stay exact."""
    values = values.copy()
    for _ in range(_SMOOTHING_PASSES):
        mean = values[:-2] / 4 + values[1:-1] / 2 + values[2:] / 4
        values[1:-1] = np.where(np.isnan(mean), values[1:-1], mean)
    return values
