"""Many small runs trained in lock-step: those of all seeds and all λ of one kind as one stack of matrices.

It is the engine's arithmetic written once more, plainly, over two leading axes (seed, lane). `tests/benchmarks/` has
its own check that a lane has the losses of a `Trainer` with the same settings, up to rounding.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.settings import Settings, changed
from l2tui.training.trainer import Trainer

Floats = NDArray[np.float64]
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8


class Change(NamedTuple):
    """A setting of a lane that takes a new value before the first update of the epoch after `epoch`."""

    epoch: int
    name: str
    value: float


class Lane(NamedTuple):
    """What tells the lanes of a seed apart: the λ it begins with, and what is changed on the way."""

    l2: float
    changes: tuple[Change, ...] = ()


class Stack:
    """All lanes of all seeds of one kind of run.

    Args:
        settings: What they share; tanh units, float64.
        seeds: The seeds; each has data, weights and an order of its own.
        lanes: The lanes that each seed trains.
    """

    def __init__(self, settings: Settings, seeds: Sequence[int], lanes: Sequence[Lane]) -> None:
        self._settings, self._lanes = settings, lanes
        several = [changed(settings, seed=seed) for seed in seeds]
        splits = [prepare(one) for one in several]
        trainers = [Trainer(one, split) for one, split in zip(several, splits, strict=True)]
        self._orders = [trainer.order_generator for trainer in trainers]
        first = splits[0]
        self._kind = "mse" if first.task == "regression" else "softmax" if first.n_outputs > 1 else "sigmoid"
        self._train, self._val = (self._part(splits, part) for part in ("train", "val"))
        stacked = (len(lanes), 1, 1)
        self.A1 = np.stack([np.tile(trainer.parameters.A1, stacked) for trainer in trainers])
        self.A2 = np.stack([np.tile(trainer.parameters.A2, stacked) for trainer in trainers])
        self._slots = [[np.zeros_like(A), np.zeros_like(A)] for A in (self.A1, self.A2)]
        self._l2 = np.array([lane.l2 for lane in lanes])
        self._rate = np.full(len(lanes), settings.learning_rate)
        self._count = 0

    def _part(self, splits: Sequence[Splits], part: str) -> tuple[Floats, Floats]:
        X = np.stack([getattr(split, f"X_{part}") for split in splits])
        y = np.stack([getattr(split, f"y_{part}") for split in splits])
        X1 = np.concatenate([X, np.ones((*X.shape[:2], 1))], axis=2)
        if self._kind == "softmax":
            return X1, (y[:, :, None] == np.arange(splits[0].n_outputs)).astype(float)
        return X1, y[:, :, None].astype(float)

    def run(self) -> Floats:
        """Trains all epochs; returns train_loss and val_loss of each, shape (2, seeds, lanes, epochs + 1)."""
        epochs = self._settings.epochs
        losses = np.empty((2, len(self._orders), len(self._lanes), epochs + 1))
        with np.errstate(all="ignore"):
            for epoch in range(epochs + 1):
                if epoch:
                    self._set(epoch - 1)
                    self._train_epoch()
                losses[0, :, :, epoch], losses[1, :, :, epoch] = self._loss(*self._train), self._loss(*self._val)
        return losses

    def _set(self, epoch: int) -> None:
        for index, lane in enumerate(self._lanes):
            for change in lane.changes:
                if change.epoch == epoch and change.name == "l2":
                    self._l2[index] = change.value
                elif change.epoch == epoch:
                    if self._settings.optimizer == "momentum":
                        for slots in self._slots:
                            slots[0][:, index] *= change.value / self._rate[index]
                    self._rate[index] = change.value

    def _train_epoch(self) -> None:
        X1, T = self._train
        rows, size = X1.shape[1], min(self._settings.batch_size, X1.shape[1])
        if size < rows:
            orders = [order.permutation(rows) for order in self._orders]
            X1 = np.stack([X[order] for X, order in zip(X1, orders, strict=True)])
            T = np.stack([t[order] for t, order in zip(T, orders, strict=True)])
        for start in range(0, rows, size):
            self._step(X1[:, None, start : start + size], T[:, None, start : start + size])

    def _step(self, X1: Floats, T: Floats) -> None:
        H = np.tanh(X1 @ self.A1)
        Z = H @ self.A2
        D = (2 * (Z - T) if self._kind == "mse" else self._probability(Z) - T) / X1.shape[2]
        G2 = H.swapaxes(2, 3) @ D
        dH = (D @ self.A2.swapaxes(2, 3)) * (1.0 - H * H)
        self._update(X1.swapaxes(2, 3) @ dH, G2)

    def _probability(self, Z: Floats) -> Floats:
        if self._kind == "sigmoid":
            return np.asarray(0.5 + 0.5 * np.tanh(0.5 * Z))
        E = np.exp(Z - Z.max(axis=3, keepdims=True))
        return np.asarray(E / E.sum(axis=3, keepdims=True))

    def _update(self, G1: Floats, G2: Floats) -> None:
        optimizer, self._count = self._settings.optimizer, self._count + 1
        rate = self._rate[:, None, None]
        for A, G, slots in ((self.A1, G1, self._slots[0]), (self.A2, G2, self._slots[1])):
            decay = np.zeros_like(A)
            weights = (slice(None), slice(None), slice(-1), slice(-1) if A is self.A1 else slice(None))
            decay[weights] = 2.0 * self._l2[:, None, None] * A[weights]
            if optimizer == "sgd":
                A -= rate * (G + decay)
            elif optimizer == "momentum":
                slots[0] *= self._settings.momentum
                slots[0] += rate * (G + decay)
                A -= slots[0]
            else:
                full = G + decay if optimizer == "adam" else G
                slots[0] += (1 - _BETA_1) * (full - slots[0])
                slots[1] += (1 - _BETA_2) * (full * full - slots[1])
                mean, square = slots[0] / (1 - _BETA_1**self._count), slots[1] / (1 - _BETA_2**self._count)
                A -= rate * (mean / (np.sqrt(square) + _EPSILON) + (decay if optimizer == "adamw" else 0.0))

    def _loss(self, X1: Floats, T: Floats) -> Floats:
        Z = np.tanh(X1[:, None] @ self.A1) @ self.A2
        T = T[:, None]
        if self._kind == "mse":
            each: Any = (Z - T) ** 2
        elif self._kind == "sigmoid":
            each = np.log1p(np.exp(-np.abs(Z))) - np.minimum((2 * T - 1) * Z, 0.0)
        else:
            Z = Z - Z.max(axis=3, keepdims=True)
            each = np.log(np.exp(Z).sum(axis=3)) - (Z * T).sum(axis=3)
        return np.asarray(each.reshape(*Z.shape[:2], -1).mean(axis=2))
