import numpy as np
import pytest

from l2tui.nn.evaluate import Evaluator
from l2tui.nn.network import forward
from l2tui.nn.parameters import Parameters, Shape
from l2tui.nn.sensitivity import Sensitivity

SHAPES = {"one output": Shape(3, 9, 1), "output by output": Shape(2, 9, 4), "by the quadratic form": Shape(7, 5, 4)}


def make(shape: Shape, activation: str, *, rows: int = 23, dtype: str = "float64") -> tuple[Parameters, np.ndarray]:
    rng = np.random.default_rng(1)
    parameters = Parameters(shape, activation, np.dtype(dtype))
    for view in parameters.views():
        view[...] = rng.normal(size=view.shape)
    return parameters, rng.normal(size=(rows, shape.n_in))


def with_ones(X: np.ndarray, dtype: str = "float64") -> np.ndarray:
    return np.hstack([X, np.ones((len(X), 1))]).astype(dtype)


def sensitivity_of(parameters: Parameters, activation: str, X1: np.ndarray) -> Sensitivity:
    loss = "mse" if parameters.shape.n_out == 1 else "cross_entropy"
    return Sensitivity(parameters, activation, Evaluator(parameters, activation, loss, X1, np.zeros(len(X1), int)))


def exhausted(sensitivity: Sensitivity) -> float:
    for _ in sensitivity.pieces():
        pass
    return sensitivity.value


def by_differences(parameters: Parameters, X: np.ndarray, activation: str) -> float:
    """The same from central differences of the plain network, input by input."""
    weights, step = parameters.copy_weights(), 1e-5
    slopes = []
    for column in np.eye(X.shape[1]) * step:
        above, below = (forward(weights, X + sign * column, activation)[1] for sign in (1, -1))
        slopes.append((above - below) / (2 * step))
    return float(np.sqrt(np.sum(np.square(slopes), axis=(0, 2))).mean())


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_it_agrees_with_finite_differences(shape: Shape, activation: str) -> None:
    parameters, X = make(shape, activation)
    found = exhausted(sensitivity_of(parameters, activation, with_ones(X)))
    assert found == pytest.approx(by_differences(parameters, X, activation), rel=1e-8)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_many_rows_in_pieces_and_float32_give_the_same(shape: Shape) -> None:
    parameters, X = make(shape, "tanh", rows=30_000)
    whole = exhausted(sensitivity_of(parameters, "tanh", with_ones(X)))
    assert len(list(sensitivity_of(parameters, "tanh", with_ones(X)).pieces())) > 1
    assert whole == pytest.approx(by_differences(parameters, X, "tanh"), rel=1e-7)
    narrow, _ = make(shape, "tanh", dtype="float32")
    assert exhausted(sensitivity_of(narrow, "tanh", with_ones(X, "float32"))) == pytest.approx(whole, rel=1e-4)


def test_a_small_step_moves_the_output_by_that_much_at_most() -> None:
    parameters, X = make(SHAPES["one output"], "tanh", rows=500)
    directions = np.random.default_rng(2).normal(size=(40, 3))
    sensitivity = exhausted(sensitivity_of(parameters, "tanh", with_ones(X)))
    weights = parameters.copy_weights()
    before = forward(weights, X, "tanh")[1]
    for direction in directions / np.linalg.norm(directions, axis=1, keepdims=True):
        moved = np.abs(forward(weights, X + 1e-3 * direction, "tanh")[1] - before).mean()
        assert 0.0 < moved < 1.001 * 1e-3 * sensitivity
