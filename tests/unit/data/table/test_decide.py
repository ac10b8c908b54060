"""What a look at a table guesses, and what it says about it."""

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.data.table.recommend import recommended_for
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import columns, write


def test_rows_without_a_target_are_left_out_and_counted(tmp_path):
    table = columns()
    table["kind"][::3] = [None] * 100
    look = inspect_table(write(tmp_path / "a.csv", table), TableChoice(target="kind"))
    assert (look.rows, look.rows_used, sum(look.parts)) == (300, 200, 200)
    assert any("100 rows without a target" in note for note in look.notes)


@pytest.mark.parametrize(
    ("names", "choice", "target", "reason"),
    [
        (("a", "Label", "b"), {}, "Label", "named Label"),
        (("class", "target", "b"), {}, "target", "named target"),
        (("a", "b", "c"), {}, "c", "guessed"),
        (("a", "b", "c"), {"drop": ("c",)}, "b", "guessed"),
        (("a", "y", "c"), {"target": "A"}, "a", "as asked"),
    ],
)
def test_the_target_is_guessed_and_the_reason_told(tmp_path, names, choice, target, reason):
    rng = np.random.default_rng(0)
    look = inspect_table(
        write(tmp_path / "a.csv", {name: rng.normal(size=30) for name in names}), TableChoice(**choice)
    )
    assert (look.target, look.target_reason) == (target, reason)
    assert look.settings.table.target == target
    assert any(target in note and reason in note for note in look.notes)


@pytest.mark.parametrize(
    ("values", "task", "task_found", "classes"),
    [
        ([1, 2, 10] * 20, "auto", "classification", ["1", "2", "10"]),
        ([0.5, 1.5] * 30, "auto", "classification", ["0.5", "1.5"]),
        ([1, 2, 10] * 20, "regression", "regression", []),
        ([k / 7 for k in range(60)], "auto", "regression", []),
        (list(range(60)), "auto", "regression", []),
        (list(range(60)), "classification", "classification", [str(k) for k in range(60)]),
        (["true", "FALSE"] * 30, "auto", "classification", ["false", "true"]),
        (["3", "x", "20"] * 20, "auto", "classification", ["3", "20", "x"]),
    ],
)
def test_the_task_follows_from_the_values(tmp_path, values, task, task_found, classes):
    table = {"a": np.random.default_rng(0).normal(size=60), "y": values}
    look = inspect_table(write(tmp_path / "a.csv", table), TableChoice(task=task))
    assert look.task == look.settings.table.task == task_found
    assert [name for name, _ in look.classes] == classes
    assert bool(look.histogram) == (task_found == "regression")
    assert sum(look.histogram) in (0, 60)


def test_a_class_with_hardly_any_rows_is_reported(tmp_path):
    table = {"a": np.random.default_rng(0).normal(size=60), "y": ["u"] * 30 + ["v"] * 28 + ["w"] * 2}
    look = inspect_table(write(tmp_path / "a.csv", table))
    assert any("w (2)" in note for note in look.notes)
    splits = prepare_table(look.settings)
    assert set(splits.y_train) == {0, 1, 2}


def test_a_column_of_two_values_is_never_called_skewed(tmp_path):
    n = 300
    table = {"rare": [int(i % 100 == 0) for i in range(n)], "wild": [2.0 ** (i % 40) for i in range(n)]}
    write(tmp_path / "a.csv", table | {"y": ["pq"[i % 2] for i in range(n)]})
    notes = [note for note in inspect_table(tmp_path / "a.csv").notes if "skewed" in note]
    assert notes == ["heavily skewed: wild; try --transform wild=log or =rank"]


def test_one_rare_value_is_one(tmp_path):
    n = 600
    table = {"town": ["Ulm" if 7 <= i < 12 else "AB"[i % 2] for i in range(n)], "x": [i % 7 for i in range(n)]}
    write(tmp_path / "a.csv", table | {"y": ["pq"[i % 3 > 0] for i in range(n)]})
    assert "town: 1 rare value joined" in inspect_table(tmp_path / "a.csv").notes


@pytest.mark.parametrize("n", [6, 200, 1000, 10_000, 600_000])
def test_recommended_settings_are_useful_and_not_endless(n):
    for task in ("classification", "regression"):
        values = recommended_for(task, n)
        updates = values["epochs"] * -(-n // values["batch_size"])
        assert updates <= 30_000
        assert values["epochs"] >= 20
        assert values["train_size"] == n
        assert values["l2"] == 0
