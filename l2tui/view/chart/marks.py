"""Where the marks, lines and labels of a loss chart go, so that they hide as little of the curves as possible."""

from collections.abc import Sequence

from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.chart.frame import Frame
from l2tui.view.chart.model import ChartGlyphs
from l2tui.view.chart.strip import ChangeGroup

_SPREADS = ("train_spread", "val_spread")
_FAR = 4
"""Columns between two changes of one step from which on each has a line of its own."""

_UNINFORMED = " knowing nothing "

_NEARBY = (-1, 1, -2, 2)
"""Rows, counted from a mark, in which its label may stand."""


def draw_point(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, column: int, row: int, role: str) -> None:
    """Draws ★ or ▲, the role being `best` or `confirmed`, over whatever is there."""
    grid.put(frame.left + column, row, glyphs.best if role == "best" else glyphs.confirmed, role)


def draw_withdrawn(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, column: int, row: int, epoch: int) -> None:
    """Draws the mark of a rise that is withdrawn, and its epoch in brackets where there is room nearby."""
    grid.put(frame.left + column, row, glyphs.withdrawn, "label")
    text = f"({epoch})"
    start = frame.left + max(0, min(column - len(text) // 2, frame.columns - len(text)))
    for near in _NEARBY:
        if 0 <= row + near < frame.rows and grid.is_blank(start, row + near, len(text)):
            grid.put(start, row + near, text, "label")
            return


def draw_steps(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, steps: Sequence[ChangeGroup]) -> None:
    """Draws a thin line at each step of λ, and what it was in the strip under the axis."""
    for step in steps:
        columns = (step.first, step.last) if step.last - step.first >= _FAR else (step.first,)
        for column in columns:
            grid.put_behind(frame.left + column, range(frame.rows), glyphs.change, "change", roles=_SPREADS)
        if frame.strip is not None:
            grid.put(frame.left + step.start, frame.strip, step.text, "change")


def draw_restart(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, column: int, place: int) -> None:
    """Draws a thin line where a log counts anew, and says so in the strip under the axis where there is room."""
    grid.put_behind(frame.left + column, range(frame.rows), glyphs.change, "change", roles=_SPREADS)
    text = f"restart {place}"
    start = frame.left + max(0, min(column, frame.columns - len(text)))
    if frame.strip is not None and grid.is_blank(start, frame.strip, len(text)):
        grid.put(start, frame.strip, text, "change")


def draw_onset(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, column: int, epoch: int) -> None:
    """Draws the dotted line of the onset and says the epoch beside it, or on the axis below if there is no room."""
    if not _put_onset_label(grid, frame, column, epoch):
        text = str(epoch)
        grid.put(max(0, min(frame.left + column + 1, grid.width - len(text))), frame.rows, text, "onset")
    grid.put_behind(frame.left + column, range(frame.rows), glyphs.onset, "onset", roles=_SPREADS)


def draw_cursor(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, column: int) -> None:
    """Draws the cursor's column behind the lines and over everything else but words."""
    others = glyphs.change + glyphs.onset
    grid.put_behind(frame.left + column, range(frame.rows), glyphs.cursor, "cursor", over=others, roles=_SPREADS)
    grid.tint(frame.left + column)


def _put_onset_label(grid: CellGrid, frame: Frame, column: int, epoch: int) -> bool:
    for text in (f"rising since {epoch}", f"since {epoch}", str(epoch)):
        for start in (column + 1, column - len(text)):
            row = _free_row(grid, frame, start, len(text))
            if row is not None:
                grid.put(frame.left + start, row, text, "onset")
                return True
    return False


def _free_row(grid: CellGrid, frame: Frame, column: int, length: int) -> int | None:
    if column < 0:
        return None
    return next((row for row in range(frame.rows) if grid.is_blank(frame.left + column, row, length)), None)


def draw_uninformed(grid: CellGrid, frame: Frame, glyphs: ChartGlyphs, row: int) -> None:
    """Draws a faint line at the loss of knowing nothing, behind all else, with its name, or none without room."""
    ends = range(grid.width - len(_UNINFORMED), frame.left - 1, -1)
    start = next((at for at in ends if grid.is_blank(at, row, len(_UNINFORMED))), None)
    if start is None:
        return
    grid.put(start, row, _UNINFORMED, "label")
    for column in range(frame.left, grid.width):
        grid.put_behind(column, (row,), glyphs.uninformed, "axis")
