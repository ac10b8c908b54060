"""The app: themes, the command palette, leaving in good order."""

import asyncio
from collections.abc import Iterable
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from l2tui.settings import Settings
from l2tui.tui.crash import last_words, write_crash_log
from l2tui.tui.renderables.plain import printable
from l2tui.tui.run_client import RunSource
from l2tui.tui.screens.run import RunScreen
from l2tui.tui.signals import leave_on_hangup, leave_on_signals
from l2tui.tui.themes import DARK, LIGHT


class L2tuiApp(App[str | None]):
    """Trains a network in a process of its own and shows it.

    Args:
        settings: The settings to open with.
        start: Whether to begin training at once.
        source: A run or a log to open with.
    """

    TITLE = "l2tui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, settings: Settings, *, start: bool = False, source: RunSource | None = None) -> None:
        super().__init__()
        self._settings, self._start_at_once, self._source = settings, start, source
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.main_screen: RunScreen | None = None

    def on_mount(self) -> None:
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            leave_on_signals(loop, self._leave_on_signal)
            leave_on_hangup(loop, self._leave_on_signal)

    def get_default_screen(self) -> RunScreen:
        """Returns the main screen."""
        self.main_screen = RunScreen(self._settings, start=self._start_at_once, source=self._source)
        return self.main_screen

    @property
    def fault(self) -> Exception | None:
        """The error that has ended the app, if one has."""
        return self._exception

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yields every key as a command, then Textual's own commands."""
        if isinstance(screen, RunScreen):
            for binding in RunScreen.BINDINGS:
                if isinstance(binding, Binding):
                    key = binding.key_display or binding.key.partition(",")[0]
                    title = f"{binding.description[0].upper()}{binding.description[1:]}  ({key})"
                    yield SystemCommand(title, binding.tooltip, self._runner(screen, binding.action))
        hidden = ("Quit", "Keys", "Maximize", "Minimize")
        yield from (command for command in super().get_system_commands(screen) if command.title not in hidden)

    def _runner(self, screen: Screen[Any], action: str) -> Any:
        async def run() -> None:
            await screen.run_action(action)

        return run

    def notify(self, message: str, **options: Any) -> None:
        """Tells something in passing; what comes from outside does no more than be read."""
        super().notify(printable(message), **options)

    async def action_quit(self) -> None:
        """Leaves; asks first if a training runs."""
        screen = self.screen_stack[0]
        if isinstance(screen, RunScreen):
            screen.ask_and_leave()
        else:
            self.exit()

    def action_toggle_light(self) -> None:
        """Switches between the light and the dark theme."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def _fatal_error(self) -> None:
        # Textual would print a traceback with all variables over several screens; it goes to a log instead.
        super()._fatal_error()
        self._exit_renderables.clear()

    def _leave_on_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)


def run_app(settings: Settings, *, start: bool = False, source: RunSource | None = None) -> int:
    """Runs the app in this terminal; returns the exit status."""
    app = L2tuiApp(settings, start=start, source=source)
    words = app.run()
    if app.fault is not None:
        screen = app.main_screen
        run = screen.run_path if screen is not None and screen.is_live else None
        words = last_words(app.fault, write_crash_log(app.fault), run)
    if words:
        # Not through the app, which would break the path at the terminal's width.
        print("\n".join(printable(line) for line in words.split("\n")))  # noqa: T201
    return app.return_code or 0
