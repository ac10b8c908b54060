"""The base class of the app, which draws sparingly.

Where a Textual is installed whose parts are not those that are known here, the app draws in Textual's own way.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from typing import Any, TypeVar

from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Event, InputEvent, Resize
from textual.screen import Screen

from l2tui.line.line import Line
from l2tui.line.options import DrawingOptions
from l2tui.line.painter import Painter
from l2tui.line.textual.terminal import SteadyDriver, fits

_COLORS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "windows": ColorSystem.WINDOWS}
_APP_PARTS = ("_batch_count", "_running", "_closed", "_sync_available", "_driver")
_SIGNATURES = (
    (App._display, ["self", "screen", "renderable"]),
    (LayoutUpdate.__init__, ["self", "strips", "region"]),
    (ChopsUpdate.__init__, ["self", "chops", "spans", "chop_ends"]),
)
# Right after a key press, what changes on the screen is most likely the answer to it.
_ECHO_SECONDS = 0.15
_SETTLE_SECONDS = 0.1
_LOOK_SECONDS = 0.01

Result = TypeVar("Result")


def misfits(app: App[Any]) -> list[str]:
    """Returns which of the private parts that are used here are missing or different in this Textual."""
    wrong = [part for part in _APP_PARTS if not hasattr(app, part)]
    for function, names in _SIGNATURES:
        if list(signature(function).parameters) != names:
            wrong.append(function.__qualname__)
    return wrong


def backlog_of(driver: Driver | None) -> int:
    """Returns how many writes wait in the driver's queue.

    Raises:
        AttributeError: This driver has none.
    """
    writer: Any = getattr(driver, "_writer_thread", None)
    return int(writer._queue.qsize())


def parts_of(update: CompositorUpdate) -> Iterator[tuple[int, int, list[Segment]]]:
    """Yields the parts of an update: column, row and what is to be there."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield update.region.x, y, [segment for strip in strips for segment in strip]
    elif isinstance(update, ChopsUpdate):
        for y, start, end in update.spans:
            for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < end and stop > start:
                    yield x, y, list(strip if stop <= end else strip.crop(0, end - x))


def colors_of(app: App[Any]) -> ColorSystem:
    """Returns what the app takes the terminal to be able to show."""
    return _COLORS.get(app.console.color_system or "", ColorSystem.TRUECOLOR)


def erases_with_background() -> bool:
    """Returns whether the terminal, by its description, fills what it erases with the current background colour."""
    try:
        import curses

        curses.setupterm(fd=1)
        return bool(curses.tigetflag("bce") > 0)
    except Exception:  # a system without curses, or a terminal without a description
        return False


def _stop(painter: Painter, stop: Callable[[], None]) -> None:
    painter.leave()
    stop()


class SparingApp(App[Result]):
    """An app that sends only the cells that changed, and drops frames that the line cannot carry.

    Args:
        drawing: How often and how much to draw.
    """

    def __init__(self, *, drawing: DrawingOptions | None = None) -> None:
        super().__init__()
        self.drawing = drawing or DrawingOptions()
        # On the way from one picture to another, all those in between cost a line what they cost.
        self.animation_level = "none"
        self._painter: Painter | None = None
        # Other drivers than that of a terminal, the web driver for one, have a protocol of their own.
        foreign = not issubclass(self.driver_class, LinuxDriver)
        self._stock = self.drawing.stock or os.environ.get("L2TUI_DRAWING") == "stock" or foreign or bool(misfits(self))
        self._writer: object = None
        self._input_at = 0.0
        if self.driver_class is LinuxDriver and fits():
            self.driver_class = SteadyDriver

    @property
    def bandwidth(self) -> float:
        """What is taken to be the bytes a second that the line carries; infinite where nothing holds it up."""
        return float("inf") if self._painter is None else self._painter.bandwidth

    @property
    def draws_stock(self) -> bool:
        """Whether Textual draws in its own way."""
        return self._stock

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if self._stock or self.is_headless or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            if self._painter is not None and renderable is not None:
                self._painter.forget()
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count and self._running and not self._closed and self._driver is not None:
                self._take(renderable)
        finally:
            self.post_display_hook()

    def _take(self, update: LayoutUpdate | ChopsUpdate) -> None:
        painter = self._ready_painter()
        if painter is None:
            super()._display(self.screen, update)
            return
        if isinstance(update, LayoutUpdate):
            painter.resize(*update.region.size)
        urgent = asyncio.get_running_loop().time() - self._input_at < _ECHO_SECONDS
        for x, y, segments in parts_of(update):
            painter.put(x, y, segments, urgent=urgent)
        # Where a person types, methods of input for other scripts look for the terminal's own cursor.
        typing = getattr(self.focused, "cursor_screen_offset", None)
        painter.cursor = None if typing is None else self.screen.outer_size.clamp_offset(typing)
        painter.paint()

    def _ready_painter(self) -> Painter | None:
        driver = self._driver
        try:
            backlog_of(driver)
        except AttributeError:
            driver = None
        if driver is None:
            self._stock = True
            return None
        if self._painter is None:
            self._painter = Painter(
                driver.write,
                lambda: backlog_of(self._driver),
                asyncio.get_running_loop(),
                colors_of(self),
                Line(self.drawing.max_bandwidth),
                erases=erases_with_background(),
            )
            # Whatever the reason for which the terminal is given back, a signal or an error among them.
            vars(driver)["stop_application_mode"] = partial(_stop, self._painter, driver.stop_application_mode)
        writer = getattr(driver, "_writer_thread", None)
        if writer is not self._writer:
            # The terminal has just been taken, or taken back from the shell.
            self._painter.restart()
            self._writer = writer
        self._painter.synchronized = self._sync_available
        return self._painter

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leaves, as in Textual, but not before the terminal's last answer is here: a shell would take it for keys."""
        if self._painter is None or self._painter.ends():
            super().exit(*arguments, **options)
        else:
            asyncio.get_running_loop().call_later(_LOOK_SECONDS, partial(self.exit, *arguments, **options))

    def action_suspend_process(self) -> None:
        """Goes to the shell, as in Textual, and likewise waits for the last answer."""
        if self._painter is None or self._painter.ends():
            super().action_suspend_process()
        else:
            asyncio.get_running_loop().call_later(_LOOK_SECONDS, self.action_suspend_process)

    def let_go(self) -> None:
        """Gives the terminal back at once, where the event loop does not come to it any more."""
        if isinstance(self._driver, SteadyDriver):
            self._driver.let_go()

    def redraw_all(self) -> None:
        """Sends the whole picture again, whatever the terminal may show."""
        if self._painter is not None and self._ready_painter() is not None:
            self._painter.forget()
            self._painter.paint()
        elif self._stock:
            self.refresh()

    async def on_event(self, event: Event) -> None:
        """Notes when a person does something, before it is dealt with."""
        if isinstance(event, InputEvent):
            self._input_at = asyncio.get_running_loop().time()
        await super().on_event(event)

    def on_cursor_position(self, event: CursorPosition) -> None:
        if self._painter is not None:
            self._painter.answered()

    def on_resize(self, event: Resize) -> None:
        # Also where the size is the same as before: it may have been another one in between. Usually the picture of
        # the new size comes before the time is up.
        if self._painter is not None and self._ready_painter() is not None:
            self._painter.forget()
            asyncio.get_running_loop().call_later(_SETTLE_SECONDS, self._painter.paint)
