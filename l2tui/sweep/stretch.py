"""The unit of work of a sweep: the lanes of one fold trained from one epoch to another. It runs in any process."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.splits import Splits
from l2tui.settings import Settings
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
    """

    settings: Settings
    l2: tuple[float, ...]
    lanes: tuple[int, ...]
    until: int
    states: tuple[LaneState, ...] = ()


class Trained(NamedTuple):
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


def train(splits: Splits, stretch: Stretch) -> Trained:
    """Trains the lanes of a stretch. The same stretch gives the same bits in whatever process, and however it is cut.

    Args:
        splits: The data of its fold.
        stretch: Which lanes, from where to where.
    """
    stacks = _stacks(splits, stretch)
    count = len(stretch.l2)
    level, best = np.full((2, count), np.nan), np.full((2, count), np.nan)
    norms, scores = np.full((2, count), np.nan), np.full((2, count), np.nan)
    best_epoch, diverged = np.full(count, -1, np.int64), {}
    first = stacks[0].epoch if stacks else stretch.until
    kept = tuple(epoch for epoch in range(first + 1, stretch.until + 1) if is_kept(epoch, stretch.settings.epochs))
    curves = np.full((len(kept), 2, count), np.nan, np.float32)
    tail = tail_length(stretch.until)
    for stack in stacks:
        total, row = np.zeros((2, count)), 0
        averaged = min(tail, stretch.until - stack.epoch)
        while stack.epoch < stretch.until and len(stack.lanes):
            if not stack.advance(1.0):
                continue
            if stack.epoch > stretch.until - averaged:
                total[:, stack.lanes] += stack.losses
            if row < len(kept) and kept[row] == stack.epoch:
                curves[row][:, stack.lanes] = stack.losses
                row += 1
        lanes = stack.lanes
        diverged.update(stack.diverged)
        if len(lanes):
            level[:, lanes] = total[:, lanes] / averaged
            best[:, lanes], best_epoch[lanes] = stack.best, stack.best_epoch
            norms[:, lanes], scores[:, lanes] = stack.norms(), stack.scores()
    rows = (len(splits.X_train), len(splits.X_val))
    states = tuple(stack.state() for stack in stacks if len(stack.lanes))
    return Trained(
        states, stretch.until, level, best, best_epoch, norms, scores, diverged, kept, curves, rows, splits.task
    )


def is_kept(epoch: int, last: int) -> bool:
    """Returns whether an epoch is on the curves: every one up to 64, then 32 for each doubling, and the last."""
    stride = 1 if epoch <= _ALL_KEPT else 1 << ((epoch - 1).bit_length() - _ALL_KEPT.bit_length() + 1)
    return epoch % stride == 0 or epoch == last


def _stacks(splits: Splits, stretch: Stretch) -> list[LaneStack]:
    """Returns the stacks to train on, with just the lanes of the stretch."""
    lanes = np.array(stretch.lanes, np.int64)
    if not stretch.states:
        groups = np.array_split(lanes, -(-len(lanes) // lanes_at_once(splits, stretch.settings)))
        stacks = [LaneStack(stretch.settings, splits, stretch.l2, lanes=group) for group in groups if len(group)]
    else:
        stacks = [LaneStack(stretch.settings, splits, stretch.l2, state=state) for state in stretch.states]
        for stack in stacks:
            stack.keep(np.intersect1d(stack.lanes, lanes))
    return [stack for stack in stacks if len(stack.lanes)]


def lanes_at_once(splits: Splits, settings: Settings) -> int:
    """Returns how many lanes a stack may have for their weights and one batch to stay in the cache together."""
    n_in, hidden, n_out = splits.X_train.shape[1] + 1, settings.hidden + 1, splits.n_outputs
    rows = min(settings.batch_size, len(splits.X_train))
    numbers = 3 * hidden * (n_in + n_out) + rows * (2 * hidden + n_out)
    return max(_FEWEST, int(_CACHE_NUMBERS // numbers) * (2 if settings.dtype == "float32" else 1))
