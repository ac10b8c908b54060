"""The two forces on the weights over many steps: the mean data gradient, and how much of a single step is noise."""

import math
from typing import NamedTuple

import numpy as np

from l2tui.nn.parameters import Array, Parameters
from l2tui.nn.step import Batch, Step, Updates


class Pull(NamedTuple):
    """What the data do to one layer; NaN where that is not known.

    Attributes:
        mean: Norm of the mean data gradient.
        noise: Share of the squared length of a step's data gradient that the other steps of its epoch take back.
    """

    mean: float = math.nan
    noise: float = math.nan


NO_PULLS = (Pull(), Pull())


class Forces:
    """Finds the mean of the data gradients of many steps, which comes into balance with the decay gradient 2·λ·W.

    With plain SGD the weights themselves tell, at no cost in a step. After K steps from W_0 on, with d = 2·lr·λ:

        W_K = (1 - d)^K·W_0 - lr·Σ (1 - d)^(K-k)·g_k
        mean = ‖(1 - d)^K·W_0 - W_K‖ / (lr·Σ (1 - d)^(K-k))

    This is the mean over the *window*, the epochs since the one that was measured before, in which a gradient counts as
    far as decay has not taken it back. A change of λ, the rate or the weights begins a new window. Other optimisers
    leave no such trace. For them the gradients of the last epoch are summed up, each row counting once:

        mean = ‖Σ p_k·g_k‖        noise = 1 - ‖Σ p_k·g_k‖² / Σ p_k·‖g_k‖²        p_k = share of the rows in batch k

    The noise comes from this sum with every optimiser. A sum is one pass over the parameters and two products a step,
    so it is done in epochs that are measured, not in all.

    Args:
        step: The step whose gradients are summed up.
        parameters: The network.
        rows: Rows of the training part.
        plain: Whether the optimiser is plain SGD.

    Attributes:
        start: The parameters at the start of the window.
        start_step: Updates before it.
        sum: Σ rows of k · g_k so far in this epoch, times `scale`.
        squares: Σ rows of k · ‖g_k‖² of W1 and of W2, times `scale` squared.
        scale: Factor of the gradients.
        rows: Rows that were summed up so far.
    """

    def __init__(self, step: Step, parameters: Parameters, rows: int, *, plain: bool) -> None:
        self._parameters, self._all, self._plain = parameters, rows, plain
        self.move_to(step, step.gradient)
        self._scratch: Array = np.empty_like(self._gradient)
        self._factor: Array = np.zeros((), self._gradient.dtype)
        self.start: Array = parameters.theta.copy()
        self.start_step = 0
        self.sum: Array = np.zeros_like(self._gradient)
        self.squares, self.scale, self.rows = (0.0, 0.0), 1.0, 0

    def move_to(self, step: Step, gradient: Array) -> None:
        """Finds the gradients of the network in other memory from now on, where another step puts them."""
        self._step, self._gradient = step, gradient
        self._layers = self._parameters.decayed(gradient)

    @property
    def finite_squares(self) -> tuple[float, float]:
        """The sums of squares, or zeros, of which no noise is taken, where the gradients are too large for them."""
        return self.squares if all(map(math.isfinite, self.squares)) else (0.0, 0.0)

    def begin_window(self, step: int) -> None:
        """Begins a window after so many updates."""
        self.start[:], self.start_step = self._parameters.theta, step

    def begin_epoch(self) -> None:
        """Forgets the sum."""
        if self.rows:
            self.sum[:] = 0.0
        self.squares, self.rows = (0.0, 0.0), 0

    def rescale(self, scale: float) -> None:
        """Takes another factor of the gradients to come, as a change of the learning rate brings it."""
        if scale != self.scale and self.rows:
            ratio = scale / self.scale
            self.sum *= ratio
            self.squares = (self.squares[0] * ratio * ratio, self.squares[1] * ratio * ratio)
        self.scale = scale

    def run(self, batch: Batch, optimizer: Updates) -> None:
        """Changes the weights by one step, as `Step.run` does, and sums up its gradient."""
        self._step.run(batch, optimizer)
        rows, scratch, (first, second), squares = len(batch.X1), self._scratch, self._layers, self.squares
        if rows != self._factor:
            # A 0-d array: half the cost of a Python number.
            self._factor[...] = rows
        np.multiply(self._gradient, self._factor, scratch)
        np.add(self.sum, scratch, self.sum)
        self.squares = (squares[0] + rows * float(first.dot(first)), squares[1] + rows * float(second.dot(second)))
        self.rows += rows

    def pulls(self, step: int, *, learning_rate: float, l2: float) -> tuple[Pull, Pull]:
        """Returns what the data do to W1 and to W2.

        Args:
            step: Updates so far.
            learning_rate: The rate throughout the window.
            l2: λ throughout the window.
        """
        steps, parameters = step - self.start_step, self._parameters
        means = noises = [math.nan, math.nan]
        if self.rows == self._all:
            sums = [_norm(layer) / self.rows for layer in parameters.decayed(self.sum)]
            noises = [
                1.0 - min(1.0, mean * mean * self.rows / squares) if squares > 0.0 else math.nan
                for mean, squares in zip(sums, self.squares, strict=True)
            ]
            means = means if self._plain else [mean / self.scale for mean in sums]
        if self._plain and steps > 0:
            decay = 2.0 * learning_rate * l2
            # expm1 keeps the digits of a decay that is next to nothing, and the power of a NumPy number may overflow.
            kept = math.nan if decay < 1.0 else float(np.float64(1.0 - decay) ** steps)
            lost = -math.expm1(steps * math.log1p(-decay)) if decay < 1.0 else 1.0 - kept
            taken = learning_rate * (lost / decay if decay else steps)
            moved = np.multiply(self.start, 1.0 - lost, self._scratch)
            np.subtract(moved, parameters.theta, moved)
            means = [_norm(layer) / taken for layer in parameters.decayed(moved)]
        first, second = (Pull(mean, noise) for mean, noise in zip(means, noises, strict=True))
        return first, second


def _norm(flat: Array) -> float:
    return math.sqrt(float(flat.dot(flat)))
