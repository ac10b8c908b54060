import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.nn.network import gradients, sgd_update
from tests.unit.nn.conftest import FastNetwork, make_problem

LOSSES = ["binary_cross_entropy", "cross_entropy", "mse"]
ACTIVATIONS = ["tanh", "relu", "sigmoid"]


@settings(deadline=None, max_examples=150)
@given(
    activation=st.sampled_from(ACTIVATIONS),
    loss=st.sampled_from(LOSSES),
    n=st.integers(1, 40),
    n_in=st.integers(1, 9),
    hidden=st.integers(1, 17),
    classes=st.integers(2, 10),
    batch_size=st.integers(1, 40),
    l2=st.sampled_from([0.0, 1e-9, 1e-3, 0.3]),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    seed=st.integers(0, 10**6),
)
def test_the_fast_step_equals_the_plain_one(activation, loss, n, n_in, hidden, classes, batch_size, l2, scale, seed):
    weights, X, y = make_problem(loss, n=n, n_in=n_in, hidden=hidden, classes=classes, seed=seed, scale=scale)
    fast = FastNetwork(weights, activation, loss, batch_size=min(batch_size, n), learning_rate=0.05, l2=l2)
    for start in range(0, n, batch_size):
        rows = slice(start, start + batch_size)
        before = fast.parameters.copy_weights()
        slope = gradients(before, X[rows], y[rows], activation, loss)
        plain = sgd_update(before, slope, 0.05, l2)
        # Rounding grows with what is summed up, which is larger than the sum where terms cancel; in a network that
        # diverges there is nothing left to compare.
        size = max(np.abs(array).max() for pair in (before, slope) for array in pair)
        if size > 1e4:
            return
        for fast_array, plain_array in zip(fast.run(X[rows], y[rows]), plain, strict=True):
            np.testing.assert_allclose(fast_array, plain_array, rtol=1e-12, atol=1e-12 * max(1.0, size))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_follows_float64(activation, loss):
    weights, X, y = make_problem(loss, n=32, hidden=16)
    options = {"batch_size": 32, "learning_rate": 0.01, "l2": 1e-3}
    exact = FastNetwork(weights, activation, loss, **options)
    rough = FastNetwork(weights, activation, loss, dtype=np.float32, **options)
    for _ in range(20):
        a, b = exact.run(X, y), rough.run(X, y)
    for wide, narrow in zip(a, b, strict=True):
        assert narrow.dtype == np.float32
        np.testing.assert_allclose(narrow, wide, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_constant_unit_stays_constant(activation, optimizer):
    weights, X, y = make_problem("cross_entropy", n=16)
    fast = FastNetwork(weights, activation, "cross_entropy", batch_size=16, optimizer=optimizer, l2=0.1)
    column = fast.parameters.A1[:, -1].copy()
    for _ in range(50):
        fast.run(X, y)
    assert np.array_equal(fast.parameters.A1[:, -1], column)
    assert np.array_equal(fast.parameters.matrices(fast.step.gradient)[0][:, -1], np.zeros(len(column)))


def test_the_gradient_is_the_data_gradient_alone():
    """What the step leaves in `gradient` is what is shown as the data's pull, so λ must not be in it."""
    weights, X, y = make_problem("mse", n=16)
    for optimizer in ("sgd", "momentum", "adam", "adamw"):
        fast = FastNetwork(weights, "tanh", "mse", batch_size=16, optimizer=optimizer, l2=0.7)
        fast.run(X, y)
        found = fast.parameters.views(fast.step.gradient / fast.optimizer.gradient_scale)
        for a, b in zip(found, gradients(weights, X, y, "tanh", "mse"), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
def test_huge_outputs_leave_finite_weights(loss):
    """Logits of about ±1e4: the error is at most 1 a row for classes, so the weights must stay finite."""
    weights, X, y = make_problem(loss, n=16)
    weights.W2[...] *= 1e4
    fast = FastNetwork(weights, "tanh", loss, batch_size=16, learning_rate=1e-3)
    assert all(np.isfinite(array).all() for array in fast.run(X, y))


def test_features_that_are_all_the_same_are_no_trouble():
    weights, X, y = make_problem("cross_entropy", n=16)
    X[...] = 0.0
    fast = FastNetwork(weights, "tanh", "cross_entropy", batch_size=16)
    for _ in range(10):
        after = fast.run(X, y)
    assert np.array_equal(after.W1, weights.W1)
    assert not np.array_equal(after.b2, weights.b2)
