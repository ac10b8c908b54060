"""A rectangle of characters with a role each, which turns into Textual strips."""

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

BRAILLE = 0x2800
"""The braille character without dots."""

DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Its rows of dots from above: in each, what the left and the right one add to it."""

_BLANK = ("", " ")
_PLAIN = Style.null()


class CellGrid:
    """Characters of one cell each and the role that says how each is styled. Whatever is put outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = max(width, 0)
        self.height = max(height, 0)
        self._cells = [[_BLANK] * self.width for _ in range(self.height)]
        self._tinted: int | None = None

    def put(self, column: int, row: int, text: str, role: str) -> None:
        """Writes text to the right from a cell."""
        if 0 <= row < self.height:
            cells = self._cells[row]
            for offset, character in enumerate(text):
                if 0 <= column + offset < self.width:
                    cells[column + offset] = (role, character if cell_len(character) == 1 else "?")

    def is_blank(self, column: int, row: int, length: int = 1) -> bool:
        """Returns whether cells lie inside and nothing has been written to them."""
        inside = 0 <= row < self.height and column >= 0 and column + length <= self.width
        return inside and all(cell is _BLANK for cell in self._cells[row][column : column + length])

    def character(self, column: int, row: int) -> str:
        """Returns the character of a cell, a space outside."""
        inside = 0 <= row < self.height and 0 <= column < self.width
        return self._cells[row][column][1] if inside else " "

    def role(self, column: int, row: int) -> str:
        """Returns the role of a cell, nothing outside."""
        inside = 0 <= row < self.height and 0 <= column < self.width
        return self._cells[row][column][0] if inside else ""

    def put_behind(
        self,
        column: int,
        rows: Iterable[int],
        character: str,
        role: str,
        *,
        over: str = "",
        roles: Container[str] = (),
    ) -> None:
        """Writes one character into those cells of a column that are blank, hold one of `over`, or have such a role."""
        for row in rows:
            if self.is_blank(column, row) or self.character(column, row) in over or self.role(column, row) in roles:
                self.put(column, row, character, role)

    def tint(self, column: int) -> None:
        """Gives a column the background of the role `cursor`."""
        self._tinted = column

    def strips(self, styles: Mapping[str, Style]) -> list[Strip]:
        """Returns one strip a row, each as wide as the grid; a role that is not in `styles` has no style."""
        palette = tuple(styles.items())
        return [_strip(tuple(cells), self._tinted, palette) for cells in self._cells]


# While a run goes on, most rows are those of the picture before.
@lru_cache(maxsize=256)
def _strip(cells: tuple[tuple[str, str], ...], tinted: int | None, palette: tuple[tuple[str, Style], ...]) -> Strip:
    styles = dict(palette)
    tint = Style.from_color(bgcolor=styles.get("cursor", _PLAIN).bgcolor)
    segments = []
    start = 0
    for end in range(1, len(cells) + 1):
        # A run ends where the role changes, and on both sides of the tinted column.
        if end < len(cells) and cells[end][0] == cells[start][0] and tinted not in (end, end - 1):
            continue
        text = "".join([character for _, character in cells[start:end]])
        style = styles.get(cells[start][0], _PLAIN)
        segments.append(Segment(text, style + tint if start == tinted else style))
        start = end
    return Strip(segments, len(cells))
