"""Several loss curves over each other, told apart by colour, by the pattern of the line, and by letters on it."""

from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct
from rich.style import Style
from textual.strip import Strip

from l2tui.view.chart.binning import DOTS_ACROSS, Floats, Ints, Trace, bin_trace
from l2tui.view.chart.braille import Dots, fill
from l2tui.view.chart.cell_grid import BRAILLE, DOT_BITS, CellGrid
from l2tui.view.chart.epoch_axis import XAxis, x_axis
from l2tui.view.chart.frame import Frame, draw_lines, draw_ticks, frame_of
from l2tui.view.chart.loss_axis import YAxis, y_axis
from l2tui.view.chart.marks import draw_cursor
from l2tui.view.chart.model import ASCII_GLYPHS, UNICODE_GLYPHS
from l2tui.view.palette import Palette

LETTERS = "abcdefghijkl"
# Columns of dots that are drawn, of eight: solid, dashed, dotted, dashes and dots.
PATTERNS = ((1,) * 8, (1, 1, 1, 1, 1, 1, 0, 0), (1, 1, 0, 0) * 2, (1, 1, 1, 1, 0, 1, 1, 0))
COLOURS = 6
# Every other dot of a cell: behind a line it is seen without colours too.
_SPARSE = 0x01 | 0x10 | 0x04 | 0x80
# Smoothing is a mean over this share of the whole axis, however much of it is shown.
_SMOOTHED_SHARE = 1 / 40
_FEWEST_COLUMNS_APART = 12
# From so many points on, the axis of losses leaves the first ones above its top where they would flatten the rest.
_ENOUGH_POINTS = 20


@dataclass(frozen=True, eq=False)
class OverlayCurve:
    """One curve of the picture.

    Attributes:
        epochs: Ascending, shape (n,).
        values: The loss at those epochs, shape (n,); what is not finite is left out.
        planned: The epoch at which it is to end, None where nobody knows.
        best_epoch: Where ★ stands.
        confirmed_epoch: Where ▲ stands.
        band: Its lowest and highest values, where it is a mean.
    """

    epochs: Floats
    values: Floats
    planned: int | None = None
    best_epoch: int | None = None
    confirmed_epoch: int | None = None
    band: tuple[Floats, Floats] | None = None


class OverlayOptions(Struct, frozen=True):
    """How the curves are drawn.

    Attributes:
        width: Cells across.
        height: Cells down.
        selected: Position of the curve that lies on top, None for none.
        cursor_epoch: The epoch that the reader points at.
        log_y: Whether the loss axis is logarithmic.
        smooth: Whether the lines are means over a fortieth of the axis of all epochs, zoomed or not.
        recent: Whether the last quarter of the epochs is shown alone.
        ascii: Whether only ASCII characters may be used.
        x_name: What the axis counts, where it has to be said.
    """

    width: int
    height: int
    selected: int | None = None
    cursor_epoch: int | None = None
    log_y: bool = False
    smooth: bool = False
    recent: bool = False
    ascii: bool = False
    x_name: str = ""


def curve_styles(palette: Palette) -> tuple[Style, ...]:
    """Returns the colours of the curves, which come again from the seventh on, with another pattern."""
    return (palette.train, palette.val, palette.good, palette.decay, palette.bad, palette.text)


def pattern_of(position: int) -> tuple[int, ...]:
    """Returns which columns of dots, of eight, the line of a curve has; no two curves share colour and pattern."""
    return PATTERNS[(position + position // COLOURS) % len(PATTERNS)]


@dataclass
class Overlay:
    """Draws curves, and keeps what it has computed of those that stay as they are."""

    _kept: dict[tuple[XAxis, bool, int], tuple[Floats, Trace]] = field(default_factory=dict)

    def draw(self, curves: list[OverlayCurve], options: OverlayOptions, palette: Palette) -> list[Strip]:
        """Returns `options.height` strips of `options.width` cells each, whatever the curves.

        Args:
            curves: At most as many as there are letters.
            options: Size and way of drawing.
            palette: Colours.
        """
        grid = CellGrid(options.width, options.height)
        glyphs = ASCII_GLYPHS if options.ascii else UNICODE_GLYPHS
        frame = frame_of(grid.width, grid.height)
        known = [curve for curve in curves if len(curve.epochs)]
        if frame.usable:
            draw_lines(grid, frame, glyphs)
        if frame.usable and known:
            x = axis_of(curves, frame.columns, recent=options.recent)
            traces = [self._trace(position, curve, x, options) for position, curve in enumerate(curves)]
            bands = [_band(curve, x) for curve in curves]
            edges = [edge for band in bands if band is not None for edge in (band.low, band.high)]
            y = y_axis(enough_points([*(trace.y for trace in traces), *edges]), frame.rows, log=options.log_y)
            draw_ticks(grid, frame, glyphs, x, y, options.cursor_epoch, options.x_name)
            _put_bands(grid, frame, bands, y, ascii_only=options.ascii)
            lines = [_line(trace, y, frame) for trace in traces]
            # Lines of letters need no pattern.
            patterned = lines if options.ascii else [_patterned(dots, at) for at, dots in enumerate(lines)]
            _put_lines(grid, frame, patterned, options)
            if options.cursor_epoch is not None and (column := x.cell(options.cursor_epoch)) is not None:
                draw_cursor(grid, frame, glyphs, column)
            _put_letters(grid, frame, lines)
            _put_marks(grid, frame, curves, lines, (x, y), (glyphs.best, glyphs.confirmed))
        return grid.strips(_styles(palette, options.selected))

    def _trace(self, position: int, curve: OverlayCurve, x: XAxis, options: OverlayOptions) -> Trace:
        key = (x, options.smooth, position)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is curve.values:
            return kept[1]
        whole = x_axis(float(curve.epochs[-1]), curve.planned, 1, recent=False) if len(curve.epochs) else x
        trace = thinned(curve, x, (whole.high - whole.low) * _SMOOTHED_SHARE if options.smooth else 0.0)
        self._kept = {other: pair for other, pair in self._kept.items() if other[:2] == key[:2]}
        self._kept[key] = (curve.values, trace)
        return trace


def axis_of(curves: list[OverlayCurve], cells: int, *, recent: bool) -> XAxis:
    """Returns the axis on which all curves lie."""
    newest = max((float(curve.epochs[-1]) for curve in curves if len(curve.epochs)), default=0.0)
    plans = [curve.planned for curve in curves if curve.planned is not None]
    return x_axis(newest, max(plans) if plans and len(plans) == len(curves) else None, cells, recent=recent)


def enough_points(lines: list[Floats]) -> list[Floats]:
    """Returns lines with each value repeated where there are few.

    A single short curve would have the axis of losses show the first epochs of all others, which flatten the rest.
    """
    return [np.repeat(line, -(-_ENOUGH_POINTS // len(line))) for line in lines if len(line)]


def thinned(curve: OverlayCurve, x: XAxis, smoothed: float = 0.0) -> Trace:
    """Thins a curve to one point a column of dots.

    Args:
        curve: The curve.
        x: The axis.
        smoothed: Epochs over which each value is averaged first, zero for none.
    """
    finite = np.isfinite(curve.values)
    epochs, values = curve.epochs[finite], curve.values[finite]
    return bin_trace(epochs, _averaged(epochs, values, smoothed) if smoothed else values, x.bins())


def _averaged(epochs: Floats, values: Floats, width: float) -> Floats:
    """Returns the mean of the values within half a width on either side of each, the same on both sides."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    reach = np.minimum(width / 2, np.minimum(epochs - epochs[:1], epochs[-1:] - epochs))
    start, end = np.searchsorted(epochs, epochs - reach), np.searchsorted(epochs, epochs + reach, side="right")
    return np.asarray((total[end] - total[start]) / (end - start), np.float64)


def _band(curve: OverlayCurve, x: XAxis) -> Trace | None:
    if curve.band is None:
        return None
    low, high = (bin_trace(curve.epochs, np.where(np.isfinite(edge), edge, np.nan), x.bins()) for edge in curve.band)
    return Trace(low.x, low.y, low.low, high.high)


def _put_bands(grid: CellGrid, frame: Frame, bands: list[Trace | None], y: YAxis, *, ascii_only: bool) -> None:
    for position, band in enumerate(bands):
        if band is None or not len(band.x):
            continue
        x, (low, high) = _between(band.x, y.dots(band.low), y.dots(band.high))
        dots = fill(x, low, high, frame.columns, frame.rows) & _SPARSE
        for row, column in np.argwhere(dots).tolist():
            sign = "." if ascii_only else chr(BRAILLE + int(dots[row, column]))
            grid.put(frame.left + column, row, sign, f"band{position}")


def _line(trace: Trace, y: YAxis, frame: Frame) -> Dots:
    """Joins the points of a curve by a line."""
    known = ~np.isnan(trace.y)
    if not known.any():
        return np.zeros((frame.rows, frame.columns), np.uint8)
    x, (heights,) = _between(trace.x[known], y.dots(trace.y[known]))
    middles = (heights[1:] + heights[:-1]) / 2
    left, right = np.concatenate([heights[:1], middles]), np.concatenate([middles, heights[-1:]])
    low = np.ceil(np.minimum(heights, np.minimum(left, right)))
    high = np.floor(np.maximum(heights, np.maximum(left, right)))
    return fill(x, np.minimum(low, high), high, frame.columns, frame.rows)


def _patterned(dots: Dots, position: int) -> Dots:
    """Leaves out the columns of dots that the pattern of a curve does not have; a short curve is left whole."""
    if np.count_nonzero(dots.any(axis=0)) < len(PATTERNS[0]) // DOTS_ACROSS:
        return dots
    pattern = np.array(pattern_of(position), np.uint8).reshape(-1, DOTS_ACROSS)
    masks = pattern @ np.array([sum(left for left, _ in DOT_BITS), sum(right for _, right in DOT_BITS)], np.uint8)
    return np.asarray(dots & masks[np.arange(dots.shape[1]) % len(masks)], np.uint8)


def _between(x: Ints, *heights: Floats) -> tuple[Ints, list[Floats]]:
    """Returns every column of dots from the first to the last, with heights on straight lines between those given."""
    every = np.arange(x[0], x[-1] + 1)
    return every, [np.rint(np.interp(every, x, height)) for height in heights]


def _put_lines(grid: CellGrid, frame: Frame, lines: list[Dots], options: OverlayOptions) -> None:
    """Writes the dots of all lines; where several share a cell these take turns, and the selected one lies on top."""
    stack = np.stack(lines)
    for row, column in np.argwhere(stack.any(axis=0)).tolist():
        present = np.flatnonzero(stack[:, row, column]).tolist()
        turn = present[(row + column) % len(present)]
        if options.selected in present:
            turn = options.selected
        sign = LETTERS[turn] if options.ascii else chr(BRAILLE + int(stack[turn, row, column]))
        grid.put(frame.left + column, row, sign, f"curve{turn}")


def _put_letters(grid: CellGrid, frame: Frame, lines: list[Dots]) -> None:
    """Writes the letter of each curve on its line, again and again, each in columns of its own."""
    period = max(_FEWEST_COLUMNS_APART, DOTS_ACROSS * len(lines))
    for position, dots in enumerate(lines):
        for column in range(1 + position * period // len(lines), frame.columns, period):
            rows = np.flatnonzero(dots[:, column])
            if len(rows):
                grid.put(frame.left + column, int(rows[len(rows) // 2]), LETTERS[position], f"mark{position}")


def _put_marks(
    grid: CellGrid,
    frame: Frame,
    curves: list[OverlayCurve],
    lines: list[Dots],
    axes: tuple[XAxis, YAxis],
    signs: tuple[str, str],
) -> None:
    """Writes ★ and ▲ on their curves, with the curve's letter where there is room for it."""
    x, y = axes
    taken: set[tuple[int, int]] = set()
    for position, (curve, dots) in enumerate(zip(curves, lines, strict=True)):
        for sign, epoch in zip(signs, (curve.best_epoch, curve.confirmed_epoch), strict=True):
            if epoch is None or not len(curve.values) or (column := x.cell(epoch)) is None:
                continue
            index = min(int(np.searchsorted(curve.epochs, epoch)), len(curve.values) - 1)
            exact = y.row(float(curve.values[index]))
            # A value of one epoch may lie off the line, which goes through the middle of many.
            rows = np.flatnonzero(dots[:, column]).tolist() or [exact]
            row = min(rows, key=lambda row: abs(row - exact))
            while (column, row) in taken and column + 1 < frame.columns:
                column += 1
            grid.put(frame.left + column, row, sign, f"mark{position}")
            taken |= {(column, row), (column + 1, row)}
            if column + 1 < frame.columns:
                grid.put(frame.left + column + 1, row, LETTERS[position], f"mark{position}")


def _styles(palette: Palette, selected: int | None) -> dict[str, Style]:
    colours = curve_styles(palette)
    styles = {"axis": palette.axis, "label": palette.muted, "cursor": palette.chart.cursor}
    for position in range(len(LETTERS)):
        colour = colours[position % COLOURS]
        bold = Style(bold=True)
        styles[f"curve{position}"] = colour + bold if position == selected else colour
        styles[f"mark{position}"] = colour + bold
        styles[f"band{position}"] = palette.axis
    return styles
