"""The colours of areas in a picture. All are among the 256 that terminals agree on, which are short to send."""

from typing import Literal

from msgspec import Struct
from rich.style import Style

from l2tui.view.glyphs import Glyphs
from l2tui.view.palette import Palette

Form = Literal["shades", "quadrants", "halves", "signs"]
"""How areas are drawn: half blocks in five shades; quadrants, or half blocks, in two colours; or characters."""


class Shades(Struct, frozen=True):
    """The colours of areas. A class beyond the last one has the colours of another.

    Attributes:
        sure: Where a class is likely, by class.
        leaning: Where it is the likeliest but not by far, by class.
        doubt: Where no class is likely.
        rows: Rows that are drawn over the areas, by their class.
        ramp: From nothing to most.
    """

    sure: tuple[str, ...]
    leaning: tuple[str, ...]
    doubt: str
    rows: tuple[str, ...]
    ramp: tuple[str, ...]

    def area(self, level: int) -> str:
        """Returns the colour of an area: 3·class + 0 where it is sure, 1 where it leans, 2 in doubt."""
        number, doubt = divmod(level, 3)
        shades = (self.sure, self.leaning, (self.doubt,))[doubt]
        return shades[number % len(shades)]

    def row(self, label: int) -> str:
        """Returns the colour of a row of a class."""
        return self.rows[label % len(self.rows)]


DARK = Shades(
    sure=("#005faf", "#af5f00", "#00875f", "#870087", "#af0000", "#878700"),
    leaning=("#005f87", "#875f00", "#005f5f", "#5f005f", "#870000", "#5f5f00"),
    doubt="#3a3a3a",
    rows=("#afd7ff", "#ffd787", "#87ffaf", "#ffafff", "#ffafaf", "#ffff87"),
    ramp=("#1c1c1c", "#303030", "#005f87", "#0087af", "#00afd7", "#5fd7ff", "#d7ffff"),
)
LIGHT = Shades(
    sure=("#5fafff", "#ffaf5f", "#5fd7af", "#d787ff", "#ff8787", "#d7d75f"),
    leaning=("#afd7ff", "#ffd7af", "#afffd7", "#ffd7ff", "#ffd7d7", "#ffffd7"),
    doubt="#bcbcbc",
    rows=("#000087", "#5f0000", "#005f00", "#5f005f", "#870000", "#5f5f00"),
    ramp=("#eeeeee", "#d7ffff", "#afd7ff", "#5fafff", "#0087d7", "#005faf", "#00005f"),
)
_SIX_DARK = ("#0000aa", "#aa5500", "#00aa00", "#aa00aa", "#aa0000", "#00aaaa")
_SIX_LIGHT = ("#55ffff", "#ffff55", "#55ff55", "#ff55ff", "#ff5555", "#aaaaaa")
_DARK_16 = Shades(
    sure=_SIX_DARK,
    leaning=_SIX_DARK,
    doubt="#555555",
    rows=("#55ffff", "#ffff55", "#ffffff", "#ffffff", "#ffff55", "#ffffff"),
    ramp=("#000000", "#0000aa", "#55ffff"),
)
_LIGHT_16 = Shades(
    sure=_SIX_LIGHT,
    leaning=_SIX_LIGHT,
    doubt="#aaaaaa",
    rows=("#0000aa", "#aa0000", "#000000", "#000000", "#000000", "#000000"),
    ramp=("#ffffff", "#55ffff", "#0000aa"),
)


def is_light(palette: Palette) -> bool:
    """Returns whether a palette is for a light background: its text is dark there."""
    colour = palette.text.color
    return colour is not None and sum(colour.get_truecolor()) < 3 * 128


def shades_for(palette: Palette) -> Shades:
    """Returns the colours of areas that suit a palette."""
    if palette.shades:
        return LIGHT if is_light(palette) else DARK
    return _LIGHT_16 if is_light(palette) else _DARK_16


def form_for(palette: Palette, *, slow: bool = False) -> Form:
    """Returns how areas are drawn in a terminal.

    Args:
        palette: Its colours and signs.
        slow: Whether the line to it carries little, so that fewer and shorter changes are worth more than shades.
    """
    if palette.train.color is None or not _has_blocks(palette.glyphs):
        return "signs"
    if not palette.glyphs.braille:
        return "halves"
    return "shades" if palette.shades and not slow else "quadrants"


def _has_blocks(glyphs: Glyphs) -> bool:
    return glyphs.keeps is None or "▀" in glyphs.keeps


def painted(front: str, back: str, *, bold: bool = False) -> Style:
    """Returns the style of a colour on another."""
    return Style(color=front, bgcolor=back, bold=bold or None)
