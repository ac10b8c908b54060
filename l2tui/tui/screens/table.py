"""A table on a screen of its own: its columns, its target, and what becomes of it."""

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from l2tui.data.table.summary import TableSummary
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.screens.text import TextScreen
from l2tui.tui.widgets.columns import ColumnList
from l2tui.view.cells import fitted
from l2tui.view.key_names import bindings_of
from l2tui.view.keys import bind
from l2tui.view.palette import Palette
from l2tui.view.plain import printable
from l2tui.view.status import draw_keys
from l2tui.view.table_view import draw_detail, draw_facts, draw_plan, draw_target

# Ids of bindings, with a word each.
Keys = tuple[tuple[str, str], ...]


class TableScreen(LeftOnce, Screen[TableSummary | None]):
    """Shows a summary; what can be done with it is for a subclass to say.

    Args:
        summary: What to show; None as long as there is nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "notes", "notes", "all notes on the table", "table.notes"),
        bind("question_mark", "keys", "keys", "all keys", "table.keys"),
        bind("escape,q", "dismiss(None)", "back", "back to the run", "table.back"),
    ]
    KEYS: ClassVar[Keys] = (
        ("columns.up columns.down", "columns"),
        ("table.notes", "notes"),
        ("table.keys", "keys"),
        ("table.back", "back"),
    )

    def __init__(self, summary: TableSummary | None = None) -> None:
        super().__init__()
        self._summary = summary

    def compose(self) -> ComposeResult:
        yield Static(id="facts")
        with Vertical(id="columns"):
            yield ColumnList()
            yield Static(id="detail")
        with Horizontal(id="lower"):
            yield Static(id="target")
            yield Static(id="plan")
        yield Static(id="message")
        yield Static(id="table-keys")

    def on_mount(self) -> None:
        self.query_one("#columns").border_title = "Columns"
        self.query_one("#plan").border_title = "What becomes of it"
        self.query_one(ColumnList).focus()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.show())
        self.call_after_refresh(self.show)

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.height < 22, "compact")
        self.set_class(event.size.height >= 34, "tall")
        self.call_after_refresh(self.show)

    def on_column_list_moved(self) -> None:
        self._show_column()

    def show(self) -> None:
        """Draws everything."""
        summary, palette = self._summary, self.palette
        keys = [(" ".join(map(self.key_name, ids.split())), word) for ids, word in self.keys_shown]
        self.query_one("#table-keys", Static).update(draw_keys(keys, self.size.width, palette))
        self.set_class(summary is None, "empty")
        if summary is None:
            return
        columns = self.query_one(ColumnList)
        columns.summary = summary
        columns.action_move(0)
        self.query_one("#facts", Static).update(draw_facts(summary, self.size.width, palette))
        target, plan = self.query_one("#target", Static), self.query_one("#plan", Static)
        if not plan.content_size.width:
            return  # there is no room for it yet
        target.border_title = _title(summary, target.size.width)
        target.update(draw_target(summary, *target.content_size, palette))
        plan.update(draw_plan(summary, *plan.content_size, palette))
        self._show_column()

    @property
    def keys_shown(self) -> Keys:
        """The keys of the bottom line."""
        return self.KEYS

    def key_name(self, id: str) -> str:
        """Returns what a key of this screen is called."""
        return names_of(self.app).by_id(ColumnList if id.startswith("columns.") else type(self), id)

    def _show_column(self) -> None:
        columns, detail = self.query_one(ColumnList), self.query_one("#detail", Static)
        if self._summary is not None and columns.column is not None:
            detail.update(draw_detail(columns.column, self._summary.rows, detail.content_size.width, self.palette))
            count = len(self._summary.columns)
            self.query_one("#columns").border_subtitle = f"{columns.selected + 1} of {count}"

    def say(self, words: str, *, wrong: bool = False) -> None:
        """Writes a line under everything."""
        line = Text(f" {printable(words)}", self.palette.bad if wrong else self.palette.muted, no_wrap=True)
        line.truncate(max(1, self.size.width), overflow="ellipsis")
        self.query_one("#message", Static).update(line)

    @property
    def palette(self) -> Palette:
        """Colours that suit the theme."""
        return palette_of(self.app)

    def action_notes(self) -> None:
        """Shows all notes."""
        notes = (*self._summary.alarms, *self._summary.notes) if self._summary is not None else ()
        self.app.push_screen(TextScreen("Notes", "\n".join(f"▸ {note}" for note in notes) or "There are none."))

    def action_keys(self) -> None:
        """Shows all keys."""
        owners: list[type] = [type(self), ColumnList, TableScreen]
        names = names_of(self.app)
        lines = [f"{names.of(key):<10} {key.tooltip}" for owner in dict.fromkeys(owners) for key in bindings_of(owner)]
        self.app.push_screen(TextScreen("Keys", "\n".join(lines)))


def _title(summary: TableSummary, width: int) -> Content:
    title = f"Target: {printable(summary.target)}"
    reason = f" ({printable(summary.target_reason)})"
    room = max(8, width - 6)
    return Content(fitted(title + reason if cell_len(title + reason) <= room else title, room).rstrip())
