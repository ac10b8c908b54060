"""What makes a result look better than it is gets a line before the first epoch; nothing is dropped for it."""

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import write

N = 120
RNG = np.random.default_rng(0)
A = RNG.normal(size=N)
CLASSES = np.where(A + RNG.normal(size=N) > 0, "p", "q")


def alarms(path, table, **choice):
    look = inspect_table(write(path / "a.csv", table), TableChoice(target="y", **choice))
    assert look.n_inputs >= len(table) - 1 - len(choice)
    assert prepare_table(look.settings).preparation.alarms == look.alarms
    return look.alarms


def test_a_plain_table_raises_none(tmp_path):
    assert alarms(tmp_path, {"a": A, "b": RNG.normal(size=N), "y": CLASSES}) == ()
    assert alarms(tmp_path, {"a": A, "y": A + RNG.normal(size=N)}) == ()


@pytest.mark.parametrize(
    "copy",
    [
        np.where(CLASSES == "p", 3, 5),
        np.where(CLASSES == "p", "yes", "no"),
        np.where(CLASSES == "p", 1.0, -1.0) * (1 + np.abs(A)),
        [f"{label}{k % 3}" for k, label in enumerate(CLASSES)],
    ],
)
def test_a_column_that_determines_the_classes_is_named(tmp_path, copy):
    found = alarms(tmp_path, {"a": A, "copy": copy, "y": CLASSES})
    assert found[0].startswith("copy determines the target")


def test_a_column_that_determines_a_number_is_named(tmp_path):
    y = A * 9 / 5 + 32
    assert "copy determines" in alarms(tmp_path, {"copy": A, "b": RNG.normal(size=N), "y": y})[0]


def test_chance_determines_nothing(tmp_path):
    """Ten rows of two classes are often parted by one of many numbers; that is no leak."""
    table = {f"x{k}": RNG.normal(size=10) for k in range(40)}
    assert not any("determine" in line for line in alarms(tmp_path, {**table, "y": ["p", "q"] * 5}))


def test_rows_that_are_alike_by_chance_are_no_copies(tmp_path):
    table = {"a": RNG.integers(0, 3, N), "b": RNG.integers(0, 2, N), "y": CLASSES}
    assert not any("copies" in line for line in alarms(tmp_path, table))


def test_copies_across_the_parts_are_counted(tmp_path):
    half = RNG.normal(size=N // 2)
    labels = np.where(half + RNG.normal(size=N // 2) > 0, "p", "q")
    table = {"a": np.tile(half, 2), "y": np.tile(labels, 2)}
    look = inspect_table(write(tmp_path / "a.csv", table))
    splits = prepare_table(look.settings)
    trained = set(splits.X_train[:, 0].round(9))
    held = [x for part in (splits.X_val, splits.X_test) for x in part[:, 0].round(9)]
    expected = sum(x in trained for x in held)
    assert f"{expected} of {len(held)} validation and test rows are copies" in " ".join(look.alarms)


def test_a_walk_in_time_is_named_until_it_is_split_in_its_order(tmp_path):
    days = [f"2020-{k // 28 + 1:02}-{k % 28 + 1:02}" for k in range(N)]
    table = {"day": days, "b": RNG.normal(size=N), "y": np.cumsum(RNG.normal(size=N))}
    assert any("--time day" in line for line in alarms(tmp_path, table))
    assert not any("--time" in line for line in alarms(tmp_path, table, time="day"))
    noise = {**table, "y": RNG.normal(size=N)}
    assert not any("--time" in line for line in alarms(tmp_path, noise))


def test_groups_that_share_their_target_are_named_until_they_stay_together(tmp_path):
    patient = np.repeat(np.arange(20), 6)
    table = {"patient": patient, "b": RNG.normal(size=N), "y": RNG.normal(size=20)[patient] + 0.1 * A}
    assert any("--group patient" in line for line in alarms(tmp_path, table))
    assert not any("--group" in line for line in alarms(tmp_path, table, group="patient"))


def test_the_share_of_the_largest_class_and_too_many_classes(tmp_path):
    rare = np.where(np.arange(N) % 10 == 0, "yes", "no")
    assert "always saying no is right in 90 % of the rows" in alarms(tmp_path, {"a": A, "y": rare})
    many = [f"c{k % 40}" for k in range(N)]
    assert any("40 classes in 120 rows" in line for line in alarms(tmp_path, {"a": A, "y": many}))


@pytest.mark.parametrize("rows", [N, 40_000])
def test_a_group_that_determines_its_rows_is_found_in_large_tables_too(tmp_path, rows):
    rng = np.random.default_rng(0)
    group = rng.permutation(np.arange(rows) // 4)
    y = rng.normal(size=rows)[group]
    table = {"group": group, "other": rng.normal(size=rows), "line": 3 * y + 1, "y": y}
    found = inspect_table(write(tmp_path / "a.csv", table), TableChoice(target="y")).alarms
    assert found[0].startswith("group, line determine, each alone")
