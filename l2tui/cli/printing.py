"""Text on standard output, whatever that takes."""

import sys

from l2tui.tui.glyphs import glyphs_of


def print_text(text: str) -> None:
    """Prints prose, in words that standard output takes; single signs are put in their place by the stream itself."""
    print(glyphs_of(sys.stdout).say(text))
