"""The chart of training and validation loss: arrays in, finished lines of the terminal out.

This is the one module that touches plotext, and plotext gets nothing but whole numbers inside its canvas: missing
values, limits, logarithms, ticks and marks are settled before or after. It draws dots; colours are put on here, so a
theme changes without a new drawing.
"""

import threading
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import plotext
from numpy.typing import NDArray
from textual.strip import Strip

from l2tui.tui.renderables.binning import DOTS_ACROSS, Floats, Ints, Trace, bin_trace, clean_series, smooth_line
from l2tui.tui.renderables.braille import Dots, from_text, put_lines, thicken
from l2tui.tui.renderables.cell_grid import CellGrid
from l2tui.tui.renderables.chart_frame import Frame, draw_lines, draw_ticks, frame_of
from l2tui.tui.renderables.chart_marks import draw_changes, draw_cursor, draw_onset, draw_point
from l2tui.tui.renderables.chart_model import (
    ASCII_GLYPHS,
    UNICODE_GLYPHS,
    ChartStyles,
    Glyphs,
    LossPlotData,
    LossPlotOptions,
)
from l2tui.tui.renderables.epoch_axis import XAxis, x_axis
from l2tui.tui.renderables.loss_axis import DOTS_DOWN, YAxis, to_log, y_axis

__all__ = ["ChartStyles", "LossPlotData", "LossPlotOptions", "draw_loss_plot"]

_STRETCH = 32
"""Columns of dots that are drawn and kept together."""

# There is one figure in a process.
_figure_lock = threading.Lock()


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
    frame = frame_of(grid.width, grid.height)
    if frame.usable:
        draw_lines(grid, frame, glyphs)
        epochs, train, val = clean_series(data.epochs, data.train, data.val)
        if np.isfinite(train).any() or np.isfinite(val).any():
            _draw_run(grid, frame, glyphs, data, options, (epochs, train, val))
        else:
            start = frame.left + max(0, (frame.columns - len(hint)) // 2)
            grid.put(start, (frame.rows - 1) // 2, hint, "label")
    return grid.strips({role: getattr(styles, role) for role in ChartStyles.__slots__})


def _draw_run(
    grid: CellGrid,
    frame: Frame,
    glyphs: Glyphs,
    data: LossPlotData,
    options: LossPlotOptions,
    series: tuple[Floats, Floats, Floats],
) -> None:
    epochs, train, val = series
    x = x_axis(float(epochs[-1]), data.last_epoch, frame.columns, recent=options.recent)
    edges, dots_per_bin = x.bins()
    traces = [bin_trace(epochs, values, edges, dots_per_bin, smooth=options.smooth) for values in (train, val)]
    y = y_axis([trace.y for trace in traces], frame.rows, log=options.log_y)
    draw_ticks(grid, frame, glyphs, x, y, data.cursor_epoch)
    train_dots, val_dots = (_line(trace, y, frame, smooth=options.smooth) for trace in traces)
    if not options.ascii:
        val_dots = thicken(val_dots)
    put_lines(grid, frame.left, train_dots, val_dots, ascii_only=options.ascii)
    _draw_marks(grid, frame, glyphs, data, x, y, (epochs, val))


def _draw_marks(
    grid: CellGrid,
    frame: Frame,
    glyphs: Glyphs,
    data: LossPlotData,
    x: XAxis,
    y: YAxis,
    validation: tuple[Floats, Floats],
) -> None:
    changes = [(x.cell(epoch), label) for epoch, label in data.l2_changes]
    draw_changes(grid, frame, glyphs, [(column, label) for column, label in changes if column is not None])
    if data.onset_epoch is not None and (column := x.cell(data.onset_epoch)) is not None:
        draw_onset(grid, frame, glyphs, column, data.onset_epoch)
    if data.cursor_epoch is not None and (column := x.cell(data.cursor_epoch)) is not None:
        draw_cursor(grid, frame, glyphs, column)
    epochs, val = validation
    taken = None
    for role, epoch in (("best", data.best_epoch), ("confirmed", data.confirmed_epoch)):
        if epoch is None or (column := x.cell(epoch)) is None:
            continue
        row = y.row(float(val[min(int(np.searchsorted(epochs, epoch)), len(val) - 1)]))
        if (column, row) == taken:
            column += 1 if column + 1 < x.cells else -1
        draw_point(grid, frame, glyphs, column, row, role)
        taken = (column, row)


def _line(trace: Trace, y: YAxis, frame: Frame, *, smooth: bool) -> Dots:
    values = trace.y
    if smooth:
        values = 10.0 ** smooth_line(to_log(values)) if y.log else smooth_line(values)
    heights = y.dots(values)
    known = ~np.isnan(heights)
    after_gap = np.zeros(len(heights), np.bool_)
    after_gap[1:] = ~known[:-1]
    points = np.column_stack((trace.x, heights, after_gap))[known].astype(np.int64)
    points = points[~_repeated(points)]
    points = points[~_inside_level(points)]
    dots = np.zeros((frame.rows, frame.columns), np.uint8)
    # While a run goes on, all stretches but the last come out of the cache.
    ends = np.flatnonzero(np.diff(points[:, 0] // _STRETCH)) + 1
    for start, end in pairwise([0, *ends.tolist(), len(points)]):
        if end > start:
            dots |= _rasterise(points[start : end + 1].tobytes(), frame.columns, frame.rows)
    return dots


def _repeated(points: Ints) -> NDArray[np.bool_]:
    repeated = np.zeros(len(points), np.bool_)
    repeated[1:] = (np.diff(points[:, :2], axis=0) == 0).all(axis=1)
    return repeated


def _inside_level(points: Ints) -> NDArray[np.bool_]:
    """Tells which points lie inside a level stretch; the line is the same without them, and drawn faster."""
    inside = np.zeros(len(points), np.bool_)
    joined = (np.diff(points[:, 1]) == 0) & (points[1:, 2] == 0)
    inside[1:-1] = joined[:-1] & joined[1:]
    return inside


@lru_cache(maxsize=128)
def _rasterise(points: bytes, columns: int, rows: int) -> Dots:
    """Joins points by lines.

    Args:
        points: Bytes of int64 numbers, three a point: its column of dots, from 0 to 2·columns - 1; its row of dots
            from below, from 0 to 4·rows - 1; and 1 where no line leads to it, else 0.
        columns: Cells across, at least 2.
        rows: Cells down, at least 2.

    Returns:
        The dots, read-only.
    """
    x, y, breaks = np.frombuffer(points, np.int64).reshape(-1, 3).T.tolist()
    with _figure_lock:
        figure = _figure(columns, rows)
        figure.clear.data()
        signal = figure.signal(x, y, marker=_marker()).lines()
        for index, is_break in enumerate(breaks):
            if is_break:
                signal.line(index, False)
        figure.draw(signal)
        text = figure.build().string(colorless=True)
    dots = from_text(text.split("\n")[:rows])
    dots.setflags(write=False)
    return dots


# One entry: the figure keeps the last size that was asked for.
@lru_cache(maxsize=1)
def _figure(columns: int, rows: int) -> Any:
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.canvas("default")
    figure.axes(False)
    figure.plot_size(columns, rows)
    # The limits are the middles of the outer cells, between two dots across and the second and third of four down.
    for axis, cells, dots in (("x", columns, DOTS_ACROSS), ("y", rows, DOTS_DOWN)):
        ruler = figure.ruler(axis)
        ruler.ticks([])
        middle = (dots - 1) / 2
        ruler.lim(middle, cells * dots - 1 - middle)
    return figure


@cache
def _marker() -> Any:
    return plotext.marker("braille")
