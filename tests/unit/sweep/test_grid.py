"""Grids as typed, by default, finer and wider."""

import pytest

from l2tui.errors import SettingsError
from l2tui.sweep.grid import decades, default_grid, finer, parse_grid, wider


def test_the_default_grid_is_zero_and_the_notches_of_the_app():
    grid = default_grid()
    assert len(grid) == 13
    assert grid[:4] == (0.0, 3e-6, 1e-5, 3e-5)
    assert grid[-1] == 1.0
    assert list(grid) == sorted(set(grid))


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("0,1e-3", (0.0, 1e-3)),
        ("0, 1e-4..1e-2", (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)),
        ("1e-3..1e-2@4", (1e-3, 1.8e-3, 3e-3, 5.6e-3, 1e-2)),
        ("0,2e-4..3e-2@1,.5", (0.0, 2e-4, 1e-3, 1e-2, 3e-2, 0.5)),
    ],
)
def test_grids_as_typed(text, grid):
    assert parse_grid(text) == grid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no λ"),
        ("0", "at least two"),
        ("-1,2", "is no λ"),
        ("0,nan", "is no λ"),
        ("0,inf", "is no λ"),
        ("1e-2,1e-3", "0.001 comes after 0.01"),
        ("0,0", "0 comes after 0"),
        ("0..1", "is no range"),
        ("1e-2..1e-3", "is no range"),
        ("1e-3..1@0", "is no range"),
        ("1e-3..1@2.5", "is no range"),
        ("0,1e-300..1e300@2", "at most"),
    ],
)
def test_what_is_no_grid_is_refused_in_a_line(text, words):
    with pytest.raises(SettingsError, match=words) as error:
        parse_grid(text)
    assert "\n" not in str(error.value)


def test_finer_values_lie_next_to_the_winner_and_are_new():
    grid = default_grid()
    around = finer(grid, 1e-3)
    assert around == (5.6e-4, 1.8e-3)
    assert finer((*grid, *around), 1e-3) == ()
    assert finer(grid, 0.0) == ()


def test_a_wider_grid_stays_where_a_step_does_not_turn_the_sign():
    assert wider(default_grid(), 0.01) == (3.0, 10.0)
    assert wider(default_grid(), 0.1) == (3.0,)
    assert wider(default_grid(), 0.5) == ()


def test_ends_of_a_range_are_kept_as_typed():
    assert decades(2e-3, 5e-2, 2) == [2e-3, 3e-3, 1e-2, 3e-2, 5e-2]
