"""Which file to open: its path is typed and completed, or picked among the matches and the recent ones."""

import asyncio
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label

from l2tui.files import expanded
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.paths import Match, completed, matches_of, without
from l2tui.tui.recent import recent_tables
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.widgets.steady_input import SteadyInput
from l2tui.view.cells import fitted, size_of
from l2tui.view.keys import bind, keys_in_list
from l2tui.view.plain import printable

_SIZE_WIDTH = 8
_RECENT = "recent"
# The scroll bar, and the blanks around three cells.
_AROUND = 8
# How long a key waits for the names of a folder (s), on a disk that is far away.
_PATIENCE = 1.0


class OpenScreen(LeftOnce, ModalScreen[Path | None]):
    """Returns the path of the table that is to be opened, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys_in_list("open", "line", "up", "down", "pageup", "pagedown", priority=True),
        bind("tab", "complete", "complete", "complete", "open.complete", priority=True),
        bind("enter", "choose", "open", "open it", "open.open", priority=True),
        bind("escape", "dismiss(None)", "back", "back", "open.back", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._recent: list[Path] = []
        self._matches: list[Match] = []
        self._shown: list[Match] = []
        self._moved = False
        self._looked = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog open") as box:
            box.border_title = "Open a table"
            box.border_subtitle = "CSV, TSV, Parquet, NPZ"
            names = names_of(self.app)
            open_, complete, up, down, back = (
                names.by_id(OpenScreen, f"open.{id}") for id in ("open", "complete", "up", "down", "back")
            )
            yield SteadyInput(placeholder=f"path of a file; {complete} completes it", compact=True)
            yield DataTable(cursor_type="row", cell_padding=1, show_header=False)
            yield Label("", id="open-words", markup=False)
            words = f"{open_} open  {complete} complete  {up} {down} choose  {back} back"
            yield Label(words, classes="keys", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.can_focus = False
        self._recent = recent_tables()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._look())
        self._look()

    def on_input_changed(self) -> None:
        self._look()

    def _look(self) -> None:
        self._looked.clear()
        self._look_for(self.query_one(Input).value)

    @work(exclusive=True, group="look")
    async def _look_for(self, text: str) -> None:
        matches = await asyncio.to_thread(matches_of, text)
        recent = [] if text else [Match(str(path), _short(path), _size(path)) for path in self._recent]
        others = await asyncio.to_thread(without, matches, self._recent) if recent else matches
        self._matches, self._shown, self._moved = matches, [*recent, *others], False
        self._fill(len(recent))
        self._looked.set()

    async def _has_looked(self) -> bool:
        """Waits for the matches of what was typed; returns whether they have come."""
        try:
            await asyncio.wait_for(self._looked.wait(), _PATIENCE)
        except TimeoutError:
            self._say("The names in that folder are not here yet.")
            return False
        return True

    def _fill(self, recent: int) -> None:
        table = self.query_one(DataTable)
        palette = palette_of(self.app)
        table.clear(columns=True)
        room = max(10, table.size.width - _SIZE_WIDTH - len(_RECENT) - _AROUND)
        # Widths that the table were to find out for itself would come after it is drawn.
        for name, width in (("name", room), ("size", _SIZE_WIDTH), ("where", len(_RECENT))):
            table.add_column(name, key=name, width=width)
        for index, match in enumerate(self._shown):
            style = palette.train if match.is_folder else palette.text
            size = "" if match.bytes is None else size_of(match.bytes)
            table.add_row(
                Text(fitted(match.name, room), style, no_wrap=True),
                Text(size.rjust(_SIZE_WIDTH), palette.muted),
                Text(_RECENT if index < recent else "", palette.muted),
            )
        nothing = (
            "No table in that folder."
            if _is_folder(self.query_one(Input).value)
            else "No folder and no table begins like that."
        )
        self._say("" if self._shown else nothing)

    def on_resize(self) -> None:
        self._look()

    async def action_move(self, rows: int) -> None:
        """Moves the cursor."""
        if not await self._has_looked():
            return
        table = self.query_one(DataTable)
        self._moved = True
        table.move_cursor(row=max(0, min(len(self._shown) - 1, table.cursor_row + rows)))

    async def on_data_table_row_selected(self) -> None:
        """A click chooses as the key does."""
        self._moved = True
        await self.action_choose()

    async def action_complete(self) -> None:
        """Adds what all matches have in common; takes the line of the cursor where that is nothing or it was moved."""
        if not await self._has_looked():
            return
        text, chosen = self.query_one(Input).value, self._chosen()
        longer = completed(text, self._matches)
        if chosen is not None and (self._moved or longer == text):
            longer = chosen.text
        self._type(longer)

    async def action_choose(self) -> None:
        """Opens what was typed in full, else the line of the cursor; goes into a folder."""
        has_looked = await self._has_looked()
        text, chosen = self.query_one(Input).value, self._chosen() if has_looked else None
        if chosen is not None and (self._moved or not _is_file(text)):
            text = chosen.text
        if chosen is not None and chosen.is_folder and text == chosen.text:
            self._type(text)
        elif _is_file(text):
            self.dismiss(expanded(text).absolute())
        elif text and has_looked:
            what = "a folder, with no table in it" if _is_folder(text) else "there is no such file"
            self._say(f"{printable(text)}: {what}")

    def _chosen(self) -> Match | None:
        row = self.query_one(DataTable).cursor_row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _type(self, text: str) -> None:
        box = self.query_one(Input)
        box.value = text
        box.cursor_position = len(text)

    def _say(self, words: str) -> None:
        self.query_one("#open-words", Label).update(words)


def _is_folder(text: str) -> bool:
    try:
        return bool(text) and expanded(text).is_dir()
    except (OSError, ValueError):
        return False


def _is_file(text: str) -> bool:
    # A pipe is one as well: whether it can be read is for the reader to say.
    try:
        path = expanded(text)
        return bool(text) and path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _short(path: Path) -> str:
    """Returns the name of a file, and its folder with ~ for the home folder."""
    try:
        folder = f"~/{path.parent.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        folder = str(path.parent)
    return f"{path.name}  in {folder}"
