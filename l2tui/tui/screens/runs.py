"""The list of all runs: filter as you type, open, go on, name, delete."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Literal

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label

from l2tui.errors import L2tuiError
from l2tui.runs.listing import Note, RunInfo, delete_run, list_runs, write_note
from l2tui.tui.renderables.figures import age, figure
from l2tui.tui.renderables.plain import printable
from l2tui.tui.screens.ask import AskScreen, NoteScreen

_SORTS: tuple[tuple[str, str], ...] = (
    ("newest", "newest first"),
    ("data", "by data"),
    ("best", "by best val_loss"),
    ("state", "by state"),
)


# A name begins with the year, which the list can do without.
_YEAR = 4


class RunsScreen(ModalScreen[tuple[Literal["open", "resume"], RunInfo] | None]):
    """Lists the runs; returns the one that is to be opened or gone on with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False, priority=True, id="runs.up"),
        Binding("down", "move(1)", "down", show=False, priority=True, id="runs.down"),
        Binding("pageup", "move(-10)", "page up", show=False, priority=True, id="runs.pageup"),
        Binding("pagedown", "move(10)", "page down", show=False, priority=True, id="runs.pagedown"),
        Binding("enter", "choose('open')", "open", show=False, priority=True, id="runs.open"),
        Binding("ctrl+r", "choose('resume')", "go on", show=False, priority=True, id="runs.resume"),
        Binding("ctrl+t", "annotate", "name it", show=False, priority=True, id="runs.name"),
        Binding("ctrl+d", "delete", "delete", show=False, priority=True, id="runs.delete"),
        Binding("ctrl+o", "sort", "order", show=False, priority=True, id="runs.sort"),
        Binding("escape", "dismiss(None)", "back", show=False, priority=True, id="runs.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunInfo] = []
        self._shown: list[RunInfo] = []
        self._sort = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog runs") as box:
            box.border_title = "Runs"
            yield Input(placeholder="type to filter: name, data, state, note", compact=True)
            yield DataTable(cursor_type="row", cell_padding=1)
            yield Label("enter open  ^r go on  ^t name  ^d delete  ^o order  esc back", classes="keys")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.can_focus = False
        for name in ("name", "state", "λ", "epoch", "best val", "since", "age"):
            table.add_column(name, key=name)
        self._load()

    @work(exclusive=True)
    async def _load(self) -> None:
        self._runs = await asyncio.to_thread(list_runs)
        self._fill()

    def on_input_changed(self) -> None:
        self._fill()

    def action_move(self, rows: int) -> None:
        """Moves the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=max(0, min(len(self._shown) - 1, table.cursor_row + rows)))

    def action_choose(self, how: Literal["open", "resume"]) -> None:
        """Takes the selected run."""
        info = self._selected()
        if info is None or info.state == "unreadable":
            return
        self.dismiss((how, info))

    def action_sort(self) -> None:
        """Takes the next order."""
        self._sort = (self._sort + 1) % len(_SORTS)
        self._fill()

    @work
    async def action_annotate(self) -> None:
        """Asks for a name and a note for the selected run."""
        info = self._selected()
        if info is None:
            return
        note = await self.app.push_screen_wait(NoteScreen(Note(info.title, info.note)))
        if note is not None:
            self._try(lambda: write_note(info.run, note))

    @work
    async def action_delete(self) -> None:
        """Deletes the selected run, after a question."""
        info = self._selected()
        if info is None:
            return
        if info.is_live:
            self.notify("It is training; stop it first.", severity="warning")
        elif await self.app.push_screen_wait(AskScreen(f"Delete {info.title or info.name} for good?", "delete it")):
            self._try(lambda: delete_run(info.run))

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
        self._load()

    def _selected(self) -> RunInfo | None:
        row = self.query_one(DataTable).cursor_row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _fill(self) -> None:
        words = self.query_one(Input).value.lower().split()
        shown = [info for info in self._runs if all(word in _searchable(info) for word in words)]
        order = _SORTS[self._sort][0]
        if order == "data":
            shown.sort(key=lambda info: info.data)
        elif order == "best":
            shown.sort(key=lambda info: float("inf") if info.best_val_loss is None else info.best_val_loss)
        elif order == "state":
            shown.sort(key=lambda info: info.state)
        before = self._selected()
        self._shown = shown
        table = self.query_one(DataTable)
        table.clear()
        now = datetime.now().astimezone()
        for info in shown:
            table.add_row(*_cells(info, now))
        if before is not None:
            names = [info.name for info in shown]
            table.move_cursor(row=names.index(before.name) if before.name in names else 0)
        self.query_one(".runs").border_subtitle = f"{len(shown)} of {len(self._runs)} · {_SORTS[self._sort][1]}"


def _searchable(info: RunInfo) -> str:
    return f"{info.name} {info.title} {info.data} {info.state} {info.note}".lower()


def _cells(info: RunInfo, now: datetime) -> tuple[Text, ...]:
    best = "-" if info.best_val_loss is None else figure(info.best_val_loss).strip()
    texts = (
        info.title or info.name[_YEAR:],
        info.state,
        f"{info.l2:g}",
        f"{info.epoch}/{info.epochs}",
        best,
        "-" if info.onset_epoch is None else str(info.onset_epoch),
        age(info.age_seconds(now)),
    )
    return tuple(Text(printable(text)) for text in texts)
