"""Dots as bits of braille characters: a thick line, a filled spread, and putting two curves into one grid."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from l2tui.view.chart.binning import DOTS_ACROSS, Floats, Ints
from l2tui.view.chart.cell_grid import BRAILLE, DOT_BITS, CellGrid

Dots = NDArray[np.uint8]
"""The low bytes of braille characters, shape (rows, columns)."""


def from_text(lines: list[str]) -> Dots:
    """Returns the dots of lines of equal length that hold braille and blanks."""
    codes = np.array([[ord(character) for character in line] for line in lines], dtype=np.int64)
    return np.where(codes > BRAILLE, codes - BRAILLE, 0).astype(np.uint8)


def thicken(dots: Dots) -> Dots:
    """Adds a dot below or above every dot, in the same cell, so that a line differs from a thin one without colour."""
    thick = dots.copy()
    for above, below in (*pairwise(DOT_BITS), (DOT_BITS[-1], DOT_BITS[-2])):
        for old, new in zip(above, below, strict=True):
            thick |= np.where(dots & old, new, 0).astype(np.uint8)
    return thick


def fill(x: Ints, low: Floats, high: Floats, columns: int, rows: int) -> Dots:
    """Fills columns of dots from one height to another.

    Args:
        x: Columns of dots, shape (m,).
        low: Rows of dots, counted from below, shape (m,); NaN leaves a column empty.
        high: Likewise, not below `low`.
        columns: Cells across.
        rows: Cells down.
    """
    known = ~np.isnan(low)
    height = np.arange(len(DOT_BITS) * rows)[::-1, None]
    filled = np.zeros((len(DOT_BITS) * rows, DOTS_ACROSS * columns), np.bool_)
    filled[:, x[known]] = (height >= low[known]) & (height <= high[known])
    cells = filled.reshape(rows, len(DOT_BITS), columns, DOTS_ACROSS)
    bits = np.array(DOT_BITS, np.uint8)[None, :, None, :]
    return np.asarray((cells * bits).sum(axis=(1, 3)), np.uint8)


def put_spreads(grid: CellGrid, left: int, train: Dots, val: Dots) -> None:
    """Writes the dots of both spreads into a grid, from the column `left` on; the lines go over them."""
    both = train | val
    for row, column in np.argwhere(both).tolist():
        role = "val_spread" if val[row, column] else "train_spread"
        grid.put(left + column, row, chr(BRAILLE + int(both[row, column])), role)


def put_ghost(grid: CellGrid, left: int, train: Dots, val: Dots, *, ascii_only: bool) -> None:
    """Writes the dots of a ghost's lines into a grid, thinned to every other column; the lines of the run go over them.

    So they differ from those without colour.
    """
    half = sum(bit for bit, _ in DOT_BITS)
    for row, column in np.argwhere((train | val) & half).tolist():
        dots = int(val[row, column] & half)
        role, letter = ("ghost_val", ":") if dots else ("ghost_train", ",")
        grid.put(
            left + column, row, letter if ascii_only else chr(BRAILLE + (dots or int(train[row, column] & half))), role
        )


def put_lines(grid: CellGrid, left: int, train: Dots, val: Dots, *, ascii_only: bool) -> None:
    """Writes the dots of both lines into a grid, from the column `left` on.

    Where the lines share cells, these take turns, so that both lines are seen and no dot has the other one's colour.
    """
    for row, column in np.argwhere(train | val).tolist():
        turn = val if (row + column) % 2 else train
        dots = int(turn[row, column] or train[row, column] or val[row, column])
        role = "val" if dots == val[row, column] and (turn is val or not train[row, column]) else "train"
        letter = "o" if role == "val" else "."
        grid.put(left + column, row, letter if ascii_only else chr(BRAILLE + dots), role)
