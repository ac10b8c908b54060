"""The loss curves of all lanes of a sweep, at the epochs that are kept."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.files import MOST_BYTES
from l2tui.sweep.directory import SweepDirectory
from l2tui.sweep.stretch import TrainedStretch
from l2tui.training.archive import Archive


class Curves:
    """Collects curves as lanes train; float32, as they are for looking at.

    Args:
        arrays: What `arrays` returned before, to go on from.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]] | None = None) -> None:
        self._lanes: dict[tuple[int, float], tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        if arrays:
            for fold, l2, start, stop in zip(*(arrays[name] for name in ("fold", "l2", "start", "stop")), strict=True):
                rows = slice(int(start), int(stop))
                self._lanes[int(fold), float(l2)] = (arrays["epoch"][rows], arrays["losses"][rows])

    def take(self, fold: int, l2: tuple[float, ...], trained: TrainedStretch) -> None:
        """Takes in the curves of a stretch."""
        epochs = np.array(trained.kept, np.int64)
        for position in np.flatnonzero(trained.best_epoch >= 0):
            key = (fold, l2[position])
            new = (epochs, trained.curves[:, :, position])
            old = self._lanes.get(key)
            # After a kill a stretch comes again: what it wrote before is the same and makes room.
            if old is not None:
                kept = old[0] < (epochs[0] if len(epochs) else np.inf)
                new = (np.concatenate([old[0][kept], epochs]), np.concatenate([old[1][kept], new[1]]))
            self._lanes[key] = new

    def lane(self, fold: int, l2: float) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Returns the epochs and losses (epochs, 2) of a lane, train_loss first; None where it has none."""
        return self._lanes.get((fold, l2))

    def folds_of(self, l2: float) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Returns what `lane` does for every fold of a λ."""
        return [curve for (_, value), curve in self._lanes.items() if value == l2]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Returns all curves, one behind the other, as arrays for a file."""
        keys = sorted(self._lanes)
        lengths = [len(self._lanes[key][0]) for key in keys]
        stops = np.cumsum(lengths, dtype=np.int64) if keys else np.empty(0, np.int64)
        return {
            "fold": np.array([fold for fold, _ in keys], np.int64),
            "l2": np.array([l2 for _, l2 in keys], np.float64),
            "start": stops - np.array(lengths, np.int64),
            "stop": stops,
            "epoch": np.concatenate([self._lanes[key][0] for key in keys]) if keys else np.empty(0, np.int64),
            "losses": (np.concatenate([self._lanes[key][1] for key in keys]) if keys else np.empty((0, 2), np.float32)),
        }


def read_curves(sweep: SweepDirectory) -> Curves:
    """Returns the curves in a sweep's directory; none where they cannot be read yet.

    Args:
        sweep: The directory.
    """
    try:
        with os.fdopen(sweep.open(sweep.curves, os.O_RDONLY), "rb") as file:
            return Curves(Archive(file).all_arrays(MOST_BYTES))
    except Exception:  # whatever the damaged file makes the reader stumble over
        return Curves()
