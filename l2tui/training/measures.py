"""What is measured of the network at some epochs only, because it costs a pass over many rows."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from l2tui.data.splits import Splits
from l2tui.nn.evaluate import Evaluator
from l2tui.nn.network import loss_for
from l2tui.nn.sensitivity import Sensitivity
from l2tui.settings import Settings
from l2tui.training.assembly import Assembly


class Measured(NamedTuple):
    """What was measured at one moment; NaN where nothing was, or there is nothing to measure.

    Attributes:
        b1_norm: Norm of b1.
        b2_norm: Norm of b2.
        sensitivity: Mean norm of the outputs' gradient by the inputs, see `Sensitivity`.
        wrong_memorised: Rows of the training part with a flipped label for which the network predicts that label.
        wrong_right: Such rows for which it predicts the true class.
    """

    b1_norm: float = math.nan
    b2_norm: float = math.nan
    sensitivity: float = math.nan
    wrong_memorised: float = math.nan
    wrong_right: float = math.nan


class Measures:
    """Measures a network on fixed rows.

    Args:
        settings: The run's settings.
        splits: The prepared data.
        parts: The network and the evaluation of both parts.
    """

    def __init__(self, settings: Settings, splits: Splits, parts: Assembly) -> None:
        self._biases = (parts.parameters.views().b1, parts.parameters.views().b2)
        self._sensitivity = Sensitivity(parts.parameters, settings.activation, parts.val)
        self._wrong: Evaluator | None = None
        rows = splits.wrong_rows
        if len(rows) and splits.true_y_train is not None:
            loss = loss_for(splits.task, splits.n_outputs)
            self._wrong = Evaluator(
                parts.parameters, settings.activation, loss, parts.train.X1, splits.y_train, rows=rows
            )
            self._right = self._wrong.scorer(np.asarray(splits.true_y_train)[rows])
            self._count = len(rows)

    def pieces(self) -> Iterator[None]:
        """Measures, and evaluates the validation part, bit by bit; the weights must not change meanwhile."""
        yield from self._sensitivity.pieces()
        if self._wrong is not None:
            yield from self._wrong.pieces()

    def values(self) -> Measured:
        """Returns what was measured last."""
        b1, b2 = (math.sqrt(float(bias.dot(bias))) for bias in self._biases)
        if self._wrong is None:
            return Measured(b1, b2, self._sensitivity.value)
        shares = (self._wrong.score(), float(self._right()))
        return Measured(b1, b2, self._sensitivity.value, *(float(round(share * self._count)) for share in shares))
