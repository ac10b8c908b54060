"""The main screen. It owns the state of the run; widgets show it and tell it what a person wants."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.reactive import reactive
from textual.widgets import Static

from l2tui.lean import without_encryption
from l2tui.runs.events import Advance, Pause, RestoreBest, Resume, SetValue, Stop
from l2tui.settings import LIVE_SETTINGS, Settings, changed, show_value
from l2tui.tui.collector import resume_collector
from l2tui.tui.key_names import names_of
from l2tui.tui.keys import RUN_KEYS
from l2tui.tui.ladders import step_value
from l2tui.tui.messages import CursorMoved, SettingEdited
from l2tui.tui.own_table import TableToOpen, same_data
from l2tui.tui.run_client import AttachedRun, RunSource, WatchedLog
from l2tui.tui.screens.own_data import OwnDataScreen
from l2tui.tui.widgets.loss_chart import Draw, LossChart
from l2tui.tui.widgets.panels import ChartBox, KeyLine, Legend, StatusLine, VerdictPanel, WeightGauge
from l2tui.tui.widgets.settings_panel import SettingsList, SettingsPanel

if TYPE_CHECKING:
    from l2tui.tui.screens.leave import Choice

MIN_COLUMNS, MIN_ROWS = 60, 16


class RunScreen(OwnDataScreen):
    """Settings, chart, weights and verdict of one run, and the keys that steer it.

    Args:
        settings: The settings to begin with.
        start: Whether to begin a run at once.
        source: A run or a log to open with.
        table: A table to open with.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(RUN_KEYS)

    log_y: reactive[bool] = reactive(False, repaint=False)
    smooth: reactive[bool] = reactive(False, repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)

    def __init__(
        self,
        settings: Settings,
        *,
        start: bool = False,
        source: RunSource | None = None,
        table: TableToOpen | None = None,
    ) -> None:
        super().__init__(settings, source=source)
        self._start, self._table_to_open = start, table

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status").data_bind(RunScreen.view)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield SettingsPanel(id="settings").data_bind(RunScreen.planned, RunScreen.running, RunScreen.table)
                yield VerdictPanel(id="verdict").data_bind(RunScreen.view)
            with Vertical(id="right"):
                with ChartBox(id="loss"):
                    yield LossChart(id="chart").data_bind(
                        RunScreen.view, RunScreen.log_y, RunScreen.smooth, RunScreen.recent, RunScreen.index
                    )
                    yield Legend(id="legend").data_bind(RunScreen.view, RunScreen.index)
                yield WeightGauge(id="gauge").data_bind(RunScreen.view)
        yield KeyLine(id="keys").data_bind(RunScreen.view)
        yield Static(id="too-small")

    def on_mount(self) -> None:
        is_log = isinstance(self._client, WatchedLog)
        self.set_class(is_log, "log")
        self.query_one(LossChart if is_log else SettingsList).focus()
        self._title_chart()
        # All else that has to be loaded, in threads or not, would slow the first picture.
        self.call_after_refresh(self._begin_to_work)

    def _begin_to_work(self) -> None:
        self._load_chart()
        if self._client is not None:
            self._follow(self._client)
        elif self._table_to_open is not None:
            self.open_table(self._table_to_open, start=self._start)
        elif self._start:
            self._begin(paused=False)
        else:
            self._offer_live_run()

    @work(exclusive=True, group="load")
    async def _load_chart(self) -> None:
        def load() -> Draw:
            with without_encryption():
                from l2tui.tui.renderables.loss_plot import draw_loss_plot

            return draw_loss_plot

        # Whoever leaves at once has no chart any more when the module is there.
        chart = self.query_one(LossChart)
        chart.draw = await asyncio.to_thread(load)
        resume_collector()

    def watch_view(self) -> None:
        self._title_chart()

    # What a person asks for

    def action_run_or_pause(self) -> None:
        """Starts, pauses or goes on."""
        phase = self.view.phase if self.view else "ready"
        if self._client is None or phase == "failed":
            self._begin(paused=False)
        elif phase in ("running", "starting", "paused"):
            self._send(Resume() if phase == "paused" else Pause())
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Goes on with a run that has ended before its last epoch, exactly where it was."""
        client, view = self._client, self.view
        if isinstance(client, AttachedRun) and view is not None and view.can_go_on:
            self.planned = changed(view.running or self.planned, epochs=self.planned.epochs)
            self._begin(paused=False, resume=client.run)
        elif self._client is not None and not self._client.steerable:
            self.notify("Watching only.", timeout=3)
        else:
            self._say_ended()

    def action_advance(self, epoch: bool) -> None:
        """Does one step, or goes to the end of the epoch, and pauses."""
        command = Advance(epoch=epoch)
        if self._client is None:
            self._begin(paused=True, command=command)
        elif self.view is not None and self.view.is_live:
            self._send(command)
        else:
            self._say_ended()

    def _say_ended(self) -> None:
        keys = names_of(self.app)
        words = f"More epochs and {keys['run.toggle']} go on; {keys['run.restart']} runs it again."
        self.notify(f"All epochs are done. {words}", timeout=4, markup=False)

    def action_l2(self, direction: int) -> None:
        """Moves λ by one notch."""
        self._plan("l2", changed(self.planned, l2=step_value(self.planned, "l2", direction)))

    def action_l2_off(self) -> None:
        """Switches weight decay off."""
        self._plan("l2", changed(self.planned, l2=0.0))

    def action_pace(self, direction: int) -> None:
        """Makes training faster or slower to watch."""
        settings = changed(self.planned, pace=_or_max(step_value(self.planned, "pace", direction)))
        self._plan("pace", settings)
        self.notify(f"pace: {show_value('pace', settings.pace)} epochs a second", timeout=1.5)

    def action_criterion(self) -> None:
        """Takes the next criterion."""
        self._plan("criterion", changed(self.planned, criterion=step_value(self.planned, "criterion", 1)))

    def action_all_marks(self) -> None:
        """Shows what every criterion says."""
        from l2tui.tui.screens.marks import MarksScreen

        if self._snapshot is None or not len(self._snapshot):
            self.notify("There is no curve to judge yet.", timeout=3)
            return
        self.app.push_screen(MarksScreen(self._snapshot, (self.running or self.planned).criterion))

    def action_restore_best(self) -> None:
        """Puts the best weights back in."""
        if self.is_live:
            self._send(RestoreBest())
            best = self.view.assessment.best_epoch if self.view and self.view.assessment else None
            if best is not None:
                self.notify(f"Back to the weights of epoch {best}.", timeout=2)
        else:
            self.notify("There is no training to put the best weights into.", timeout=3)

    def action_restart(self, seeds: int) -> None:
        """Begins anew with the settings on the screen, stopping what runs."""
        if seeds:
            self.planned = changed(self.planned, seed=(self.planned.seed + seeds) % 2**32)
        before = self._client if self.is_live else None
        self._begin(paused=False)
        if before is not None and self._client is not before:
            self._send(Stop(), before)

    def action_switch(self, name: str) -> None:
        """Switches a way of drawing the chart."""
        setattr(self, name, not getattr(self, name))
        self._title_chart()

    async def action_detach(self) -> None:
        """Leaves while the training goes on."""
        await self.leave("leave")

    @work(exclusive=True, group="runs")
    async def action_runs(self) -> None:
        """Shows all runs, and opens the one that is chosen; the present one goes on."""
        from l2tui.tui.screens.runs import RunsScreen

        chosen = await self.app.push_screen_wait(RunsScreen())
        if chosen is None:
            return
        how, info = chosen
        self.open_run(info.run, resume=how == "resume" and not info.is_live)

    def action_help(self) -> None:
        """Shows all keys."""
        from l2tui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.BINDINGS))

    @work(exclusive=True, group="leave")
    async def ask_and_leave(self) -> None:
        """Leaves; where a training runs, asks first what becomes of it."""
        from l2tui.tui.screens.leave import LeaveScreen

        choice: Choice | None = await self.app.push_screen_wait(LeaveScreen()) if self.is_live else "stop"
        if choice is not None:
            await self.leave(choice)

    async def leave(self, choice: Choice) -> None:
        """Leaves the app."""
        goes_on = self.is_live and choice == "leave"
        await self.end_run(choice)
        last_words = None
        if self.run_path:
            last_words = f"Training goes on in {self.run_path}" if goes_on else f"The run is in {self.run_path}"
        self.app.exit(last_words)

    def on_setting_edited(self, message: SettingEdited) -> None:
        self._plan(message.name, message.settings)

    def _plan(self, name: str, settings: Settings) -> None:
        if settings == self.planned:
            return
        self.planned = settings
        names: tuple[str, ...] = (name,) if name in LIVE_SETTINGS else ()
        if name == "data" and self.running is not None and same_data(self.running, settings):
            # Back on the run's own data, what they brought along holds for the run as well.
            names = tuple(live for live in LIVE_SETTINGS if getattr(self.running, live) != getattr(settings, live))
        if self.is_live:
            for live in names:
                self._send(SetValue(live, getattr(settings, live)))
        if self.view is not None:
            self._show(self.view.worker_started)

    def action_mark(self, direction: int) -> None:
        """Moves the chart's cursor to another mark."""
        self.query_one(LossChart).to_mark(direction)

    def action_no_cursor(self) -> None:
        """Puts the chart's cursor away."""
        self.index = None

    def on_cursor_moved(self, message: CursorMoved) -> None:
        self.index = message.index

    # Layout

    def on_resize(self, event: Resize) -> None:
        columns, rows = event.size
        too_small = columns < MIN_COLUMNS or rows < MIN_ROWS
        self.set_class(too_small, "too-small")
        self.set_class(columns < 80 or rows < 24, "compact")
        self.set_class(columns >= 100, "wide")
        self.set_class(rows >= 34, "tall")
        if too_small:
            text = f"l2tui needs {MIN_COLUMNS} x {MIN_ROWS} cells to draw\nin; here are {columns} x {rows}."
            self.query_one("#too-small", Static).update(text)

    def _title_chart(self) -> None:
        modes = [
            "log" if self.log_y else "",
            "smoothed" if self.smooth else "",
            "recent part" if self.recent else "",
            self.view.assessment.readout if self.view and self.view.assessment else "",
        ]
        # The run is followed until the last moment, when the box may be gone already.
        for box in self.query(ChartBox):
            box.say(" · ".join(filter(None, modes)))


def _or_max(pace: float | None) -> float | str:
    return "max" if pace is None else pace
