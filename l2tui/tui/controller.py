"""What a person does with runs: plan, begin, follow, steer. Knows no widget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Advance, AnyCommand, Pause, Resume, SetValue, Stop
from l2tui.runs.stored import known_status, read_run_settings
from l2tui.settings import LIVE_SETTINGS, Settings, changed
from l2tui.tui.editing import KEPT_WITH_NEW_DATA
from l2tui.tui.followed import FollowedRun
from l2tui.tui.own_table import OwnTable
from l2tui.tui.plan import Plan
from l2tui.tui.run_client import AttachedRun, RunClient, RunFeed
from l2tui.view.data_names import same_data
from l2tui.view.run_view import WATCHING, RunView

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

_STOP_SECONDS = 5.0


class Launch(Protocol):
    """Starts a run, as `RunClient` does."""

    def __call__(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> RunFeed:
        """Starts it."""


class Controller:
    """The plan for the next run, and the run in focus.

    The pending settings are what the next run begins with; the live ones are in force in the run. A live setting of a
    run that trains is one value in both, unless the plan is for other data: then keys that steer change the run alone.

    Args:
        settings: The settings to begin with.
        source: A run or a log to follow.
        launch: Starts a run.

    Attributes:
        run: The run in focus, None before there is one.
        watching: Whether nothing is trained or steered from here, whatever is opened.
    """

    def __init__(self, settings: Settings, *, source: RunFeed | None = None, launch: Launch = RunClient) -> None:
        self._plan = Plan(settings).moved(settings)
        self._launch = launch
        self.run = None if source is None else FollowedRun(source, settings if source.steerable else None)
        self.watching = source is not None and not source.steerable

    @property
    def pending(self) -> Settings:
        """The settings that the next run begins with."""
        return self._plan.settings

    @property
    def live(self) -> Settings | None:
        """The settings in force in the run, those that it ended with after its end; None before there is a run."""
        return self.view.live

    @property
    def table(self) -> OwnTable | None:
        """The table that was opened last."""
        return self._plan.table

    @property
    def view(self) -> RunView:
        """What the screen is to show."""
        return RunView(self.pending) if self.run is None else self.run.view(self.pending)

    @property
    def steers(self) -> bool:
        """Whether there is a worker that may be steered from here."""
        return self.view.steers

    def edit(self, name: str, value: Any) -> None:
        """Gives a pending setting a value, and the run as well where it is a live one of the same data.

        Args:
            name: Field of `Settings`.
            value: Its value, or the text of one.

        Raises:
            L2tuiError: The value is not allowed, nothing may be changed here, or the run cannot be reached.
        """
        if self.watching:
            raise RunError(WATCHING)
        plan, live = self._plan.edited(name, value), self.live
        if plan == self._plan:
            return
        if live is not None and self.steers:
            same = same_data(live, plan.settings)
            if same and name in ("data", "optimizer"):
                # The rate that suits another optimiser would act on the run.
                plan = plan.with_live(live)
            elif name in LIVE_SETTINGS and (same or name in KEPT_WITH_NEW_DATA):
                self._ask(name, getattr(plan.settings, name))
        self._plan = plan

    def steer(self, name: str, value: Any) -> None:
        """Gives a live setting of the run a value; without a run that trains, the pending one.

        Raises:
            L2tuiError: As `edit`.
        """
        live = self.live
        if live is None or not self.steers or same_data(live, self.pending):
            self.edit(name, value)
        elif value != getattr(live, name):
            self._ask(name, getattr(changed(live, **{name: value}), name))
            self._plan = self._plan.with_live_value(live, name, value)

    @property
    def steered(self) -> Settings:
        """The settings that keys change which steer: those of a run that trains, else the pending ones."""
        return self.live if self.live is not None and self.steers else self.pending

    def plan_for(self, table: OwnTable) -> None:
        """Plans a run on a table that has been opened; a run that has ended leaves the screen."""
        if not self.steers:
            self.run = None
        self._plan = self._plan.moved(table.settings, table)

    def prepare(self, settings: Settings, *, stop: bool) -> None:
        """Plans settings and clears the screen for them; the run that was on it is left alone, or stopped.

        Args:
            settings: The settings.
            stop: Whether a run that was started here and still trains is stopped.

        Raises:
            L2tuiError: It cannot be stopped, or nothing is trained from here.
        """
        self._refuse_to_watch()
        if stop and self.run is not None and self.steers and not self.run.source.follows_on:
            self.send(Stop())
        self.run = None
        self._plan = self._plan.moved(settings)

    def begin(self, *, paused: bool = False) -> None:
        """Begins a run with the pending settings.

        Raises:
            L2tuiError: It cannot be started.
        """
        self._refuse_to_watch()
        self.run = FollowedRun(self._launch(self.pending, paused=paused), self.pending)

    def begin_with(self, settings: Settings) -> None:
        """Plans settings, and begins a run with them; a run that trains continues in the background.

        Raises:
            L2tuiError: It cannot be started.
        """
        self._refuse_to_watch()
        self._plan = self._plan.moved(settings)
        self.begin()

    def toggle(self) -> bool:
        """Begins, pauses or goes on, whichever there is to do; returns whether there was anything.

        Raises:
            L2tuiError: It cannot be done.
        """
        view = self.view
        what = view.toggle
        if what == "run":
            self.begin()
        elif what == "pause":
            self.send(Pause())
        elif what == "go on" and view.is_live:
            self.send(Resume())
        elif what == "go on":
            self._go_on(view)
        return what is not None

    def _go_on(self, view: RunView) -> None:
        """Goes on with a run that has ended, exactly where it was, then takes the live settings that are planned."""
        if self.run is None or view.live is None or not isinstance(self.run.source, AttachedRun):
            return
        before = view.status.pid if view.status is not None else None
        source = self._launch(self.pending, resume=self.run.source.run)
        self.run = FollowedRun(source, changed(view.live, epochs=self.pending.epochs), before=before)
        for name in LIVE_SETTINGS:
            value = getattr(self.pending, name)
            if name != "epochs" and getattr(view.live, name) != value:
                self._ask(name, value)

    def advance(self, *, epoch: bool) -> None:
        """Does one step, or goes to the end of the epoch, and pauses; begins a run for it where there is none.

        Raises:
            L2tuiError: It cannot be done.
        """
        if self.run is None:
            self.begin(paused=True)
        self.send(Advance(epoch=epoch))

    def restart(self, seeds: int = 0) -> None:
        """Begins anew with the pending settings, and stops the run that trains.

        Args:
            seeds: By how much the seed is raised.

        Raises:
            L2tuiError: The new run cannot be started, and the old one goes on; or the old one cannot be stopped.
        """
        self._refuse_to_watch()
        if seeds:
            self.edit("seed", (self.pending.seed + seeds) % 2**32)
        before = self.run if self.steers else None
        self.begin()
        if before is not None:
            before.send(Stop())

    def open(self, run: RunDirectory, *, resume: bool = False) -> None:
        """Shows another run, and resumes it if asked to; the present one is left alone.

        Raises:
            L2tuiError: It is no run, or it cannot go on.
        """
        status = known_status(run)
        settings = read_run_settings(run).settings if status is None else status.settings
        if resume:
            self._refuse_to_watch()
        source = self._launch(settings, resume=run) if resume else AttachedRun(run, steerable=not self.watching)
        self.run = FollowedRun(source, settings, before=status.pid if resume and status is not None else None)
        self._plan = self._plan.moved(settings)

    def send(self, command: AnyCommand) -> None:
        """Sends a command to the run in focus.

        Raises:
            RunError: There is none, or it may not or cannot be steered.
        """
        if self.run is None:
            raise RunError("There is no training yet.")
        self.run.send(command)

    def take(self, run: FollowedRun, snapshot: Snapshot, *, started: bool) -> None:
        """Takes over what has been read of a run; the plan follows the live settings of the run in focus.

        Args:
            run: The run.
            snapshot: Its files.
            started: Whether a worker that was started here had not ended before they were read.
        """
        first, before = run.snapshot is None, self.view
        run.take(snapshot, started=started)
        live = self.live
        if run is not self.run or live is None:
            return
        if first and run.source.follows_on:
            self._plan = self._plan.moved(live)
        elif before.steers and same_data(live, self.pending):
            # Another window may have changed the run just before its end; what was asked for here then waits.
            late = {} if self.steers else before.asked
            self._plan = self._plan.with_live(msgspec.structs.replace(live, **late))

    async def end(self, how: Literal["stop", "leave"]) -> str | None:
        """Ends the run, or leaves it alone, before the app leaves.

        Returns:
            Where the run is, or why it cannot be stopped, for people; None without one.
        """
        if self.run is None:
            return None
        if self.steers and how == "leave":
            does = "is paused" if self.view.phase == "paused" else "goes on"
            return f"Training {does} in {self.run.source.path}"
        if self.steers:
            try:
                self.send(Stop())
            except RunError as error:
                return str(error)
            await asyncio.to_thread(self.run.source.wait, _STOP_SECONDS)
        return f"The run is in {self.run.source.path}"

    def _ask(self, name: str, value: Any) -> None:
        self.send(SetValue(name, value))

    def _refuse_to_watch(self) -> None:
        if self.watching:
            raise RunError(WATCHING)
