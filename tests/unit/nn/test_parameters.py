import numpy as np
import pytest

from l2tui.nn.network import activate
from l2tui.nn.parameters import Parameters, Shape, initialise


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_the_constant_unit_puts_out_exactly_one(activation, dtype):
    parameters = Parameters(Shape(3, 2, 1), activation, dtype)
    X1 = np.array([[5.0, -3.0, 0.1, 1.0]], dtype)
    out = activate(X1 @ parameters.A1, activation)
    assert out.dtype == dtype
    assert out[0, -1] == 1.0


def test_views_are_the_flat_vector_and_the_flat_vector_is_the_matrices():
    parameters = Parameters(Shape(4, 3, 2), "tanh")
    W1, b1, W2, b2 = parameters.views()
    W1[...], b1[...], W2[...], b2[...] = 1, 2, 3, 4
    assert W1.shape == (4, 3)
    assert W2.shape == (3, 2)
    assert [np.count_nonzero(parameters.theta == value) for value in (1, 2, 3, 4)] == [12, 3, 6, 2]
    assert parameters.shape.count == 23
    first, second = parameters.decayed()
    assert first.sum() == 12
    assert second.sum() == 18
    marks = parameters.per_parameter(1.0, 0.0)
    assert np.array_equal(marks != 0, (parameters.theta == 1) | (parameters.theta == 3))


def test_copied_weights_stay_and_loaded_ones_arrive():
    parameters = Parameters(Shape(2, 3, 1), "relu")
    initialise(parameters, "relu", np.random.default_rng(0))
    kept = parameters.copy_weights()
    parameters.theta[:] = 0
    assert kept.W1.any()
    other = Parameters(Shape(2, 3, 1), "relu")
    other.load(kept)
    assert all(np.array_equal(a, b) for a, b in zip(other.views(), kept, strict=True))


@pytest.mark.parametrize(("activation", "gain"), [("tanh", 1.0), ("sigmoid", 1.0), ("relu", 2.0)])
def test_initial_weights_have_the_variance_of_the_papers(activation, gain):
    parameters = Parameters(Shape(100, 400, 50), activation)
    initialise(parameters, activation, np.random.default_rng(1))
    W1, b1, W2, b2 = parameters.views()
    assert W1.var() == pytest.approx(gain / 100, rel=0.05)
    assert W2.var() == pytest.approx(1 / 400, rel=0.05)
    assert abs(W1.mean()) < 0.01
    assert not b1.any()
    assert not b2.any()
