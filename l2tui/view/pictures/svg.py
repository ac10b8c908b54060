"""Pictures of the network as an SVG document, side by side on one scale."""

from collections.abc import Sequence

from l2tui.runs.pictures import (
    FieldNumbers,
    FitNumbers,
    InputNumbers,
    LabelCounts,
    LabelNumbers,
    Picture,
    PixelNumbers,
    WeightNumbers,
)
from l2tui.view.chart.svg_parts import MUTED, TEXT, TRAIN, document, text_at
from l2tui.view.figures import figure
from l2tui.view.pictures.beside import top_of
from l2tui.view.pictures.draw import key_words, title_of
from l2tui.view.pictures.field import counted_words
from l2tui.view.pictures.fit import value_range
from l2tui.view.pictures.shades import LIGHT
from l2tui.view.pictures.svg_panels import Panel, bars, curve, field, histogram, pixel_map
from l2tui.view.plain import count_of, printable

_GAP, _TOP, _BELOW = 20, 58, 44
_CHARACTER = 6.4


def draw_pictures_svg(pictures: Sequence[Picture], names: Sequence[str], width: int, height: int) -> str:
    """Draws pictures of one kind.

    Args:
        pictures: Their numbers, on one scale.
        names: What each is called.
        width: Of the whole document, in pixels of CSS.
        height: Likewise.

    Returns:
        A whole SVG document.
    """
    each = (width - _GAP * (len(pictures) + 1)) / len(pictures)
    top = top_of(pictures)
    parts: list[str] = []
    for place, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        panel = Panel(_GAP + place * (each + _GAP), _TOP, each, height - _TOP - _BELOW)
        room = int(each / _CHARACTER)
        parts.append(text_at(panel.left, 24, _cut(title_of(picture), room), TEXT, size=15, weight="600"))
        parts.append(text_at(panel.left, 44, _cut(name, room), MUTED))
        parts += _drawn(picture, panel, top)
        parts.append(text_at(panel.left, height - 16, _said(picture, room), TEXT))
    return document(" / ".join(map(title_of, pictures)), width, height, parts)


def _drawn(picture: Picture, panel: Panel, top: float | None) -> list[str]:
    numbers = picture.numbers
    if isinstance(numbers, FieldNumbers):
        return field(numbers, panel)
    if isinstance(numbers, FitNumbers):
        return curve(numbers, panel, value_range(numbers))
    if isinstance(numbers, InputNumbers):
        shown = list(zip(map(printable, numbers.names), numbers.uses, strict=True))
        return bars([(name, use, figure(use, 5).strip()) for name, use in shown], panel, TRAIN, top=top)
    if isinstance(numbers, PixelNumbers):
        return pixel_map(numbers, panel, LIGHT.ramp, top or 1.0)
    if isinstance(numbers, WeightNumbers):
        return histogram(numbers, panel)
    return bars(_label_bars(numbers.counts), panel, TRAIN, top=float(numbers.counts.looked_at))


def _said(picture: Picture, room: int) -> str:
    numbers = picture.numbers
    if isinstance(numbers, FieldNumbers):
        return _cut(counted_words(numbers), room)
    if isinstance(numbers, FitNumbers):
        return f"{len(numbers.train)} train, {len(numbers.val)} val" + (", truth dashed" if numbers.truth else "")
    if isinstance(numbers, LabelNumbers):
        return _cut(f"{count_of(numbers.counts.wrong, 'row')} with a wrong label: named as", room)
    forms = key_words(picture)
    return _cut(next((words for words in forms if len(words) <= room), forms[-1]), room)


def _label_bars(counts: LabelCounts) -> list[tuple[str, float, str]]:
    other = counts.looked_at - counts.memorised - counts.true
    named = (("the wrong label", counts.memorised), ("the true class", counts.true), ("another class", other))
    return [(name, float(count), f"{count:,}") for name, count in named]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(1, room - 1)]}…"
