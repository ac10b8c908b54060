"""The race of the λ: which continue after a rung, in all folds at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Shares of the epochs at which a λ may leave, and how far above the best one it then is.
RUNGS = (1 / 8, 1 / 4, 1 / 2)
MARGINS = (0.3, 0.2, 0.1)
# How near to λ = 0 a λ is, at the end, that says nothing else.
ALIKE = 0.01
# Stretches that a sweep is cut into: results are shown, kept and judged at their ends.
STRETCHES = 16
# Share of the epochs so far that a level is the mean of.
TAIL = 1 / 20


def stretch_ends(epochs: int) -> list[int]:
    """Returns the epochs at which the stretches end, the last one included."""
    return sorted({round(epochs * k / STRETCHES) for k in range(1, STRETCHES + 1)} - {0}) or [0]


def rung_epochs(epochs: int) -> tuple[int, ...]:
    """Returns the epochs of the rungs; runs too short to have three have none."""
    rungs = tuple(round(epochs * share) for share in RUNGS)
    return rungs if rungs[0] > 0 and len(set(rungs)) == len(rungs) else ()


def tail_length(epoch: int) -> int:
    """Returns how many of the last epochs a level at `epoch` is the mean of: a twentieth, and at least one."""
    return max(1, round(epoch * TAIL))


def survivors(l2: tuple[float, ...], levels: Floats, alive: NDArray[np.bool_], rung: int) -> NDArray[np.bool_]:
    """Returns which λ train on after a rung.

    A λ leaves when the mean of its levels over all folds is far above the lowest one: by 30 % at the first rung, 20 %
    at the second, 10 % at the third. One that is next to the best on the grid stays, and so does λ = 0, which the
    answer is about. A λ that says what λ = 0 says, to within 1 % in every fold by the end of the run, leaves as well.

    To drop the poorer half, whatever the distances, names another λ in four of ten sweeps with short runs: before the
    small λ begin to overfit they are all ahead by a little, and alike. By distances it is one in fifty.

    Args:
        l2: The grid, ascending.
        levels: (folds, λ) present level of val_loss in each fold; not finite where a lane has diverged.
        alive: (λ,) which still train.
        rung: Position of the rung in `RUNGS`.

    Returns:
        (λ,) which go on.

    Source:
        Maron, Moore, *Hoeffding Races* (1994), for dropping by distance. A λ leaves all folds or none, so that every
        mean at the end is over the same epochs and the same folds. The distances come from
        `tests/benchmarks/sweep_study.py`.
    """
    mean = np.where(alive & np.isfinite(levels).all(axis=0), levels.mean(axis=0), np.inf)
    usable = np.flatnonzero(np.isfinite(mean))
    stay = np.zeros(len(l2), bool)
    if not len(usable):
        return stay
    best = int(usable[np.argmin(mean[usable])])
    position = int(np.flatnonzero(usable == best)[0])
    stay[usable[mean[usable] <= (1 + MARGINS[rung]) * mean[best]]] = True
    stay[usable[max(0, position - 1) : position + 2]] = True
    zero = next((int(lane) for lane in usable if l2[lane] == 0), None)
    if zero is not None:
        alike = (np.abs(levels[:, usable] / levels[:, [zero]] - 1) < ALIKE * RUNGS[rung]).all(axis=0)
        stay[usable[alike & (usable != best)]] = False
        stay[zero] = True
    return stay
