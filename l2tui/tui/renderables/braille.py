"""Dots as bits of braille characters: making a line thick, and putting two lines into one grid."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from l2tui.tui.renderables.cell_grid import BRAILLE, DOT_BITS, CellGrid

Dots = NDArray[np.uint8]
"""The low bytes of braille characters, shape (rows, columns)."""


def from_text(lines: list[str]) -> Dots:
    """Returns the dots of lines of equal length that hold braille and blanks."""
    codes = np.array([[ord(character) for character in line] for line in lines], dtype=np.int64)
    return np.where(codes > BRAILLE, codes - BRAILLE, 0).astype(np.uint8)


def thicken(dots: Dots) -> Dots:
    """Adds a dot below every dot, so that a line is told from a thin one without any colour."""
    thick = dots.copy()
    for above, below in pairwise(DOT_BITS):
        for old, new in zip(above, below, strict=True):
            thick |= np.where(dots & old, new, 0).astype(np.uint8)
    for old, new in zip(DOT_BITS[-1], DOT_BITS[0], strict=True):
        thick[1:] |= np.where(dots[:-1] & old, new, 0).astype(np.uint8)
    return thick


def put_lines(grid: CellGrid, left: int, train: Dots, val: Dots, *, ascii_only: bool) -> None:
    """Writes the dots of both lines into a grid, from the column `left` on, validation on top."""
    both = train | val
    for row, column in np.argwhere(both).tolist():
        role = "val" if val[row, column] else "train"
        letter = "o" if role == "val" else "."
        grid.put(left + column, row, letter if ascii_only else chr(BRAILLE + int(both[row, column])), role)
