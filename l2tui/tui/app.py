"""The app: themes, the command palette, leaving in good order."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette, SearchIcon
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from l2tui.errors import SettingsError
from l2tui.line.options import DrawingOptions
from l2tui.line.signals import has_shell, leave_on_hangup, leave_on_signals, shows_nothing
from l2tui.line.textual.drawing import SparingApp
from l2tui.line.textual.keys import tell_escape_apart
from l2tui.settings import Settings
from l2tui.tui.context import Context, ContextApp
from l2tui.tui.controller import Controller
from l2tui.tui.line_filters import GlyphFilter, MonoFilter
from l2tui.tui.opening import Opening
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.run_client import RunFeed
from l2tui.tui.screens.dialogs import keys_of
from l2tui.tui.screens.run import RunScreen
from l2tui.tui.sweep_client import SweepClient
from l2tui.tui.themes import MONO, THEMES
from l2tui.tui.type_ahead import TypeAheadApp
from l2tui.view.glyphs import UNICODE, means_utf8
from l2tui.view.key_names import KeyNames
from l2tui.view.keys import EVERYWHERE_KEYS
from l2tui.view.look import Look
from l2tui.view.palette import theme_named
from l2tui.view.plain import printable

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.tui.lesson.course import Course


class Commands(CommandPalette):
    """All commands by name."""

    def on_mount(self) -> None:
        self.query_one(SearchIcon).icon = ">"


class L2tuiApp(ContextApp[str | None], TypeAheadApp[str | None], SparingApp[str | None]):
    """Trains a network in a process of its own and shows it.

    Args:
        controller: What plans, begins, follows and steers runs.
        context: What the app knows of the terminal and of the user's keys.
        start: Whether to begin training at once.
        table: A table to open with; with `start` as well, it is trained with at once.
        sweep: A sweep to open with.
        compared: What to open the comparison with; leaving it leaves the app.
        course: Lessons to open with.

    Raises:
        SettingsError: There is no such theme.
    """

    TITLE = "l2tui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = list(EVERYWHERE_KEYS)

    def __init__(
        self,
        controller: Controller,
        context: Context,
        *,
        start: bool = False,
        table: TableToOpen | None = None,
        sweep: SweepClient | None = None,
        compared: Sequence[Source] = (),
        course: Course | None = None,
    ) -> None:
        self.context = context
        self._glyph_filter, self._mono_filter = GlyphFilter(context.look.glyphs), MonoFilter()
        super().__init__(drawing=context.drawing)
        self._controller, self._opening = controller, Opening(start, table, sweep, compared, course)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._full_name(context.look.theme)
        self.watch_theme(self.theme)
        self.set_keymap(context.keys.keymap)
        self.main_screen: RunScreen | None = None

    def on_mount(self) -> None:
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            leave_on_signals(loop, self._leave_on_signal, self.let_go)
            leave_on_hangup(loop, self._leave_on_signal)

    def _full_name(self, theme: str) -> str:
        name = theme_named(theme, few_colours=self.context.look.few_colours)
        if name not in self.available_themes:
            from l2tui.config import near

            names = ("auto", "dark", "light", "mono", *(name for name in self.available_themes if "l2tui" not in name))
            raise SettingsError(f"theme: there is no {theme!r}{near(theme, names)}")
        return name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Returns what is done to every line on its way to the terminal."""
        self._mono_filter.enabled = self.theme == MONO.name
        own = (self._mono_filter, self._glyph_filter)
        return [*super().get_line_filters(), *(line_filter for line_filter in own if line_filter.enabled)]

    def watch_theme(self, theme: str) -> None:
        self.set_class(theme == MONO.name, "mono")

    def get_default_screen(self) -> RunScreen:
        """Returns the main screen."""
        self.main_screen = RunScreen(self._controller, self._opening)
        return self.main_screen

    @property
    def fault(self) -> Exception | None:
        """The error that has ended the app, if one has."""
        return self._exception

    @property
    def live_path(self) -> str | None:
        """Where the run is kept that trains, None without one."""
        run = self._controller.run
        return str(run.source.path) if run is not None and self._controller.steers else None

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yields every key as a command, then Textual's own commands."""
        if isinstance(screen, RunScreen):
            say, names = self.context.look.glyphs.say, self.context.keys
            for key in keys_of(screen):
                title = say(f"{_to_search_for(key.description)}  ({names.first(key)})")
                yield SystemCommand(title, say(key.tooltip), partial(screen.run_action, key.action))
        hidden = ("Quit", "Keys", "Maximize", "Minimize")
        yield from (command for command in super().get_system_commands(screen) if command.title not in hidden)

    def notify(self, message: str, *, severity: SeverityLevel = "information", **options: Any) -> None:
        """Says something in passing, in the bottom line of the main screen where that can be seen.

        What comes from outside does no more than be read.
        """
        words = self.context.look.glyphs.say(printable(message))
        above = self.screen_stack[1:] if self.is_running else []
        if self.main_screen is not None and all(screen.is_modal for screen in above):
            seconds = options.get("timeout") or self.NOTIFICATION_TIMEOUT
            self.main_screen.say(words, seconds, wrong=severity != "information")
        else:
            super().notify(words, severity=severity, **options)

    def action_command_palette(self) -> None:
        """Opens all commands, with a sign in front that every font has."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Commands(id="--command-palette"))

    async def action_quit(self) -> None:
        """Leaves; asks first if a training runs."""
        from l2tui.tui.screens.leave import LeaveScreen

        screen, *others = self.screen_stack
        if not isinstance(screen, RunScreen):
            self.exit()
        elif not any(worker.group == "leave" and not worker.is_finished for worker in self.workers):
            # Once more, it would begin anew, and take longer with each key.
            screen.ask_and_leave()
        elif any(isinstance(other, LeaveScreen) for other in others[:-1]):
            # What lies on the question goes, so that it can be answered.
            self.screen.dismiss()

    def action_suspend_process(self) -> None:
        """Goes to the shell that has started the app, if there is one that could bring it back."""
        if has_shell():
            super().action_suspend_process()
        else:
            self.notify("No shell has started l2tui, so there is none to go to.", timeout=4)

    def action_redraw(self) -> None:
        """Draws the whole screen again, for a terminal that something else has written to."""
        self.redraw_all()

    def action_toggle_light(self) -> None:
        """Switches between the light and the dark theme."""
        if self.theme == MONO.name:
            self.notify("There are no colours to switch.", timeout=2)
        else:
            self.theme = self._full_name("light" if self.current_theme.dark else "dark")

    def _fatal_error(self) -> None:
        # Textual would print a traceback with all variables over several screens; it goes to a log instead.
        super()._fatal_error()
        self._exit_renderables.clear()

    def _leave_on_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)


def _to_search_for(description: str) -> str:
    """Returns the title of a command, with what a person types who has no λ on the keyboard."""
    words = f"{description} (lambda, weight decay)" if "λ" in description else description
    return f"{words[0].upper()}{words[1:]}"


def run_app(
    settings: Settings,
    *,
    start: bool = False,
    source: RunFeed | None = None,
    table: TableToOpen | None = None,
    sweep: SweepClient | None = None,
    compared: Sequence[Source] = (),
    course: Course | None = None,
    drawing: DrawingOptions | None = None,
    look: Look | None = None,
    keymap: Mapping[str, str] | None = None,
    mouse: bool = True,
) -> int:
    """Runs the app in this terminal.

    Args:
        settings: The settings to open with.
        start: Whether to begin training at once.
        source: A run or a log to open with.
        table: A table to open with.
        sweep: A sweep to open with.
        compared: What to open the comparison with; nothing is steered then.
        course: Lessons to open with.
        drawing: How often and how much to draw.
        look: Signs and colours that suit the terminal.
        keymap: The user's keys, checked, by the id of what they do.
        mouse: Whether the mouse works.

    Returns:
        The exit status.

    Raises:
        SettingsError: There is no such theme.
    """
    # What it says is in the look already; Textual would go by it even where it is empty or an option goes before it.
    os.environ.pop("NO_COLOR", None)
    context = Context(look or Look(), KeyNames(keymap), drawing or DrawingOptions())
    controller = Controller(settings, source=source)
    controller.watching |= bool(compared)
    app = L2tuiApp(controller, context, start=start, table=table, sweep=sweep, compared=compared, course=course)
    if context.look.glyphs is UNICODE:
        _write_utf8()
    if not app.draws_stock:
        tell_escape_apart(app, (key for keys in (keymap or {}).values() for key in keys.split(",")))
    was_silent = shows_nothing()
    words = app.run(mouse=mouse)
    if app.fault is not None:
        from l2tui.tui.crash import last_words, write_crash_log

        words = last_words(app.fault, write_crash_log(app.fault), app.live_path)
    if was_silent:
        reset = "This terminal does not show what is typed, as an app leaves it that was killed: type reset"
        words = f"{words}\n{reset}" if words else reset
    if words:
        # Not through the app, which would break the path at the terminal's width.
        print("\n".join(printable(line) for line in words.split("\n")))  # noqa: T201
    return app.return_code or 0


def _write_utf8() -> None:
    # Textual writes to standard error.
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, TextIOWrapper) and not means_utf8(stream.encoding):
            stream.reconfigure(encoding="utf-8")
