"""What commands print: prose, JSON, and what came from outside."""

import sys
from typing import Any

import msgspec

from l2tui.tui.glyphs import glyphs_of


def print_text(text: str) -> None:
    """Prints prose, in words that standard output takes; single signs are put in their place by the stream itself."""
    print(glyphs_of(sys.stdout).say(text))


def print_json(value: Any) -> None:
    """Prints a value as JSON on a line of its own; a number that is not finite is null there."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")


def one_line(text: str) -> str:
    """Returns a text whose line ends, and what steers a terminal, are spelled out."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
