"""Chooses the signs and colours for a terminal from its environment alone, without waiting for an answer."""

import re
from collections.abc import Mapping

from msgspec import Struct

from l2tui.view.glyphs import ASCII, LINUX, UNICODE, Glyphs, means_utf8

# Light backgrounds by COLORFGBG, which some terminals set to the numbers of their colours.
_LIGHT_NUMBERS = ("7", "15")
# Terminals that have no colours, for machines without a terminfo database.
_NO_COLOURS = re.compile(r"(vt(52|[1-4]\d\d)|.*-(m|mono|nocolor)$|.*-mono-)")


class Look(Struct, frozen=True):
    """How the app looks in a terminal.

    Attributes:
        theme: "dark", "light", "mono", or the name of another theme.
        glyphs: The signs that can be shown.
        few_colours: Whether there are sixteen colours and no more.
    """

    theme: str = "dark"
    glyphs: Glyphs = UNICODE
    few_colours: bool = False


def look_for(theme: str, ascii_only: bool | None, environment: Mapping[str, str], encoding: str) -> Look:
    """Chooses a look.

    Args:
        theme: The theme that a person asked for, or "auto".
        ascii_only: Whether a person wants ASCII, None to choose.
        environment: Variables of the process.
        encoding: How the output is encoded.
    """
    glyphs = glyphs_for(ascii_only, environment, encoding)
    return Look(theme_for(theme, environment), glyphs, _has_few_colours(environment))


def theme_for(theme: str, environment: Mapping[str, str]) -> str:
    """Returns the theme that a person asked for; for "auto", one that suits the terminal."""
    if theme != "auto":
        return theme
    if environment.get("NO_COLOR") or not _has_colours(environment):
        return "mono"
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in _LIGHT_NUMBERS else "dark"


def glyphs_for(ascii_only: bool | None, environment: Mapping[str, str], encoding: str) -> Glyphs:
    """Returns the signs that can be shown: all in a UTF-8 terminal, few on a text console, else ASCII."""
    term = environment.get("TERM", "")
    if ascii_only or (ascii_only is None and not is_utf8(environment, encoding)):
        return ASCII
    if ascii_only is None and (term == "linux" or term.startswith("linux-")):
        return LINUX
    if ascii_only is None and _NO_COLOURS.match(term) and term.startswith("vt"):
        return ASCII
    return UNICODE


def is_utf8(environment: Mapping[str, str], encoding: str) -> bool:
    """Returns whether the terminal is in UTF-8, as far as one can know.

    What the locale says counts most. "C" says nothing of UTF-8 where someone has set it, whereas no locale at all is
    what containers have, with a modern terminal at the other end.

    Args:
        environment: Variables of the process.
        encoding: How Python would encode the output.
    """
    chosen = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    if not environment.get("LC_ALL") and chosen == "C.UTF-8" and environment.get("LANG") in ("C", "POSIX"):
        # Python itself sets LC_CTYPE so in a C locale.
        chosen = "C"
    charset = chosen.partition("@")[0].partition(".")[2] or (chosen if chosen.upper() in ("UTF-8", "UTF8") else "")
    if environment.get("PYTHONIOENCODING"):
        return means_utf8(encoding)
    if charset:
        return means_utf8(charset)
    return chosen not in ("C", "POSIX") and means_utf8(encoding)


def _has_few_colours(environment: Mapping[str, str]) -> bool:
    term = environment.get("TERM", "")
    many = environment.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return not (many or term.endswith(("256color", "kitty", "direct")))


def _has_colours(environment: Mapping[str, str]) -> bool:
    term = environment.get("TERM", "")
    if environment.get("COLORTERM") or "color" in term or "direct" in term:
        return True
    if _NO_COLOURS.match(term):
        return False
    try:
        import curses
    except ImportError:
        return True
    try:
        curses.setupterm(term, 1)
    except curses.error:
        return True
    return curses.tigetnum("colors") != -1
