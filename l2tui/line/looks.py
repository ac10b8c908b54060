"""How a cell looks, in the terminal's own terms, and the shortest way from one look to another."""

from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

# What ends each attribute (ECMA-48, "select graphic rendition").
_ENDS = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 51: 54, 52: 54, 53: 55}
# These can be seen on a space as well.
_SEEN_ON_BLANKS = frozenset({4, 7, 9, 21, 51, 52, 53})

# The colours 16 to 255: a cube of six steps a side, and a ramp of greys. Those before them are each terminal's own.
_CUBE = {0: 0, 95: 1, 135: 2, 175: 3, 215: 4, 255: 5}
_GREYS = {8 + 10 * step: 232 + step for step in range(24)}


class CellStyle(NamedTuple):
    """The look of a cell.

    Attributes:
        attributes: Numbers of its attributes, such as 1 for bold.
        foreground: The colour of the character, as it is sent; empty for the terminal's own.
        background: Likewise the colour behind it.
    """

    attributes: frozenset[int] = frozenset()
    foreground: str = ""
    background: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether a space with this look shows nothing but the background."""
        return not self.attributes & _SEEN_ON_BLANKS

    def behind(self, background: str) -> "CellStyle":
        """Returns the same on another background."""
        return CellStyle(self.attributes, self.foreground, background)


PLAIN = CellStyle()


@lru_cache(maxsize=4096)
def look_of(style: Style | None, colors: ColorSystem) -> CellStyle:
    """Returns the look of a style.

    Args:
        style: A style, None for none.
        colors: What the terminal can show; other colours become the nearest of these.
    """
    if style is None:
        return PLAIN
    names = (
        ("bold", 1),
        ("dim", 2),
        ("italic", 3),
        ("underline", 4),
        ("blink", 5),
        ("blink2", 6),
        ("reverse", 7),
        ("conceal", 8),
        ("strike", 9),
        ("underline2", 21),
        ("frame", 51),
        ("encircle", 52),
        ("overline", 53),
    )
    attributes = frozenset(number for name, number in names if getattr(style, name))
    front, back = (
        "" if color is None or color.is_default else ";".join(_codes(color, colors, foreground=foreground))
        for color, foreground in ((style.color, True), (style.bgcolor, False))
    )
    return CellStyle(attributes, front, back)


def _codes(color: Color, colors: ColorSystem, *, foreground: bool) -> tuple[str, ...]:
    """Returns a colour as it is sent. One of the 256 that terminals agree on is half as long by its number."""
    if colors is ColorSystem.TRUECOLOR and color.triplet is not None:
        red, green, blue = color.triplet
        if red in _CUBE and green in _CUBE and blue in _CUBE:
            number = 16 + 36 * _CUBE[red] + 6 * _CUBE[green] + _CUBE[blue]
            return ("38" if foreground else "48", "5", str(number))
        if red == green == blue and red in _GREYS:
            return ("38" if foreground else "48", "5", str(_GREYS[red]))
    return color.downgrade(colors).get_ansi_codes(foreground)


@lru_cache(maxsize=4096)
def blank_of(look: CellStyle) -> CellStyle:
    """Returns what can be seen of a look on a space; two spaces look alike if this is equal."""
    return CellStyle(background=look.background) if look.is_plain else look


@lru_cache(maxsize=8192)
def change_look(before: CellStyle | None, after: CellStyle) -> str:
    """Returns the shortest sequence after which the terminal writes with another look.

    Args:
        before: The look with which it writes now, None if that is not known.
        after: The look that it is to have.
    """
    if before == after:
        return ""
    anew = [*map(str, sorted(after.attributes)), *filter(None, (after.foreground, after.background))]
    choices = [";".join(["0", *anew]) if anew else ""]
    if before is not None:
        choices.append(";".join(_steps(before, after)))
    return f"\x1b[{min(choices, key=len)}m"


def _steps(before: CellStyle, after: CellStyle) -> list[str]:
    ends = {_ENDS[number] for number in before.attributes - after.attributes}
    # Bold and dim, and some others, end together; what is to stay is said again.
    kept = {number for number in before.attributes & after.attributes if _ENDS[number] not in ends}
    steps = [*map(str, sorted(ends)), *map(str, sorted(after.attributes - kept))]
    if before.foreground != after.foreground:
        steps.append(after.foreground or "39")
    if before.background != after.background:
        steps.append(after.background or "49")
    return steps
