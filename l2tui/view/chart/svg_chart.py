"""The chart of training and validation loss as a picture: SVG of lines and text, without anything from outside."""

from dataclasses import dataclass

import numpy as np

from l2tui.view.chart.binning import Floats, Trace, bin_trace, clean_series
from l2tui.view.chart.epoch_axis import XAxis, x_axis
from l2tui.view.chart.loss_axis import YAxis, to_log, y_axis
from l2tui.view.chart.model import LossPlotData
from l2tui.view.chart.strip import steps_of
from l2tui.view.chart.svg_parts import (
    BAD,
    DECAY,
    GOOD,
    LINE,
    MUTED,
    TEXT,
    TRAIN,
    VAL,
    document,
    hollow,
    star,
    text_at,
    triangle,
)

_LEFT, _RIGHT, _TOP, _BELOW = 62, 18, 62, 72
_LABEL_CHARACTERS = 7
_LABEL_GAP = 60
_CHARACTER = 7
_DOTTED = "1.5 4"
_EPOCH_ROOM = 50
SMALLEST = (320, 240)
LARGEST = (8000, 8000)


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a picture.

    Attributes:
        title: The line on top.
        verdict: The line at the bottom.
        train: The training loss, for the legend.
        val: The validation loss, for the legend.
        best: What ★ stands at, for the legend; empty where there is none.
        confirmed: What ▲ stands at, for the legend; empty where there is none.
        ghost: The ghost, for the legend; empty where there is none.
    """

    title: str
    verdict: str = ""
    train: str = ""
    val: str = ""
    best: str = ""
    confirmed: str = ""
    ghost: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """The axes, and where on the picture they lie.

    Attributes:
        x: Epochs.
        y: Losses.
    """

    x: XAxis
    y: YAxis

    def across(self, epoch: float) -> float:
        """Returns where an epoch lies, in pixels from the left."""
        return _LEFT + (epoch - self.x.low) / (self.x.high - self.x.low) * self.x.cells

    def down(self, value: float) -> float:
        """Returns where a loss lies, in pixels from above."""
        scaled = float(to_log(np.array([value]))[0]) if self.y.log else value
        share = (scaled - self.y.low) / (self.y.high - self.y.low)
        return _TOP + (1.0 - min(1.0, max(0.0, share))) * self.y.cells

    def has(self, epoch: int) -> bool:
        """Returns whether an epoch lies on the axis."""
        return self.x.low <= epoch <= self.x.high

    @property
    def bottom(self) -> int:
        """Where the axis of epochs lies."""
        return _TOP + self.y.cells


def draw_svg(data: LossPlotData, caption: Caption, width: int, height: int, *, log_y: bool = False) -> str:
    """Draws the chart.

    Args:
        data: Losses and marks; there may be none, one or thousands of epochs.
        caption: The words around it.
        width: Of the picture, in pixels of CSS, at least `SMALLEST`.
        height: Likewise.
        log_y: Whether the loss axis is logarithmic.

    Returns:
        A whole SVG document.
    """
    columns, rows = width - _LEFT - _RIGHT, height - _TOP - _BELOW
    epochs, train, val = clean_series(data.epochs, data.train, data.val)
    x = x_axis(
        float(epochs[-1]) if len(epochs) else 1.0, float(epochs[-1]) if len(epochs) else None, columns, recent=False
    )
    # Bins are half a pixel wide, or two where there are many epochs.
    fine, joined = x.bins(), 4 if len(epochs) > columns else 1
    edges = np.append(fine[:-1:joined], fine[-1])
    traces = [bin_trace(epochs, values, edges) for values in (train, val)]
    ghost_epochs, *ghost = clean_series(*data.ghost) if data.ghost is not None else (epochs,)
    ghosts = [bin_trace(ghost_epochs, values, edges) for values in ghost]
    spreads = [np.stack((trace.low, trace.high), axis=1).ravel() for trace in (*traces, *ghosts)]
    plot = Plot(x, y_axis(spreads, rows, log=log_y))
    step = columns / (2 * columns - 1)
    places = [
        np.asarray(_LEFT + (joined * trace.x + (joined - 1) / 2) * step, np.float64) for trace in (*traces, *ghosts)
    ]
    parts = draw_axes(plot)
    for across, trace, colour in zip(places, traces, (TRAIN, VAL), strict=False):
        parts += _spread(plot, across, trace, colour)
    parts += _lines_behind(plot, data)
    for across, trace, colour in zip(places[2:], ghosts, (TRAIN, VAL), strict=False):
        parts += draw_curve(plot, across, trace.y, colour, 1.6, _DOTTED)
    for across, trace, colour, stroke in zip(places, traces, (TRAIN, VAL), (1.8, 2.4), strict=False):
        parts += draw_curve(plot, across, trace.y, colour, stroke)
    parts += _points(plot, data, epochs, val)
    parts += _words(caption, width, height)
    return document(caption.title, width, height, parts)


def draw_axes(plot: Plot, name: str = "epoch") -> list[str]:
    """Returns both axes with their labels.

    Args:
        plot: The axes.
        name: What x counts.
    """
    right, bottom = _LEFT + plot.x.cells, plot.bottom
    parts = []
    for row, label in plot.y.ticks(_LABEL_CHARACTERS):
        y = _TOP + row + 1
        parts.append(f'<path d="M{_LEFT} {y}H{right}" stroke="{LINE}" stroke-width="0.6"/>')
        parts.append(text_at(_LEFT - 8, y + 4, label, MUTED, anchor="end"))
    parts.append(f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="{MUTED}"/>')
    for column, label in plot.x.ticks(_LABEL_GAP):
        parts.append(f'<path d="M{_LEFT + column} {bottom}v5" stroke="{MUTED}"/>')
        parts.append(text_at(_LEFT + column, bottom + 18, label, MUTED, anchor="middle"))
    return [*parts, text_at(right, bottom + 34, name, MUTED, anchor="end")]


def _spread(plot: Plot, x: Floats, trace: Trace, colour: str) -> list[str]:
    """Returns an area for each stretch without a gap, from the lowest to the highest value of each column."""
    parts = []
    for points in np.split(np.arange(len(x)), np.flatnonzero(np.isnan(trace.low))):
        points = points[~np.isnan(trace.low[points])]
        edge = [(k, trace.high[k]) for k in points] + [(k, trace.low[k]) for k in points[::-1]]
        if len(points) > 1 and (trace.low[points] < trace.high[points]).any():
            places = " ".join(f"{x[k]:.1f},{plot.down(float(value)):.1f}" for k, value in edge)
            parts.append(f'<polygon points="{places}" fill="{colour}" fill-opacity="0.2"/>')
    return parts


def _lines_behind(plot: Plot, data: LossPlotData) -> list[str]:
    parts = []
    right, seen = _LEFT + plot.x.cells, [change for change in data.l2_changes if plot.has(change[0])]
    columns = [(int(plot.across(epoch) - _LEFT) // _CHARACTER, old, new) for epoch, old, new in seen]
    for step in steps_of(columns, (plot.x.cells - _EPOCH_ROOM) // _CHARACTER):
        x = float(_LEFT + step.first * _CHARACTER)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{plot.bottom}" stroke="{DECAY}" stroke-dasharray="1 3"/>')
        parts.append(text_at(_LEFT + step.start * _CHARACTER, plot.bottom + 34, step.text, DECAY))
    if data.onset_epoch is not None and plot.has(data.onset_epoch):
        x, near_right = plot.across(data.onset_epoch), plot.across(data.onset_epoch) > right - 90
        parts.append(f'<path d="M{x:.1f} {_TOP}V{plot.bottom}" stroke="{BAD}" stroke-dasharray="5 4"/>')
        anchor = "end" if near_right else "start"
        label = f"rising since {data.onset_epoch}"
        parts.append(text_at(x + (-5 if near_right else 5), _TOP + 11, label, BAD, anchor=anchor))
    return parts


def draw_curve(plot: Plot, x: Floats, y: Floats, colour: str, stroke: float, dashes: str = "") -> list[str]:
    """Returns a polyline for each stretch without a gap, and a dot where a stretch is a single point.

    Args:
        plot: The axes.
        x: Pixels from the left.
        y: Losses.
        colour: Of the line.
        stroke: Its width.
        dashes: Its pattern, empty for a solid one.
    """
    parts = []
    gaps = np.flatnonzero(np.isnan(y))
    for points in np.split(np.arange(len(y)), gaps):
        points = points[~np.isnan(y[points])]
        places = list(dict.fromkeys(f"{x[k]:.1f},{plot.down(float(y[k])):.1f}" for k in points))
        if len(places) == 1:
            across, _, down = places[0].partition(",")
            parts.append(f'<circle cx="{across}" cy="{down}" r="2.5" fill="{colour}"/>')
        elif places:
            line = f'fill="none" stroke="{colour}" stroke-width="{stroke}" stroke-linejoin="round"'
            line += f' stroke-dasharray="{dashes}"' if dashes else ""
            parts.append(f'<polyline {line} points="{" ".join(places)}"/>')
    return parts


def _points(plot: Plot, data: LossPlotData, epochs: Floats, val: Floats) -> list[str]:
    parts = []
    withdrawn = ((epoch, hollow) for epoch in data.withdrawn_epochs)
    for epoch, shape in (*withdrawn, (data.confirmed_epoch, triangle), (data.best_epoch, star)):
        if epoch is None or not len(epochs) or not plot.has(epoch):
            continue
        value = float(val[min(int(np.searchsorted(epochs, epoch)), len(val) - 1)])
        if not np.isnan(value):
            parts.append(shape(plot.across(epoch), plot.down(value), 7.0))
        if shape is hollow:
            parts.append(text_at(plot.across(epoch), plot.down(value) - 10, f"({epoch})", MUTED, anchor="middle"))
    return parts


def _words(caption: Caption, width: int, height: int) -> list[str]:
    parts = [text_at(_LEFT, 22, caption.title, TEXT, size=15, weight="600")]
    x = float(_LEFT)
    for label, colour, mark in (
        (caption.train, TRAIN, f'<path d="M{{x:.1f}} 40h18" stroke="{TRAIN}" stroke-width="1.8"/>'),
        (caption.val, VAL, f'<path d="M{{x:.1f}} 40h18" stroke="{VAL}" stroke-width="2.4"/>'),
        (
            caption.ghost,
            VAL,
            f'<path d="M{{x:.1f}} 40h18" stroke="{VAL}" stroke-width="1.6" stroke-dasharray="{_DOTTED}"/>',
        ),
        (caption.best, GOOD, None),
        (caption.confirmed, BAD, None),
    ):
        # Widths of letters are not known here; this is a wide one at this size.
        needed = 24 + 7.0 * len(label)
        if not label or x + needed > width:
            continue
        if mark is None:
            parts.append((star if colour == GOOD else triangle)(x + 9, 40, 6.0))
        else:
            parts.append(mark.format(x=x))
        parts.append(text_at(x + 24, 44, label, colour))
        x += needed + 14
    # A sentence that does not fit loses its last parts.
    verdict, room = caption.verdict, int((width - _LEFT) / 6.6)
    while len(verdict) > room and "; " in verdict:
        verdict = verdict.rpartition("; ")[0]
    return [*parts, text_at(_LEFT, height - 14, verdict, TEXT)]
