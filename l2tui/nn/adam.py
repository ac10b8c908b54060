"""Adam, with the penalty in the gradient or as a decay of its own."""

import math

import numpy as np

from l2tui.nn.optimizer import Optimizer
from l2tui.nn.parameters import Array, Parameters

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8


class Adam(Optimizer):
    """Adam with the penalty in the gradient (L2), biases without.

        g = dW + 2λ·W
        m = β1·m + (1 - β1)·g        v = β2·v + (1 - β2)·g²
        W -= lr · m/(1 - β1^t) / (√(v/(1 - β2^t)) + ε)        β1 = 0.9, β2 = 0.999, ε = 1e-8

    Here λ is not what it is with SGD: the pull 2λ·W is divided by √v like everything else in g, so weights with large
    gradients hardly decay, and how strong the pull is depends on the gradients and not on λ alone. It is PyTorch's
    `Adam` with `weight_decay` = 2λ. `AdamW` keeps the decay out of this.

    The step delivers (1 - β1)·dW, which saves a pass. `square` is v in those units, v·(1 - β1)²/(1 - β2), and all that
    does not depend on the weight is gathered into one factor and one ε a step, so that an update is ten passes
    (twelve with λ).

    Source:
        Kingma, Ba, *Adam: A Method for Stochastic Optimization* (2015), algorithm 1.
    """

    def __init__(self, parameters: Parameters, gradient: Array) -> None:
        super().__init__(parameters, gradient)
        self.gradient_scale = 1.0 - _BETA_1
        self._mean = self._new_slot("mean")
        self._square = self._new_slot("square")
        self._work: Array = np.empty_like(self._theta)
        self._beta_1, self._beta_2 = (np.array(beta, self._theta.dtype) for beta in (_BETA_1, _BETA_2))
        self._rate, self._epsilon = np.zeros((2, 1), self._theta.dtype)
        self._learning_rate = 0.0

    def set(self, *, learning_rate: float, l2: float | Array) -> None:
        """Takes new values for the learning rate and λ; the next step uses them."""
        self._learning_rate = learning_rate
        self._set_decay(2.0 * l2 * self.gradient_scale, 0.0)

    def update(self) -> None:
        """Changes the weights by one step."""
        gradient = self._gradient
        if self._decays:
            np.multiply(self._theta, self._decay, self._work)
            np.add(self._work, gradient, self._work)
            gradient = self._work
        np.subtract(self._theta, self._adapted(gradient), self._theta)

    def _adapted(self, gradient: Array) -> Array:
        """Takes the gradient into m and v, and returns what they take off the weights."""
        mean, square, work = self._mean, self._square, self._scratch
        self.count += 1
        # √(v/(1 - β2^t)) = root · √square, with `square` in its own units
        root = math.sqrt((1.0 - _BETA_2) / (1.0 - _BETA_2**self.count)) / (1.0 - _BETA_1)
        self._rate[0] = self._learning_rate / (1.0 - _BETA_1**self.count) / root
        self._epsilon[0] = _EPSILON / root
        np.multiply(mean, self._beta_1, mean)
        np.add(mean, gradient, mean)
        np.multiply(gradient, gradient, work)
        np.multiply(square, self._beta_2, square)
        np.add(square, work, square)
        np.sqrt(square, work)
        np.add(work, self._epsilon, work)
        np.divide(mean, work, work)
        np.multiply(work, self._rate, work)
        return work


class AdamW(Adam):
    """Adam with decoupled weight decay: λ stays out of the adaptive step.

        g = dW        m, v as in `Adam`
        W -= lr·2λ·W + lr · m/(1 - β1^t) / (√(v/(1 - β2^t)) + ε)

    λ shrinks every weight by 2·lr·λ of itself a step, just as with plain SGD, whatever its gradients were. It is
    PyTorch's `AdamW` with `weight_decay` = 2λ. It no longer is the gradient of a penalty: where the weights come to
    rest is not the minimum of data_loss + λ·Σw².

    Source:
        Loshchilov, Hutter, *Decoupled Weight Decay Regularization* (2019), algorithm 2, with the learning rate as a
        factor of the decay as in PyTorch.
    """

    def set(self, *, learning_rate: float, l2: float | Array) -> None:
        """Takes new values for the learning rate and λ; the next step uses them."""
        self._learning_rate = learning_rate
        decay = 2.0 * learning_rate * l2
        self._set_decay(decay, decay)

    def update(self) -> None:
        """Changes the weights by one step."""
        theta, change = self._theta, self._adapted(self._gradient)
        if self._compensates:
            decay = moved = self._work
            np.multiply(theta, self._decay, decay)
            self._subtract_compensated(decay, moved)
            np.subtract(moved, change, theta)
            return
        if self._decays:
            np.multiply(theta, self._keep, theta)
        np.subtract(theta, change, theta)
