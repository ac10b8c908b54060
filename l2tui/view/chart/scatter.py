"""Predicted against true values as dots, with the diagonal on which all would lie."""

import math
from itertools import product

from rich.text import Text

from l2tui.view.chart.cell_grid import BRAILLE, DOT_BITS, CellGrid
from l2tui.view.chart.rounding import format_loss
from l2tui.view.palette import Palette

_LABEL = 10
_LEFT = _LABEL + 1
_NARROWEST = 1e-300


class _Dots:
    """The dots of a rectangle of cells, two across and four down in each."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.bits = [[0] * columns for _ in range(rows)]

    def put(self, across: float, up: float) -> None:
        """Sets the dot at shares of the width and of the height."""
        x = min(2 * self.columns - 1, max(0, int(across * 2 * self.columns)))
        y = 4 * self.rows - 1 - min(4 * self.rows - 1, max(0, int(up * 4 * self.rows)))
        self.bits[y // 4][x // 2] |= DOT_BITS[y % 4][x % 2]


def draw_scatter(pairs: tuple[tuple[float, float], ...], width: int, height: int, palette: Palette) -> Text:
    """Draws pairs of a true (across) and a predicted value (up) on two axes of the same range.

    Args:
        pairs: True and predicted values; those that are not finite are left out.
        width: Cells across.
        height: Lines.
        palette: Colours, and whether the terminal has braille.
    """
    finite = [pair for pair in pairs if math.isfinite(pair[0]) and math.isfinite(pair[1])]
    columns, rows = width - _LEFT, height - 2
    if not finite or columns < 4 or rows < 2:
        return Text("There is nothing to draw.", palette.muted)
    low, high = limits_of(finite)
    dots, line = _Dots(columns, rows), _Dots(columns, rows)
    for true, predicted in finite:
        dots.put(_share(true, low, high), _share(predicted, low, high))
    for step in range(4 * (columns + rows)):
        line.put(step / (4 * (columns + rows)), step / (4 * (columns + rows)))
    grid = CellGrid(width, height)
    _put_dots(grid, dots, line, braille=palette.glyphs.braille)
    _put_axes(grid, columns, rows, _short(low), _short(high))
    styles = {"dots": palette.train, "line": palette.axis, "axis": palette.axis, "label": palette.muted}
    text = Text(no_wrap=True)
    for number, strip in enumerate(grid.strips(styles)):
        text.append("\n" if number else "")
        for segment in strip:
            text.append(segment.text, segment.style)
    return text


def _put_dots(grid: CellGrid, dots: _Dots, line: _Dots, *, braille: bool) -> None:
    for row, column in product(range(dots.rows), range(dots.columns)):
        # Both in one cell take one colour: that of the dots.
        for bits, role, letter in ((dots.bits, "dots", "o"), (line.bits, "line", ".")):
            if bits[row][column]:
                grid.put(_LEFT + column, row, chr(BRAILLE + bits[row][column]) if braille else letter, role)
                break


def _put_axes(grid: CellGrid, columns: int, rows: int, low: str, high: str) -> None:
    for row in range(rows):
        grid.put(_LABEL, row, "│", "axis")
    grid.put(_LABEL, rows, "└" + "─" * columns, "axis")
    grid.put(0, 0, high.rjust(_LABEL - 1), "label")
    grid.put(0, rows - 1, low.rjust(_LABEL - 1), "label")
    grid.put(0, rows // 2, "predicted", "label")
    below = grid.height - 1
    grid.put(_LEFT, below, low, "label")
    grid.put(grid.width - len(high), below, high, "label")
    grid.put(_LEFT + columns // 2 - 2, below, "true", "label")


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
