"""The one table of signs: what stands for each of them where a terminal cannot show it.

Everything is drawn with the signs of the left column. What goes to a terminal that lacks them is translated on its way,
character by character and cell by cell, so that nothing moves and nothing can be forgotten. Imports nothing heavy.
"""

import codecs
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TextIO

from msgspec import Struct

_ASCII = {
    # Lines and borders
    **dict.fromkeys("─╌┄┈╴╶╸╺▔▀⎯", "-"),
    **dict.fromkeys("━═", "="),
    **dict.fromkeys("╍┅┉", "~"),
    **dict.fromkeys("│╎┆▏▎▍▌▐▕▊▉╵╷╽╿", "|"),
    **dict.fromkeys("┃║", "!"),
    **dict.fromkeys("┊┋", ":"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
    **dict.fromkeys("┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬┿╪", "#"),
    # Heights and fillings
    "▁": ".",
    "▂": ":",
    "▃": "-",
    "▄": "=",
    "▅": "+",
    "▆": "*",
    "▇": "%",
    **dict.fromkeys("█▓", "#"),
    "▒": ":",
    "░": ".",
    # Marks and states
    "★": "*",
    "☆": "*",
    **dict.fromkeys("▲△▴", "^"),
    **dict.fromkeys("▼▽▾", "v"),
    **dict.fromkeys("▸▶►›⏵", ">"),
    **dict.fromkeys("◂◀◄‹⏴", "<"),
    **dict.fromkeys("●◉", "@"),
    **dict.fromkeys("○◯", "o"),
    "◌": ".",
    "◐": "=",
    **dict.fromkeys("■□▪", "#"),
    **dict.fromkeys("✗✘×✖", "x"),
    **dict.fromkeys("✓✔", "v"),
    "⠤": ".",
    "⠶": "o",
    "⠐": ":",
    "🔎": "> ",
    # Arrows and keys
    "←": "<",
    "→": ">",
    "↑": "^",
    "↓": "v",
    **dict.fromkeys("⏎↵↲", "<"),
    "⌫": "<",
    # Letters and punctuation
    "λ": "L",
    "Σ": "S",
    "Δ": "D",
    "σ": "s",
    "α": "a",
    "δ": "d",
    "μ": "u",
    "µ": "u",
    "∞": "I",
    **dict.fromkeys("·∙⋅", "*"),
    "•": "*",
    "…": "~",
    **dict.fromkeys("−–—‒‐‑", "-"),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    "≤": "<",
    "≥": ">",
    "≈": "~",
    "±": "+",
    "√": "V",
    "°": "o",
    "¢": "c",
    "\u00a0": " ",
    "\ufffd": "?",
}

# Longer pieces that read better as a whole; both sides are of the same width.
_ASCII_WORDS = {" · ": " - ", "  ∞": "inf", "λΣw²": "L2*w"}
# Where the width is free, the letter has a name that people know.
_ASCII_NAMES = {"2·λ·W": "2*L2*W", "λΣw²": "L2*w^2", "λ·Σw²": "L2*sum(w^2)", "L2 λ": "L2", "λ": "L2", "W²": "W^2"}

# What the fonts of a text console have, of IBM's code page 437 and of Latin-1 alike.
_CONSOLE_KEEPS = frozenset("─│┌┐└┘├┤┬┴┼█▄▀░▒▓·°±²")
_CONSOLE = {
    **{sign: text for sign, text in _ASCII.items() if sign not in _CONSOLE_KEEPS},
    **dict(zip("╭╮╰╯┏┓┗┛┿╋", "┌┐└┘┌┐└┘┼┼", strict=True)),
}


class Glyphs(Struct, frozen=True):
    """The signs that a terminal can show.

    Attributes:
        name: "unicode", "linux" or "ascii".
        braille: Whether curves can be drawn as dots of braille characters.
        table: What stands for a sign that cannot be shown, equally wide.
        words: Likewise for pieces of several characters.
        names: What stands for a piece of prose, of any width.
        keeps: Signs beyond ASCII that can be shown; None for all.
    """

    name: str
    braille: bool
    table: Mapping[str, str]
    words: Mapping[str, str]
    names: Mapping[str, str]
    keeps: frozenset[str] | None

    def show(self, text: str) -> str:
        """Returns a text of the same width that the terminal can show."""
        if self.keeps is None or text.isascii():
            return text
        for piece, other in self.words.items():
            text = text.replace(piece, other)
        return "".join(character if character.isascii() else self._shown(character) for character in text)

    def say(self, text: str) -> str:
        """Returns prose in words that the terminal can show; it may become longer."""
        if self.keeps is not None and not text.isascii():
            for piece, other in self.names.items():
                text = text.replace(piece, other)
        return text

    def _shown(self, character: str) -> str:
        if self.keeps is not None and character in self.keeps:
            return character
        return self.table.get(character) or _without_accent(character)


@lru_cache(maxsize=1024)
def _without_accent(character: str) -> str:
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii())
    from rich.cells import cell_len

    width = cell_len(character)
    return base if len(base) == width and base.isprintable() else "?" * width


UNICODE = Glyphs("unicode", True, {}, {}, {}, None)
LINUX = Glyphs("linux", False, _CONSOLE, _ASCII_WORDS, _ASCII_NAMES, _CONSOLE_KEEPS)
ASCII = Glyphs("ascii", False, _ASCII, _ASCII_WORDS, _ASCII_NAMES, frozenset())


def glyphs_of(stream: TextIO) -> Glyphs:
    """Returns the signs that a stream takes by its encoding."""
    return UNICODE if means_utf8(stream.encoding or "") else ASCII


def means_utf8(encoding: str) -> bool:
    """Returns whether the name of an encoding is one of UTF-8's."""
    return encoding.lower().replace("-", "") == "utf8"


def print_safely(stream: TextIO) -> None:
    """Makes a stream write a stand-in for each sign that its encoding lacks, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and glyphs_of(stream) is not UNICODE:
        codecs.register_error("l2tui", _replace)
        reconfigure(errors="l2tui")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return ASCII.show(error.object[error.start : error.end]), error.end
