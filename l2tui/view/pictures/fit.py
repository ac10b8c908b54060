"""The curve over one input, through the rows that it was fitted to."""

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from l2tui.runs.pictures import FitNumbers, Pairs
from l2tui.view.chart.cell_grid import BRAILLE, DOT_BITS, CellGrid
from l2tui.view.chart.rounding import format_loss
from l2tui.view.chart.scatter import limits_of
from l2tui.view.palette import Palette

_LABEL = 6
_LEFT = _LABEL + 1
_TRAIN, _VAL = "●", "○"
# Where there is no braille.
_NETWORK, _TRUTH = "*", "."
_MARGIN = 0.06
_TRUTH_GAP = 3


def points_across(width: int) -> int:
    """Returns how many points a curve has in so many cells."""
    return max(1, 2 * (width - _LEFT))


def value_range(numbers: FitNumbers) -> tuple[float, float]:
    """Returns the range of the vertical axis: that of the rows, which stays while the curve moves."""
    values = [value for _, value in (*numbers.train, *numbers.val)] or list(numbers.curve)
    low, high = limits_of([(value, value) for value in values if math.isfinite(value)] or [(0.0, 1.0)])
    room = _MARGIN * (high - low)
    return low - room, high + room


def draw_fit(numbers: FitNumbers, width: int, height: int, palette: Palette) -> list[Strip]:
    """Draws the curve; a part of it beyond the rows' range is left out."""
    grid = CellGrid(width, height)
    columns, rows = width - _LEFT, height - 2
    if columns < 4 or rows < 2:
        return grid.strips({})
    low, high = value_range(numbers)
    ascii_only = not palette.glyphs.braille

    def put_line(values: Sequence[float], role: str, letter: str, gap: int) -> None:
        shares = [_share(value, low, high) for value in values]
        for (column, row), bits in _dots(shares, columns, rows, gap).items():
            grid.put(_LEFT + column, row, letter if ascii_only else chr(BRAILLE + bits), role)

    def put_rows(pairs: Pairs, role: str, sign: str) -> None:
        for column, row in _cells(pairs, numbers, (low, high), columns, rows):
            grid.put(_LEFT + column, row, sign, role)

    # What the network was fitted to lies on top, then what it has made of it.
    put_line(numbers.truth, "truth", _TRUTH, _TRUTH_GAP)
    put_rows(numbers.val, "val", _VAL)
    put_line(numbers.curve, "curve", _NETWORK, 1)
    put_rows(numbers.train, "train", _TRAIN)
    _put_axes(grid, columns, rows, numbers, (low, high))
    styles = {"curve": palette.strong, "truth": palette.good, "train": palette.train, "val": palette.val}
    return grid.strips({**styles, "axis": palette.axis, "label": palette.muted})


def fit_key(numbers: FitNumbers, width: int, palette: Palette) -> Strip:
    """Draws the line that says what is what."""
    network, truth = ("─", "┄") if palette.glyphs.braille else (_NETWORK, _TRUTH)
    pieces: list[tuple[str, str, Style]] = [
        (network, "network", palette.strong),
        (_TRAIN, f"{len(numbers.train)} train", palette.train),
        (_VAL, f"{len(numbers.val)} val", palette.val),
        *([(truth, "truth", palette.good)] if numbers.truth else []),
    ]
    words = [f"{sign} {text}" for sign, text, _ in pieces]
    while pieces and sum(map(len, words)) + 2 * (len(words) - 1) > width:
        pieces.pop()
        words.pop()
    segments = [Segment(text + "  ", style) for text, (_, _, style) in zip(words, pieces, strict=True)]
    return Strip(segments).crop(0, width).extend_cell_length(width)


def _share(value: float, low: float, high: float) -> float:
    room = high / 2 - low / 2
    return (value / 2 - low / 2) / room if room > 0 else 0.5


def _dots(shares: Sequence[float], columns: int, rows: int, gap: int) -> dict[tuple[int, int], int]:
    """Returns the braille bits of a curve by cell: joined up, or every `gap`th dot alone."""
    across, down = 2 * columns, 4 * rows
    bits: dict[tuple[int, int], int] = {}
    before: int | None = None
    for x in range(across if shares else 0):
        share = shares[min(len(shares) - 1, x * len(shares) // across)]
        y = math.floor((1 - share) * down) if math.isfinite(share) and abs(share) < 1e6 else None
        if y is not None and x % gap == 0:
            joins = before is not None and gap == 1
            start = y if not joins or before is None else before + (y > before) - (y < before)
            for dot in range(max(0, min(start, y)), min(down - 1, max(start, y)) + 1):
                cell = x // 2, dot // 4
                bits[cell] = bits.get(cell, 0) | DOT_BITS[dot % 4][x % 2]
        before = y
    return bits


def _cells(
    pairs: Pairs, numbers: FitNumbers, limits: tuple[float, float], columns: int, rows: int
) -> list[tuple[int, int]]:
    cells = []
    for x, y in pairs:
        across, up = _share(x, numbers.low, numbers.high), _share(y, *limits)
        if 0 <= across < 1 and 0 <= up < 1:
            cells.append((int(across * columns), int((1 - up) * rows)))
    return cells


def _put_axes(grid: CellGrid, columns: int, rows: int, numbers: FitNumbers, limits: tuple[float, float]) -> None:
    for row in range(rows):
        grid.put(_LABEL, row, "│", "axis")
    grid.put(_LABEL, rows, "└" + "─" * columns, "axis")
    low, high = (_short(value) for value in limits)
    grid.put(0, 0, high.rjust(_LABEL), "label")
    grid.put(0, rows - 1, low.rjust(_LABEL), "label")
    left, right = _short(numbers.low), _short(numbers.high)
    grid.put(_LEFT, rows + 1, left, "label")
    grid.put(grid.width - len(right), rows + 1, right, "label")
    room = columns - len(left) - len(right) - 4
    if room > 0:
        name = numbers.name[:room]
        grid.put(_LEFT + (columns - len(name)) // 2, rows + 1, name, "label")


def _short(value: float) -> str:
    text = f"{value:.3g}"
    return text if "e" not in text and len(text) <= _LABEL else format_loss(value, _LABEL)
