"""Where the marks, lines and labels of a loss chart go, so that they hide as little of the curves as possible."""

from collections.abc import Sequence

from l2tui.tui.renderables.cell_grid import CellGrid
from l2tui.tui.renderables.chart_frame import Frame
from l2tui.tui.renderables.chart_model import Glyphs

_CHANGE_ROWS = 3
"""Rows from the top in which the label of a change may stand."""


def draw_point(grid: CellGrid, frame: Frame, glyphs: Glyphs, column: int, row: int, role: str) -> None:
    """Draws ★ or ▲, the role being `best` or `confirmed`, over whatever is there."""
    grid.put(frame.left + column, row, glyphs.best if role == "best" else glyphs.confirmed, role)


def draw_changes(grid: CellGrid, frame: Frame, glyphs: Glyphs, changes: Sequence[tuple[int, str]]) -> None:
    """Draws a line at each change of λ, and labels from the newest on as far as there is room for them.

    Args:
        grid: The grid, with the curves.
        frame: Where the plotting area lies.
        glyphs: The characters.
        changes: Columns and labels, the newest last.
    """
    labelled: set[int] = set()
    rows = range(min(_CHANGE_ROWS, frame.rows))
    for column, label in reversed(changes):
        # A label says its number even where there is no room for its name.
        for text in (label, label.split()[-1] if label.strip() else ""):
            columns = set(range(column, column + len(text) + 1))
            if column + len(text) >= frame.columns:
                columns = set(range(column - len(text), column + 1))
            if not text or columns & labelled:
                continue
            start = column + 1 if max(columns) > column else column - len(text)
            row = _free_row(grid, frame, min(columns), len(text) + 1, rows)
            if row is not None:
                grid.put(frame.left + start, row, text, "change")
                labelled |= columns
                break
    for column in {column for column, _ in changes}:
        grid.put_behind(frame.left + column, range(frame.rows), glyphs.change, "change")


def draw_onset(grid: CellGrid, frame: Frame, glyphs: Glyphs, column: int, epoch: int) -> None:
    """Draws the dotted line of the onset and says the epoch beside it, or on the axis below if there is no room."""
    if not _put_onset_label(grid, frame, column, epoch):
        text = str(epoch)
        grid.put(max(0, min(frame.left + column + 1, grid.width - len(text))), frame.rows, text, "onset")
    grid.put_behind(frame.left + column, range(frame.rows), glyphs.onset, "onset")


def draw_cursor(grid: CellGrid, frame: Frame, glyphs: Glyphs, column: int) -> None:
    """Draws the cursor's column behind the curves and over other lines."""
    others = glyphs.change + glyphs.onset
    grid.put_behind(frame.left + column, range(frame.rows), glyphs.cursor, "cursor", over=others)
    grid.tint(frame.left + column)


def _put_onset_label(grid: CellGrid, frame: Frame, column: int, epoch: int) -> bool:
    for text in (f"rising since {epoch}", f"since {epoch}", str(epoch)):
        for start, first in ((column + 1, column), (column - len(text), column - len(text))):
            row = _free_row(grid, frame, first, len(text) + 1, range(frame.rows))
            if row is not None:
                grid.put(frame.left + start, row, text, "onset")
                return True
    return False


def _free_row(grid: CellGrid, frame: Frame, column: int, length: int, rows: Sequence[int]) -> int | None:
    if column < 0:
        return None
    return next((row for row in rows if grid.is_blank(frame.left + column, row, length)), None)
