"""What the tests of the network share: random problems, and the fast step driven by hand."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from l2tui.nn.optimizer import Optimizer
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Parameters, Shape, Weights
from l2tui.nn.step import Step


class Problem(NamedTuple):
    weights: Weights
    X: Any
    y: Any


def make_problem(
    loss: str, *, n: int = 7, n_in: int = 3, hidden: int = 5, classes: int = 4, seed: int = 0, scale: float = 1.0
) -> Problem:
    rng = np.random.default_rng(seed)
    n_out = classes if loss == "cross_entropy" else 1
    y = rng.normal(size=n) if loss == "mse" else rng.integers(0, classes if n_out > 1 else 2, n)
    weights = Weights(
        scale * rng.normal(size=(n_in, hidden)),
        rng.normal(size=hidden),
        scale * rng.normal(size=(hidden, n_out)),
        rng.normal(size=n_out),
    )
    return Problem(weights, rng.normal(size=(n, n_in)), y)


class FastNetwork:
    """The fast step with its parameters and optimiser, on plain arrays."""

    def __init__(
        self,
        weights: Weights,
        activation: Any,
        loss: Any,
        *,
        batch_size: int,
        optimizer: Any = "sgd",
        momentum: float = 0.9,
        dtype: Any = np.float64,
        learning_rate: float = 0.1,
        l2: float = 0.0,
    ) -> None:
        shape = Shape(*weights.W1.shape, weights.W2.shape[1])
        self.parameters = Parameters(shape, activation, dtype)
        self.parameters.load(weights)
        self.step = Step(self.parameters, activation, loss, batch_size)
        self.optimizer: Optimizer = make_optimizer(optimizer, self.parameters, self.step.gradient, momentum=momentum)
        self.optimizer.set(learning_rate=learning_rate, l2=l2)

    def run(self, X: Any, y: Any) -> Weights:
        X1 = np.column_stack([X, np.ones(len(X))]).astype(self.step.dtype)
        scale = self.step.scale(self.optimizer.gradient_scale, len(X))
        T = self.step.targets(y, self.parameters.shape.n_out) * scale
        self.step.run(self.step.batch(X1, T, scale), self.optimizer)
        return self.parameters.copy_weights()


@pytest.fixture
def problem() -> Any:
    return make_problem


@pytest.fixture
def fast_network() -> Any:
    return FastNetwork
