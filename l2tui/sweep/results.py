"""What is known of every lane of a sweep so far, and the matrices that the answer is taken from."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.sweep.answer import Answer, answer
from l2tui.sweep.directory import Judge
from l2tui.sweep.stretch import TrainedStretch

Floats = NDArray[np.float64]


class Lane(Struct, frozen=True):
    """One λ in one fold. Losses are data losses; those that are not finite are None.

    Attributes:
        fold: Its fold; 0 is the run's own split.
        l2: λ.
        epoch: Epochs trained.
        left: Whether it was dropped at a rung before its last epoch.
        diverged_epoch: Epoch at which it diverged, or None.
        train_loss: Mean train_loss over the last twentieth of its epochs.
        val_loss: The same of val_loss.
        best_epoch: ★, the epoch of the lowest val_loss.
        best_train_loss: train_loss there.
        best_val_loss: val_loss there.
        w1_norm: Norm of W1 after the last epoch.
        w2_norm: Norm of W2.
        train_accuracy: Accuracy, or R² for regression, on the training part.
        val_accuracy: The same on the validation part.
    """

    fold: int
    l2: float
    epoch: int
    left: bool = False
    diverged_epoch: int | None = None
    train_loss: float | None = None
    val_loss: float | None = None
    best_epoch: int | None = None
    best_train_loss: float | None = None
    best_val_loss: float | None = None
    w1_norm: float | None = None
    w2_norm: float | None = None
    train_accuracy: float | None = None
    val_accuracy: float | None = None


class Results:
    """Every lane of a sweep, as far as it is trained.

    Args:
        epochs: Epochs that a lane trains when it is not dropped.
        lanes: Lanes to begin with.
    """

    def __init__(self, epochs: int, lanes: list[Lane] | None = None) -> None:
        self.epochs = epochs
        self._lanes = {(lane.fold, lane.l2): lane for lane in lanes or ()}

    @property
    def lanes(self) -> list[Lane]:
        """All lanes, by fold and λ."""
        return [self._lanes[key] for key in sorted(self._lanes)]

    @property
    def l2(self) -> tuple[float, ...]:
        """All λ, ascending."""
        return tuple(sorted({l2 for _, l2 in self._lanes}))

    @property
    def folds(self) -> tuple[int, ...]:
        """All folds."""
        return tuple(sorted({fold for fold, _ in self._lanes}))

    def take(self, fold: int, l2: tuple[float, ...], trained: TrainedStretch) -> None:
        """Adds the results of a stretch."""
        for position, value in enumerate(l2):
            if position in trained.diverged:
                self._lanes[fold, value] = Lane(fold, value, trained.epoch, False, trained.diverged[position])
            elif trained.best_epoch[position] >= 0:
                train_loss, val_loss = (_finite(level[position]) for level in trained.level)
                self._lanes[fold, value] = Lane(
                    fold,
                    value,
                    trained.epoch,
                    train_loss=train_loss,
                    val_loss=val_loss,
                    best_epoch=int(trained.best_epoch[position]),
                    best_train_loss=_finite(trained.best[0, position]),
                    best_val_loss=_finite(trained.best[1, position]),
                    w1_norm=_finite(trained.norms[0, position]),
                    w2_norm=_finite(trained.norms[1, position]),
                    train_accuracy=_finite(trained.scores[0, position]),
                    val_accuracy=_finite(trained.scores[1, position]),
                )

    def drop(self, l2: float) -> None:
        """Marks a λ as dropped in all folds."""
        for key, lane in self._lanes.items():
            if key[1] == l2 and lane.diverged_epoch is None and lane.epoch < self.epochs:
                self._lanes[key] = Lane(*(True if name == "left" else getattr(lane, name) for name in _FIELDS))

    def matrix(self, name: str, *, whole: bool = True) -> Floats:
        """Returns one figure of all lanes, (folds, λ), NaN where there is none.

        Args:
            name: Field of `Lane`.
            whole: Whether only lanes count that were trained to the last epoch.
        """
        folds, grid = self.folds, self.l2
        found = np.full((len(folds), len(grid)), np.nan)
        for (fold, l2), lane in self._lanes.items():
            value = getattr(lane, name)
            if value is not None and (not whole or lane.epoch >= self.epochs):
                found[folds.index(fold), grid.index(l2)] = value
        return found

    def answer(self, *, val_share: float, judge: Judge, done: bool) -> Answer:
        """Answers from the lanes so far; see `sweep.answer`.

        Before all are trained, the lanes that are furthest in each fold are compared: a level of an earlier epoch, from
        before a λ overfits, would lead by that alone.
        """
        level, best = (self.matrix(name, whole=done) for name in ("val_loss", "best_val_loss"))
        if not done and level.size:
            epoch = self.matrix("epoch", whole=False)
            level[epoch < np.nanmax(epoch, axis=1, keepdims=True)] = np.nan
        return answer(self.l2, level, best, val_share=val_share, judge=judge, done=done)


_FIELDS = Lane.__struct_fields__


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
