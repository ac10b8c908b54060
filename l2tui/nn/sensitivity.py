"""How much the outputs of a network move when its inputs do."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.evaluate import Evaluator
from l2tui.nn.parameters import Array, Parameters
from l2tui.nn.step import in_place_activation
from l2tui.settings import Activation


class Sensitivity:
    """The mean norm of the outputs' gradient by the inputs, over fixed rows.

        S = mean over rows of ‖dz/dx‖        dz/dx = W1 · diag(f'(x W1 + b1)) · W2, one column an output

    z is what the network puts out before any sigmoid or softmax: the log-odds of the second class, a log-odds for each
    of more classes, or the predicted target in standard deviations. x are the standardised inputs, so S is in outputs
    per standard deviation of an input. The norm is Euclidean; with several outputs it is that of all entries together
    (Frobenius). To first order no step of length ε moves the outputs by more than ε·S on average over the rows.

    It takes the hidden layer from an evaluation of the same rows, which has computed it anyway.

    Args:
        parameters: The network, a single one; its weights are read anew at every call.
        activation: The hidden units' non-linearity.
        evaluator: Evaluates the network on the rows.

    Attributes:
        value: S at the weights of the last time that `pieces` was exhausted, NaN before.
    """

    def __init__(self, parameters: Parameters, activation: Activation, evaluator: Evaluator) -> None:
        self._parameters, self._evaluator = parameters, evaluator
        shape = parameters.shape
        _, self._slope = in_place_activation(activation, parameters.theta.dtype)
        self._scratch: Array = np.empty_like(evaluator.hidden)
        # ‖W1 diag(s) W2‖² = sᵀ M s with M = (W1ᵀ W1) * (W2 W2ᵀ): cheaper than the gradients where they are many.
        self._by_form = shape.n_in * shape.n_out > shape.hidden
        self.value = math.nan

    def pieces(self) -> Iterator[None]:
        """Computes `value` and what the evaluator's `pieces` does bit by bit, for a caller with other things to do.

        The weights must not change meanwhile.
        """
        form = self._form() if self._by_form else None
        W1, A2 = self._parameters.A1[:-1], self._parameters.A2
        by_output = [] if self._by_form else [(W1 * weights).T for weights in A2.T]
        total, n = 0.0, 0
        for _ in self._evaluator.pieces():
            S = self._evaluator.hidden
            scratch = self._scratch[: len(S)]
            self._slope(S, scratch)
            squares = _squares(S, by_output) if form is None else _form_of(S, form)
            total, n = total + float(np.sqrt(squares, squares).sum()), n + len(S)
            yield
        self.value = total / n

    def _form(self) -> NDArray[np.float64]:
        W1, A2 = (matrix.astype(np.float64) for matrix in (self._parameters.A1[:-1], self._parameters.A2))
        # The bias of the outputs meets the constant unit, whose slope is 0; left out, it cannot spoil a sum.
        A2[-1] = 0.0
        return np.asarray(W1.T.dot(W1) * A2.dot(A2.T))


def _squares(S: Array, by_output: list[Array]) -> NDArray[np.float64]:
    """Returns the squared norm of each row, output by output, for slopes S; W1 diag(W2) is given of each output."""
    squares: NDArray[np.float64] = np.zeros(len(S))
    for weights in by_output:
        gradient = S.dot(weights)
        squares += np.vecdot(gradient, gradient)
    return squares


def _form_of(S: Array, form: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns sᵀ M s of each row s; rounding can bring a zero below zero."""
    wide = S.astype(np.float64, copy=False)
    return np.asarray(np.maximum(np.vecdot(wide.dot(form), wide), 0.0))
