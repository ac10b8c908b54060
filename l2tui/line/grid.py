"""A rectangle of cells, each with a character and a look: what is on a screen, or should be."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rich import cells as rich_cells

from l2tui.line.looks import PLAIN, CellStyle

# Characters that take one cell each and nothing else, so that a text of them needs no closer look.
_SIMPLE = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03c9\u2010-\u2026\u2500-\u25fc\u2800-\u28ff]*")
SECOND_HALF = ""
"""What stands in the cell to the right of a wide character."""


class Grid:
    """Rows of cells. A wide character stands in its left cell, `SECOND_HALF` in its right one.

    Args:
        width: Cells across.
        height: Cells down.
        look: The look of the spaces that it begins with.
    """

    def __init__(self, width: int, height: int, look: CellStyle = PLAIN) -> None:
        self.width = width
        self.height = height
        self.characters = [[" "] * width for _ in range(height)]
        self.looks = [[look] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, look: CellStyle) -> int:
        """Writes text to the right from a cell, as far as there is room; returns the column behind it."""
        if not 0 <= y < self.height:
            return x
        parts = text if _SIMPLE.fullmatch(text) else split_cells(text)
        start, end = max(x, 0), min(x + len(parts), self.width)
        if start < end:
            row = self.characters[y]
            row[start:end] = parts[start - x : end - x]
            self.looks[y][start:end] = [look] * (end - start)
            self._mend(row, start)
            self._mend(row, end)
        return x + len(parts)

    def copy_row(self, y: int, other: "Grid") -> None:
        """Takes over a row of another grid of the same width."""
        self.characters[y] = other.characters[y].copy()
        self.looks[y] = other.looks[y].copy()

    def _mend(self, row: list[str], edge: int) -> None:
        """Puts spaces in place of halves that are left of wide characters cut at an edge."""
        if edge < self.width and row[edge] == SECOND_HALF and (edge == 0 or not is_wide(row[edge - 1])):
            row[edge] = " "
        if edge > 0 and is_wide(row[edge - 1]) and (edge == self.width or row[edge] != SECOND_HALF):
            row[edge - 1] = " "


@lru_cache(maxsize=4096)
def is_wide(character: str) -> bool:
    """Returns whether the character of a cell takes the next one as well."""
    return not _SIMPLE.fullmatch(character) and rich_cells.cell_len(character) > 1


@lru_cache(maxsize=2048)
def split_cells(text: str) -> tuple[str, ...]:
    """Divides text into cells; what takes no room goes with the character before it, control characters go."""
    parts: list[str] = []
    for piece, width in _pieces(text):
        shown = "".join(character for character in piece if unicodedata.category(character) not in ("Cc", "Cs"))
        if width == 0 and parts:
            parts[-1 if parts[-1] != SECOND_HALF else -2] += shown
        elif width > 0:
            parts.append(shown or " ")
            parts.extend([SECOND_HALF] * (width - 1))
    return tuple(parts)


def _pieces(text: str) -> Iterable[tuple[str, int]]:
    # Older versions of Rich measure character by character, newer ones what belongs together.
    split = getattr(rich_cells, "split_graphemes", None)
    if split is None:
        return [(character, rich_cells.cell_len(character)) for character in text]
    spans, _ = split(text)
    return [(text[start:end], width) for start, end, width in spans]
