"""Pictures of several networks beside each other, or one below the other, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from l2tui.runs.pictures import InputNumbers, Picture, PixelNumbers
from l2tui.view.palette import Palette
from l2tui.view.pictures.draw import draw_picture, draw_words
from l2tui.view.pictures.shades import Form

GAP = 2
# What a picture needs to be legible, with the line over it and the one under it.
LEAST_WIDTH, LEAST_HEIGHT = 20, 6

Line = Sequence[Segment]


class Shown(NamedTuple):
    """A picture among others.

    Attributes:
        head: Lines above it, each in forms from the longest to the shortest.
        what: The picture, or words why there is none.
    """

    head: Sequence[Sequence[Line]]
    what: Picture | str


class Places(NamedTuple):
    """Where pictures have their places.

    Attributes:
        width: Cells across, of each.
        height: Cells down, of each, with what stands above it.
        stacked: Whether one is below the other.
    """

    width: int
    height: int
    stacked: bool = False


def places_for(count: int, width: int, height: int) -> Places | None:
    """Returns how two or more pictures have their places, side by side or stacked; None where there is no room.

    The way is chosen in which the shorter side of a picture is the longer one; a cell is twice as high as wide.
    """
    beside = Places((width - GAP * (count - 1)) // count, height)
    stacked = Places(width, height // count, stacked=True)
    ways = sorted((beside, stacked), key=lambda each: min(each.width, 2 * each.height), reverse=True)
    return next((each for each in ways if each.width >= LEAST_WIDTH and each.height >= LEAST_HEIGHT), None)


def draw_beside(
    shown: Sequence[Shown], places: Places, palette: Palette, form: Form, tops: Sequence[float | None] | None = None
) -> list[Strip]:
    """Draws pictures on one scale, each in its place.

    Args:
        shown: The pictures, whose numbers are on one scale already.
        places: Their places.
        palette: Colours.
        form: How areas are drawn.
        tops: What the longest bar of each stands for; by default the most that there is in all of them.

    Returns:
        Strips of one width.
    """
    tops = [top_of([each.what for each in shown])] * len(shown) if tops is None else tops
    blocks = [_block(each, places, palette, form, top) for each, top in zip(shown, tops, strict=True)]
    if places.stacked:
        return [strip for block in blocks for strip in block]
    return [_joined(line) for line in zip(*blocks, strict=True)]


def top_of(pictures: Sequence[Picture | str]) -> float | None:
    """Returns what the longest bar, or the strongest pixel, of all stands for; None where there are none."""
    numbers = [each.numbers for each in pictures if isinstance(each, Picture)]
    uses = [use for each in numbers if isinstance(each, InputNumbers | PixelNumbers) for use in each.uses]
    return max(uses, default=None)


def _block(shown: Shown, places: Places, palette: Palette, form: Form, top: float | None) -> list[Strip]:
    width, height = places.width, places.height - len(shown.head)
    head = [_fitting(forms, width) for forms in shown.head]
    if isinstance(shown.what, str):
        return [*head, *draw_words(shown.what, width, height, palette)]
    return [*head, *draw_picture(shown.what, width, height, palette, form, top)]


def _fitting(forms: Sequence[Line], width: int) -> Strip:
    strips = [Strip(line) for line in forms]
    chosen = next((strip for strip in strips if strip.cell_length <= width), strips[-1])
    return chosen.crop(0, width).extend_cell_length(width)


def _joined(strips: Sequence[Strip]) -> Strip:
    joined = list(strips[0])
    for strip in strips[1:]:
        joined += [Segment(" " * GAP), *strip]
    return Strip(joined)
