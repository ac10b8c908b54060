"""What is done to every line on its way to a terminal that cannot show all signs, or no colours."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from l2tui.view.glyphs import Glyphs

_LIGHT = 0.5


class GlyphFilter(LineFilter):
    """Puts what a terminal can show in the place of what it cannot.

    Args:
        glyphs: What it can show.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(enabled=glyphs.keeps is not None)
        self._glyphs = glyphs

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns a line's segments with other characters of the same width."""
        show = self._glyphs.show
        return [Segment(show(text), style, control) for text, style, control in segments]


class MonoFilter(LineFilter):
    """Takes all colours away; a light background becomes reverse video. Meant for the theme `MONO`."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns a line's segments without colours."""
        return [Segment(text, style and _without_colours(style), control) for text, style, control in segments]


@lru_cache(maxsize=1024)
def _without_colours(style: Style) -> Style:
    bgcolor = style.bgcolor
    is_light = bgcolor is not None and Color.from_rich_color(bgcolor).brightness > _LIGHT
    plain = style.without_color
    # What is reversed already and lies on a light background would be told apart by nothing.
    return plain + Style(reverse=bool(style.reverse) != is_light)
