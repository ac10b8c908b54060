"""From a file to inputs: what columns become, and what is learnt from which rows."""

import datetime
from statistics import NormalDist

import msgspec
import numpy as np
import polars as pl
import pytest

from l2tui.data.catalogue import CATALOGUE, recommended_settings
from l2tui.data.datasets import table_path
from l2tui.data.preparation import Preparation, encode_preparation
from l2tui.data.splits import ARRAYS, prepare
from l2tui.data.tables import apply_to_file, inspect_table, prepare_table
from l2tui.errors import DataError
from tests.unit.data.mixed_table import PARTS, N, columns, plan_of, raw, splits_of, write


def test_every_kind_of_column_becomes_what_it_should(path):
    look = inspect_table(path)
    found = {column.name: column for column in look.columns}
    assert list(found) == list(columns())
    kinds = {name: column.kind for name, column in found.items()}
    assert kinds["when"] == "date"
    assert kinds["paid"] == "boolean"
    assert kinds["town"] == kinds["kind"] == "category"
    assert kinds["size"] == kinds["gap"] == "number"
    assert {name for name, column in found.items() if column.role == "dropped"} == {"id", "same", "text"}
    assert "row numbers" in found["id"].note
    assert "one value" in found["same"].note
    assert found["gap"].missing == sum(value is None for value in columns()["gap"])
    assert found["gap"].n_inputs == 2
    assert found["rich"].skewed
    assert not found["size"].skewed
    assert (look.target, look.target_reason, look.task) == ("kind", "the last column", "classification")
    assert [name for name, _ in look.classes] == ["a2", "a10", "b"]
    assert sum(look.parts) == look.rows == look.rows_used == N
    assert look.n_inputs == prepare_table(look.settings).X_train.shape[1]


def test_inputs_are_what_the_file_says(path):
    """The raw inputs of all parts, put together, are the columns as polars reads them."""
    splits = splits_of(path, transform=(("rich", "log"),))
    order = np.concatenate([raw(splits, part)["when"] for part in PARTS])
    frame = pl.read_csv(path, try_parse_dates=True, null_values="")
    days = (frame["when"] - datetime.date(1970, 1, 1)).dt.total_days().to_numpy()
    assert np.allclose(np.sort(order), np.sort(days))
    inputs = {name: np.concatenate([raw(splits, part)[name] for part in PARTS]) for name in splits.feature_names}
    assert np.allclose(np.sort(inputs["size"]), np.sort(frame["size"].to_numpy()))
    assert inputs["paid"].sum() == pytest.approx((frame["paid"] == "yes").sum())
    assert inputs["town=Oslo"].sum() == pytest.approx((frame["town"] == "Oslo").sum())
    assert inputs["firm missing"].sum() == pytest.approx(frame["firm"].null_count())
    assert inputs["gap missing"].sum() == pytest.approx(frame["gap"].null_count())
    shift = plan_of(splits, "rich").shift
    logged = np.concatenate([np.expm1(raw(splits, part)["rich"]) + shift for part in PARTS])
    low = frame["rich"].to_numpy()
    assert np.allclose(np.sort(logged[logged >= shift]), np.sort(low[low >= shift]))


def test_the_training_part_is_standard_and_its_median_stands_in(path):
    splits = splits_of(path)
    assert np.allclose(splits.X_train.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(splits.X_train.std(axis=0), 1)
    inputs = raw(splits)
    missing = inputs["gap missing"] > 0.5
    assert missing.any()
    assert np.allclose(inputs["gap"][missing], np.median(inputs["gap"][~missing]))


def test_the_same_file_and_seed_give_the_same_bytes_and_another_seed_others(path):
    first, again, other = splits_of(path), splits_of(path), splits_of(path, seed=1)
    for name in ARRAYS:
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert first.preparation == again.preparation
    assert first.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.parametrize("choice", [{}, {"transform": (("size", "rank"), ("rich", "log"))}])
def test_all_is_learnt_from_the_training_part_alone(tmp_path, choice):
    """Whatever stands in the other rows, in the same kind of values, nothing that was learnt is another."""
    table = columns()
    table["score"] = [value * 10 for value in table["size"]]
    table["row"] = [f"{k / 7:.6f}" for k in range(N)]
    del table["kind"]
    write(tmp_path / "a.csv", table)
    before = splits_of(tmp_path / "a.csv", target="score", **choice)
    trained = {round(value * 7) for value in raw(before)["row"]}
    assert len(trained) == len(before.y_train)
    rng = np.random.default_rng(5)
    for k in set(range(N)) - trained:
        table["score"][k] = 1e4 * rng.normal()
        table["size"][k], table["rich"][k] = float(1e6 * rng.normal()), float(1e6 * rng.random())
        table["gap"][k] = None if rng.random() < 0.5 else 1e5
        table["town"][k], table["firm"][k] = f"town {k}", "y"
        table["paid"][k], table["same"][k], table["when"][k] = "no", "2", "1901-01-01"
        table["id"][k], table["text"][k] = 7, "the same"
    write(tmp_path / "a.csv", table)
    after = splits_of(tmp_path / "a.csv", target="score", **choice)
    learnt = [msgspec.structs.replace(splits.preparation, notes=()) for splits in (before, after)]
    assert learnt[0] == learnt[1]
    assert before.X_train.tobytes() == after.X_train.tobytes()
    assert not np.array_equal(before.X_test, after.X_test)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_built_in_set_has_a_preparation_too(name, tmp_path):
    settings = recommended_settings(name)
    splits = prepare(settings)
    assert splits.preparation.input_names == splits.feature_names
    assert (splits.preparation.y_mean, splits.preparation.y_scale) == (splits.y_mean, splits.y_scale)
    assert msgspec.json.decode(encode_preparation(splits.preparation), type=Preparation) == splits.preparation
    if settings.noise is None:
        X, _ = apply_to_file(splits.preparation, table_path(name))
        assert {row.tobytes() for row in splits.X_test} <= {row.tobytes() for row in X}


def test_normal_scores_are_normal_and_keep_the_order(tmp_path):
    values = np.exp(np.random.default_rng(0).normal(0, 3, (3000, 2)))
    path = write(tmp_path / "a.csv", {"rich": values[:, 0], "y": values[:, 1]})
    splits = splits_of(path, transform=(("rich", "rank"),))
    scores = np.sort(raw(splits)["rich"])
    expected = [NormalDist().inv_cdf((k + 0.5) / 1800) for k in range(1800)]
    assert np.abs(scores - expected).max() < 0.01


def test_an_only_column_is_kept_even_if_it_looks_like_row_numbers(tmp_path):
    x = np.arange(60)
    splits = splits_of(write(tmp_path / "a.csv", {"x": x, "y": np.sin(x / 9)}))
    assert splits.feature_names == ("x",)


def test_distinct_numbers_that_measure_are_kept(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "a": rng.normal(size=60),
        "b": rng.permutation(600)[:60],
        "c": rng.permutation(60),
        "y": rng.normal(size=60),
    }
    assert splits_of(write(tmp_path / "a.csv", table)).feature_names == ("a", "b")


def test_a_number_too_far_from_training_is_told_with_the_file(tmp_path):
    rng = np.random.default_rng(0)
    table = {"x": rng.normal(size=60) * 1e-3, "y": ["pq"[i % 2] for i in range(60)]}
    write(tmp_path / "a.csv", table)
    preparation = splits_of(tmp_path / "a.csv").preparation
    (tmp_path / "b.csv").write_text("x,y\n1e308,p\n")
    with pytest.raises(DataError, match=r"b\.csv: column 'x' has numbers too far"):
        apply_to_file(preparation, tmp_path / "b.csv")
