"""Columns that only label rows are left out; columns that measure are not, whatever the seed of the split."""

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import write

N = 25


def numbers(seed=0):
    return np.random.default_rng(seed).normal(size=N).round(3)


def dropped(path, **choice):
    return {column.name for column in inspect_table(path, TableChoice(**choice)).columns if column.role == "dropped"}


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "rownames", "row.names", "index", "anything"])
@pytest.mark.parametrize("start", [0, 1])
def test_an_index_is_dropped_with_a_word(tmp_path, name, start):
    path = tmp_path / "a.csv"
    lines = [f"{k + start},{a},{b}" for k, (a, b) in enumerate(zip(numbers(), numbers(1), strict=True))]
    path.write_text("\n".join([f"{name},a,b", *lines]))
    look = inspect_table(path)
    assert look.columns[0].role == "dropped"
    assert any("looks like row numbers" in note for note in look.notes)
    assert look.target in ("a", "b")


def test_a_header_that_is_one_name_short_names_no_row_labels(tmp_path):
    for separator in (",", " ", "\t"):
        path = tmp_path / "a.txt"
        rows = [
            separator.join((f'"r {k}"', str(a), str(b)))
            for k, (a, b) in enumerate(zip(numbers(), numbers(1), strict=True))
        ]
        path.write_text("\n".join([f"a{separator}b", *rows]))
        look = inspect_table(path)
        assert look.columns[0].role == "dropped"
        assert {column.name for column in look.columns[1:]} == {"a", "b"}
        assert look.columns[1].examples[0] == f"{numbers()[0]:g}"


@pytest.mark.parametrize(
    "values",
    [
        range(1960, 1960 + N),  # years
        np.arange(N) * 10 + 10,  # depths
        np.random.default_rng(0).permutation(N) + 1,  # ranks
        np.sort(np.random.default_rng(1).choice(10**6, N, replace=False)),  # populations
    ],
)
def test_numbers_that_measure_are_kept_for_every_seed(tmp_path, values):
    path = write(tmp_path / "a.csv", {"real": list(values), "a": numbers(), "b": numbers(1)})
    for seed in range(10):
        roles = {column.name: column.role for column in inspect_table(path, seed=seed).columns}
        assert roles["real"] != "dropped"


def test_a_sample_of_rows_keeps_what_an_index_is(tmp_path):
    rng = np.random.default_rng(0)
    table = {"n": list(range(200)), "a": rng.normal(size=200), "b": rng.normal(size=200)}
    assert dropped(write(tmp_path / "a.csv", table), rows=50) == {"n"}


def test_what_a_column_is_does_not_depend_on_the_seed(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "few": rng.choice(["a", "b", "c"], 60, p=[0.9, 0.07, 0.03]),
        "many": [f"t{k}" for k in rng.integers(0, 55, 60)],
        "whole": rng.permutation(500)[:60],
        "y": rng.normal(size=60),
    }
    path = write(tmp_path / "a.csv", table)
    found = {
        tuple((column.name, column.kind, column.role) for column in inspect_table(path, seed=seed).columns)
        for seed in range(10)
    }
    assert len(found) == 1
