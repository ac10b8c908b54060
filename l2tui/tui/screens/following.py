"""The life of a run on a screen: begun here, or found somewhere, then followed until it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from textual import work
from textual.reactive import reactive
from textual.screen import Screen

from l2tui.errors import L2tuiError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, Stop
from l2tui.runs.stored import read_run_settings
from l2tui.settings import Settings
from l2tui.tui.drawing.options import DrawingOptions
from l2tui.tui.run_client import AttachedRun, RunClient, RunSource, WatchedLog
from l2tui.tui.run_view import RunView

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot
    from l2tui.tui.screens.leave import Choice

RETRY_SECONDS = 2.0
_STOP_SECONDS = 5.0


class FollowingScreen(Screen[None]):
    """Owns the state of one run and keeps it up to date; what it looks like is for a subclass to say.

    Args:
        settings: The settings to begin with.
        source: A run or a log to follow, None for no run yet.

    Attributes:
        planned: The settings that a person has chosen.
        running: The settings in force in the run, None before there is one.
        view: The run as it is to be shown.
        index: Position of the epoch that the chart's cursor points at, None without a cursor.
    """

    # Widgets show these; the screen itself has nothing to draw, and would have all of them drawn again.
    planned: reactive[Settings] = reactive(Settings, init=False, repaint=False)
    running: reactive[Settings | None] = reactive(None, init=False, repaint=False)
    view: reactive[RunView | None] = reactive(None, init=False, repaint=False)
    index: reactive[int | None] = reactive(None, repaint=False)

    def __init__(self, settings: Settings, *, source: RunSource | None = None) -> None:
        super().__init__()
        self._client: RunSource | None = source
        self._snapshot: Snapshot | None = None
        self.set_reactive(FollowingScreen.planned, settings)
        self.set_reactive(FollowingScreen.view, RunView(settings))

    @work(exclusive=True, group="offer")
    async def _offer_live_run(self) -> None:
        def find() -> RunDirectory | None:
            from l2tui.runs.listing import newest_live_run

            return newest_live_run()

        run = await asyncio.to_thread(find)
        if run is None or self._client is not None:
            return
        from l2tui.tui.screens.ask import AskScreen

        question = AskScreen(
            f"{run.name} is training.", "look at it and steer it", "leave it alone, begin something new"
        )
        if await self.app.push_screen_wait(question):
            self.open_run(run)

    def _begin(self, *, paused: bool, command: AnyCommand | None = None, resume: RunDirectory | None = None) -> None:
        try:
            self._client = RunClient(self.planned, paused=paused, resume=resume)
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if command is not None:
            self._send(command)
        self._snapshot = None
        self.index = None
        self.view = RunView(self.planned, None, worker_started=True)
        self._follow(self._client)

    @work(exclusive=True, group="follow")
    async def _follow(self, client: RunSource) -> None:
        first = client.follows_on
        shown, said = None, ""
        while True:
            started = client.worker_started
            try:
                snapshot = await asyncio.to_thread(client.poll)
            except L2tuiError as error:
                # A file may be whole again the next time, another program's log above all.
                if str(error) != said:
                    said = str(error)
                    self.notify(said, severity="error", markup=False, timeout=10)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._snapshot = snapshot
            self.running = RunView(self.planned, snapshot, started).running
            if first and self.running is not None:
                self.planned, first = self.running, False
            status = snapshot.status and msgspec.structs.replace(snapshot.status, heartbeat=0.0)
            now = (len(snapshot), len(snapshot.events), snapshot.alive, started, status)
            if now != shown:
                self._show(started)
                shown = now
            if not started and not snapshot.alive and not client.follows_on:
                return
            await asyncio.sleep(self._frame_seconds)

    @property
    def _frame_seconds(self) -> float:
        """The picture is refreshed at most this often (s), however fast the training."""
        drawing = getattr(self.app, "drawing", None)
        return drawing.frame_seconds if isinstance(drawing, DrawingOptions) else DrawingOptions().frame_seconds

    def _show(self, started: bool) -> None:
        self.view = RunView(self.planned, self._snapshot, started, isinstance(self._client, WatchedLog))

    def _send(self, command: AnyCommand, client: RunSource | None = None) -> None:
        client = client or self._client
        if client is not None:
            try:
                client.send(command)
            except L2tuiError as error:
                self.notify(str(error), severity="error", markup=False)

    @property
    def is_live(self) -> bool:
        """Whether there is a worker that this screen may steer."""
        return self.view is not None and self.view.is_live and self._client is not None and self._client.steerable

    async def end_run(self, how: Choice) -> None:
        """Ends the run, or leaves it alone, before the app leaves."""
        if how == "stop" and self._client is not None and self.is_live:
            self._send(Stop())
            await asyncio.to_thread(self._client.wait, _STOP_SECONDS)

    @property
    def run_path(self) -> str | None:
        """Where the present run is kept."""
        return str(self._client.path) if self._client is not None else None

    def open_run(self, run: RunDirectory, *, resume: bool = False) -> None:
        """Shows another run, and goes on with it if asked to."""
        try:
            self.planned = read_run_settings(run).settings
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._snapshot, self.index, self.running = None, None, None
        if resume:
            self._begin(paused=False, resume=run)
            return
        self._client = AttachedRun(run)
        self.view = RunView(self.planned, None, worker_started=True)
        self._follow(self._client)
