"""Several loss curves over each other as a picture: SVG of lines and text, without anything from outside."""

import numpy as np

from l2tui.view.chart.loss_axis import y_axis
from l2tui.view.chart.overlay import COLOURS, LETTERS, OverlayCurve, axis_of, enough_points, thinned
from l2tui.view.chart.svg_chart import Plot, draw_axes, draw_curve
from l2tui.view.chart.svg_parts import BAD, DECAY, GOOD, MUTED, TEXT, TRAIN, VAL, document, text_at

_COLOURS = (TRAIN, VAL, GOOD, DECAY, BAD, TEXT)
_DASHES = ("", "9 4", "3 3", "9 3 2 3")
_LEFT, _RIGHT, _TOP, _BELOW, _LINE = 62, 18, 62, 58, 18
_CHARACTER = 6.8
# Pixels of the picture that are one column of it.
_COLUMN = 2
_MOST_POINTS = 400


def draw_overlay_svg(
    curves: list[OverlayCurve],
    names: list[str],
    title: str,
    warning: str,
    width: int,
    height: int,
    *,
    x_name: str = "epoch",
    log_y: bool = False,
) -> str:
    """Draws the curves with a legend below them.

    Args:
        curves: The curves; they may have no epoch yet.
        names: What each is called, with what is to be said of it.
        title: The line on top.
        warning: What has to be said first, empty for nothing.
        width: Of the picture, in pixels of CSS.
        height: Likewise.
        x_name: What the axis counts.
        log_y: Whether the loss axis is logarithmic.

    Returns:
        A whole SVG document.
    """
    columns, rows = width - _LEFT - _RIGHT, max(60, height - _TOP - _BELOW - _LINE * len(curves))
    x = axis_of(curves, columns // _COLUMN, recent=False)
    traces = [thinned(curve, x) for curve in curves]
    edges = [edge[np.isfinite(edge)] for curve in curves if curve.band is not None for edge in curve.band]
    plot = Plot(
        axis_of(curves, columns, recent=False),
        y_axis(enough_points([*(trace.y for trace in traces), *edges]), rows, log=log_y),
    )
    parts = [text_at(_LEFT, 22, title, TEXT, size=15, weight="600"), *draw_axes(plot, x_name)]
    if warning:
        parts.append(text_at(_LEFT, 44, warning, BAD, weight="600"))
    for curve, colour in zip(curves, _cycled(), strict=False):
        parts += _band(plot, curve, colour)
    step = columns / max(1, len(x.bins()) - 2)
    for position, (curve, trace) in enumerate(zip(curves, traces, strict=True)):
        colour, dashes = _COLOURS[position % COLOURS], _DASHES[(position + position // COLOURS) % len(_DASHES)]
        across = np.asarray(_LEFT + trace.x * step, np.float64)
        parts += draw_curve(plot, across, trace.y, colour, 1.8, dashes)
        parts += _marks(plot, curve, colour, LETTERS[position])
        if len(across):
            place = across[int((position + 1) / (len(curves) + 1) * (len(across) - 1))]
            middle = float(trace.y[int((position + 1) / (len(curves) + 1) * (len(across) - 1))])
            parts.append(text_at(place, plot.down(middle) - 4, LETTERS[position], colour, weight="700"))
        down = plot.bottom + 54 + _LINE * position
        pattern = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<path d="M{_LEFT} {down - 4}h26" stroke="{colour}" stroke-width="1.8"{pattern}/>')
        parts.append(text_at(_LEFT + 34, down, LETTERS[position], colour, weight="700"))
        room = int((width - _LEFT - 50) / _CHARACTER)
        parts.append(text_at(_LEFT + 48, down, _cut(names[position], room), TEXT))
    return document(title, width, max(height, plot.bottom + _BELOW + _LINE * len(curves)), parts)


def _cycled() -> list[str]:
    return [_COLOURS[position % COLOURS] for position in range(len(LETTERS))]


def _band(plot: Plot, curve: OverlayCurve, colour: str) -> list[str]:
    if curve.band is None or len(curve.epochs) < 2:
        return []
    places = []
    for edge, backwards in zip(curve.band, (False, True), strict=True):
        shown = np.flatnonzero(np.isfinite(edge))[:: max(1, len(edge) // _MOST_POINTS)].tolist()
        places += [
            f"{plot.across(curve.epochs[at]):.1f},{plot.down(float(edge[at])):.1f}"
            for at in (reversed(shown) if backwards else shown)
        ]
    return [f'<polygon points="{" ".join(places)}" fill="{colour}" fill-opacity="0.15"/>']


def _marks(plot: Plot, curve: OverlayCurve, colour: str, letter: str) -> list[str]:
    parts = []
    for sign, epoch in (("▲", curve.confirmed_epoch), ("★", curve.best_epoch)):
        if epoch is None or not len(curve.values) or not plot.has(epoch):
            continue
        value = float(curve.values[min(int(np.searchsorted(curve.epochs, epoch)), len(curve.values) - 1)])
        if np.isfinite(value):
            at = plot.across(epoch), plot.down(value)
            parts.append(text_at(at[0], at[1] + 5, sign, colour, anchor="middle", size=15))
            parts.append(text_at(at[0] + 8, at[1] - 3, letter, MUTED, size=10))
    return parts


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
