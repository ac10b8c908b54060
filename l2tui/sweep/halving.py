"""Joint successive halving: which λ train on, in all folds at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Shares of the epochs at which the poorer half of the λ leaves.
RUNGS = (1 / 8, 1 / 4, 1 / 2)
# Stretches that a sweep is cut into: results are shown, kept and judged at their ends.
STRETCHES = 16
# Share of the epochs so far that a level is the mean of.
TAIL = 1 / 20


def stretch_ends(epochs: int) -> list[int]:
    """Returns the epochs at which the stretches end, the last one included."""
    return sorted({round(epochs * k / STRETCHES) for k in range(1, STRETCHES + 1)} - {0}) or [0]


def rung_epochs(epochs: int) -> tuple[int, ...]:
    """Returns the epochs of the rungs; runs too short for three halvings have fewer."""
    return tuple(dict.fromkeys(epoch for epoch in (round(epochs * share) for share in RUNGS) if epoch > 1))


def tail_length(epoch: int) -> int:
    """Returns how many of the last epochs a level at `epoch` is the mean of: a twentieth, and at least one."""
    return max(1, round(epoch * TAIL))


def survivors(l2: tuple[float, ...], levels: Floats, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns which λ train on after a rung.

    The better half of those that train, by the mean of their levels over all folds; with the best one its neighbours
    on the grid, as levels of different epochs are never compared at the end; and λ = 0, which the answer is about.

    Args:
        l2: The grid, ascending.
        levels: (folds, λ) present level of val_loss in each fold; not finite where a lane has diverged.
        alive: (λ,) which still train.

    Returns:
        (λ,) which go on.

    Source:
        Jamieson, Talwalkar, *Non-stochastic Best Arm Identification and Hyperparameter Optimization* (2016). A λ
        leaves all folds or none, so that every mean at the end is over the same epochs and the same folds.
    """
    mean = np.where(alive, levels.mean(axis=0), np.inf)
    mean[~np.isfinite(mean)] = np.inf
    usable = np.flatnonzero(np.isfinite(mean))
    stay = np.zeros(len(l2), bool)
    if not len(usable):
        return stay
    ranked = usable[np.argsort(mean[usable], kind="stable")]
    stay[ranked[: -(-len(usable) // 2)]] = True
    position = int(np.flatnonzero(usable == ranked[0])[0])
    stay[usable[max(0, position - 1) : position + 2]] = True
    stay[[lane for lane in usable if l2[lane] == 0]] = True
    return stay
