import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import l2tui.nn.evaluate as evaluate_module
from l2tui.nn.evaluate import Evaluator
from l2tui.nn.network import data_loss, forward
from l2tui.nn.parameters import Parameters, Shape
from tests.unit.nn.conftest import make_problem


def make_evaluator(activation, loss, problem, dtype=np.float64, **options):
    weights, X, y = problem
    parameters = Parameters(Shape(*weights.W1.shape, weights.W2.shape[1]), activation, dtype)
    parameters.load(weights)
    X1 = np.column_stack([X, np.ones(len(X))]).astype(dtype)
    return Evaluator(parameters, activation, loss, X1, y, **options)


@settings(deadline=None, max_examples=60)
@given(
    activation=st.sampled_from(["tanh", "relu", "sigmoid"]),
    loss=st.sampled_from(["binary_cross_entropy", "cross_entropy", "mse"]),
    n=st.integers(1, 100),
    hidden=st.integers(1, 9),
    classes=st.integers(2, 10),
    scale=st.sampled_from([0.1, 1.0, 100.0]),
    seed=st.integers(0, 1000),
)
def test_loss_and_score_are_those_of_the_plain_form(activation, loss, n, hidden, classes, scale, seed):
    problem = make_problem(loss, n=n, hidden=hidden, classes=classes, scale=scale, seed=seed)
    evaluator = make_evaluator(activation, loss, problem)
    Z2 = forward(problem.weights, problem.X, activation)[1]
    for _ in range(2):
        assert evaluator.loss() == pytest.approx(data_loss(Z2, problem.y, loss), rel=1e-11, abs=1e-13)
        if loss == "mse" and n > 1:
            assert evaluator.score() == pytest.approx(1 - np.mean((Z2[:, 0] - problem.y) ** 2) / np.var(problem.y))
        if loss == "binary_cross_entropy":
            assert evaluator.score() == np.mean((Z2[:, 0] > 0) == problem.y)
        if loss == "cross_entropy":
            assert evaluator.score() == np.mean(Z2.argmax(axis=1) == problem.y)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "mse"])
def test_the_answer_does_not_depend_on_how_the_rows_are_cut(monkeypatch, loss):
    problem = make_problem(loss, n=333)
    whole = make_evaluator("tanh", loss, problem).loss()
    monkeypatch.setattr(evaluate_module, "CHUNK_NUMBERS", 1)
    assert make_evaluator("tanh", loss, problem).loss() == pytest.approx(whole, rel=1e-13)


def test_chosen_rows_alone_count():
    problem = make_problem("cross_entropy", n=50)
    rows = np.array([3, 8, 21, 49])
    chosen = make_evaluator("relu", "cross_entropy", problem, rows=rows)
    alone = make_evaluator("relu", "cross_entropy", problem._replace(X=problem.X[rows], y=problem.y[rows]))
    assert chosen.loss() == pytest.approx(alone.loss(), rel=1e-14)
    assert chosen.score() == alone.score()


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_a_loss_near_zero_keeps_its_digits(loss):
    """One row with a margin of 30: log(1 + exp(-30)) = 9.4e-14, of which a naive form keeps three digits."""
    problem = make_problem(loss, n=1, hidden=1, classes=2)
    weights = problem.weights._replace(W2=np.zeros_like(problem.weights.W2))
    weights.b2[...] = [30.0] if loss == "binary_cross_entropy" else [0.0, 30.0]
    found = make_evaluator("tanh", loss, problem._replace(weights=weights, y=np.array([1]))).loss()
    assert found == pytest.approx(9.357622968839299e-14, rel=1e-12 if loss == "binary_cross_entropy" else 2e-3)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "mse"])
def test_weights_that_are_not_finite_give_a_loss_that_is_not(loss):
    problem = make_problem(loss)
    problem.weights.W2[0, 0] = np.nan
    with np.errstate(all="ignore"):
        assert not np.isfinite(make_evaluator("tanh", loss, problem).loss())


def test_constant_targets_have_no_share_of_variance_to_explain():
    problem = make_problem("mse")
    evaluator = make_evaluator("tanh", "mse", problem._replace(y=np.ones(len(problem.y))))
    evaluator.loss()
    assert np.isnan(evaluator.score())
