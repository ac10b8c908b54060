"""Thousands of epochs to one column of dots a bin, in bins that stay where they are while a run grows."""

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
        y: Values that the line goes through, shape (m,); NaN where it is broken.
        low: The lowest value of each column, shape (m,).
        high: The highest, shape (m,).
    """

    x: Ints
    y: Floats
    low: Floats
    high: Floats


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


def bin_trace(epochs: Floats, values: Floats, edges: Floats, *, smooth: bool = False) -> Trace:
    """Thins a series to one column of dots a bin: its middle value, its lowest and its highest.

    The middle is the lower median, a value that there was, so that a single spike widens the spread and leaves the line
    alone. Smoothed, it is the mean.

    Args:
        epochs: Ascending, shape (n,).
        values: Shape (n,), with NaN for what is missing.
        edges: First epoch of each bin and the end of the last, shape (bins + 1,), ascending.
        smooth: Whether to take the means.

    Returns:
        The columns of the bins that hold an epoch; such a bin without any value gives NaN.
    """
    index = np.searchsorted(epochs, edges)
    filled = np.flatnonzero(index[1:] > index[:-1])
    if not len(filled):
        return Trace(np.empty(0, np.int64), *(np.empty(0) for _ in range(3)))
    starts, ends = index[filled], index[filled + 1]
    part = _within_reach(values[: index[-1]])
    low, high = np.fmin.reduceat(part, starts), np.fmax.reduceat(part, starts)
    known = ~np.isnan(part)
    count = np.add.reduceat(known.astype(np.int64), starts)
    if smooth:
        total = np.add.reduceat(np.where(known, part, 0.0), starts)
        middle = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    else:
        middle = low.copy()
        for place in np.flatnonzero(count > 2).tolist():
            # Missing values are sorted to the end.
            ordered = np.sort(part[starts[place] : ends[place]])
            middle[place] = ordered[(count[place] - 1) // 2]
    return Trace(filled.astype(np.int64), middle, low, high)


def _within_reach(values: Floats) -> Floats:
    # Sums and differences of such values do not overflow.
    return np.clip(values, -_LARGEST, _LARGEST)


def smooth_line(values: Floats) -> Floats:
    """Averages each value with its neighbours, several times over; both ends and the edges of gaps stay exact."""
    values = values.copy()
    for _ in range(_SMOOTHING_PASSES):
        mean = values[:-2] / 4 + values[1:-1] / 2 + values[2:] / 4
        values[1:-1] = np.where(np.isnan(mean), values[1:-1], mean)
    return values
