"""The settings, changed by the arrow keys or typed in."""

from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from l2tui.errors import L2tuiError
from l2tui.settings import Settings, show_value
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.editing import edited
from l2tui.tui.ladders import choices_for, step_value
from l2tui.tui.messages import SettingEdited
from l2tui.tui.own_table import OwnTable
from l2tui.tui.widgets.steady_input import SteadyInput
from l2tui.view.data_names import data_name
from l2tui.view.keys import bind, keys_in_list
from l2tui.view.settings_rows import LABEL_WIDTH, PANEL_SETTINGS, draw_row, label_of, rows_of


class SettingsList(Widget, can_focus=True):
    """The lines of the settings; scrolls by itself where there is not room for all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys_in_list("settings", "setting", "up", "down", "home", "end"),
        bind("left", "change(-1)", "less", "change the setting down", "settings.less"),
        bind("right", "change(1)", "more", "change the setting up", "settings.more"),
        bind("enter", "edit", "type", "type a value for the setting", "settings.type"),
    ]

    pending: reactive[Settings | None] = reactive(None, init=False)
    live: reactive[Settings | None] = reactive(None, init=False)
    table: reactive[OwnTable | None] = reactive(None, init=False)
    selected: reactive[int] = reactive(PANEL_SETTINGS.index("l2"))

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())

    @property
    def name_selected(self) -> str:
        """The selected setting."""
        return PANEL_SETTINGS[self.selected]

    @property
    def top(self) -> int:
        """The first line that is shown."""
        height = max(1, self.size.height)
        return max(0, min(self.selected - height // 2, len(PANEL_SETTINGS) - height))

    def action_move(self, rows: int) -> None:
        """Selects another setting."""
        self.selected = max(0, min(len(PANEL_SETTINGS) - 1, self.selected + rows))

    def action_change(self, direction: int) -> None:
        """Gives the selected setting the next value on its ladder."""
        if self.pending is None:
            return
        name = self.name_selected
        value = step_value(self.pending, name, direction, self.table)
        if value != getattr(self.pending, name):
            self.post_message(SettingEdited(name, value))

    async def action_edit(self) -> None:
        """Opens the selected setting for typing."""
        if isinstance(self.parent, SettingsPanel):
            await self.parent.open_editor(self.name_selected, self.selected - self.top)

    async def on_click(self, event: Click) -> None:
        """Selects the setting under the mouse; a click on the selected one opens it."""
        index = min(len(PANEL_SETTINGS) - 1, self.top + event.y)
        if index == self.selected:
            await self.action_edit()
        self.selected = index

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def render_line(self, y: int) -> Strip:
        """Returns one line."""
        index = self.top + y
        if self.pending is None or index >= len(PANEL_SETTINGS):
            return Strip.blank(self.size.width, self.rich_style)
        row = rows_of(self.pending, self.live)[index]
        text = draw_row(
            row,
            self.size.width,
            palette_of(self.app),
            selected=index == self.selected,
            focused=self.has_focus,
        )
        segments = Segment.apply_style(text.render(self.app.console), self.rich_style)
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


class SettingsPanel(Container):
    """The list of settings, with an editor that opens in the selected line.

    Args:
        locked: Why no setting can be changed here; empty where they can.
    """

    BORDER_TITLE = "Settings"

    pending: reactive[Settings | None] = reactive(None, init=False, repaint=False)
    live: reactive[Settings | None] = reactive(None, init=False, repaint=False)
    table: reactive[OwnTable | None] = reactive(None, init=False, repaint=False)

    def __init__(self, *, locked: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.locked = locked

    def compose(self) -> ComposeResult:
        yield SettingsList().data_bind(SettingsPanel.pending, SettingsPanel.live, SettingsPanel.table)

    def watch_pending(self) -> None:
        self._show_what_waits()

    def watch_live(self) -> None:
        self._show_what_waits()

    async def open_editor(self, name: str, row: int) -> None:
        """Puts an input into the line of a setting, with its value selected."""
        if self.pending is None or self.query(SettingEditor):
            return
        if self.locked:
            self.notify(self.locked, timeout=4, markup=False)
            return
        await self.mount(SettingEditor(name, self.pending, row, self.table))

    def _show_what_waits(self) -> None:
        waits = self.pending is not None and any(row.waits for row in rows_of(self.pending, self.live))
        words = f"{names_of(self.app)['run.restart']} restarts with it"
        if len(words) + 6 > self.outer_size.width:
            words = words.removesuffix(" with it")
        words = words if waits else ""
        if words != (self.border_subtitle or ""):
            self.border_subtitle = words


class SettingEditor(Container):
    """An input over one line of the panel, with what is wrong with the text under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "close", "leave it", "leave the setting as it was", "editor.close", priority=True),
    ]

    def __init__(self, name: str, settings: Settings, row: int, table: OwnTable | None = None) -> None:
        super().__init__()
        self._setting, self._settings, self._table = name, settings, table
        self._value = data_name(settings) if name == "data" else show_value(name, getattr(settings, name))
        self._row = row

    def compose(self) -> ComposeResult:
        choices = choices_for(self._setting, self._table)
        suggester = SuggestFromList(choices, case_sensitive=False) if choices else None
        with Horizontal():
            yield Static(palette_of(self.app).say(f"▸{label_of(self._setting)}"), id="editor-name")
            yield SteadyInput(self._value, compact=True, suggester=suggester, select_on_focus=True)
        yield Label("", markup=False)

    def on_mount(self) -> None:
        self.styles.offset = (0, self._row)
        self.query_one("#editor-name").styles.width = LABEL_WIDTH + 1
        self.query_one(Label).display = False
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        self.query_one(Label).display = False
        self.styles.offset = (0, self._row)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            settings = edited(self._settings, self._setting, event.value, self._table)
        except L2tuiError as error:
            self.show_error(str(error))
            return
        # The table by its path: its name alone may also be that of a built-in set.
        self.post_message(SettingEdited(self._setting, getattr(settings, self._setting)))
        self.action_close()

    def show_error(self, text: str) -> None:
        """Shows what is wrong, under the input."""
        label = self.query_one(Label)
        lines = wrap(text.partition(": ")[2] or text, max(1, self.size.width))
        label.update("\n".join(lines))
        label.styles.height = len(lines)
        label.display = True
        if isinstance(self.parent, SettingsPanel) and self._row + 1 + len(lines) > self.parent.size.height:
            self.move_child(label, before=0)
            self.styles.offset = (0, max(0, self._row - len(lines)))

    def action_close(self) -> None:
        """Closes the editor and gives the keys back to the list."""
        self.remove()
        self.screen.query_one(SettingsList).focus()

    def on_descendant_blur(self) -> None:
        self.remove()
