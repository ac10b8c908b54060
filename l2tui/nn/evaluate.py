"""Losses and scores over a whole split, in memory that is allocated once."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.network import Loss, signs
from l2tui.nn.parameters import Array, Parameters
from l2tui.nn.step import in_place_activation
from l2tui.settings import Activation

# Numbers, of the inputs or the hidden layer, to work on in one go: few enough to stay in a processor's cache.
_CHUNK_NUMBERS = 1 << 16


class Evaluator:
    """Evaluates the network on one fixed set of rows.

    The outputs are computed in the weights' type, the loss from them always in float64.

    Args:
        parameters: The network; its weights are read anew at every call.
        activation: The hidden units' non-linearity.
        loss: Which data loss.
        X1: (n, n_in + 1) inputs with a column of ones.
        y: (n,) class indices, or values for regression.
        rows: (m,) which of the n rows to take; None for all. They are gathered anew at each call, not copied.
    """

    def __init__(
        self,
        parameters: Parameters,
        activation: Activation,
        loss: Loss,
        X1: Array,
        y: NDArray[Any],
        *,
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        self._parameters = parameters
        self._X1, self._rows = X1, rows
        y = y if rows is None else y[rows]
        n, hidden, n_out = len(y), parameters.shape.hidden + 1, parameters.shape.n_out
        dtype = parameters.theta.dtype
        self._activate, _ = in_place_activation(activation, dtype)
        self._chunk = min(n, max(16, _CHUNK_NUMBERS // max(hidden, X1.shape[1])))
        self._H: Array = np.empty((self._chunk, hidden), dtype)
        self._D: Array = np.empty((self._chunk, n_out), dtype)
        self._Z2: NDArray[np.float64] = np.empty((n, n_out))
        self._mean_loss = self._loss_function(loss, y)
        self._score = self._score_function(loss, y)
        self._last = float("nan")

    def loss(self) -> float:
        """Returns the mean data loss per row."""
        for _ in self.pieces():
            pass
        return self._last

    def pieces(self) -> Iterator[None]:
        """Computes what `loss` does bit by bit, for a caller who has other things to do in between.

        `last_loss` is the result once this is exhausted. The weights must not change meanwhile.
        """
        n = len(self._Z2)
        for start in range(0, n, self._chunk):
            stop = min(start + self._chunk, n)
            H, D = self._H[: stop - start], self._D[: stop - start]
            self._inputs(start, stop).dot(self._parameters.A1, H)
            self._activate(H)
            H.dot(self._parameters.A2, D)
            self._Z2[start:stop] = D
            yield
        self._last = self._mean_loss()

    @property
    def last_loss(self) -> float:
        """The mean data loss per row that was computed last."""
        return self._last

    def score(self) -> float:
        """Returns the accuracy (0 to 1), or R² for regression, at the outputs that `loss` has last computed."""
        return self._score()

    def _inputs(self, start: int, stop: int) -> Array:
        return self._X1[start:stop] if self._rows is None else self._X1.take(self._rows[start:stop], 0)

    def _loss_function(self, loss: Loss, y: NDArray[Any]) -> Callable[[], float]:
        Z2, n = self._Z2, len(y)
        z, work = Z2[:, 0], np.empty(n)
        sign = signs(y) if loss == "binary_cross_entropy" else np.empty(0)
        if loss == "cross_entropy":
            ones, E = np.ones(Z2.shape[1]), np.empty_like(Z2)
            flat, right = Z2.reshape(-1), np.arange(n) * Z2.shape[1] + y

        def mse() -> float:
            np.subtract(z, y, work)
            return float(work.dot(work)) / n

        def binary_cross_entropy() -> float:
            # log(1 + exp(-sz)) = log1p(exp(-|z|)) - min(sz, 0), which neither overflows nor is slow
            np.abs(z, work)
            np.negative(work, work)
            np.exp(work, work)
            np.log1p(work, work)
            total = float(work.sum())
            np.multiply(z, sign, work)
            np.minimum(work, 0.0, out=work)
            return (total - float(work.sum())) / n

        def cross_entropy() -> float:
            # A row less its maximum has the same softmax, and the same largest output for `score`.
            Z2.max(axis=1, out=work)
            np.subtract(Z2, work[:, None], Z2)
            np.exp(Z2, E)
            E.dot(ones, work)
            np.log(work, work)
            return (float(work.sum()) - float(flat.take(right).sum())) / n

        return {"mse": mse, "binary_cross_entropy": binary_cross_entropy, "cross_entropy": cross_entropy}[loss]

    def _score_function(self, loss: Loss, y: NDArray[Any]) -> Callable[[], float]:
        Z2, n = self._Z2, len(y)
        if loss == "mse":
            variance = float(np.var(y))
            return lambda: 1.0 - self._last / variance if variance > 0 else float("nan")
        if loss == "binary_cross_entropy":
            positive = y > 0
            return lambda: np.count_nonzero((Z2[:, 0] > 0) == positive) / n
        return lambda: np.count_nonzero(Z2.argmax(axis=1) == y) / n
