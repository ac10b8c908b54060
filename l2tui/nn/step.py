"""The fast form of one training step. It equals the plain form in `network.py` up to rounding."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.network import Loss
from l2tui.nn.parameters import Array, Parameters
from l2tui.settings import Activation

Product = Callable[[Array, Array], Any]


class Updates(Protocol):
    """What changes the weights once their gradient is there."""

    def update(self) -> None:
        """Changes the weights by one step."""


class Batch(NamedTuple):
    """One batch and the scratch memory to work on it; rows are samples, m of them.

    In a stack the scratch memory has a leading axis of lanes; inputs and targets are the same for all.

    Attributes:
        X1: (m, n_in + 1) inputs with a column of ones.
        by_X1: The product of X1 with a matrix, into given memory.
        by_X1_T: The product of its transpose.
        T: (m, n_out) targets as `Step.targets` codes them, times `scale`.
        H: (m, hidden + 1) becomes the hidden layer, then its slope.
        by_H: The product of H with a matrix.
        by_H_T: The product of its transpose.
        back: The product that leads from D to dH.
        dH: (m, hidden + 1) becomes the gradient at the hidden layer.
        D: (m, n_out) becomes the outputs, then their gradient.
        S: (m, 1) becomes the sums of the softmax.
        scale: 0-d array, gradient_scale / m with the loss's own factor.
    """

    X1: Array
    by_X1: Product
    by_X1_T: Product
    T: Array
    H: Array
    by_H: Product
    by_H_T: Product
    back: Callable[[Array, Array, Array], Any]
    dH: Array
    D: Array
    S: Array
    scale: Array


class Step:
    """Forward pass, gradient and update of one batch, in about fifteen NumPy calls and no allocation.

    What makes it fast, by effect: `a.dot(b, out)` into memory that is there already, with 0-d arrays for constants,
    which halves the cost of a small step; all parameters in one vector (see `Parameters`), so that an update is one
    or two calls; biases inside the matrix products; samples in rows, the order in which both products of a layer
    are fast; and the factor lr/m put on the output's gradient, the smallest matrix there is, from where it reaches
    every gradient by itself.

    On a stack it does the same arithmetic in every lane, to the last bit: `np.matmul` hands each lane's matrices to the
    same routine that `dot` calls, and everything else works number by number or along the last axis.

    Attributes:
        gradient: Shaped like theta, what the last step took off the weights, without the decay: gradient_scale · dθ.
    """

    def __init__(self, parameters: Parameters, activation: Activation, loss: Loss, batch_size: int) -> None:
        self.parameters = parameters
        self._made_with = (activation, loss, batch_size)
        self.dtype = parameters.theta.dtype
        self.gradient: Array = np.zeros_like(parameters.theta)
        self._A1, self._A2 = parameters.A1, parameters.A2
        self._A2_T = parameters.A2.swapaxes(-1, -2)
        self._lanes = parameters.lanes
        self._G1, self._G2 = parameters.matrices(self.gradient)
        self._half = np.array(0.5, self.dtype)
        self._sum = np.ones((parameters.shape.n_out, 1), self.dtype)
        self._activate, self._slope = in_place_activation(activation, self.dtype)
        self._output_gradient = self._output_function(loss)
        self._loss = loss
        self._columns = (parameters.shape.hidden + 1, parameters.shape.hidden + 1, parameters.shape.n_out, 1)
        rows = batch_size * math.prod(self._lanes)
        self._scratch: list[Array] = [np.empty(rows * columns, self.dtype) for columns in self._columns]
        # With one output D A2ᵀ has no sums: in a stack a plain product is faster, and has the same bits.
        plain = self._lanes and parameters.shape.n_out == 1
        self._back: Callable[[Array, Array, Array], Any] = (
            np.multiply if plain else np.matmul if self._lanes else np.ndarray.dot
        )

    def for_stack(self, stack: Parameters) -> "Step":
        """Returns the same step for a stack of such networks."""
        return Step(stack, *self._made_with)

    def targets(self, y: NDArray[Any], n_out: int) -> Array:
        """Codes targets as the output gradient wants them, (n, n_out).

        ±1 for two classes, one-hot for more, the values themselves for regression.

        Args:
            y: (n,) class indices, or values for regression.
            n_out: Outputs of the network.
        """
        if self._loss == "cross_entropy":
            one_hot: Array = (np.asarray(y)[:, None] == np.arange(n_out)).astype(self.dtype)
            return one_hot
        values: Array = np.asarray(y, self.dtype)[:, None]
        return 2 * values - 1 if self._loss == "binary_cross_entropy" else values

    def scale(self, gradient_scale: float, rows: int) -> Array:
        """Returns, as a 0-d array, what turns the raw output error of a batch of `rows` into its scaled gradient.

        The raw errors are tanh(z/2) - (±1) = 2·(p - y), softmax(z) - onehot, and z - y, whose square has slope 2.
        """
        factor = {"binary_cross_entropy": 0.5, "cross_entropy": 1.0, "mse": 2.0}[self._loss]
        return np.array(factor * gradient_scale / rows, self.dtype)

    def batch(self, X1: Array, T: Array, scale: Array) -> Batch:
        """Joins one batch (its targets already times `scale`) with scratch memory, which all batches share."""
        rows = len(X1) * math.prod(self._lanes)
        H, dH, D, S = (
            scratch[: rows * columns].reshape(*self._lanes, len(X1), columns)
            for scratch, columns in zip(self._scratch, self._columns, strict=True)
        )
        by_X1, by_X1_T, by_H, by_H_T = (
            product_with(matrix, self._lanes) for matrix in (X1, X1.T, H, H.swapaxes(-1, -2))
        )
        back = self._back
        if self._lanes == (2,):
            by_X1, by_X1_T = _two((X1, X1), self._A1, H), _two((X1.T, X1.T), dH, self._G1)
            by_H, by_H_T = _two(H, self._A2, D), _two(H.swapaxes(-1, -2), D, self._G2)
            to_dH = _two(D, self._A2_T, dH)

            def back(D: Array, A2_T: Array, dH: Array) -> None:
                to_dH(A2_T, dH)

        return Batch(X1, by_X1, by_X1_T, T, H, by_H, by_H_T, back, dH, D, S, scale)

    def run(self, batch: Batch, optimizer: Updates) -> None:
        """Changes the weights by one step on `batch`."""
        _, by_X1, by_X1_T, _, H, by_H, by_H_T, back, dH, D, _, _ = batch
        by_X1(self._A1, H)
        self._activate(H)
        by_H(self._A2, D)
        self._output_gradient(batch)
        by_H_T(D, self._G2)
        self._slope(H, dH)
        back(D, self._A2_T, dH)
        np.multiply(dH, H, dH)
        by_X1_T(dH, self._G1)
        optimizer.update()

    def _output_function(self, loss: Loss) -> Callable[[Batch], None]:
        half, ones, lanes = self._half, self._sum, self._lanes
        largest: Callable[..., Any] = np.maximum.reduce

        def binary_cross_entropy(batch: Batch) -> None:
            D = batch.D
            np.multiply(D, half, D)
            np.tanh(D, D)
            np.multiply(D, batch.scale, D)
            np.subtract(D, batch.T, D)

        def cross_entropy(batch: Batch) -> None:
            D, S = batch.D, batch.S
            largest(D, -1, None, S, True)
            np.subtract(D, S, D)
            np.exp(D, D)
            if lanes:
                np.matmul(D, ones, S)
            else:
                D.dot(ones, S)
            np.divide(batch.scale, S, S)
            np.multiply(D, S, D)
            np.subtract(D, batch.T, D)

        def mse(batch: Batch) -> None:
            D = batch.D
            np.multiply(D, batch.scale, D)
            np.subtract(D, batch.T, D)

        return {"binary_cross_entropy": binary_cross_entropy, "cross_entropy": cross_entropy, "mse": mse}[loss]


def _two(left: tuple[Array, Array] | Array, right: Array, out: Array) -> Product:
    """Returns the product of each of two lanes, always the same ones, into their memory.

    `matmul` takes longer to see what there is to do than such small products take themselves.
    """
    (right_one, right_other), (out_one, out_other) = right, out
    dot_one, dot_other = (lane.dot for lane in left)

    def product(right: Array, out: Array) -> None:
        dot_one(right_one, out_one)
        dot_other(right_other, out_other)

    return product


def product_with(matrix: Array, lanes: tuple[int, ...]) -> Product:
    """Returns the product of a matrix with another into given memory.

    That is `dot`, twice as fast as `matmul` when small; in a stack `matmul`, lane by lane.
    """
    return partial(np.matmul, matrix) if lanes else matrix.dot


def in_place_activation(
    activation: Activation, dtype: np.dtype[np.floating]
) -> tuple[Callable[[Array], None], Callable[[Array, Array], None]]:
    """Returns two functions that work on a hidden layer (m, hidden + 1) in place.

    The first turns inputs into outputs H, the second, called with scratch memory of the same shape, H into its slope.
    """
    zero, half, one = (np.array(value, dtype) for value in (0.0, 0.5, 1.0))

    def tanh(H: Array) -> None:
        np.tanh(H, H)

    def tanh_slope(H: Array, scratch: Array) -> None:
        np.multiply(H, H, H)
        np.subtract(one, H, H)

    def relu(H: Array) -> None:
        np.maximum(H, zero, out=H)

    def relu_slope(H: Array, scratch: Array) -> None:
        # np.sign takes ten times as long on a mixture of zeros and other numbers.
        np.greater(H, zero, H)
        # The constant unit is no parameter. tanh and sigmoid have slope exactly 0 at it, relu would have 1.
        H[..., -1] = zero

    def sigmoid(H: Array) -> None:
        np.multiply(H, half, H)
        np.tanh(H, H)
        np.multiply(H, half, H)
        np.add(H, half, H)

    def sigmoid_slope(H: Array, scratch: Array) -> None:
        np.subtract(one, H, scratch)
        np.multiply(H, scratch, H)

    return {"tanh": (tanh, tanh_slope), "relu": (relu, relu_slope), "sigmoid": (sigmoid, sigmoid_slope)}[activation]
