"""The loss along λ as a picture: one dot a λ with its spread over the folds, and the range that is as good."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rich.style import Style
from textual.strip import Strip

from l2tui.sweep.summary import PerL2, SweepView
from l2tui.view.chart.binning import DOTS_ACROSS
from l2tui.view.chart.braille import put_lines
from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.chart.loss_axis import YAxis, y_axis
from l2tui.view.chart.rasterise import rasterise
from l2tui.view.figures import sparkline
from l2tui.view.glyphs import ASCII
from l2tui.view.palette import Palette

_LEFT = 6
# Lines under the picture: the axis, its labels, and the norms of both layers.
_BELOW = 4
_LABEL_GAP = 1


class SweepStyles(Struct, frozen=True):
    """The Rich style of each part."""

    train: Style
    val: Style
    spread: Style
    axis: Style
    label: Style
    best: Style
    good: Style
    cursor: Style

    @classmethod
    def of(cls, palette: Palette) -> "SweepStyles":
        """Returns those of a palette."""
        return cls(
            train=palette.train,
            val=palette.val,
            spread=palette.muted,
            axis=palette.axis,
            label=palette.muted,
            best=palette.good,
            good=palette.good,
            cursor=palette.selected,
        )


class SweepOptions(Struct, frozen=True):
    """How a sweep is drawn.

    Attributes:
        width: Cells across.
        height: Cells down.
        cursor: Position of the λ that is pointed at.
        at_best: Whether val_loss at ★ is shown instead of that at the end.
        log_y: Whether the loss axis is logarithmic.
        ascii: Whether only ASCII characters may be used.
    """

    width: int
    height: int
    cursor: int = 0
    at_best: bool = False
    log_y: bool = False
    ascii: bool = False


def draw_sweep(view: SweepView, options: SweepOptions, styles: SweepStyles) -> list[Strip]:
    """Draws the U: val_loss and train_loss along λ, with λ = 0 at the left edge and the others at equal distances.

    ★ is the best λ, a filled dot one that is trained to the end, a hollow one one that left early or is still on its
    way. The thick part of the axis is the range that is as good.
    """
    grid = CellGrid(options.width, options.height)
    rows, columns, lanes = options.height - _BELOW, options.width - _LEFT, view.per_l2
    if rows >= 3 and columns >= max(8, len(lanes)) and lanes:
        val = series(lanes, "best_val_loss" if options.at_best else "val_loss")
        train = series(lanes, "train_loss")
        error = np.zeros(len(lanes)) if options.at_best else np.nan_to_num(series(lanes, "val_error"))
        y = y_axis([np.concatenate([val - error, val + error]), train], rows, log=options.log_y)
        places = _LEFT + ((np.arange(len(lanes)) + 0.5) * columns / len(lanes)).astype(int)
        _draw_axes(grid, view, y, places, rows)
        put_lines(
            grid,
            _LEFT,
            polyline(places - _LEFT, train, y, columns),
            np.zeros((rows, columns), np.uint8),
            ascii_only=options.ascii,
        )
        _draw_dots(grid, view, y, places, val, error, options)
        _draw_norms(grid, lanes, places, rows)
        if 0 <= options.cursor < len(lanes):
            grid.tint(int(places[options.cursor]))
    return grid.strips({role: getattr(styles, role) for role in SweepStyles.__struct_fields__})


def polyline(cells: NDArray[np.int64], values: NDArray[np.float64], y: YAxis, columns: int) -> NDArray[np.uint8]:
    """Joins values at the middle of cells by lines; one that is not known leaves a gap.

    Args:
        cells: Columns of cells, ascending.
        values: Their losses.
        y: The axis.
        columns: Cells across.
    """
    known = np.isfinite(values)
    if known.sum() < 2 or columns < 2 or y.cells < 2:
        return np.zeros((y.cells, columns), np.uint8)
    breaks = np.concatenate([[True], ~known[:-1]])[known]
    points = np.stack([cells[known] * DOTS_ACROSS, y.dots(values[known]).astype(np.int64), breaks], axis=1)
    return rasterise(points.astype(np.int64).tobytes(), columns, y.cells)


def series(lanes: tuple[PerL2, ...], name: str) -> NDArray[np.float64]:
    """Returns one figure of all λ, NaN where it is not known."""
    values = [getattr(lane, name) for lane in lanes]
    return np.array([np.nan if value is None else value for value in values], float)


def as_good(view: SweepView) -> list[int]:
    """Returns the positions of the λ that are as good as the best."""
    low, high = view.answer.low, view.answer.high
    if low is None or high is None:
        return []
    return [position for position, lane in enumerate(view.per_l2) if low <= lane.l2 <= high]


def _draw_axes(grid: CellGrid, view: SweepView, y: YAxis, places: NDArray[np.int64], rows: int) -> None:
    for row in range(rows):
        grid.put(_LEFT - 1, row, "│", "axis")
    for row, text in y.ticks(_LEFT - 1):
        grid.put(0, row, text.rjust(_LEFT - 1), "label")
        grid.put(_LEFT - 1, row, "┤", "axis")
    grid.put(_LEFT - 1, rows, "└" + "─" * (grid.width - _LEFT), "axis")
    good = [int(places[k]) for k in as_good(view)]
    if good:
        grid.put(good[0], rows, "━" * (good[-1] - good[0] + 1), "good")
    for place, lane in zip(places, view.per_l2, strict=True):
        if lane.l2 == view.answer.one_se_l2:
            grid.put(int(place), rows, "┿", "good")
    end = -1
    for place, lane in zip(places, view.per_l2, strict=True):
        text = f"{lane.l2:.0e}".replace("e-0", "e-").replace("e+00", "") if lane.l2 else "0"
        start = max(0, min(int(place) - (len(text) - 1) // 2, grid.width - len(text)))
        if start > end + _LABEL_GAP - 1 and (lane.l2 == 0 or text.startswith("1")):
            grid.put(start, rows + 1, text, "label")
            end = start + len(text)


def _draw_dots(
    grid: CellGrid,
    view: SweepView,
    y: YAxis,
    places: NDArray[np.int64],
    val: NDArray[np.float64],
    error: NDArray[np.float64],
    options: SweepOptions,
) -> None:
    epochs = view.plan.settings.epochs
    for place, lane, middle, spread in zip(places, view.per_l2, val, error, strict=True):
        if not np.isfinite(middle):
            continue
        top, bottom = y.row(float(middle + spread)), y.row(float(middle - spread))
        for row in range(top, bottom + 1) if spread else ():
            grid.put(int(place), row, "│", "spread")
        best = lane.l2 == view.answer.best_l2
        sign = "★" if best else "●" if lane.epoch >= epochs else "○"
        if options.ascii:
            sign = ASCII.show(sign) if best else "o" if sign == "○" else "@"
        grid.put(int(place), y.row(float(middle)), sign, "best" if best else "val")


def _draw_norms(grid: CellGrid, lanes: tuple[PerL2, ...], places: NDArray[np.int64], rows: int) -> None:
    for offset, (label, name) in enumerate((("‖W1‖", "w1_norm"), ("‖W2‖", "w2_norm"))):
        values = series(lanes, name)
        if not np.isfinite(values).any():
            continue
        grid.put(0, rows + 2 + offset, label, "label")
        for place, sign in zip(places, sparkline(values.tolist(), float(np.nanmax(values))), strict=True):
            grid.put(int(place), rows + 2 + offset, sign, "label")


def draw_lane(
    curves: tuple[NDArray[np.int64], NDArray[np.float32]] | None, width: int, height: int, styles: SweepStyles
) -> list[Strip]:
    """Draws the loss curves of one λ, a mean over its folds.

    Args:
        curves: Epochs, and losses (epochs, 2), train_loss first; None where there are none.
        width: Cells across.
        height: Cells down.
        styles: Colours.
    """
    grid = CellGrid(width, height)
    rows, columns = height - 1, width - _LEFT
    if curves is not None and len(curves[0]) > 1 and rows >= 3 and columns >= 8:
        epochs, losses = curves[0], curves[1].astype(np.float64)
        cells = np.minimum(columns - 1, epochs * columns // max(1, int(epochs[-1])))
        # One value a cell, so that a line leads from left to right and never back.
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        counts = np.diff(np.append(starts, len(cells)))
        means = np.add.reduceat(losses, starts, axis=0) / counts[:, None]
        y = y_axis([means[:, 0], means[:, 1]], rows, log=False)
        for row, text in y.ticks(_LEFT - 1):
            grid.put(0, row, text.rjust(_LEFT - 1), "label")
        for row in range(rows):
            grid.put(_LEFT - 1, row, "│", "axis")
        lines = [polyline(cells[starts], means[:, part], y, columns) for part in (0, 1)]
        put_lines(grid, _LEFT, *lines, ascii_only=False)
        text = f"epoch {int(epochs[-1])}"
        grid.put(_LEFT, rows, "0", "label")
        grid.put(width - len(text), rows, text, "label")
    return grid.strips({role: getattr(styles, role) for role in SweepStyles.__struct_fields__})
