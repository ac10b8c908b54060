"""Predicted against true values as dots, with the diagonal on which all would lie."""

import math

from rich.text import Text

from l2tui.tui.renderables.cell_grid import CellGrid
from l2tui.tui.renderables.rounding import format_loss
from l2tui.tui.themes import Palette

_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LABEL = 10
_NARROWEST = 1e-300


def draw_scatter(pairs: tuple[tuple[float, float], ...], width: int, height: int, palette: Palette) -> Text:
    """Draws pairs of a true (across) and a predicted value (up) on two axes of the same range.

    Args:
        pairs: True and predicted values; those that are not finite are left out.
        width: Cells across.
        height: Lines.
        palette: Colours, and whether the terminal has braille.
    """
    finite = [pair for pair in pairs if math.isfinite(pair[0]) and math.isfinite(pair[1])]
    columns, rows = width - _LABEL - 1, height - 2
    if not finite or columns < 4 or rows < 2:
        return Text("There is nothing to draw.", palette.muted)
    low, high = limits_of(finite)
    braille = palette.glyphs.braille
    dots, line = _Dots(columns, rows), _Dots(columns, rows)
    for true, predicted in finite:
        dots.put(_share(true, low, high), _share(predicted, low, high))
    for step in range(4 * (columns + rows)):
        line.put(step / (4 * (columns + rows)), step / (4 * (columns + rows)))
    grid = CellGrid(width, height)
    left = _LABEL + 1
    for row in range(rows):
        grid.put(_LABEL, row, "│", "axis")
        for column in range(columns):
            if dots.bits[row][column]:
                # Both in one cell take one colour: that of the dots.
                bits = dots.bits[row][column]
                grid.put(left + column, row, chr(_BRAILLE + bits) if braille else "o", "dots")
            elif line.bits[row][column]:
                grid.put(left + column, row, chr(_BRAILLE + line.bits[row][column]) if braille else ".", "line")
    grid.put(_LABEL, rows, "└" + "─" * columns, "axis")
    texts = _short(low), _short(high)
    grid.put(0, 0, texts[1].rjust(_LABEL - 1), "label")
    grid.put(0, rows - 1, texts[0].rjust(_LABEL - 1), "label")
    grid.put(0, rows // 2, "predicted", "label")
    grid.put(left, height - 1, texts[0], "label")
    grid.put(width - len(texts[1]), height - 1, texts[1], "label")
    grid.put(left + columns // 2 - 2, height - 1, "true", "label")
    styles = {"dots": palette.train, "line": palette.axis, "axis": palette.axis, "label": palette.muted}
    text = Text(no_wrap=True)
    for number, strip in enumerate(grid.strips(styles)):
        text.append("\n" if number else "")
        for segment in strip:
            text.append(segment.text, segment.style)
    return text


def _share(value: float, low: float, high: float) -> float:
    # By halves: the range of two large numbers is more than a number can be.
    return (value / 2 - low / 2) / (high / 2 - low / 2)


def _short(value: float) -> str:
    text = f"{value:.4g}"
    return text if "e" not in text else format_loss(value, _LABEL - 1)


def limits_of(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Returns the range of all values, of some width at least."""
    low, high = min(min(pair) for pair in pairs), max(max(pair) for pair in pairs)
    if high / 2 - low / 2 > _NARROWEST:
        return low, high
    room = max(abs(low) * 0.01, 1e-12)
    return low - room, high + room


class _Dots:
    """The dots of a rectangle of cells, two across and four down in each."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self.bits = [[0] * columns for _ in range(rows)]

    def put(self, across: float, up: float) -> None:
        """Sets the dot at shares of the width and of the height."""
        x = min(2 * self._columns - 1, max(0, int(across * 2 * self._columns)))
        y = 4 * self._rows - 1 - min(4 * self._rows - 1, max(0, int(up * 4 * self._rows)))
        self.bits[y // 4][x // 2] |= _BITS[y % 4][x % 2]
