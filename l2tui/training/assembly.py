"""What is trained, put together from settings and data: the network, its batches and its evaluation.

A single run and a stack of lanes begin here alike, so a lane starts with the bits of the run that it stands for.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.splits import Splits
from l2tui.nn.evaluate import Evaluator
from l2tui.nn.network import loss_for
from l2tui.nn.parameters import Array, Parameters, Shape, initialise
from l2tui.nn.step import Step
from l2tui.settings import Settings
from l2tui.training.batches import Batches

# Rows on which train_loss is taken when the training part has more.
TRAIN_LOSS_ROWS = 16_384

# Independent random streams of a seed; those of the data have numbers of their own in `data.splits`.
_WEIGHTS_STREAM, _ORDER_STREAM, _SAMPLE_STREAM = 101, 102, 103


class Assembly(NamedTuple):
    """The parts of a trainer.

    Attributes:
        parameters: The network, or a stack of networks, with initial weights.
        step: One update of it.
        batches: The training part, cut up.
        train: Evaluates the training part.
        val: Evaluates the validation part.
        order: Draws the order of the batches.
    """

    parameters: Parameters
    step: Step
    batches: Batches
    train: Evaluator
    val: Evaluator
    order: np.random.Generator


def assemble(settings: Settings, splits: Splits, *, lanes: int | None = None) -> Assembly:
    """Returns the parts of a trainer; equal settings and data give equal bits.

    Args:
        settings: The run's settings.
        splits: The prepared data.
        lanes: Networks in a stack; None for a single one.
    """
    dtype = np.dtype(settings.dtype)
    loss = loss_for(splits.task, splits.n_outputs)
    shape = Shape(splits.X_train.shape[1], settings.hidden, splits.n_outputs)
    parameters = Parameters(shape, settings.activation, dtype, lanes=lanes)
    initialise(parameters, settings.activation, _generator(settings, _WEIGHTS_STREAM))
    X1, X1_val = _with_ones(splits.X_train, dtype), _with_ones(splits.X_val, dtype)
    step = Step(parameters, settings.activation, loss, min(settings.batch_size, len(X1)))
    batches = Batches(step, X1, step.targets(splits.y_train, splits.n_outputs), settings.batch_size)
    rows = _sample(len(X1), settings)
    train = Evaluator(parameters, settings.activation, loss, X1, splits.y_train, rows=rows)
    val = Evaluator(parameters, settings.activation, loss, X1_val, splits.y_val)
    return Assembly(parameters, step, batches, train, val, _generator(settings, _ORDER_STREAM))


def _generator(settings: Settings, stream: int) -> np.random.Generator:
    # Each fold starts from other weights, in another order, so that folds differ by all that is left to chance.
    entropy = [settings.seed, stream, settings.fold] if settings.fold else [settings.seed, stream]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _with_ones(X: NDArray[np.float64], dtype: np.dtype[Any]) -> Array:
    X1: Array = np.empty((len(X), X.shape[1] + 1), dtype)
    X1[:, :-1] = X
    X1[:, -1] = 1.0
    return X1


def _sample(n: int, settings: Settings) -> NDArray[np.int64] | None:
    if n <= TRAIN_LOSS_ROWS:
        return None
    chosen = _generator(settings, _SAMPLE_STREAM).choice(n, TRAIN_LOSS_ROWS, replace=False, shuffle=False)
    return np.sort(chosen)
