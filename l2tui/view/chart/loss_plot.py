"""The chart of training and validation loss: arrays in, finished lines of the terminal out.

A line joins the middle of each column of dots; what lies between the lowest and the highest value of the column is
filled behind it in one shade. Missing values, limits, logarithms, ticks and marks are settled here. Lines come as dots;
colours are put on here, so a theme changes without a new drawing.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from textual.strip import Strip

from l2tui.view.chart.binning import DOTS_ACROSS, Floats, Ints, Trace, bin_trace, clean_series, smooth_line
from l2tui.view.chart.braille import Dots, fill, put_ghost, put_lines, put_spreads, thicken
from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.chart.epoch_axis import XAxis, x_axis
from l2tui.view.chart.frame import Frame, draw_lines, draw_ticks, frame_of
from l2tui.view.chart.loss_axis import YAxis, to_log, y_axis
from l2tui.view.chart.marks import (
    draw_cursor,
    draw_onset,
    draw_point,
    draw_restart,
    draw_steps,
    draw_uninformed,
    draw_withdrawn,
)
from l2tui.view.chart.model import (
    ASCII_GLYPHS,
    UNICODE_GLYPHS,
    ChartGlyphs,
    ChartStyles,
    LossPlotData,
    LossPlotOptions,
)
from l2tui.view.chart.rasterise import rasterise
from l2tui.view.chart.strip import steps_of

__all__ = ["ChartStyles", "LossPlotData", "LossPlotOptions", "draw_loss_plot"]

_STRETCH = 16
"""Columns of dots that are drawn and kept together."""


def draw_loss_plot(data: LossPlotData, options: LossPlotOptions, styles: ChartStyles, hint: str = "") -> list[Strip]:
    """Draws the chart.

    Args:
        data: Losses and marks.
        options: Size and way of drawing.
        styles: Colours.
        hint: A short text for a chart that has nothing to show yet.

    Returns:
        `options.height` strips of `options.width` cells each, whatever the data.
    """
    grid = CellGrid(options.width, options.height)
    glyphs = ASCII_GLYPHS if options.ascii else UNICODE_GLYPHS
    frame = frame_of(grid.width, grid.height, strip=bool(data.l2_changes or data.restarts))
    if frame.usable:
        draw_lines(grid, frame, glyphs)
        epochs, train, val = clean_series(data.epochs, data.train, data.val)
        if np.isfinite(train).any() or np.isfinite(val).any():
            has_spread = styles.train_spread is not None and not (options.smooth or options.ascii)
            _draw_run(grid, frame, glyphs, data, options, (epochs, train, val), has_spread=has_spread)
        else:
            start = frame.left + max(0, (frame.columns - len(hint)) // 2)
            grid.put(start, (frame.rows - 1) // 2, hint, "label")
    known = {role: getattr(styles, role) for role in ChartStyles.__struct_fields__}
    return grid.strips({role: style for role, style in known.items() if style is not None})


def _draw_run(
    grid: CellGrid,
    frame: Frame,
    glyphs: ChartGlyphs,
    data: LossPlotData,
    options: LossPlotOptions,
    series: tuple[Floats, Floats, Floats],
    *,
    has_spread: bool,
) -> None:
    epochs, train, val = series
    x = x_axis(float(epochs[-1]), data.last_epoch, frame.columns, recent=options.recent)
    edges = x.bins()
    traces = [bin_trace(epochs, values, edges, smooth=options.smooth) for values in (train, val)]
    shown = [np.stack((trace.low, trace.high), axis=1).ravel() if has_spread else trace.y for trace in traces]
    ghost = _ghost_traces(data, edges, smooth=options.smooth)
    y = y_axis([*shown, *(trace.y for trace in ghost)], frame.rows, log=options.log_y)
    draw_ticks(grid, frame, glyphs, x, y, data.cursor_epoch, data.x_name)
    if has_spread:
        put_spreads(grid, frame.left, *(_spread(trace, y, frame) for trace in traces))
    # What a log counts anew is no continuation of the line before.
    breaks = np.searchsorted(edges, np.array(data.restarts, float), side="right") - 1
    if ghost:
        lines = (_line(trace, y, frame, np.empty(0, np.int64), smooth=options.smooth) for trace in ghost)
        put_ghost(grid, frame.left, *lines, ascii_only=options.ascii)
    train_dots, val_dots = (_line(trace, y, frame, breaks, smooth=options.smooth) for trace in traces)
    thick = val_dots if options.ascii else thicken(val_dots)
    put_lines(grid, frame.left, train_dots, thick, ascii_only=options.ascii)
    _draw_marks(grid, frame, glyphs, data, x, y, (epochs, val, thick))
    if data.uninformed is not None and y.holds(data.uninformed):
        draw_uninformed(grid, frame, glyphs, y.row(data.uninformed))


def _draw_marks(
    grid: CellGrid,
    frame: Frame,
    glyphs: ChartGlyphs,
    data: LossPlotData,
    x: XAxis,
    y: YAxis,
    validation: tuple[Floats, Floats, Dots],
) -> None:
    epochs, val, line = validation
    seen = [(x.cell(epoch), old, new) for epoch, old, new in data.l2_changes]
    changes = [(column, old, new) for column, old, new in seen if column is not None]
    draw_steps(grid, frame, glyphs, steps_of(changes, frame.columns))
    for restart in data.restarts:
        if (column := x.cell(restart)) is not None:
            draw_restart(grid, frame, glyphs, column, restart)
    if data.onset_epoch is not None and (column := x.cell(data.onset_epoch)) is not None:
        draw_onset(grid, frame, glyphs, column, data.onset_epoch)
    if data.cursor_epoch is not None and (column := x.cell(data.cursor_epoch)) is not None:
        draw_cursor(grid, frame, glyphs, column)

    def row_at(column: int, epoch: int) -> int:
        # A value of one epoch may lie off the line, which goes through the middle of many; a mark stands on the line.
        exact = y.row(float(val[min(int(np.searchsorted(epochs, epoch)), len(val) - 1)]))
        dots = np.bitwise_count(line[:, column]).tolist()
        return max(range(frame.rows), key=lambda row: (dots[row], -abs(row - exact))) if any(dots) else exact

    for epoch in data.withdrawn_epochs:
        if (column := x.cell(epoch)) is not None:
            draw_withdrawn(grid, frame, glyphs, column, row_at(column, epoch), epoch)
    taken = None
    for role, mark in (("best", data.best_epoch), ("confirmed", data.confirmed_epoch)):
        if mark is None or (column := x.cell(mark)) is None:
            continue
        row = row_at(column, mark)
        if (column, row) == taken:
            column += 1 if column + 1 < x.cells else -1
            row = row_at(column, mark)
        draw_point(grid, frame, glyphs, column, row, role)
        taken = (column, row)


def _ghost_traces(data: LossPlotData, edges: Floats, *, smooth: bool) -> list[Trace]:
    if data.ghost is None:
        return []
    epochs, *series = clean_series(*data.ghost)
    return [bin_trace(epochs, values, edges, smooth=smooth) for values in series]


def _spread(trace: Trace, y: YAxis, frame: Frame) -> Dots:
    return fill(trace.x, y.dots(trace.low), y.dots(trace.high), frame.columns, frame.rows)


def _line(trace: Trace, y: YAxis, frame: Frame, breaks: Ints, *, smooth: bool) -> Dots:
    values = trace.y
    if smooth:
        values = 10.0 ** smooth_line(to_log(values)) if y.log else smooth_line(values)
    heights = y.dots(values)
    known = ~np.isnan(heights)
    after_gap = np.zeros(len(heights), np.bool_)
    after_gap[1:] = ~known[:-1]
    after_gap[np.isin(np.arange(len(heights)), np.searchsorted(trace.x, breaks))] = True
    points = np.column_stack((trace.x, heights, after_gap))[known].astype(np.int64)
    points = points[~_inside_level(points)]
    dots = np.zeros((frame.rows, frame.columns), np.uint8)
    # While a run goes on, all stretches but the last come out of the cache.
    ends = np.flatnonzero(np.diff(points[:, 0] // _STRETCH)) + 1
    for start, end in pairwise([0, *ends.tolist(), len(points)]):
        if end > start:
            stretch = points[start : end + 1].copy()
            left = int(stretch[0, 0]) // _STRETCH * _STRETCH // DOTS_ACROSS
            stretch[:, 0] -= left * DOTS_ACROSS
            # Most stretches lead over to the first dot of the next one and no further.
            needed = int(stretch[-1, 0]) // DOTS_ACROSS + 1
            columns = _STRETCH // DOTS_ACROSS + 1 if needed <= _STRETCH // DOTS_ACROSS + 1 else frame.columns
            part = rasterise(stretch.tobytes(), columns, frame.rows)
            dots[:, left : left + columns] |= part[:, : frame.columns - left]
    return dots


def _inside_level(points: Ints) -> NDArray[np.bool_]:
    """Returns which points lie inside a level stretch; the line is the same without them, and drawn faster."""
    inside = np.zeros(len(points), np.bool_)
    joined = (np.diff(points[:, 1]) == 0) & (points[1:, 2] == 0)
    inside[1:-1] = joined[:-1] & joined[1:]
    return inside
