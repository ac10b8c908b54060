"""The bootstrap: how far a mean over rows would move with other rows."""

import math

import numpy as np
from numpy.typing import NDArray

from l2tui.runs.results import Interval

Floats = NDArray[np.float64]

RESAMPLES = 2000
_SEED = 20_260_101
# Row numbers that are drawn in one go.
_BLOCK = 1 << 18
# From so many rows on, how often a row is drawn is drawn for each row by itself, which takes a tenth of the time.
_MANY_ROWS = 5_000


def bootstrap_means(values: Floats, *, resamples: int = RESAMPLES, seed: int = _SEED) -> Floats:
    """Draws as many rows as there are, with replacement, again and again, and returns the means of each draw.

    With 5,000 rows or more, each is drawn Poisson(1) times instead: the number of rows in all then varies a little
    from draw to draw, which makes no difference to their mean. Memory does not grow with `resamples`, but for the
    result.

    Args:
        values: (n, k) k numbers for each row.
        resamples: How often to draw.
        seed: Seed of the draws, so that the same rows always give the same interval.

    Returns:
        (resamples, k) means.

    Source:
        Efron, Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 6; Hanley, MacGibbon, *Creating
        non-parametric bootstrap samples using Poisson frequencies* (2006).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    return (_poisson if len(values) >= _MANY_ROWS else _with_replacement)(values, resamples, rng)


def _with_replacement(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    n = len(values)
    means = np.empty((resamples, values.shape[1]))
    block = max(1, min(resamples, _BLOCK // n))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = rng.integers(0, n, (size, n))
        drawn += np.arange(size)[:, None] * n
        counts = np.bincount(drawn.reshape(-1), minlength=size * n).reshape(size, n)
        means[start : start + size] = counts.astype(np.float64) @ values / n
    return means


def _poisson(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    n = len(values)
    # A Poisson number for each of 65,536 equal shares of the unit interval.
    shares = np.cumsum([math.exp(-1.0) / math.factorial(k) for k in range(9)])
    table = np.searchsorted(shares, (np.arange(1 << 16) + 0.5) / (1 << 16)).astype(np.float64)
    # With a column of ones for the rows that are drawn in all.
    columns = np.ascontiguousarray(np.column_stack((values, np.ones(n))).T)
    sums = np.empty((resamples, len(columns)))
    for resample in sums:
        resample[:] = columns @ table.take(rng.integers(0, 1 << 16, n, np.uint16))
    return np.asarray(sums[:, :-1] / sums[:, -1:])


def percentile_interval(draws: Floats) -> Interval:
    """Returns the 95 % percentile interval of a statistic: its 2.5 % and 97.5 % quantiles over the resamples.

    Source:
        Efron, Tibshirani, *An Introduction to the Bootstrap* (1993), section 13.3.
    """
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)
