"""A stack of lanes: runs that differ in λ alone and train in lock-step."""

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.splits import Splits
from l2tui.nn.parameters import Array
from l2tui.nn.stack import StackOptimizer
from l2tui.settings import Settings
from l2tui.training.assembly import assemble

Floats = NDArray[np.float64]

# Steps between two looks at the clock.
_STEPS = 8


class LaneState(NamedTuple):
    """All that a stack needs to go on exactly where it was, at the end of an epoch.

    Attributes:
        lanes: (lanes,) positions of the lanes that train, in the grid that the stack began with.
        epoch: Finished epochs; -1 before the untrained networks were evaluated.
        theta: (lanes, parameters) weights.
        slots: Arrays of the optimiser.
        updates: Its updates so far.
        order: State of the generator that draws the batches.
        losses: (2, lanes) train_loss and val_loss after the epoch.
        best: (2, lanes) train_loss and val_loss at ★.
        best_epoch: (lanes,) ★, the epoch of the lowest val_loss.
    """

    lanes: NDArray[np.int64]
    epoch: int
    theta: Array
    slots: dict[str, Array]
    updates: int
    order: dict[str, Any]
    losses: Floats
    best: Floats
    best_epoch: NDArray[np.int64]

    def only(self, lanes: NDArray[np.int64]) -> "LaneState":
        """Returns the state of some of the lanes, by their positions in the grid."""
        rows = np.isin(self.lanes, lanes)
        return self._replace(
            lanes=self.lanes[rows],
            theta=self.theta[rows],
            slots={name: slot[rows] for name, slot in self.slots.items()},
            losses=self.losses[:, rows],
            best=self.best[:, rows],
            best_epoch=self.best_epoch[rows],
        )


class LaneStack:
    """Trains several λ at once, from the same initial weights and on the same batches.

    Each lane has the weights and losses, bit for bit, of the ordinary run with its λ. A lane whose loss or weights are
    no longer finite leaves the stack at the end of that epoch, and the others go on as if it had never been there.

    Args:
        settings: The settings of every lane but for λ.
        splits: The prepared data.
        l2: The grid of λ, ascending.
        lanes: Positions in `l2` of those to train; None for all.
        state: A state to go on from; None to begin.

    Attributes:
        epoch: Finished epochs; -1 before the untrained networks were evaluated.
        lanes: Positions in `l2` of the lanes that still train.
        losses: (2, lanes) train_loss and val_loss after the last epoch, in the order of `lanes`.
        best: (2, lanes) train_loss and val_loss at ★.
        best_epoch: (lanes,) ★.
        diverged: Positions of the lanes that have diverged, with the epoch at which they did.
    """

    def __init__(
        self,
        settings: Settings,
        splits: Splits,
        l2: tuple[float, ...],
        *,
        lanes: NDArray[np.int64] | None = None,
        state: LaneState | None = None,
    ) -> None:
        self.settings, self._splits, self._l2 = settings, splits, l2
        self.diverged: dict[int, int] = {}
        self.epoch = -1
        self._work: Iterator[None] | None = None
        if lanes is None:
            lanes = np.arange(len(l2))
        self._build(lanes if state is None else state.lanes)
        if state is not None:
            self._load(state)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return not len(self.lanes) or self.epoch >= self.settings.epochs

    def advance(self, seconds: float = 0.05) -> bool:
        """Trains on, to the end of the epoch at most; the first epoch, 0, is the untrained networks.

        Args:
            seconds: Return after about this time, also within an epoch.

        Returns:
            Whether an epoch has ended.
        """
        deadline = time.perf_counter() + seconds
        with np.errstate(all="ignore"):
            self._work = self._work or self._epoch()
            for _ in self._work:
                if time.perf_counter() > deadline:
                    return False
            self._work = None
            self._end_epoch()
        return True

    def keep(self, lanes: NDArray[np.int64]) -> None:
        """Goes on with some of the lanes only, between two epochs.

        Args:
            lanes: Their positions in the grid, ascending.
        """
        if len(lanes) == len(self.lanes):
            return
        state = self.state().only(lanes)
        # Given back before the smaller stack is made.
        del self.parameters, self._step, self._batches, self._train, self._val, self._optimizer
        self._build(state.lanes)
        self._load(state)

    def state(self) -> LaneState:
        """Returns copies of all that is needed to go on; only between two epochs."""
        if self._work is not None:
            raise RuntimeError("a stack has a state only between two epochs")
        return LaneState(
            self.lanes.copy(),
            self.epoch,
            self.parameters.theta.copy(),
            self._optimizer.slots,
            self._optimizer.count,
            dict(self._order.bit_generator.state),
            self.losses.copy(),
            self.best.copy(),
            self.best_epoch.copy(),
        )

    def norms(self) -> Floats:
        """Returns the norms of W1 and W2 of each lane, (2, lanes)."""
        return np.stack([np.sqrt(np.vecdot(W, W).astype(np.float64)) for W in self.parameters.decayed()])

    def scores(self) -> Floats:
        """Returns accuracy or R² of each lane on the training and the validation part, (2, lanes)."""
        return np.stack([self._train.scores(), self._val.scores()])

    def _build(self, lanes: NDArray[np.int64]) -> None:
        """Makes the stack of these lanes with initial weights."""
        self.lanes, count = lanes, len(lanes)
        self._work = None
        self.losses, self.best = np.full((2, count), np.nan), np.full((2, count), np.inf)
        self.best_epoch = np.zeros(count, np.int64)
        if not count:
            return
        parts = assemble(self.settings, self._splits, lanes=count)
        self.parameters, self._order = parts.parameters, parts.order
        self._step, self._batches, self._train, self._val = parts.step, parts.batches, parts.train, parts.val
        self._optimizer = StackOptimizer(
            self.settings.optimizer,
            self.parameters,
            self._step.gradient,
            momentum=self.settings.momentum,
            learning_rate=self.settings.learning_rate,
            l2=tuple(self._l2[lane] for lane in lanes),
        )
        self._batches.set_scale(self._optimizer.gradient_scale)

    def _load(self, state: LaneState) -> None:
        self.epoch, self.losses, self.best, self.best_epoch = state.epoch, state.losses, state.best, state.best_epoch
        if not len(state.lanes):
            return
        self.parameters.theta[:] = state.theta
        self._optimizer.load(state.slots, state.updates)
        self._order.bit_generator.state = state.order

    def _epoch(self) -> Iterator[None]:
        if self.epoch >= 0:
            self._batches.shuffle(self._order)
            run, batches, optimizer = self._step.run, self._batches, self._optimizer
            for index in range(batches.count):
                run(batches[index], optimizer)
                if index % _STEPS == 0:
                    yield
        yield from chain(self._train.pieces(), self._val.pieces())

    def _end_epoch(self) -> None:
        self.epoch += 1
        # A new array: callers keep the one of the epoch before.
        train, val = self.losses = np.array((self._train.losses, self._val.losses))
        theta = self.parameters.theta
        better = val < self.best[1]
        np.copyto(self.best, self.losses, where=better)
        np.copyto(self.best_epoch, self.epoch, where=better)
        finite = np.isfinite(np.vecdot(theta, theta)) & np.isfinite(train) & np.isfinite(val)
        if not finite.all():
            self.diverged.update({int(lane): self.epoch for lane in self.lanes[~finite]})
            self.keep(self.lanes[finite])
