"""What somebody else draws, as a widget."""

from collections.abc import Sequence

from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from l2tui.tui.widgets.panels import show_changes


class Drawn(Widget):
    """Strips that somebody else draws; only lines that differ are sent."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []

    def show(self, strips: list[Strip]) -> None:
        """Shows other strips."""
        before, self._strips = self._strips, strips
        show_changes(self, before, strips)

    def render_line(self, y: int) -> Strip:
        """As in Textual."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def show_text(self, lines: Sequence[Text]) -> None:
        """Shows lines of text."""
        self.show([Strip(line.render(self.app.console)).crop(0, self.size.width) for line in lines])
