"""Gradient descent, plain and with momentum."""

import numpy as np

from l2tui.nn.optimizer import Optimizer
from l2tui.nn.parameters import Array, Parameters


class SGD(Optimizer):
    """Plain gradient descent with L2 on the weights and none on the biases.

        W -= lr·(dW + 2λ·W)        b -= lr·db

    written as `theta *= keep; theta -= lr·gradient` with keep = 1 - 2·lr·λ at W1 and W2 and 1 elsewhere: two passes
    over one vector, or one when λ is 0. The step multiplies the gradient by `gradient_scale` = lr on the way, where
    that costs a multiplication of a (batch, n_out) matrix and not of all weights.

    Here an L2 penalty and weight decay are the same thing: λ shrinks every weight by 2·lr·λ of itself a step. It is
    PyTorch's `SGD` with `weight_decay` = 2λ.

    Source:
        Krogh, Hertz, *A Simple Weight Decay Can Improve Generalization* (1991).
    """

    def set(self, *, learning_rate: float, l2: float | Array) -> None:
        """Takes new values for the learning rate and λ; the next step uses them."""
        decay = 2.0 * learning_rate * l2
        self.gradient_scale = learning_rate
        self._set_decay(decay, decay)

    def update(self) -> None:
        """Changes the weights by one step."""
        theta = self._theta
        if self._compensates:
            change = moved = self._scratch
            np.multiply(theta, self._decay, change)
            self._subtract_compensated(change, moved)
            np.subtract(moved, self._gradient, theta)
            return
        if self._decays:
            np.multiply(theta, self._keep, theta)
        np.subtract(theta, self._gradient, theta)


class Momentum(Optimizer):
    """Gradient descent with momentum (heavy ball); the penalty is part of the gradient.

        v = μ·v + lr·(dW + 2λ·W)        W -= v        (biases: λ = 0)

    v is the buffer of PyTorch's `SGD(momentum=μ, weight_decay=2λ)` times the learning rate, so that the last line is
    one pass. A new learning rate rescales v, which makes it apply to the whole of the next step, as in PyTorch.

    λ pulls as with plain SGD, only that momentum carries the pull on as it does the data's: in the long run, 1/(1 - μ)
    times as much a step. The balance between the two, and so where the weights end up, is that of plain SGD.

    Args:
        parameters: The weights.
        gradient: The vector that the step writes.
        momentum: μ, from 0 to below 1.

    Source:
        Polyak, *Some methods of speeding up the convergence of iteration methods* (1964); Sutskever, Martens, Dahl,
        Hinton, *On the importance of initialization and momentum in deep learning* (2013).
    """

    def __init__(self, parameters: Parameters, gradient: Array, momentum: float) -> None:
        super().__init__(parameters, gradient)
        self._momentum = np.array(momentum, self._theta.dtype)
        self._velocity = self._new_slot("velocity")
        self._learning_rate = 0.0

    def set(self, *, learning_rate: float, l2: float | Array) -> None:
        """Takes new values for the learning rate and λ; the next step uses them."""
        if self._learning_rate not in (0.0, learning_rate):
            self._velocity *= learning_rate / self._learning_rate
        self._learning_rate = self.gradient_scale = learning_rate
        decay = 2.0 * learning_rate * l2
        self._set_decay(decay, decay)

    def update(self) -> None:
        """Changes the weights by one step."""
        theta, velocity, scratch = self._theta, self._velocity, self._scratch
        np.multiply(velocity, self._momentum, velocity)
        np.add(velocity, self._gradient, velocity)
        if self._decays:
            np.multiply(theta, self._decay, scratch)
            np.add(velocity, scratch, velocity)
        if self._compensates:
            self._subtract_compensated(velocity, scratch)
            theta[:] = scratch
        else:
            np.subtract(theta, velocity, theta)
