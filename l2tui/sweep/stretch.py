"""The unit of work of a sweep: the lanes of one fold trained from one epoch to another. It runs in any process."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.splits import Splits
from l2tui.settings import Settings
from l2tui.sweep.memory import LaneTooLargeError, need_of
from l2tui.sweep.race import tail_length
from l2tui.training.lanes import LaneStack, LaneState

Floats = NDArray[np.float64]

# Numbers that the lanes of a stack work on at a time: as many lanes as share a core's cache, but never fewer than 8.
_CACHE_NUMBERS = 1 << 17
_FEWEST = 8

# Every epoch up to here is on the curves that are kept; after it this many for each doubling, halved.
_ALL_KEPT = 64


class Stretch(NamedTuple):
    """Lanes of one fold to train on.

    Attributes:
        settings: Those of every lane but for λ; `fold` says which fold.
        l2: The λ of the round, ascending.
        lanes: Positions in `l2` of those that train on.
        until: Epoch to train to.
        states: Where the stacks of this fold were; empty to begin.
        folds: Folds of the round, whose states the process that leads the sweep keeps.
    """

    settings: Settings
    l2: tuple[float, ...]
    lanes: tuple[int, ...]
    until: int
    states: tuple[LaneState, ...] = ()
    folds: int = 0


class TrainedStretch(NamedTuple):
    """The result of a stretch; columns are the λ of the round, NaN where a lane did not train.

    Attributes:
        states: Where the stacks are now.
        epoch: Finished epochs.
        level: (2, λ) means of train_loss and val_loss over the last twentieth of the epochs.
        best: (2, λ) train_loss and val_loss at ★.
        best_epoch: (λ,) ★, -1 where a lane did not train.
        norms: (2, λ) norms of W1 and W2.
        scores: (2, λ) accuracy or R² on the training and the validation part.
        diverged: Positions of the lanes that diverged in this stretch, with the epoch.
        kept: Epochs of the stretch that are on the curves.
        curves: (kept, 2, λ) their losses.
        rows: Rows of the training and the validation part.
        task: Whether classes or a number are predicted.
        fingerprint: SHA-256 of the fold's data.
        fits: Lanes that train at a time, where memory holds no more; 0 where it holds all that train together best.
    """

    states: tuple[LaneState, ...]
    epoch: int
    level: Floats
    best: Floats
    best_epoch: NDArray[np.int64]
    norms: Floats
    scores: Floats
    diverged: dict[int, int]
    kept: tuple[int, ...]
    curves: NDArray[np.float32]
    rows: tuple[int, int]
    task: Task
    fingerprint: str = ""
    fits: int = 0


def train(splits: Splits, stretch: Stretch, *, memory: int | None = None) -> TrainedStretch:
    """Trains the lanes of a stretch. The same stretch gives the same bits in whatever process, and however it is cut.

    Args:
        splits: The data of its fold.
        stretch: Which lanes, from where to where.
        memory: Bytes that they may take; where they need more, they train in turns. None for no limit.

    Raises:
        LaneTooLargeError: There is not enough memory for a single lane.
    """
    at_once, fits = _at_once(splits, stretch, memory)
    count = len(stretch.l2)
    level, best = np.full((2, count), np.nan), np.full((2, count), np.nan)
    norms, scores = np.full((2, count), np.nan), np.full((2, count), np.nan)
    best_epoch, diverged = np.full(count, -1, np.int64), {}
    first = stretch.states[0].epoch if stretch.states else -1
    kept = tuple(epoch for epoch in range(first + 1, stretch.until + 1) if is_kept(epoch, stretch.settings.epochs))
    curves = np.full((len(kept), 2, count), np.nan, np.float32)
    averaged = min(tail_length(stretch.until), stretch.until - first)
    states = []
    for part in _parts(stretch, at_once):
        # One stack after the other: the memory of one is given back before the next begins.
        stack = _begin(splits, stretch, part)
        total, row = np.zeros((2, count)), 0
        while stack.epoch < stretch.until and len(stack.lanes):
            if not stack.advance(1.0):
                continue
            if stack.epoch > stretch.until - averaged:
                total[:, stack.lanes] += stack.losses
            if row < len(kept) and kept[row] == stack.epoch:
                # A loss on its way to infinity is beyond float32 before it is beyond float64.
                with np.errstate(over="ignore"):
                    curves[row][:, stack.lanes] = stack.losses
                row += 1
        lanes = stack.lanes
        diverged.update(stack.diverged)
        if len(lanes):
            level[:, lanes] = total[:, lanes] / averaged
            best[:, lanes], best_epoch[lanes] = stack.best, stack.best_epoch
            norms[:, lanes], scores[:, lanes] = stack.norms(), stack.scores()
            states.append(stack.state())
        del stack
    rows = (len(splits.X_train), len(splits.X_val))
    return TrainedStretch(
        tuple(states),
        stretch.until,
        level,
        best,
        best_epoch,
        norms,
        scores,
        diverged,
        kept,
        curves,
        rows,
        splits.task,
        splits.fingerprint,
        fits,
    )


def is_kept(epoch: int, last: int) -> bool:
    """Returns whether an epoch is on the curves: every one up to 64, then 32 for each doubling, and the last."""
    stride = 1 if epoch <= _ALL_KEPT else 1 << ((epoch - 1).bit_length() - _ALL_KEPT.bit_length() + 1)
    return epoch % stride == 0 or epoch == last


def _at_once(splits: Splits, stretch: Stretch, memory: int | None) -> tuple[int, int]:
    """Returns how many lanes train together, and how many that are if memory is what limits them."""
    lanes, together = len(stretch.lanes), lanes_at_once(splits, stretch.settings)
    if memory is None or not lanes:
        return together, 0
    need = need_of(splits, stretch.settings)
    # Where several processes share the memory, each leaves out what the leading one keeps.
    kept = lanes * (1 + stretch.folds)
    fit = need.fits(kept, memory)
    if not fit:
        raise LaneTooLargeError(need.fold + need.lane + kept * need.waiting)
    return min(together, fit), fit if fit < min(lanes, together) else 0


def _parts(stretch: Stretch, at_once: int) -> Iterator[LaneState | NDArray[np.int64]]:
    """Yields what each stack begins with: the positions of its lanes, or their state."""
    lanes = np.array(stretch.lanes, np.int64)
    for state in stretch.states or (None,):
        there = lanes if state is None else np.intersect1d(state.lanes, lanes)
        for group in np.array_split(there, -(-len(there) // at_once)) if len(there) else ():
            yield group if state is None else state.only(group)


def _begin(splits: Splits, stretch: Stretch, part: LaneState | NDArray[np.int64]) -> LaneStack:
    if isinstance(part, LaneState):
        return LaneStack(stretch.settings, splits, stretch.l2, state=part)
    return LaneStack(stretch.settings, splits, stretch.l2, lanes=part)


def lanes_at_once(splits: Splits, settings: Settings) -> int:
    """Returns how many lanes a stack may have for their weights and one batch to stay in the cache together."""
    n_in, hidden, n_out = splits.X_train.shape[1] + 1, settings.hidden + 1, splits.n_outputs
    rows = min(settings.batch_size, len(splits.X_train))
    numbers = 3 * hidden * (n_in + n_out) + rows * (2 * hidden + n_out)
    return max(_FEWEST, int(_CACHE_NUMBERS // numbers) * (2 if settings.dtype == "float32" else 1))
