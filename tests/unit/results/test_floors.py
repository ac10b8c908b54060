import dataclasses
import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from l2tui.cli.test import result_lines
from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.nn.network import data_loss, loss_for
from l2tui.results.evaluate import evaluate_part
from l2tui.results.floors import find_floors, shortfall
from l2tui.results.linear import L2S, fit_linear
from l2tui.results.trained import Trained, own_splits
from l2tui.runs.results import Floor, PartResult
from l2tui.view.floors import floor_words


def splits_of(data: str, **values: Any) -> Splits:
    return prepare(recommended_settings(data, **values))


def with_rows(splits: Splits, rows: int) -> Splits:
    """Repeats the training rows until there are so many."""
    repeated = np.arange(rows) % len(splits.y_train)
    return dataclasses.replace(splits, X_train=splits.X_train[repeated], y_train=splits.y_train[repeated])


@pytest.mark.parametrize("l2", [0.3, 0.01])
@pytest.mark.parametrize("data", ["breast-cancer", "wine", "digits", "diabetes"])
def test_the_linear_rule_is_that_of_scikit_learn(data: str, l2: float) -> None:
    models = pytest.importorskip("sklearn.linear_model")
    splits = splits_of(data)
    n = len(splits.y_train)
    ours = fit_linear(splits, 0, (l2,)).outputs(splits.X_test)
    if splits.task == "regression":
        theirs = models.Ridge(alpha=l2 * n).fit(splits.X_train, splits.y_train).predict(splits.X_test)[:, None]
    else:
        model = models.LogisticRegression(C=1 / (2 * l2 * n), tol=1e-8, max_iter=10_000)
        theirs = model.fit(splits.X_train, splits.y_train).decision_function(splits.X_test).reshape(len(ours), -1)
    np.testing.assert_allclose(ours - ours.mean(axis=1, keepdims=True) * (ours.shape[1] > 1), theirs, atol=0.01)


def test_more_inputs_than_rows_and_inputs_that_repeat_each_other_are_fitted_alike() -> None:
    splits = splits_of("diabetes")
    few = dataclasses.replace(splits, X_train=splits.X_train[:6], y_train=splits.y_train[:6])
    for case in (few, splits):
        twice = dataclasses.replace(case, **{name: np.tile(getattr(case, name), 2) for name in ("X_train", "X_val")})
        # Two equal inputs share a weight, which costs half as much penalty: λ is twice as strong for one.
        once = fit_linear(case, 0, (0.05,)).outputs(case.X_test)
        both = fit_linear(twice, 0, (0.1,)).outputs(np.tile(case.X_test, 2))
        np.testing.assert_allclose(both, once, atol=1e-8)


@pytest.mark.parametrize("data", ["breast-cancer", "diabetes"])
def test_lambda_is_the_one_with_the_lowest_validation_loss(data: str) -> None:
    splits = splits_of(data)
    loss = loss_for(splits.task, splits.n_outputs)

    def val_loss(*l2s: float) -> float:
        return data_loss(fit_linear(splits, 0, l2s).outputs(splits.X_val), splits.y_val, loss)

    assert val_loss(*L2S) <= min(val_loss(l2) for l2 in L2S) * 1.01


def test_many_rows_are_sampled_and_give_much_the_same_rule() -> None:
    splits = splits_of("breast-cancer")
    many = fit_linear(with_rows(splits, 200_000), 0, (0.01,))
    few = fit_linear(splits, 0, (0.01,))
    assert len(splits.y_train) < many.rows < 200_000
    right = few.outputs(splits.X_test)
    assert np.corrcoef(many.outputs(splits.X_test)[:, 0], right[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        ("iris", ("largest class", "logistic regression")),
        ("moons", ("largest class", "logistic regression")),
        ("diabetes", ("mean", "ridge regression")),
    ],
)
def test_floors_stand_beside_the_network(trained: Callable[..., Trained], data: str, rules: tuple[str, str]) -> None:
    found = trained(data)
    splits = own_splits(found.run, found.run_settings)
    result = evaluate_part(found, splits, "test")
    constant, linear = result.floors
    assert (constant.rule, linear.rule) == rules
    for floor in result.floors:
        assert floor.score + floor.gain == pytest.approx(result.score, abs=1e-12)
    if result.class_names:
        largest = np.bincount(splits.y_train).argmax()
        assert constant.answer == result.class_names[largest]
        assert constant.score == pytest.approx((splits.y_test == largest).mean())
    else:
        assert constant.score == pytest.approx(1 - np.mean(splits.y_test**2) / np.var(splits.y_test))
    # Another network on the same rows: the linear rule itself neither gains nor loses.
    again = find_floors(splits, splits.X_test, splits.y_test, fit_linear(splits, 0).outputs(splits.X_test), 0)
    assert again[1].gain == 0
    assert again[1].gain_error == 0


def test_the_standard_errors_are_those_of_other_draws_of_the_rows() -> None:
    rng = np.random.default_rng(0)

    def r2(n: int) -> tuple[float, float | None]:
        y = rng.normal(3.0, 2.0, n)
        found = shortfall((y + rng.normal(0.0, 1.0, n))[:, None], y, "regression")
        return 1 - found.share, found.error

    draws = [r2(400) for _ in range(2000)]
    scores, errors = np.array(draws).T
    assert scores.mean() == pytest.approx(0.75, abs=0.01)
    assert errors.mean() == pytest.approx(scores.std(), rel=0.1)
    labels = rng.integers(0, 2, 900)
    wrong = np.where(np.arange(900) < 90, 1 - labels, labels)
    found = shortfall(2.0 * wrong[:, None] - 1, labels, "classification")
    assert 1 - found.share == pytest.approx(0.9)
    assert found.error == pytest.approx(math.sqrt(0.9 * 0.1 / 899))


def test_where_all_targets_are_equal_no_error_is_claimed() -> None:
    y = np.full(20, 0.1) * 3
    assert shortfall(y[:, None], y, "regression").share == 0
    assert shortfall(y[:, None] + 1, y, "regression").share == 1
    assert shortfall(y[:, None] + 1, y, "regression").error is None


def result_with(floors: tuple[Floor, ...]) -> PartResult:
    return PartResult(
        part="test", rows=100, epoch=75, l2=0.001, looks=1, loss=0.25, loss_interval=(0.2, 0.5), score=0.96,
        score_interval=(0.8, 0.95), class_names=("setosa", "virginica"), confusion=((50, 2), (2, 46)),
        score_error=0.02, floors=floors,
    )  # fmt: skip


FLOORS = (
    Floor(rule="largest class", answer="set\x1bosa", loss=0.7, score=0.52, score_error=0.05, gain=0.44, gain_error=0.05,
          train_rows=300),
    Floor(rule="logistic regression", loss=0.3, score=0.95, score_error=0.021, gain=0.01, gain_error=0.015, l2=0.003,
          train_rows=200),
)  # fmt: skip


def test_the_scores_stand_in_one_line_as_wide_as_there_is_room() -> None:
    result = result_with(FLOORS)
    assert floor_words(result, 76) == "always 'set�osa' 52.0 % · logistic regression 95.0 % · this network 96.0 %"
    assert "95.0 ± 2.1 %" in floor_words(result, 120)
    assert floor_words(result, 64) == "always 'set�osa' 52.0 % · logistic 95.0 % · this network 96.0 %"
    assert floor_words(result, 30) == ""


def test_test_prints_the_floors_and_what_the_network_gains_on_them() -> None:
    lines = result_lines(result_with(FLOORS), 80)
    at = lines.index("accuracy of simpler rules on the same rows, ± one standard error")
    assert [" ".join(line.split()) for line in lines[at + 1 : at + 4]] == [
        "always 'set�osa' 52.0 ± 5.0 %",
        "logistic regression 95.0 ± 2.1 % at λ 0.003, a sample of 200 rows",
        "this network 96.0 ± 2.0 % +1.0 ± 1.5 points on logistic regression",
    ]
    assert max(map(len, lines)) <= 80


def test_a_result_without_floors_is_read_and_shown() -> None:
    old = msgspec.to_builtins(result_with(()))
    del old["floors"], old["score_error"]
    result = msgspec.convert(old, PartResult)
    assert result.floors == ()
    assert floor_words(result, 80) == ""
    assert not any("simpler" in line for line in result_lines(result, 80))
