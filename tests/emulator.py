"""A terminal to compare with: what a person would see in it, cell by cell."""

import re
from typing import Any

import pyte

# Private sequences that pyte would take for others: CSI with <, > or =.
_PRIVATE = re.compile(rb"\x1b\[[<>=][0-9;:]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
_OPEN_SEQUENCE = re.compile(rb"\x1b(\[[0-?]*[ -/]*)?$")


class Screen(pyte.Screen):
    """Erases the whole screen with the present background colour, as xterm does and pyte only where something was."""

    def erase_in_display(self, how: int = 0, *args: Any, **options: Any) -> None:
        super().erase_in_display(how, *args, **options)
        if how == 2:
            for y in range(self.lines):
                for x in range(self.columns):
                    self.buffer[y][x] = self.cursor.attrs


class Emulator:
    """A terminal of some size that is fed with bytes."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = Screen(columns, rows)
        self.screen.reset_mode(7, private=True)  # Textual switches wrapping off
        self._stream = pyte.ByteStream(self.screen)
        self._pending = b""

    def feed(self, data: bytes) -> None:
        data = self._pending + data
        unfinished = _OPEN_SEQUENCE.search(data)
        self._pending = unfinished.group() if unfinished else b""
        self._stream.feed(_PRIVATE.sub(b"", data[: len(data) - len(self._pending)]))

    @property
    def size(self) -> tuple[int, int]:
        return self.screen.columns, self.screen.lines

    def cell(self, x: int, y: int) -> tuple[Any, ...]:
        """What a person sees of a cell."""
        cell = self.screen.buffer[y][x]
        attributes = (cell.underscore, cell.strikethrough, cell.reverse)
        if cell.data == " " and not any(attributes):
            return (" ", cell.bg)
        return (cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *attributes)

    def differs_from(self, other: "Emulator") -> list[tuple[int, int, tuple[Any, ...], tuple[Any, ...]]]:
        """Returns the cells that look different: column, row, and both looks."""
        assert self.size == other.size
        columns, rows = self.size
        return [
            (x, y, self.cell(x, y), other.cell(x, y))
            for y in range(rows)
            for x in range(columns)
            if self.cell(x, y) != other.cell(x, y)
        ]
