"""A stream to print on: its console, the colours and signs that it takes, and how wide it is."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

import msgspec
from rich.console import Console, RenderableType
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from l2tui.view.look import Look, look_for
from l2tui.view.palette import Palette, palette_named, theme_named


class Page:
    """A stream to print on.

    Args:
        stream: Where to.
        look: Signs and colours; by default those that suit the stream's encoding.
        width: Columns of text; by default those of the terminal, less one so that no line wraps.
        widest: The most columns by default.

    Attributes:
        console: Prints on it.
        look: Its signs.
        palette: Its colours.
        width: Columns of text.
        ascii: Whether it lacks braille.
    """

    def __init__(
        self, stream: TextIO, look: Look | None = None, width: int | None = None, *, widest: int = 100
    ) -> None:
        self._stream = stream
        self.look = look or look_for("dark", None, {}, stream.encoding or "ascii")
        self.console = Console(file=stream, highlight=False)
        self.palette = _palette(self.console, self.look)
        self.width = min(widest, shutil.get_terminal_size((80, 24)).columns - 1) if width is None else width
        self.ascii = not self.look.glyphs.braille

    @contextmanager
    def printed(self) -> Iterator[None]:
        """Prints what is put on the page meanwhile, with the signs that the stream takes."""
        with self.console.capture() as drawn:
            yield
        self._stream.write(self.look.glyphs.show(drawn.get()))

    def put(self, line: RenderableType, style: Style | None = None) -> None:
        """Puts lines on the page, which are not wrapped."""
        self.console.print(line, style=style, soft_wrap=True)

    def put_strips(self, strips: Iterable[Strip]) -> None:
        """Puts strips on the page, without the blanks at their ends."""
        for strip in strips:
            line = Text()
            for segment in strip:
                line.append(segment.text, segment.style)
            line.rstrip()
            self.put(line)


def _palette(console: Console, look: Look) -> Palette:
    palette = palette_named(theme_named(look.theme, few_colours=look.few_colours))
    # Without shades, the spread would look like the line.
    has_shades = palette.shades and console.color_system in ("256", "truecolor")
    return msgspec.structs.replace(palette, glyphs=look.glyphs, shades=has_shades)
