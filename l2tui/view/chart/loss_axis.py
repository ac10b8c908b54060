"""The axis of losses: limits that move in steps, linear or logarithmic, and round ticks."""

import math
from dataclasses import dataclass

import numpy as np

from l2tui.view.chart.binning import Floats
from l2tui.view.chart.rounding import format_loss, round_step

DOTS_DOWN = 4
"""Rows of dots in one cell of braille."""

_ROWS_A_TICK = 2
_TINY = 1e-250
_LOG_DECADES = 12.0
_OUTLIER_FACTOR = 5.0
_EARLY_FACTOR = 1.75
_OUTLIER_FACTOR_LOG = 1e6
_ENOUGH_FOR_OUTLIERS = 20


@dataclass(frozen=True, slots=True)
class YAxis:
    """The axis of losses.

    Attributes:
        low: Loss at the lowest row of dots, or its decimal logarithm.
        high: Likewise at the highest.
        step: Distance of the ticks in a linear axis.
        log: Whether the axis is logarithmic.
        cells: Cells down.
    """

    low: float
    high: float
    step: float
    log: bool
    cells: int

    def dots(self, values: Floats) -> Floats:
        """Returns rows of dots, counted from below; what lies beyond a limit is put on it and NaN stays NaN."""
        scaled = to_log(values) if self.log else values
        top = self.cells * DOTS_DOWN - 1
        return np.rint(np.clip((scaled - self.low) / (self.high - self.low), 0.0, 1.0) * top)

    def holds(self, value: float) -> bool:
        """Returns whether a loss lies within the limits."""
        return bool(self.low <= (to_log(np.array(value)) if self.log else value) <= self.high)

    def row(self, value: float) -> int:
        """Returns the row of cells of a loss, counted from above."""
        dot = self.dots(np.array([value]))[0]
        return self.cells - 1 - int(0 if math.isnan(dot) else dot) // DOTS_DOWN

    def ticks(self, width: int) -> list[tuple[int, str]]:
        """Returns rows of cells and labels of at most `width` characters, one a row."""
        values = self._log_ticks() if self.log else self._linear_ticks()
        labels: dict[int, str] = {}
        for value in values:
            labels.setdefault(self.row(value), format_loss(value, width, None if self.log else self.step))
        return list(labels.items())

    def _linear_ticks(self) -> list[float]:
        first, last = round(self.low / self.step), round(self.high / self.step)
        rows_a_step = self.cells / (last - first)
        stride = next((n for n in (1, 2, 5, 10) if n * rows_a_step >= _ROWS_A_TICK), 10)
        return [k * self.step for k in range(first, last + 1) if k % stride == 0] or [self.low]

    def _log_ticks(self) -> list[float]:
        decades = self.high - self.low
        first, last = math.floor(self.low), math.ceil(self.high)
        stride = 1 + int(2 * decades / max(1, self.cells))
        steps = (1.0, 2.0, 5.0) if 3 * decades <= self.cells - 1 else (1.0,)
        powers = range(first + -first % stride, last + 1, stride)
        values = [step * 10.0**power for power in powers for step in steps]
        return [value for value in values if self.low - 1e-9 <= math.log10(value) <= self.high + 1e-9]


def to_log(values: Floats) -> Floats:
    """Returns decimal logarithms; zero and what is below it count as next to nothing."""
    return np.log10(np.maximum(values, _TINY))


def y_axis(lines: list[Floats], cells: int, *, log: bool) -> YAxis:
    """Chooses the range of losses.

    A linear axis begins at zero unless the losses fill less than half of it. Losses of the first epochs that are 1.75
    times as large as all later ones are left above the top, so that they do not flatten the rest, and so are later ones
    that are many times as large as most.

    Args:
        lines: The values of each line as they will be drawn, in the order of the epochs.
        cells: Cells down.
        log: Whether the axis is logarithmic.

    Returns:
        An axis whose limits are multiples of its step, or 1, 2 or 5 times a power of ten.
    """
    lines = [line[~np.isnan(line)] for line in lines]
    if log:
        lines = [line[line > _TINY] for line in lines]
    lines = [line for line in lines if len(line)]
    if not lines:
        return YAxis(-1.0, 0.0, 1.0, True, cells) if log else YAxis(0.0, 1.0, 0.2, False, cells)
    low = min(float(line.min()) for line in lines)
    high = _top(lines, log=log)
    return _log_axis(low, high, cells) if log else _linear_axis(low, high, cells)


def _top(lines: list[Floats], *, log: bool) -> float:
    highest = max(float(line.max()) for line in lines)
    if min(len(line) for line in lines) < _ENOUGH_FOR_OUTLIERS:
        return highest
    later = [line[max(2, len(line) // 20) :] for line in lines]
    usual = max(float(np.percentile(line, 98)) for line in later)
    # The end of a line is what people look at; the lower of its last points leaves out a single spike.
    usual = max(usual, *(float(line[-4:].min()) for line in lines))
    top = max(usual, *(float(line.max()) for line in later))
    top = usual if 0 < (_OUTLIER_FACTOR_LOG if log else _OUTLIER_FACTOR) * usual < top else top
    return top if 0 < (_OUTLIER_FACTOR_LOG if log else _EARLY_FACTOR) * top < highest else max(top, highest)


def _linear_axis(low: float, high: float, cells: int) -> YAxis:
    if 0 <= low <= high / 2:
        low = 0.0
    size = max(abs(low), abs(high), _TINY)
    step = round_step(max(high - low, size / 25) / 5, up=True)
    bottom, top = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return YAxis(bottom * step, max(top, bottom + 1) * step, step, False, cells)


def _log_axis(low: float, high: float, cells: int) -> YAxis:
    low = max(low, high * 10**-_LOG_DECADES)
    bottom, top = math.log10(round_step(low, up=False)), math.log10(round_step(high, up=True))
    if top - bottom < 0.1:
        bottom = math.log10(round_step(low * 0.9, up=False))
    return YAxis(bottom, top, 1.0, True, cells)
