"""The parts of pictures as SVG: areas, rows, curves, bars."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from l2tui.runs.pictures import FieldNumbers, FitNumbers, Pairs, PixelNumbers, WeightNumbers
from l2tui.view.chart.svg_parts import DECAY, GOOD, LINE, MUTED, TEXT, TRAIN, VAL, text_at
from l2tui.view.pictures.shades import LIGHT

_TICKS = 18
_BAR, _BAR_GAP = 16, 6


class Panel(NamedTuple):
    """Where a picture lies in a document, in pixels.

    Attributes:
        left: From the left edge.
        top: From the upper edge.
        width: Across.
        height: Down.
    """

    left: float
    top: float
    width: float
    height: float

    def x(self, share: float) -> float:
        """Returns the place of a share of the width."""
        return self.left + share * self.width

    def y(self, share: float) -> float:
        """Returns the place of a share of the height, from below."""
        return self.top + (1 - share) * self.height

    def above(self, room: float) -> "Panel":
        """Returns the panel without a strip at its lower edge."""
        return self._replace(height=self.height - room)


def field(numbers: FieldNumbers, panel: Panel) -> list[str]:
    """Draws areas of one colour as one path each, and training rows as dots and crosses."""
    inner = panel.above(_TICKS)
    wide, tall = inner.width / numbers.columns, inner.height / numbers.rows
    paths: dict[int, list[str]] = defaultdict(list)
    for row in range(numbers.rows):
        line = numbers.classes[row * numbers.columns : (row + 1) * numbers.columns]
        start = 0
        for end in range(1, numbers.columns + 1):
            if end == numbers.columns or line[end] != line[start]:
                x, y, run = inner.left + start * wide, inner.top + row * tall, (end - start) * wide
                paths[line[start]].append(f"M{x:.1f} {y:.2f}h{run:.1f}v{tall:.2f}h-{run:.1f}z")
                start = end
    parts = [
        f'<path d="{"".join(path)}" fill="{LIGHT.area(level)}" shape-rendering="crispEdges"/>'
        for level, path in sorted(paths.items())
    ]
    for number, (across, up) in enumerate(zip(numbers.across, numbers.up, strict=True)):
        x, y, colour = inner.x(across), inner.y(up), LIGHT.row(numbers.labels[number])
        parts.append(_cross(x, y, colour) if numbers.marked[number] else _dot(x, y, colour))
    names = [
        text_at(inner.left, panel.top + panel.height, f"{numbers.low[0]:.3g}", MUTED),
        text_at(
            inner.x(0.5),
            panel.top + panel.height,
            f"{numbers.names[0]} across, {numbers.names[1]} up",
            MUTED,
            anchor="middle",
        ),
        text_at(inner.x(1), panel.top + panel.height, f"{numbers.high[0]:.3g}", MUTED, anchor="end"),
    ]
    return [*parts, *names]


def curve(numbers: FitNumbers, panel: Panel, limits: tuple[float, float]) -> list[str]:
    """Draws the fitted curve, the truth dashed, and the rows."""
    inner = panel.above(_TICKS)
    low, high = limits

    def place(share: float, value: float) -> tuple[float, float]:
        return inner.x(share), inner.y(max(0.0, min(1.0, (value - low) / (high - low))))

    def dots(pairs: Pairs, colour: str, fill: str) -> list[str]:
        span = numbers.high - numbers.low
        places = [place((x - numbers.low) / span, y) for x, y in pairs if numbers.low <= x <= numbers.high]
        return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{fill}" stroke="{colour}"/>' for x, y in places]

    parts = [
        f'<path d="M{inner.left:.1f} {inner.top}V{inner.y(0):.1f}H{inner.x(1):.1f}" fill="none" stroke="{MUTED}"/>'
    ]
    parts += dots(numbers.val, VAL, "#ffffff") + dots(numbers.train, TRAIN, TRAIN)
    for values, look in (
        (numbers.truth, f'stroke="{GOOD}" stroke-dasharray="3 4"'),
        (numbers.curve, f'stroke="{TEXT}"'),
    ):
        points = [place((k + 0.5) / len(values), value) for k, value in enumerate(values) if math.isfinite(value)]
        if points:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke-width="2" {look}/>')
    below = panel.top + panel.height
    return [
        *parts,
        text_at(inner.left, below, f"{numbers.low:.3g}", MUTED),
        text_at(inner.x(0.5), below, f"{numbers.target} over {numbers.name}", MUTED, anchor="middle"),
        text_at(inner.x(1), below, f"{numbers.high:.3g}", MUTED, anchor="end"),
    ]


def bars(values: Sequence[tuple[str, float, str]], panel: Panel, colour: str, *, top: float | None = None) -> list[str]:
    """Draws bars with their name and their value in words, as many as there is room for."""
    shown = values[: max(1, int(panel.height // (_BAR + _BAR_GAP)))]
    most = max((value for _, value, _ in shown), default=0.0) if top is None else top
    start, room = panel.x(0.36), panel.width * 0.64 - 56
    parts = []
    for place, (name, value, words) in enumerate(shown):
        y = panel.top + place * (_BAR + _BAR_GAP)
        length = room * value / most if most > 0 else 0.0
        letters = int((start - panel.left - 8) / 6.6)
        cut = name if len(name) <= letters else f"{name[: letters - 1]}…"
        parts.append(text_at(start - 8, y + 12, cut, TEXT, anchor="end"))
        parts.append(f'<rect x="{start:.1f}" y="{y:.1f}" width="{length:.1f}" height="{_BAR}" fill="{colour}"/>')
        parts.append(text_at(start + length + 6, y + 12, words, MUTED))
    return parts


def pixel_map(numbers: PixelNumbers, panel: Panel, ramp: Sequence[str], top: float) -> list[str]:
    """Draws a square a pixel, the darker the more it is used; `top` is darkest."""
    size = min(panel.width, panel.height) / numbers.side
    parts = []
    for place, use in enumerate(numbers.uses):
        row, column = divmod(place, numbers.side)
        colour = ramp[min(len(ramp) - 1, int(use / top * len(ramp)))]
        x, y = panel.left + column * size, panel.top + row * size
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}" fill="{colour}"/>')
    return parts


def histogram(numbers: WeightNumbers, panel: Panel) -> list[str]:
    """Draws both layers, one above the other, on one axis; heights are square roots."""
    inner = panel.above(_TICKS)
    half = inner.height / 2
    parts = []
    for layer, (counts, colour) in enumerate(zip(numbers.counts, (TRAIN, DECAY), strict=True)):
        base, most = inner.top + (layer + 1) * half - 4, math.sqrt(max(counts) or 1)
        step = inner.width / len(counts)
        for place, count in enumerate(counts):
            tall = (half - 26) * math.sqrt(count) / most
            x, y = inner.left + place * step, base - tall
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{step:.1f}" height="{tall:.1f}" fill="{colour}"/>')
        parts.append(f'<path d="M{inner.left:.1f} {base:.1f}H{inner.x(1):.1f}" stroke="{LINE}"/>')
        words = f"W{layer + 1}: {sum(counts):,} weights, the largest {numbers.largest[layer]:.3g}"
        parts.append(text_at(inner.left, inner.top + layer * half + 12, words, colour))
    below = panel.top + panel.height
    ends = ((0.0, f"-{numbers.limit:g}", "start"), (0.5, "0", "middle"), (1.0, f"{numbers.limit:g}", "end"))
    return [*parts, *(text_at(inner.x(share), below, text, MUTED, anchor=anchor) for share, text, anchor in ends)]


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" stroke="#ffffff" stroke-width="0.6"/>'


def _cross(x: float, y: float, colour: str) -> str:
    arms = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8"
    return f'<path d="{arms}" stroke="#ffffff" stroke-width="4"/><path d="{arms}" stroke="{colour}" stroke-width="2"/>'
