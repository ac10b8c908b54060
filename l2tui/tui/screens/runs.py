"""The list of all runs: filter as you type, open, compare, go on, name, delete."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from textwrap import wrap
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.coordinate import Coordinate
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label

from l2tui.errors import L2tuiError
from l2tui.runs.info import Note, RunInfo
from l2tui.runs.listing import delete_run, list_runs, name_of, write_note
from l2tui.runs.ranking import Order, matches, ordered, with_curves
from l2tui.tui.context import names_of
from l2tui.tui.screens.ask import AskScreen, NoteScreen
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.widgets.steady_input import FilterInput
from l2tui.view.cells import fitted
from l2tui.view.keys import bind, keys_in_list
from l2tui.view.run_rows import HEADS, fitting_columns, run_row, run_words

_ORDERS: tuple[tuple[Order, str], ...] = (
    ("newest", "newest first"),
    ("final", "by data, lowest final val first"),
    ("state", "by state"),
)
# How long a key waits for the list (s), on a disk that is far away.
_PATIENCE = 1.0
_UNBROKEN = "\N{NO-BREAK SPACE}"
# By whether it is a sweep.
_NOT_MARKED = {False: "It cannot be read.", True: "A sweep: open it and mark λ there."}


class RunsScreen(LeftOnce, ModalScreen[tuple[Literal["open", "resume"], RunInfo] | None]):
    """Lists the runs; returns the one to open or to resume."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys_in_list("runs", "run", "up", "down", "pageup", "pagedown", priority=True),
        bind("enter", "choose('open')", "open", "look at the run", "runs.open", priority=True),
        bind(
            "space",
            "mark",
            "mark",
            "mark the run, or unmark it; enter then compares those that are marked",
            "runs.mark",
            priority=True,
        ),
        bind("ctrl+r", "choose('resume')", "go on", "go on with the run", "runs.resume", priority=True),
        bind("ctrl+t", "annotate", "name it", "give the run a name and a note", "runs.name", priority=True),
        bind("ctrl+d", "delete", "delete", "delete the run", "runs.delete", priority=True),
        bind("ctrl+o", "sort", "order", "another order of the list", "runs.sort", priority=True),
        bind("escape", "dismiss(None)", "back", "back to where you were", "runs.back", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunInfo] = []
        self._shown: list[RunInfo] = []
        self._rows: dict[str, tuple[str, ...]] = {}
        self._marked: dict[str, RunInfo] = {}
        self._order = 0
        self._loaded = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog runs") as box:
            box.border_title = "Runs"
            yield FilterInput(
                placeholder="type to filter: name, data, λ, verdict, note; commas between: moons,0.01", compact=True
            )
            yield DataTable(cursor_type="row", cell_padding=0)
            yield Label("", id="runs-words", markup=False)
            yield Label("", id="runs-keys", classes="keys", markup=False)

    def _keys(self) -> str:
        names = names_of(self.app)
        opens = f"compare {len(self._marked)}" if self._marked else "open"
        words = (opens, "mark", "go on", "name", "delete", "order", "back")
        ids = ("open", "mark", "resume", "name", "delete", "sort", "back")
        keys = (names.by_id(RunsScreen, f"runs.{id}") for id in ids)
        # A line ends between two keys, never between a key and its word.
        pairs = (f"{key} {word}".replace(" ", _UNBROKEN) for key, word in zip(keys, words, strict=True))
        width = self.query_one("#runs-keys").size.width or 80
        return "\n".join(wrap("  ".join(pairs), width)).replace(_UNBROKEN, " ")

    def on_mount(self) -> None:
        self.query_one(DataTable).can_focus = False
        self._load()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    def _load(self) -> None:
        self._loaded.clear()
        self._read_runs()

    @work(exclusive=True, group="load")
    async def _read_runs(self) -> None:
        self._show(await asyncio.to_thread(list_runs))
        self._loaded.set()
        self._show(await asyncio.to_thread(with_curves, self._runs))

    def _show(self, runs: list[RunInfo]) -> None:
        now = datetime.now().astimezone()
        self._runs, self._rows = runs, {info.name: run_row(info, now) for info in runs}
        # What has been deleted is no longer marked.
        found = {info.name: info for info in runs}
        self._marked = {name: found[name] for name in self._marked if name in found}
        self._fill()

    async def _has_loaded(self) -> None:
        """Has a key that was typed ahead wait for the list that it is meant for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loaded.wait(), _PATIENCE)

    def on_input_changed(self) -> None:
        self._fill()

    async def on_data_table_row_selected(self) -> None:
        """Opens the run that is clicked on."""
        await self.action_choose("open")

    async def action_move(self, rows: int) -> None:
        """Moves the cursor."""
        await self._has_loaded()
        table = self.query_one(DataTable)
        table.move_cursor(row=max(0, min(len(self._shown) - 1, table.cursor_row + rows)))

    async def action_choose(self, how: Literal["open", "resume"]) -> None:
        """Takes the selected run; where some are marked, those are compared instead of opened."""
        await self._has_loaded()
        if how == "open" and self._marked:
            self._compare()
            return
        info = self._selected()
        if info is None or info.state == "unreadable":
            return
        self.dismiss((how, info))

    async def action_mark(self) -> None:
        """Marks the selected run to be compared, or takes the mark away."""
        await self._has_loaded()
        info = self._selected()
        if info is None:
            return
        if info.state == "unreadable" or info.grid:
            self.notify(_NOT_MARKED[bool(info.grid)], timeout=4)
            return
        if self._marked.pop(info.name, None) is None:
            self._marked[info.name] = info
        table = self.query_one(DataTable)
        # One cell: a list of thousands of runs is not made anew for a mark.
        table.update_cell_at(Coordinate(table.cursor_row, 0), self._name_cell(info, table.ordered_columns[0].width))
        await self.action_move(1)
        self._say_how_many()

    @work
    async def _compare(self) -> None:
        """Compares the marked runs, and opens the one that is chosen there."""
        from l2tui.runs.comparison import FEWEST, MOST

        if not FEWEST <= len(self._marked) <= MOST:
            self.notify(f"{FEWEST} to {MOST} runs can be compared; {len(self._marked)} marked.", timeout=4)
            return
        from l2tui.runs.subjects import RunSource
        from l2tui.tui.screens.compare import CompareScreen

        marked = list(self._marked.values())
        sources = [RunSource(info.run, name_of(info.run)) for info in marked]
        path = await self.app.push_screen_wait(CompareScreen(sources))
        chosen = [info for info in marked if info.path == path]
        if chosen:
            self.dismiss(("open", chosen[0]))

    def action_sort(self) -> None:
        """Takes the next order."""
        self._order = (self._order + 1) % len(_ORDERS)
        self._fill()

    async def action_annotate(self) -> None:
        """Asks for a name and a note for the selected run."""
        await self._has_loaded()
        info = self._selected()
        if info is not None:
            self._annotate(info)

    @work
    async def _annotate(self, info: RunInfo) -> None:
        note = await self.app.push_screen_wait(NoteScreen(Note(info.title, info.note)))
        if note is not None:
            self._try(lambda: write_note(info.run, note))

    async def action_delete(self) -> None:
        """Deletes the selected run, after a question."""
        await self._has_loaded()
        info = self._selected()
        if info is not None and info.is_live:
            self.notify("It is training; stop it first.", severity="warning")
        elif info is not None:
            self._ask_and_delete(info)

    @work
    async def _ask_and_delete(self, info: RunInfo) -> None:
        if await self.app.push_screen_wait(AskScreen(f"Delete {info.title or info.name} for good?", "delete it")):
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
        words = self.query_one(Input).value.lower().replace(",", " ").split()
        before = self._selected()
        self._shown = shown = ordered([info for info in self._runs if matches(info, words)], _ORDERS[self._order][0])
        table = self.query_one(DataTable)
        table.clear(columns=True)
        rows = [self._rows[info.name] for info in shown]
        # A width that the table were to find out for itself would come after it is drawn.
        kept = fitting_columns(rows, table.size.width)
        for index, width in kept.items():
            head = HEADS[index] if cell_len(HEADS[index]) < width else HEADS[index].split()[0]
            table.add_column(head, key=HEADS[index], width=width)
        for info, row in zip(shown, rows, strict=True):
            first, *others = kept.items()
            cells = (Text(fitted(row[index], width - 1)) for index, width in others)
            table.add_row(self._name_cell(info, first[1]), *cells)
        if before is not None:
            names = [info.name for info in shown]
            table.move_cursor(row=names.index(before.name) if before.name in names else 0)
        self._say_how_many()
        self.on_data_table_row_highlighted()

    def _name_cell(self, info: RunInfo, width: int) -> Text:
        """Returns the name as the table shows it, with a sign in the gap behind it where the run is marked."""
        name = fitted(self._rows[info.name][0], width - 1)
        return Text(f"{name}●", "bold") if info.name in self._marked else Text(name)

    def _say_how_many(self) -> None:
        """Says how many are shown and marked, and what enter does with them."""
        marked = f" · {len(self._marked)} marked" if self._marked else ""
        order = _ORDERS[self._order][1]
        self.query_one(".runs").border_subtitle = f"{len(self._shown)} of {len(self._runs)}{marked} · {order}"
        self.query_one("#runs-keys", Label).update(self._keys())

    def on_data_table_row_highlighted(self) -> None:
        """Says in words what is known of the selected run."""
        info, label = self._selected(), self.query_one("#runs-words", Label)
        label.update(fitted(run_words(info), label.size.width) if info is not None else "")
