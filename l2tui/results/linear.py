"""Ridge and logistic regression: what a network without a hidden layer reaches on the same inputs."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.seeds import generator
from l2tui.data.splits import Splits
from l2tui.nn.network import Loss, data_loss, loss_for, output_error

Floats = NDArray[np.float64]

# λ to try, the strongest first: the notches of the app's keys.
L2S = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
# What keeps a fit within about a second: numbers in one pass over the rows, multiplications for the Gram matrix and
# for the descent, rows that are always used, and rows on which λ is chosen.
_PASS_NUMBERS, _GRAM_PRODUCTS, _PRODUCTS, _FEW_ROWS, _VAL_ROWS = 1 << 20, 1 << 28, 1 << 30, 1024, 1 << 14
_STEPS, _TOLERANCE = 200, 1e-5
# An upper bound of the second derivative of each loss by the outputs.
_CURVATURE: dict[Loss, float] = {"mse": 2.0, "binary_cross_entropy": 0.25, "cross_entropy": 0.5}


class Linear(NamedTuple):
    """A linear rule.

    Attributes:
        W: (n_inputs, n_outputs) its weights.
        b: (n_outputs,) its biases.
        l2: λ of its penalty.
        rows: Training rows that it was fitted on.
    """

    W: Floats
    b: Floats
    l2: float
    rows: int

    def outputs(self, X: Floats) -> Floats:
        """Returns logits or predicted values, (n, n_outputs)."""
        return np.asarray(X @ self.W + self.b)


def fit_linear(splits: Splits, seed: int, l2s: tuple[float, ...] = L2S) -> Linear:
    """Fits ridge regression, or logistic regression with the same penalty.

        minimise data_loss + λ·ΣW²        (no penalty on b)

    λ is the one with the lowest loss on the validation part, as the network's epoch is. Of many rows a random sample
    is used; where inputs and classes are many as well, the descent is cut short. In the coordinates of the principal
    axes the penalty stays what it is and the Gram matrix is diagonal, so that one decomposition serves every λ.

    Args:
        splits: The parts, with label noise where the network has it.
        seed: Seed of the sample.
        l2s: λ to choose from, the strongest first.
    """
    loss = loss_for(splits.task, splits.n_outputs)
    n_inputs = splits.X_train.shape[1]
    most = min(_PASS_NUMBERS // (n_inputs * splits.n_outputs), _GRAM_PRODUCTS // n_inputs**2)
    X, y = _sample(splits.X_train, splits.y_train, max(most, _FEW_ROWS), seed)
    X_val, y_val = _sample(splits.X_val, splits.y_val, _VAL_ROWS, seed)
    centre = X.mean(axis=0)
    axes = _principal_axes(X - centre)
    descent = _Descent((X - centre) @ axes, y, splits.n_outputs, loss)
    Z_val = (X_val - centre) @ axes
    found: list[tuple[float, float, Floats]] = []
    for done, l2 in enumerate(l2s):
        V = descent.to_minimum(l2, share=1 / (len(l2s) - done))
        found.append((data_loss(Z_val @ V[:-1] + V[-1], y_val, loss), l2, V))
    _, l2, V = min(found, key=lambda entry: entry[0])
    W = axes @ V[:-1]
    return Linear(W, V[-1] - centre @ W, l2, len(y))


class _Descent:
    """Accelerated descent on data_loss + λ·ΣV², each coordinate with a step of its own.

        V -= (dV + 2λ·V) / (c·z² + 2λ)        z² the mean square of the coordinate, c the bound of the curvature

    Never diverges, as c·z² + 2λ bounds the second derivative; for the squared error it equals it, and one step is
    enough. The minimum for one λ is the start for the next.

    Attributes:
        steps_left: Steps that can still be afforded.

    Source:
        Böhning, *Multinomial logistic regression algorithm* (1992); Nesterov, *A method of solving a convex
        programming problem with convergence rate O(1/k²)* (1983); O'Donoghue, Candès, *Adaptive restart for
        accelerated gradient schemes* (2015).
    """

    def __init__(self, Z: Floats, y: NDArray[Any], n_outputs: int, loss: Loss) -> None:
        self._Z = np.column_stack((Z, np.ones(len(Z))))
        self._y, self._loss = y, loss
        self._curvature = _CURVATURE[loss] * np.mean(self._Z**2, axis=0)[:, None]
        self._penalised = np.ones((self._Z.shape[1], 1))
        self._penalised[-1] = 0.0
        self._V = np.zeros((self._Z.shape[1], n_outputs))
        # Two products, and the exponentials, which take about as long as ten multiplications.
        self.steps_left = _PRODUCTS // (len(Z) * n_outputs * (2 * self._Z.shape[1] + 10))

    def to_minimum(self, l2: float, share: float) -> Floats:
        """Returns the weights at the minimum, (n_inputs + 1, n_outputs), with the biases in the last row.

        Args:
            l2: λ.
            share: Share of the steps left that may be taken.
        """
        pull = 2 * l2 * self._penalised
        V, ahead, momentum = self._V, self._V, 1.0
        for _ in range(max(1, min(_STEPS, int(share * self.steps_left)))):
            self.steps_left -= 1
            gradient = self._Z.T @ output_error(self._Z @ ahead, self._y, self._loss) + pull * ahead
            new = ahead - gradient / (self._curvature + pull)
            moved = new - V
            # A step against the gradient's slope has overshot.
            overshot = float(np.vdot(gradient, moved)) > 0
            before, momentum = (1.0, 1.0) if overshot else (momentum, (1 + np.sqrt(1 + 4 * momentum**2)) / 2)
            V, ahead = new, new + (before - 1) / momentum * moved
            if np.abs(moved).max() <= _TOLERANCE * np.abs(new).max():
                break
        self._V = V
        return V


def _principal_axes(X: Floats) -> Floats:
    """Returns orthonormal axes, in columns, that span the rows of a centred matrix."""
    n, n_inputs = X.shape
    if n_inputs <= n:
        squares, axes = np.linalg.eigh(X.T @ X)
        kept = squares > 1e-12 * max(squares[-1], 1e-300)
        return np.asarray(axes[:, kept])
    squares, axes = np.linalg.eigh(X @ X.T)
    kept = squares > 1e-12 * max(squares[-1], 1e-300)
    return np.asarray(X.T @ (axes[:, kept] / np.sqrt(squares[kept])))


def _sample(X: Floats, y: NDArray[Any], most: int, seed: int) -> tuple[Floats, NDArray[Any]]:
    if len(y) <= most:
        return X, y
    rows = np.sort(generator(seed, "floors").choice(len(y), most, replace=False, shuffle=False))
    return X[rows], y[rows]
