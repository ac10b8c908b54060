"""The axis of epochs: a range that moves in steps, bins that stay in place, round ticks."""

import math
from dataclasses import dataclass

import numpy as np

from l2tui.view.chart.binning import DOTS_ACROSS, Floats
from l2tui.view.chart.rounding import format_epoch, next_step, round_step

_FEWEST_EPOCHS = 10.0
_GROWTH = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
"""Steps in which the axis grows, times a power of ten: each at most 1.5 times the one before."""

_MOST_GROWTH = 1.5
_RECENT_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class XAxis:
    """The axis of epochs.

    Attributes:
        low: Epoch at the first column of dots.
        high: Epoch at the last.
        cells: Cells across.
    """

    low: float
    high: float
    cells: int

    @property
    def _dots(self) -> int:
        return self.cells * DOTS_ACROSS

    def cell(self, epoch: float) -> int | None:
        """Returns the column of cells of an epoch, or None where it is outside."""
        if not self.low <= epoch <= self.high:
            return None
        return int((epoch - self.low) / (self.high - self.low) * (self._dots - 1) + 0.5) // DOTS_ACROSS

    def bins(self) -> Floats:
        """Returns the edges of the bins, one bin a column of dots."""
        starts = np.arange(0, self._dots + 1, dtype=np.float64)
        return self.low + (starts - 0.5) * ((self.high - self.low) / (self._dots - 1))

    def ticks(self, room: int) -> list[tuple[int, str]]:
        """Returns columns of cells and labels of round epochs, at least `room` cells plus the label apart."""
        step = max(1.0, round_step((self.high - self.low) / self.cells, up=True))
        while self.cells * step < (len(format_epoch(self.high)) + room) * (self.high - self.low):
            step = next_step(step)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        ticks = []
        for k in range(first, min(last, first + self.cells) + 1):
            cell = self.cell(k * step)
            if cell is not None:
                ticks.append((cell, format_epoch(k * step)))
        return ticks


def x_axis(newest: float, planned: float | None, cells: int, *, recent: bool) -> XAxis:
    """Chooses the range of epochs.

    Args:
        newest: The last epoch that there is.
        planned: The last epoch that there will be, if that is known.
        cells: Cells across.
        recent: Whether to show the last quarter only.

    Returns:
        An axis that stays the same over many epochs. It grows in steps of at most 1.5 times, so that at least two
        thirds of it are in use, and the last step leads to the planned end.
    """
    newest = max(newest, 0.0)
    low = 0.0
    if recent:
        step = round_step(max(newest / 8, 1.0), up=False)
        low = math.floor(newest * _RECENT_SHARE / step) * step
        high = math.ceil(newest / step) * step
    else:
        before, high = _growth(max(newest, _FEWEST_EPOCHS))
        if planned is not None and newest <= planned <= _MOST_GROWTH * before:
            high = planned
    if planned is not None and newest <= planned:
        high = min(high, planned)
    return XAxis(low, max(high, low + 1.0, math.nextafter(low, math.inf)), cells)


def _growth(newest: float) -> tuple[float, float]:
    """Returns the first step of growth that has room for an epoch, and the one before it."""
    power = 10.0 ** math.floor(math.log10(newest))
    high = next(step for step in _GROWTH if step * power >= newest * (1 - 1e-9))
    before = _GROWTH[_GROWTH.index(high) - 1] if high > 1 else 0.8
    return before * power, high * power
