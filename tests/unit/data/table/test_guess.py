"""The first guess of the target is one that a person could have made, and never a dead end."""

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import write

N = 80


def table(**columns):
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, N))
    age = rng.integers(20, 60, N)
    return {"age": age, "a": a, "b": b, "c": c, "effect": a - b + c + rng.normal(size=N), **columns}


@pytest.mark.parametrize(
    "last",
    [
        {"constant": ["x"] * N},
        {"nothing": [None] * N},
        {"day": [f"2020-01-{k % 28 + 1:02}" for k in range(N)]},
        {"name": [f"person {k}" for k in range(N)]},
        {"patient_id": [k // 4 for k in range(N)]},
        {"town": np.repeat(np.arange(8), 10)},
        {"number": range(N)},
    ],
)
def test_a_last_column_of_no_use_gives_way_to_what_the_others_predict(tmp_path, last):
    look = inspect_table(write(tmp_path / "a.csv", table(**last)))
    assert look.target == "effect"
    assert next(iter(last)) not in look.candidates


def test_the_next_best_are_named_and_the_line_says_how_to_choose(tmp_path):
    path = write(tmp_path / "a.csv", table())
    look = inspect_table(path)
    assert look.candidates == ("effect", *look.candidates[1:])
    assert len(look.candidates) == 3
    assert all(name in look.notes[0] for name in (*look.candidates, "--target"))
    asked = inspect_table(path, TableChoice(target="a"))
    assert (asked.target, asked.target_reason, asked.candidates) == ("a", "as asked", look.candidates)


def test_no_seed_changes_the_guess(tmp_path):
    path = write(tmp_path / "a.csv", table())
    assert len({inspect_table(path, seed=seed).candidates for seed in range(5)}) == 1


def test_a_column_computed_from_others_is_not_the_first_guess(tmp_path):
    found = table()
    found["sum"] = found["a"] + found["b"]
    assert inspect_table(write(tmp_path / "a.csv", found)).target == "effect"
