"""The weights at a moment of a run: those that train, the best ones, or those of an epoch whose state is kept.

All that needs weights asks here, of a trainer in this process or of a run's files.
"""

import os
from typing import NamedTuple

import msgspec
import numpy as np

from l2tui.errors import RunError
from l2tui.nn.parameters import Weights
from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import Moment
from l2tui.runs.states import kept_epochs
from l2tui.training.archive import Archive
from l2tui.training.checkpoint import MOST_STATE
from l2tui.training.state import Progress
from l2tui.training.trainer import Trainer

# Weights of a layer: more than any network has that this program trains in memory that people have.
_MOST_WEIGHTS = 1 << 27


class WeightsThen(NamedTuple):
    """The weights at a moment.

    Attributes:
        weights: In float64.
        epoch: Finished epochs.
        step: Updates since the start; None where that is not kept.
    """

    weights: Weights
    epoch: int
    step: int | None = None


def weights_of(trainer: Trainer, moment: Moment) -> WeightsThen | None:
    """Returns copies of the weights of a run that trains; None where there are none of that moment."""
    if moment == "live":
        return WeightsThen(_copies(trainer.parameters.views()), trainer.epoch, trainer.step)
    best = trainer.watch.best_epoch
    if moment == "best" and best is not None:
        return WeightsThen(_copies(trainer.parameters.views(trainer.best_theta)), best)
    return None


def read_weights(run: RunDirectory, moment: Moment) -> WeightsThen:
    """Returns weights from a run's files; "live" are those of the last checkpoint.

    Raises:
        RunError: There are none of that moment, or the file is damaged.
    """
    file = {"best": run.best, "live": run.checkpoint}[moment] if isinstance(moment, str) else run.state(moment)
    if isinstance(moment, int) and moment not in kept_epochs(run):
        raise RunError(f"{run.path}: the weights of epoch {moment} are not kept, those of the best and last epoch are")
    try:
        with os.fdopen(run.open(file, os.O_RDONLY), "rb") as raw:
            archive = Archive(raw)
            weights = weights_in(archive)
            if moment == "best":
                return WeightsThen(weights, int(archive.array("epoch", (), np.dtype(np.int64))))
            progress = msgspec.json.decode(archive.text("state", MOST_STATE), type=Progress)
            return WeightsThen(weights, progress.epoch, progress.step)
    except FileNotFoundError:
        what = "best weights" if moment == "best" else "weights"
        raise RunError(f"{run.path}: there are no {what} yet; the first come after about a second") from None
    except Exception as error:
        # Damaged archives raise whatever the piece of code that stumbled over them raises.
        raise RunError(f"{file}: not usable: {error}") from None


def weights_in(archive: Archive) -> Weights:
    """Returns `W1, b1, W2, b2` of a file that holds them by name, in float64.

    Raises:
        ValueError: They are not layers of one network.
        Exception: As `Archive`.
    """
    dimensions = {"W1": 2, "b1": 1, "W2": 2, "b2": 1}
    arrays = {name: archive.numbers(name, count, _MOST_WEIGHTS) for name, count in dimensions.items()}
    weights = Weights(**{name: np.array(array, np.float64) for name, array in arrays.items()})
    hidden, outputs = weights.W2.shape
    if (weights.W1.shape[1], len(weights.b1), len(weights.b2)) != (hidden, hidden, outputs):
        raise ValueError("its layers do not belong together")
    return weights


def _copies(weights: Weights) -> Weights:
    return Weights(*(np.array(view, np.float64) for view in weights))
