"""The axes of a loss chart with their ticks and labels."""

from dataclasses import dataclass

from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.chart.epoch_axis import XAxis
from l2tui.view.chart.loss_axis import YAxis
from l2tui.view.chart.model import ChartGlyphs

_LABEL_WIDTH = 5
_TICK_GAP = 4
_ENOUGH_FOR_STRIP = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the plotting area lies in a grid.

    Attributes:
        left: Columns to the left of it.
        columns: Its columns.
        rows: Its rows, from the top of the grid.
        strip: The row of the grid for the steps of λ, None without one.
    """

    left: int
    columns: int
    rows: int
    strip: int | None = None

    @property
    def usable(self) -> bool:
        """Whether there is room for a curve at all."""
        return self.columns >= 4 and self.rows >= 2


def frame_of(width: int, height: int, *, strip: bool = False) -> Frame:
    """Divides a chart; a small one goes without the strip for λ, then without labels, then without axes."""
    left = _LABEL_WIDTH + 1 if width >= 24 else int(width >= 10)
    below = 2 if height >= 6 else int(height >= 4)
    if strip and height >= _ENOUGH_FOR_STRIP:
        return Frame(left, width - left, height - below - 1, height - 1)
    return Frame(left, width - left, height - below)


def draw_lines(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs) -> None:
    """Draws both axes without ticks."""
    if frame.left:
        for row in range(frame.rows):
            grid.put(frame.left - 1, row, glyphs.vertical, "axis")
    if grid.height > frame.rows:
        corner = glyphs.corner if frame.left else ""
        grid.put(frame.left - len(corner), frame.rows, corner + glyphs.horizontal * frame.columns, "axis")


def draw_ticks(
    grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, x: XAxis, y: YAxis, cursor: int | None, name: str = ""
) -> None:
    """Draws ticks and labels, and the epoch of the cursor in place of the labels that it would cover.

    Args:
        grid: The grid.
        frame: Where the plotting area lies.
        glyphs: The characters.
        x: Epochs.
        y: Losses.
        cursor: The cursor's epoch, if there is one.
        name: What x counts, to be written at the end of its axis; empty where that goes without saying.
    """
    if frame.left > 1:
        for row, text in y.ticks(_LABEL_WIDTH):
            grid.put(0, row, text.rjust(_LABEL_WIDTH), "label")
            grid.put(frame.left - 1, row, glyphs.tick_y, "axis")
    row = frame.rows + 1
    if grid.height <= row:
        return
    if cursor is not None and (column := x.cell(cursor)) is not None:
        _put_label(grid, frame.left + column, row, f" {cursor} ", "cursor")
    if name:
        _put_label(grid, grid.width - 1, row, f" {name}", "label")
    for column, text in x.ticks(_TICK_GAP):
        grid.put(frame.left + column, frame.rows, glyphs.tick_x, "axis")
        _put_label(grid, frame.left + column, row, text, "label")


def _put_label(grid: CellGrid, middle: int, row: int, text: str, role: str) -> None:
    start = max(0, min(middle - (len(text) - 1) // 2, grid.width - len(text)))
    if grid.is_blank(start, row, min(len(text), grid.width)):
        grid.put(start, row, text, role)
