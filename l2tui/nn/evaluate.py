"""Losses and scores over a whole split, in memory that is allocated once."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.network import Loss, signs
from l2tui.nn.parameters import Array, Parameters
from l2tui.nn.step import in_place_activation, product_with
from l2tui.settings import Activation

# Numbers, of the inputs or the hidden layer, to work on in one go: few enough to stay in a processor's cache.
CHUNK_NUMBERS = 1 << 16


class Evaluator:
    """Evaluates the network on one fixed set of rows.

    The outputs are computed in the weights' type, the loss from them always in float64. A stack gives one loss for each
    lane, of the same bits as that lane's alone: rows are worked on in the same pieces, and sums run along the rows.

    Args:
        parameters: The network; its weights are read anew at every call.
        activation: The hidden units' non-linearity.
        loss: Which data loss.
        X1: (n, n_in + 1) inputs with a column of ones.
        y: (n,) class indices, or values for regression.
        rows: (m,) which of the n rows to take; None for all. They are gathered anew at each call, not copied.

    Attributes:
        X1: The inputs of all n rows.
        losses: The mean data loss per row that was computed last, one for each lane of a stack.
        hidden: The hidden layer of the rows that a single network was last evaluated on; the caller may use it up.
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
        self.X1, self._rows = X1, rows
        self._made_with = (activation, loss, X1, y)
        y = y if rows is None else y[rows]
        n, hidden, n_out = len(y), parameters.shape.hidden + 1, parameters.shape.n_out
        dtype, lanes = parameters.theta.dtype, parameters.lanes
        self._activate, _ = in_place_activation(activation, dtype)
        widest = max(hidden, X1.shape[1])
        self._chunk = min(n, max(16, CHUNK_NUMBERS // widest))
        # As many lanes at a time as stay in the cache together.
        step = max(1, CHUNK_NUMBERS // (self._chunk * widest))
        self._groups = [slice(first, first + step) for first in range(0, lanes[0], step)] if lanes else [...]
        at_once = (min(step, lanes[0]),) if lanes else ()
        self._H: Array = np.empty((*at_once, self._chunk, hidden), dtype)
        self._D: Array = np.empty((*at_once, self._chunk, n_out), dtype)
        self._Z2: NDArray[np.float64] = np.empty((*lanes, n, n_out))
        self.hidden: Array = self._H
        self._mean_loss = self._loss_function(loss, y)
        self._loss = loss
        self._score = self.scorer(y)
        self.losses: NDArray[np.float64] = np.full(lanes, np.nan)

    def for_network(self, parameters: Parameters) -> "Evaluator":
        """Returns what evaluates another network of that shape on the same rows."""
        return Evaluator(parameters, *self._made_with, rows=self._rows)

    def loss(self) -> float:
        """Returns the mean data loss per row."""
        for _ in self.pieces():
            pass
        return self.last_loss

    def pieces(self) -> Iterator[None]:
        """Computes what `loss` does bit by bit, for a caller who has other things to do in between.

        `last_loss` or `losses` is the result once this is exhausted. The weights must not change meanwhile.
        """
        A1, A2, Z2 = self._parameters.A1, self._parameters.A2, self._Z2
        at_once = self._parameters.lanes
        n = Z2.shape[-2]
        for start in range(0, n, self._chunk):
            stop = min(start + self._chunk, n)
            X1 = self._inputs(start, stop)
            for lanes in self._groups:
                if at_once:
                    H = self._H[: len(A1[lanes]), : stop - start]
                    np.matmul(X1, A1[lanes], H)
                    self._activate(H)
                    if self._D.dtype == Z2.dtype:
                        np.matmul(H, A2[lanes], Z2[lanes, start:stop])
                    else:
                        D = self._D[: len(H), : stop - start]
                        np.matmul(H, A2[lanes], D)
                        Z2[lanes, start:stop] = D
                else:
                    H, D = self._H[: stop - start], self._D[: stop - start]
                    X1.dot(A1, H)
                    self._activate(H)
                    H.dot(A2, D)
                    Z2[start:stop] = D
                    self.hidden = H
                yield
        self.losses = self._mean_loss()

    @property
    def last_loss(self) -> float:
        """The mean data loss per row that was computed last, of a single network."""
        return float(self.losses)

    def score(self) -> float:
        """Returns the accuracy (0 to 1), or R² for regression, at the outputs that `loss` has last computed."""
        return float(self._score())

    def scores(self) -> NDArray[np.float64]:
        """Returns what `score` does for each lane."""
        return np.asarray(self._score(), np.float64)

    def _inputs(self, start: int, stop: int) -> Array:
        return self.X1[start:stop] if self._rows is None else self.X1.take(self._rows[start:stop], 0)

    def _loss_function(self, loss: Loss, y: NDArray[Any]) -> Callable[[], Any]:
        Z2, n = self._Z2, len(y)
        z, work = Z2[..., 0], np.empty(Z2.shape[:-1])
        sign = signs(y) if loss == "binary_cross_entropy" else np.empty(0)
        if loss == "cross_entropy":
            ones, E = np.ones(Z2.shape[-1]), np.empty_like(Z2)
            sums = product_with(E, self._parameters.lanes)
            flat, right = Z2.reshape(*Z2.shape[:-2], -1), np.arange(n) * Z2.shape[-1] + y

        def mse() -> Any:
            np.subtract(z, y, work)
            return np.vecdot(work, work) / n

        def binary_cross_entropy() -> Any:
            # log(1 + exp(-sz)) = log1p(exp(-|z|)) - min(sz, 0), which neither overflows nor is slow
            np.abs(z, work)
            np.negative(work, work)
            np.exp(work, work)
            np.log1p(work, work)
            total = work.sum(-1)
            np.multiply(z, sign, work)
            np.minimum(work, 0.0, out=work)
            return (total - work.sum(-1)) / n

        def cross_entropy() -> Any:
            # A row less its maximum has the same softmax, and the same largest output for `score`.
            Z2.max(axis=-1, out=work)
            np.subtract(Z2, work[..., None], Z2)
            np.exp(Z2, E)
            sums(ones, work)
            np.log(work, work)
            return (work.sum(-1) - flat.take(right, -1).sum(-1)) / n

        return {"mse": mse, "binary_cross_entropy": binary_cross_entropy, "cross_entropy": cross_entropy}[loss]

    def scorer(self, y: NDArray[Any]) -> Callable[[], Any]:
        """Returns what gives the score, at the outputs that `loss` has last computed, against y of the same rows."""
        loss, Z2, n = self._loss, self._Z2, len(y)
        # Without an axis, counting is several times as fast.
        axis = -1 if Z2.ndim == 3 else None
        if loss == "mse":
            variance = float(np.var(y))
            return lambda: 1.0 - self.losses / (variance if variance > 0 else math.nan)
        if loss == "binary_cross_entropy":
            positive = y > 0
            return lambda: np.count_nonzero((Z2[..., 0] > 0) == positive, axis) / n
        return lambda: np.count_nonzero(Z2.argmax(axis=-1) == y, axis) / n
