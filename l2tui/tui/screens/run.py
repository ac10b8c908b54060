"""The main screen: shows the run in focus and the plan, and hands on what a person asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from l2tui.errors import L2tuiError
from l2tui.lean import without_encryption
from l2tui.runs.events import RestoreBest, Stop
from l2tui.settings import Settings, show_value
from l2tui.tui.collector import resume_collector
from l2tui.tui.context import context_of
from l2tui.tui.controller import Controller
from l2tui.tui.following import follow
from l2tui.tui.ghosting import swap_ghost, toggle_ghost
from l2tui.tui.ladders import step_value
from l2tui.tui.layout import divide, fit_settings, title_chart, turn_picture
from l2tui.tui.messages import CursorMoved, SettingEdited
from l2tui.tui.opening import Opening
from l2tui.tui.own_table import OwnTable, TableToOpen
from l2tui.tui.screens import dialogs
from l2tui.tui.widgets.key_line import KeyLine
from l2tui.tui.widgets.loss_chart import Draw, LossChart
from l2tui.tui.widgets.panels import ChartBox, Legend, StatusLine, VerdictPanel, WeightGauge
from l2tui.tui.widgets.picture import PicturePanel
from l2tui.tui.widgets.settings_panel import SettingsList, SettingsPanel
from l2tui.view.keys import RUN_KEYS
from l2tui.view.offers import refusal
from l2tui.view.run_view import WATCHING, RunView

if TYPE_CHECKING:
    from l2tui.tui.screens.leave import Choice
    from l2tui.tui.sweep_client import SweepClient


class RunScreen(Screen[None]):
    """Settings, chart, weights and verdict of one run, and the keys that steer it.

    Args:
        controller: What plans, begins, follows and steers runs.
        opening: What to begin with.

    Attributes:
        sweep: The sweep that was looked at last.
        pending: The settings that the next run begins with.
        live: The settings in force in the run, None before there is one.
        table: The table that was opened last.
        view: The run as it is to be shown.
        index: Position of the epoch that the chart's cursor points at, None without a cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(RUN_KEYS)

    # Widgets show these; the screen itself has nothing to draw, and would have all of them drawn again.
    pending: reactive[Settings] = reactive(Settings, init=False, repaint=False)
    live: reactive[Settings | None] = reactive(None, init=False, repaint=False)
    table: reactive[OwnTable | None] = reactive(None, init=False, repaint=False)
    view: reactive[RunView | None] = reactive(None, init=False, repaint=False)
    index: reactive[int | None] = reactive(None, repaint=False)
    log_y: reactive[bool] = reactive(False, repaint=False)
    smooth: reactive[bool] = reactive(False, repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)

    def __init__(self, controller: Controller, opening: Opening) -> None:
        super().__init__()
        self.controller, self._opening = controller, opening
        self.sweep: SweepClient | None = opening.sweep
        self.set_reactive(RunScreen.pending, controller.pending)
        self.set_reactive(RunScreen.live, controller.live)
        self.set_reactive(RunScreen.table, controller.table)
        self.set_reactive(RunScreen.view, controller.view)

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status").data_bind(RunScreen.view)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                settings = SettingsPanel(id="settings", locked=WATCHING if self.controller.watching else "")
                yield settings.data_bind(RunScreen.pending, RunScreen.live, RunScreen.table)
                yield VerdictPanel(id="verdict").data_bind(RunScreen.view)
            with Vertical(id="right"):
                with ChartBox(id="loss"):
                    with Horizontal(id="charts"):
                        yield LossChart(id="chart").data_bind(
                            RunScreen.view, RunScreen.log_y, RunScreen.smooth, RunScreen.recent, RunScreen.index
                        )
                        yield PicturePanel(self.controller, id="picture").data_bind(RunScreen.view, RunScreen.index)
                    yield Legend(id="legend").data_bind(RunScreen.view, RunScreen.index)
                yield WeightGauge(id="gauge").data_bind(RunScreen.view, RunScreen.index)
        yield KeyLine(id="keys").data_bind(RunScreen.view)
        yield Static(id="too-small")

    def on_mount(self) -> None:
        is_log = self.controller.view.is_log
        self.set_class(is_log, "log")
        self.query_one(LossChart if is_log else SettingsList).focus()
        title_chart(self)
        # All else that has to be loaded, in threads or not, would slow the first picture.
        self.call_after_refresh(self._begin_to_work)

    def _begin_to_work(self) -> None:
        self._load_chart()
        if self.controller.run is not None:
            self._follow()
        else:
            self._opening.begin(self)

    @work(exclusive=True, group="load")
    async def _load_chart(self) -> None:
        def load() -> Draw:
            with without_encryption():
                from l2tui.view.chart.loss_plot import draw_loss_plot

            return draw_loss_plot

        # After an early exit there is no chart any more when the module is there.
        chart = self.query_one(LossChart)
        chart.draw = await asyncio.to_thread(load)
        resume_collector()

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        async for news in follow(self.controller, context_of(self.app).drawing.frame_seconds):
            if isinstance(news, L2tuiError):
                self.complain(news)
            else:
                self._show()
                if self.controller.view.pairs and not len(self.controller.view.snapshot or ()):
                    self.action_choose_pair()

    def do(self, act: Callable[[], object], done: str = "", *, seconds: float = 2.0) -> None:
        """Does something with the controller, shows what has become of it, and says what was done or went wrong."""
        before = self.controller.run
        self.say("", 0)
        try:
            act()
        except L2tuiError as error:
            self.complain(error)
        else:
            if done:
                self.notify(done, timeout=seconds, markup=False)
        if self.controller.run is not before:
            self.index = None
            self._follow()
        self._show()

    def _may(self, id: str) -> bool:
        """Returns whether a key does something now; says why where it does not."""
        words = refusal(self.controller.view, id, context_of(self.app).keys)
        if words:
            self.notify(words, timeout=4, markup=False)
        return not words

    def _show(self) -> None:
        controller = self.controller
        self.table, self.pending, self.live = controller.table, controller.pending, controller.live
        self.view = controller.view

    def complain(self, error: L2tuiError) -> None:
        """Says what went wrong."""
        self.notify(str(error), severity="error", markup=False, timeout=10)

    def say(self, words: str, seconds: float, *, wrong: bool = False) -> None:
        """Shows a message in the bottom line for some seconds, at most until something else is done."""
        for line in self.query(KeyLine):
            line.say(words, seconds, wrong=wrong)

    def action_run_or_pause(self) -> None:
        """Starts, pauses or goes on."""
        if self._may("run.toggle"):
            self.do(self.controller.toggle)

    def action_advance(self, epoch: bool) -> None:
        """Does one step, or goes to the end of the epoch, and pauses."""
        if self._may("run.step"):
            self.do(lambda: self.controller.advance(epoch=epoch))

    def action_stop(self) -> None:
        """Ends the training, and keeps the run."""
        if self._may("run.stop"):
            self.do(lambda: self.controller.send(Stop()))

    def action_steer(self, name: str, direction: int) -> None:
        """Moves a live setting by one notch, or switches it off."""
        if self._may("l2.up"):
            value = step_value(self.controller.steered, name, direction) if direction else 0.0
            done = f"pace: {show_value('pace', value)} epochs a second" if name == "pace" else ""
            self.do(lambda: self.controller.steer(name, value), done, seconds=1.5)

    def action_restore_best(self) -> None:
        """Puts the best weights back in."""
        assessment = self.controller.view.assessment
        if self._may("run.best") and assessment is not None:
            done = f"Back to the weights of epoch {assessment.best_epoch}."
            self.do(lambda: self.controller.send(RestoreBest()), done)

    def action_restart(self, seeds: int) -> None:
        """Begins anew with the pending settings, stopping what runs."""
        if self._may("run.restart"):
            self.do(lambda: self.controller.restart(seeds))

    def action_switch(self, name: str) -> None:
        """Switches a way of drawing the chart."""
        setattr(self, name, not getattr(self, name))
        title_chart(self)

    def action_picture(self, beside: bool) -> None:
        """Shows the next picture of the network, or puts it beside the chart or in its place."""
        if self._may("picture.beside" if beside else "picture.turn"):
            turn_picture(self, beside=beside)

    @work(exclusive=True, group="table")
    async def action_open_table(self) -> None:
        """Asks for a file, shows what is in it, and plans a run on it."""
        if self._may("table.open") and (path := await dialogs.ask_for_file(self)) is not None:
            self.open_table(TableToOpen(path))

    @work(exclusive=True, group="preview")
    async def open_table(self, table: TableToOpen, *, start: bool = False) -> None:
        """Shows what is in a table, and plans a run on it if it is accepted.

        Args:
            table: The table.
            start: Whether to accept it and to begin at once.
        """
        try:
            own = await dialogs.look_at_table(self, table, accept=start)
        except L2tuiError as error:
            self.complain(error)
            return
        if own is not None:
            self.do(lambda: self.controller.plan_for(own))
            if start:
                self.do(self.controller.begin)

    @work(exclusive=True, group="pair")
    async def action_choose_pair(self) -> None:
        """Asks which pair of losses of a log is meant, and follows that."""
        if self._may("log.pair") and await dialogs.choose_pair(self):
            self._follow()

    def action_show(self, id: str) -> None:
        """Opens what a key is for, on top."""
        if self._may(id):
            self.do(lambda: dialogs.SHOWN[id](self))

    def action_ask(self, id: str) -> None:
        """Opens what a key is for, on top, and does what is chosen there."""
        if self._may(id):
            self.run_worker(dialogs.ASKED[id](self), group=id, exclusive=True)

    def action_ghost(self, id: str) -> None:
        """Starts or ends the ghost, or swaps it with the run."""
        if self._may(id):
            (swap_ghost if id == "run.swap" else toggle_ghost)(self)

    @work(exclusive=True, group="leave")
    async def ask_and_leave(self) -> None:
        """Leaves; where a training runs, asks first what becomes of it."""
        choice = await dialogs.ask_how_to_leave(self) if self.controller.steers else "stop"
        if choice is not None:
            await self.action_leave(choice)

    async def action_leave(self, choice: Choice) -> None:
        """Leaves; a training that runs is stopped, or left to go on."""
        self.app.exit(await self.controller.end(choice))

    def on_setting_edited(self, message: SettingEdited) -> None:
        self.do(lambda: self.controller.edit(message.name, message.value))

    def action_mark(self, direction: int) -> None:
        """Moves the chart's cursor to another mark."""
        self.query_one(LossChart).to_mark(direction)

    def action_no_cursor(self) -> None:
        """Puts the chart's cursor away."""
        self.index = None

    def on_cursor_moved(self, message: CursorMoved) -> None:
        self.index = message.index

    def watch_view(self) -> None:
        title_chart(self)
        fit_settings(self)

    def watch_index(self) -> None:
        title_chart(self)

    def on_resize(self, event: Resize) -> None:
        divide(self, event.size)
