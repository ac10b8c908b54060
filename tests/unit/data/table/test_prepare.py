"""From a file to inputs: what columns become, and what is learnt from which rows."""

import argparse
import datetime
import shlex
from statistics import NormalDist

import msgspec
import numpy as np
import polars as pl
import pytest

from l2tui.cli.options import add_table_options, table_choice
from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.data.builtin.datasets import table_path
from l2tui.data.naming import listed
from l2tui.data.preparation import Preparation, encode_preparation
from l2tui.data.prepare import prepare
from l2tui.data.splits import ARRAYS
from l2tui.data.table.applying import apply_to_file
from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.errors import DataError
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import PARTS, N, columns, plan_of, raw, splits_of, write


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
    assert "identifier" in found["id"].note
    assert "one value" in found["same"].note
    assert found["gap"].missing == sum(value is None for value in columns()["gap"])
    assert found["gap"].n_inputs == 2
    assert found["rich"].skewed
    assert not found["size"].skewed
    assert (look.target, look.target_reason, look.task) == ("kind", "guessed", "classification")
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
        table["town"][k], table["firm"][k] = f"town {k % 9}", "y"
        table["paid"][k], table["when"][k] = "no", "1901-01-01"
    write(tmp_path / "a.csv", table)
    after = splits_of(tmp_path / "a.csv", target="score", **choice)
    learnt = [msgspec.structs.replace(splits.preparation, notes=(), alarms=()) for splits in (before, after)]
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
    assert splits_of(write(tmp_path / "a.csv", table)).feature_names == ("a", "b", "c")


def test_a_column_that_looks_like_row_numbers_can_be_kept(tmp_path):
    table = {"nr": list(range(1, 61)), "a": [k % 7 for k in range(60)], "y": ["p", "q"] * 30}
    path = write(tmp_path / "a.csv", table)
    look = inspect_table(path)
    assert "nr: dropped: looks like row numbers (--transform nr=rank keeps it)" in look.notes
    assert inspect_table(path, TableChoice(transform=(("nr", "rank"),))).columns[0].role == "input"


def test_times_that_a_split_goes_through_are_told(tmp_path):
    for each, told in ((6, False), (7, True)):
        table = {"t": [k // each for k in range(60)], "a": [k % 7 for k in range(60)], "y": ["p", "q"] * 30}
        look = inspect_table(write(tmp_path / "a.csv", table), TableChoice(time="t"))
        assert ("rows of the same t are in two parts" in look.notes) == told


def test_the_hint_at_a_transformation_can_be_typed(tmp_path):
    table = {'wide, "very"': [2.0 ** (i % 40) for i in range(90)], "y": ["pq"[i % 2] for i in range(90)]}
    write(tmp_path / "a.csv", table)
    (note,) = (note for note in inspect_table(tmp_path / "a.csv").notes if "skewed" in note)
    option = shlex.split(note.rpartition("--transform ")[2])[0]
    parser = argparse.ArgumentParser()
    add_table_options(parser)
    choice = table_choice(parser.parse_args(["--transform", option]))
    assert choice.transform == (('wide, "very"', "log"),)
    assert inspect_table(tmp_path / "a.csv", choice).columns[0].note == "logarithm"


def test_what_is_noted_as_skewed_is_marked_as_such(tmp_path):
    rng = np.random.default_rng(0)
    table = {f"x{k}": rng.gamma(0.45, size=120) for k in range(20)} | {"y": ["pq"[i % 2] for i in range(120)]}
    look = inspect_table(write(tmp_path / "a.csv", table))
    (note,) = (note for note in look.notes if "skewed" in note)
    marked = [column.name for column in look.columns if column.skewed]
    assert listed(marked) in note
    assert len(marked) < 20


def test_a_number_too_far_from_training_is_told_with_the_file(tmp_path):
    rng = np.random.default_rng(0)
    table = {"x": rng.normal(size=60) * 1e-3, "y": ["pq"[i % 2] for i in range(60)]}
    write(tmp_path / "a.csv", table)
    preparation = splits_of(tmp_path / "a.csv").preparation
    (tmp_path / "b.csv").write_text("x,y\n1e308,p\n")
    with pytest.raises(DataError, match=r"b\.csv: column 'x' has numbers too far"):
        apply_to_file(preparation, tmp_path / "b.csv")


def test_columns_are_left_out_whatever_the_case_of_their_names(path):
    for choice in ({"drop": ("SIZE ",)}, {"drop": ("size",)}):
        look = inspect_table(path, TableChoice(**choice))
        assert {column.name: column.role for column in look.columns}["size"] == "dropped"
        assert "size" not in splits_of(path, **choice).preparation.input_names


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("%d.%m.%Y", None),
        ("%d.%m.%y", None),
        ("%m/%d/%Y", None),
        ("%m/%d/%y", None),
        ("%d/%m/%Y", None),
        ("%d-%m-%Y", None),
        ("%d-%b-%Y", None),
        ("%d.%m.%Y %H:%M", None),
        ("%Y-%m-%dT%H:%M:%S+02:00", None),
        ("%m/%d/%Y %H:%M", "day before month would be possible"),
        ("%d-%m-%Y", "month before day would be possible"),
    ],
)
def test_dates_are_read_as_they_are_commonly_written(tmp_path, form, other):
    first = datetime.datetime(1998, 1, 1)
    step = datetime.timedelta(days=31) if other else datetime.timedelta(days=97)
    # The days of a month that number no month tell which of two numbers is which.
    dates = [(first + step * k if other is None else first.replace(year=1990 + k)) for k in range(40)]
    table = {"when": [date.strftime(form) for date in dates], "a": [k % 7 for k in range(40)], "y": ["p", "q"] * 20}
    look = inspect_table(write(tmp_path / "a.csv", table))
    column = look.columns[0]
    assert column.kind == "date"
    zone = datetime.timedelta(hours=2 if "+02" in form else 0)
    assert column.low == (dates[0] - zone - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert column.high == (dates[-1] - zone - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert any("would be possible" in note for note in look.notes) == (other is not None)
    assert other is None or any(other in note for note in look.notes)


def semicolons(tmp_path, columns):
    rows = [";".join(columns), *(";".join(values) for values in zip(*columns.values(), strict=True))]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_decimal_commas_of_one_column_tell_what_those_of_another_are(tmp_path):
    numbers = np.random.default_rng(0).uniform(1, 9, 40)
    in_thousandths = [f"{x:.3f}".replace(".", ",") for x in numbers]
    columns = {"a": in_thousandths, "b": [f"{x:.2f}".replace(".", ",") for x in numbers], "y": ["p", "q"] * 20}
    look = inspect_table(semicolons(tmp_path, columns))
    assert look.columns[0].high == round(numbers.max(), 3)
    assert "read with decimal commas: a, b" in look.notes
    # No number with thousands apart begins with a zero.
    look = inspect_table(semicolons(tmp_path, {"a": ["0,125", *in_thousandths[1:]], "y": columns["y"]}))
    assert look.columns[0].low == 0.125


def test_points_between_thousands_are_not_read_as_decimals(tmp_path):
    columns = {
        "a": [f"1.{k:03}" if k % 2 else str(900 + k) for k in range(40)],
        "b": [f"{k},5" for k in range(40)],
        "y": ["p", "q"] * 20,
    }
    with pytest.raises(DataError, match=r"column 'a', row 2: '1\.001' has thousands apart"):
        inspect_table(semicolons(tmp_path, columns))
    columns["a"][4] = "3.25"
    assert inspect_table(semicolons(tmp_path, columns)).columns[0].low == 1.001


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ([f"{k / 7:.2f},{k % 3},Iris-{'ab'[k % 2]}" for k in range(30)], 30),
        ([f"{'abc'[k % 3]},{'xy'[k % 2]},{'pq'[k % 2]}" for k in range(30)], 30),
        # Names that stand there once more, and years as names, are names all the same.
        (["a,b,c", *(f"{'uvw'[k % 3]},{'xyz'[k % 3]},{'pq'[k % 2]}" for k in range(30)), "a,b,c"], 31),
        (["country,1990,2000,y", *(f"c{k % 4},{k},{k * k},{'pq'[k % 2]}" for k in range(30))], 30),
    ],
)
def test_a_first_line_of_values_is_not_lost(tmp_path, lines, rows):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    look = inspect_table(path)
    assert look.rows == rows
    assert (look.columns[0].name == "column_1") == (rows == len(lines))


def test_a_run_tells_why_its_target_was_taken_as_the_look_did(path):
    look = inspect_table(path)
    assert splits_of(path).preparation.notes == look.notes
    assert look.notes[0].startswith("target: kind, guessed (next: ")
