"""The columns of a table, one of them selected."""

from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from l2tui.data.table.summary import ColumnSummary, TableSummary
from l2tui.tui.context import palette_of
from l2tui.view.keys import keys_in_list
from l2tui.view.table_view import draw_column, draw_header, layout_of


class ColumnList(Widget, can_focus=True):
    """A heading and a line for each column; scrolls by itself where there is not room for all."""

    class Moved(Message):
        """Another column was selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys_in_list("columns", "column", "up", "down", "pageup", "pagedown", "home", "end")
    ]

    summary: reactive[TableSummary | None] = reactive(None, init=False)
    selected: reactive[int] = reactive(0)

    @property
    def column(self) -> ColumnSummary | None:
        """The selected column."""
        columns = self.summary.columns if self.summary is not None else ()
        return columns[self.selected] if self.selected < len(columns) else None

    def action_move(self, rows: int) -> None:
        """Selects another column."""
        last = len(self.summary.columns) - 1 if self.summary is not None else 0
        self.selected = max(0, min(last, self.selected + rows))

    def watch_selected(self) -> None:
        self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        """Selects the column under the mouse."""
        if event.y > 0:
            self.selected = 0
            self.action_move(self._top + event.y - 1)

    @property
    def _top(self) -> int:
        height = max(1, self.size.height - 1)
        count = len(self.summary.columns) if self.summary is not None else 0
        return max(0, min(self.selected - height // 2, count - height))

    def render_line(self, y: int) -> Strip:
        """Returns one line."""
        width, summary = self.size.width, self.summary
        index = self._top + y - 1
        if summary is None or index >= len(summary.columns):
            return Strip.blank(width, self.rich_style)
        palette = palette_of(self.app)
        layout = layout_of(summary.columns, width)
        text = draw_header(layout, palette)
        if y > 0:
            chosen = index == self.selected
            text = draw_column(summary.columns[index], layout, summary.rows, palette, selected=chosen)
        segments = Segment.apply_style(text.render(self.app.console), self.rich_style)
        return Strip(segments).adjust_cell_length(width, self.rich_style)
