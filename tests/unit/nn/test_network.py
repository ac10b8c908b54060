import numpy as np
import pytest

from l2tui.nn.network import (
    activate,
    data_loss,
    forward,
    gradients,
    loss_for,
    output_error,
    penalty,
    sgd_update,
    sigmoid,
    softmax,
)
from l2tui.nn.parameters import Weights

LOSSES = ["binary_cross_entropy", "cross_entropy", "mse"]
ACTIVATIONS = ["tanh", "relu", "sigmoid"]


def numeric_gradient(objective, weights, h=1e-6):
    """Central differences (f(w + h) - f(w - h)) / 2h, one weight at a time."""
    result = []
    for array in weights:
        slope = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + h
            above = objective(weights)
            array[index] = kept - h
            below = objective(weights)
            array[index] = kept
            slope[index] = (above - below) / (2 * h)
        result.append(slope)
    return Weights(*result)


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_with_central_differences(problem, activation, loss, l2):
    weights, X, y = problem(loss)

    def objective(w):
        return data_loss(forward(w, X, activation)[1], y, loss) + penalty(w, l2)

    numeric = numeric_gradient(objective, weights)
    # A step of length 1 shows the whole gradient, that of the penalty included.
    moved = sgd_update(weights, gradients(weights, X, y, activation, loss), 1.0, l2)
    for before, after, slope in zip(weights, moved, numeric, strict=True):
        np.testing.assert_allclose(before - after, slope, rtol=1e-7, atol=1e-9)


def test_a_case_worked_by_hand():
    """One input, one hidden relu unit, squared error, two rows; every number below is done with pencil and paper.

    W1 = 2, b1 = 1, W2 = 3, b2 = -1; rows (x, y) = (1, 7) and (-1, 0).

    Row 1: z1 = 2·1 + 1 = 3, h = 3, z2 = 3·3 - 1 = 8, error 8 - 7 = 1.
    Row 2: z1 = 2·(-1) + 1 = -1, h = 0, z2 = -1, error -1 - 0 = -1.
    Loss: (1² + (-1)²) / 2 = 1.

    dz2 = 2·error/2 = (1, -1).
    dW2 = 3·1 + 0·(-1) = 3, db2 = 1 - 1 = 0.
    dz1 = (1·3, 0) as the unit is off in row 2: dW1 = 3·1 = 3, db1 = 3.

    With λ = 0.5, lr = 0.1: W1 = 2 - 0.1·(3 + 2·0.5·2) = 1.5, b1 = 1 - 0.3 = 0.7,
    W2 = 3 - 0.1·(3 + 2·0.5·3) = 2.4, b2 = -1. The penalty before was 0.5·(4 + 9) = 6.5.
    """
    weights = Weights(np.array([[2.0]]), np.array([1.0]), np.array([[3.0]]), np.array([-1.0]))
    X, y = np.array([[1.0], [-1.0]]), np.array([7.0, 0.0])
    H, Z2 = forward(weights, X, "relu")
    assert H.tolist() == [[3.0], [0.0]]
    assert Z2.tolist() == [[8.0], [-1.0]]
    assert data_loss(Z2, y, "mse") == 1.0
    assert penalty(weights, 0.5) == 6.5
    gradient = gradients(weights, X, y, "relu", "mse")
    assert [float(g.item()) for g in gradient] == [3.0, 3.0, 3.0, 0.0]
    after = sgd_update(weights, gradient, 0.1, 0.5)
    np.testing.assert_allclose([w.item() for w in after], [1.5, 0.7, 2.4, -1.0], rtol=1e-15)


def test_even_odds_cost_the_logarithm_of_the_number_of_classes():
    assert data_loss(np.zeros((4, 1)), np.array([0, 1, 1, 0]), "binary_cross_entropy") == pytest.approx(np.log(2))
    assert data_loss(np.full((3, 5), 7.0), np.array([0, 2, 4]), "cross_entropy") == pytest.approx(np.log(5))


def test_two_classes_cost_the_same_through_sigmoid_and_softmax():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(9, 1)), rng.integers(0, 2, 9)
    pair = np.hstack([np.zeros_like(z), z])
    assert data_loss(pair, y, "cross_entropy") == pytest.approx(data_loss(z, y, "binary_cross_entropy"), rel=1e-14)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_logits_of_ten_thousand_neither_overflow_nor_lose_the_loss(loss):
    Z2 = np.array([[1e4], [-1e4]]) if loss == "binary_cross_entropy" else np.array([[1e4, -1e4], [1e4, -1e4]])
    right, wrong = (np.array([1, 0]), np.array([0, 1])) if Z2.shape[1] == 1 else (np.array([0, 0]), np.array([1, 1]))
    assert data_loss(Z2, right, loss) == 0.0
    assert data_loss(Z2, wrong, loss) == (1e4 if Z2.shape[1] == 1 else 2e4)
    assert np.all(output_error(Z2, right, loss) == 0)
    assert np.abs(output_error(Z2, wrong, loss)).max() == 0.5


def test_sigmoid_and_softmax_at_the_far_ends():
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert softmax(np.array([[-1e4, 1e4]])).tolist() == [[0.0, 1.0]]


def test_activations_at_known_points():
    Z = np.array([[-2.0, 0.0, 2.0]])
    np.testing.assert_allclose(activate(Z, "tanh"), [[-0.9640275800758169, 0.0, 0.9640275800758169]], rtol=1e-15)
    np.testing.assert_allclose(activate(Z, "sigmoid"), [[0.11920292202211755, 0.5, 0.8807970779778823]], rtol=1e-14)
    assert activate(Z, "relu").tolist() == [[0.0, 0.0, 2.0]]


def test_the_loss_follows_from_the_task():
    assert loss_for("regression", 1) == "mse"
    assert loss_for("classification", 1) == "binary_cross_entropy"
    assert loss_for("classification", 3) == "cross_entropy"
