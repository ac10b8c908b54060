"""The main screen: shows the run in focus and the plan, and hands on what a person asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
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
from l2tui.tui.ghosting import swap_ghost, toggle_ghost
from l2tui.tui.ladders import step_value
from l2tui.tui.lesson import on_screen
from l2tui.tui.messages import CursorMoved, SettingEdited
from l2tui.tui.own_table import OwnTable, TableToOpen
from l2tui.tui.screens import dialogs
from l2tui.tui.widgets.key_line import KeyLine
from l2tui.tui.widgets.loss_chart import Draw, LossChart
from l2tui.tui.widgets.panels import ChartBox, Legend, StatusLine, VerdictPanel, WeightGauge
from l2tui.tui.widgets.picture import BESIDE_COLUMNS, PicturePanel
from l2tui.tui.widgets.settings_panel import SettingsList, SettingsPanel
from l2tui.view.keys import RUN_KEYS
from l2tui.view.offers import refusal
from l2tui.view.run_view import WATCHING, RunView
from l2tui.view.settings_rows import width_for
from l2tui.view.status import criterion_words, score_words

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.tui.lesson.course import Course
    from l2tui.tui.screens.leave import Choice
    from l2tui.tui.sweep_client import SweepClient

MIN_COLUMNS, MIN_ROWS = 60, 16


class RunScreen(Screen[None]):
    """Settings, chart, weights and verdict of one run, and the keys that steer it.

    Args:
        controller: What plans, begins, follows and steers runs.
        start: Whether to begin a run at once.
        table: A table to open with.
        sweep: A sweep to open with.
        compared: What to open the comparison with.
        course: Lessons to open with.

    Attributes:
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

    def __init__(
        self,
        controller: Controller,
        *,
        start: bool = False,
        table: TableToOpen | None = None,
        sweep: SweepClient | None = None,
        compared: Sequence[Source] = (),
        course: Course | None = None,
    ) -> None:
        super().__init__()
        self.controller = controller
        self._start, self._table_to_open, self._course = start, table, course
        self.sweep, self._compared = sweep, compared
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
        self._title_chart()
        # All else that has to be loaded, in threads or not, would slow the first picture.
        self.call_after_refresh(self._begin_to_work)

    def _begin_to_work(self) -> None:
        self._load_chart()
        if self.controller.run is not None:
            self._follow()
        elif self._table_to_open is not None:
            self.open_table(self._table_to_open, start=self._start)
        elif self._start:
            self.do(self.controller.begin)
        elif self._course is not None:
            self.run_worker(on_screen.take(self, self._course), group="lesson", exclusive=True)
        elif self.sweep is not None:
            self.run_worker(dialogs.show_sweep(self, self.sweep), group="sweep", exclusive=True)
        elif self._compared:
            self.run_worker(dialogs.show_comparison(self, self._compared), group="compare", exclusive=True)
        else:
            self.run_worker(dialogs.offer_live_run(self), group="offer", exclusive=True)

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
        async for news in self.controller.follow(context_of(self.app).drawing.frame_seconds):
            if isinstance(news, L2tuiError):
                self._complain(news)
            else:
                self._show()
                if self.controller.view.pairs and not len(self.controller.view.snapshot or ()):
                    self.action_choose_pair()

    def do(self, act: Callable[[], object]) -> None:
        """Does something with the controller, says what went wrong, and shows what has become of it."""
        before = self.controller.run
        self.say("", 0)
        try:
            act()
        except L2tuiError as error:
            self._complain(error)
        if self.controller.run is not before:
            self.index = None
            self.workers.cancel_group(self, "follow")
            if self.controller.run is not None:
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

    def _complain(self, error: L2tuiError) -> None:
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
            self.do(lambda: self.controller.steer(name, value))
            if name == "pace":
                self.notify(f"pace: {show_value('pace', value)} epochs a second", timeout=1.5)

    def action_restore_best(self) -> None:
        """Puts the best weights back in."""
        assessment = self.controller.view.assessment
        if self._may("run.best") and assessment is not None:
            self.do(lambda: self.controller.send(RestoreBest()))
            self.notify(f"Back to the weights of epoch {assessment.best_epoch}.", timeout=2)

    def action_restart(self, seeds: int) -> None:
        """Begins anew with the pending settings, stopping what runs."""
        if self._may("run.restart"):
            self.do(lambda: self.controller.restart(seeds))

    def action_switch(self, name: str) -> None:
        """Switches a way of drawing the chart."""
        setattr(self, name, not getattr(self, name))
        self._title_chart()

    def action_picture(self, beside: bool) -> None:
        """Shows the next picture of the network, or puts it beside the chart or in its place."""
        if self._may("picture.beside" if beside else "picture.turn"):
            panel = self.query_one(PicturePanel)
            if not beside:
                panel.turn()
            elif not panel.turn_beside():
                self.notify(f"Side by side, chart and picture need {BESIDE_COLUMNS} columns.", timeout=3)

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
            self._complain(error)
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

    def action_runs(self) -> None:
        """Shows all runs, and opens the one that is chosen; the present one goes on."""
        self.run_worker(dialogs.choose_run(self), group="runs", exclusive=True)

    def action_lessons(self) -> None:
        """Lists the lessons, and begins the one that is chosen."""
        if self._may("app.lessons"):
            self.run_worker(on_screen.choose(self), group="lesson", exclusive=True)

    def action_sweep(self) -> None:
        """Sweeps λ with the settings on the screen, or comes back to the sweep that does."""
        if self._may("app.sweep"):
            self.run_worker(dialogs.sweep_l2(self), group="sweep", exclusive=True)

    def action_fork(self) -> None:
        """Forks the run at the chart's cursor, or at the present."""
        if self._may("run.fork"):
            self.run_worker(dialogs.fork_run(self), group="fork", exclusive=True)

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

    # Layout

    def watch_view(self) -> None:
        self._title_chart()
        self._fit_settings()

    def watch_index(self) -> None:
        self._title_chart()

    def on_resize(self, event: Resize) -> None:
        columns, rows = event.size
        too_small = columns < MIN_COLUMNS or rows < MIN_ROWS
        self.set_class(too_small, "too-small")
        self.set_class(columns < 80 or rows < 24, "compact")
        self.set_class(rows >= 34, "tall")
        self._fit_settings()
        if too_small:
            text = f"l2tui needs {MIN_COLUMNS} x {MIN_ROWS} cells to draw\nin; here are {columns} x {rows}."
            self.query_one("#too-small", Static).update(text)
        for panel in self.query(PicturePanel):
            panel.settle()

    def _fit_settings(self) -> None:
        """Gives the settings the width that they need, where there is room."""
        columns, rows = self.size
        roomy = columns >= 100 and rows >= 24
        width = width_for(self.pending, self.live, columns, tall=self.has_class("tall")) if roomy else None
        for left in self.query("#left"):
            left.styles.width = width

    def _title_chart(self) -> None:
        modes = [
            "log" if self.log_y else "",
            "smoothed" if self.smooth else "",
            "recent part" if self.recent else "",
        ]
        assessment = self.view.assessment if self.view else None
        forms = [
            " · ".join(filter(None, (*modes, words)))
            for words in criterion_words(assessment, self.view.x if self.view else "epoch")
        ]
        # The run is followed until the last moment, when the box may be gone already.
        for box in self.query(ChartBox):
            box.say(*forms)
            box.head(score_words(self.view, -1 if self.index is None else self.index))
