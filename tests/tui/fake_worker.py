"""A stand-in for the worker, which obeys at once and trains as told."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from l2tui.line.options import DrawingOptions
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, AnyEvent, Pause, Resume, SetValue, Stop
from l2tui.runs.reader import Snapshot
from l2tui.runs.subjects import Source
from l2tui.settings import Settings, changed
from l2tui.tui.app import L2tuiApp
from l2tui.tui.context import Context
from l2tui.tui.controller import Controller
from l2tui.tui.lesson.course import Course
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.run_client import AttachedRun, RunFeed
from l2tui.view.key_names import KeyNames
from l2tui.view.look import Look
from tests.tui.made_up_runs import make_snapshot

_LATE = 40


class FakeClient(AttachedRun):
    """In place of `RunClient`: obeys commands as a worker does, and trains as told by the test.

    Attributes:
        commands: What was sent, in order.
        epochs: How many epochs it reports; set it to train on.
        shown: A snapshot to report instead, if not None.
        error: What `poll` raises, if not None.
        refuses: What `send` raises, if not None.
        works: Whether there is a worker.
        resumed: Whether it went on with a run that was there.
    """

    def __init__(
        self, settings: Settings, *, paused: bool = False, path: str = "/runs/moons", epochs: int = 400
    ) -> None:
        super().__init__(RunDirectory(Path(path)))
        self.follows_on = False
        self.settings, self.paused_at_start = settings, paused
        self.commands: list[AnyCommand] = []
        self.epochs = 0 if paused else epochs
        self.state = "paused" if paused else "running"
        self.events: tuple[AnyEvent, ...] = ()
        self.shown: Snapshot | None = None
        self.error: Exception | None = None
        self.refuses: Exception | None = None
        self.works, self.resumed = True, False
        self.polls = 0
        self._known: tuple[Any, ...] = ()
        self._snapshot = Snapshot()

    def send(self, command: AnyCommand) -> int:
        if self.refuses is not None:
            raise self.refuses
        self.commands.append(command)
        if isinstance(command, Pause):
            self.state = "paused"
        elif isinstance(command, Resume):
            self.state = "running"
        elif isinstance(command, SetValue):
            value = "max" if command.name == "pace" and command.value is None else command.value
            self.settings = changed(self.settings, **{command.name: value})
        elif isinstance(command, Stop):
            self.state, self.works = "finished", False
        return len(self.commands)

    def poll(self) -> Snapshot:
        # Called in a thread. Nothing new is handed out late, so that the screen has time to be idle.
        for _ in range(_LATE):
            if (now := self._now()) != self._known:
                break
            time.sleep(0.005)
        self.polls += 1
        if self.error is not None:
            raise self.error
        if now != self._known:
            self._known = now
            self._snapshot = self.shown or make_snapshot(
                self.settings,
                self.epochs,
                state=self.state,
                events=self.events,
                commands=len(self.commands),
                pid=id(self),
            )
        return self._snapshot

    def _now(self) -> tuple[Any, ...]:
        return (
            len(self.commands),
            self.settings,
            self.epochs,
            self.state,
            self.events,
            id(self.shown),
            self.error,
            self.works,
        )

    def wait(self, seconds: float) -> bool:
        return not self.works

    @property
    def worker_started(self) -> bool:
        return self.works


class Worker:
    """All the clients that an app made.

    Attributes:
        clients: In order.
        refuses_to_start: What the next start raises, if not None.
        epochs: How many epochs a run has as soon as it is started.
        shown: A snapshot that every new client reports, if not None.
    """

    def __init__(self) -> None:
        self.clients: list[FakeClient] = []
        self.refuses_to_start: Exception | None = None
        self.epochs = 400
        self.shown: Snapshot | None = None
        self.path = "/runs/moons"

    def app(
        self,
        settings: Settings,
        *,
        start: bool = False,
        source: RunFeed | None = None,
        table: TableToOpen | None = None,
        look: Look | None = None,
        keymap: Mapping[str, str] | None = None,
        compared: Sequence[Source] = (),
        course: Course | None = None,
    ) -> L2tuiApp:
        """An app whose runs are these, and which says what is new at once."""
        context = Context(look or Look(), KeyNames(keymap), DrawingOptions(fps=math.inf))
        controller = Controller(settings, source=source, launch=self.start)
        return L2tuiApp(controller, context, start=start, table=table, compared=compared, course=course)

    def start(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> FakeClient:
        if self.refuses_to_start is not None:
            raise self.refuses_to_start
        path = self.path if resume is None else str(resume.path)
        client = FakeClient(settings, paused=paused, path=path, epochs=self.epochs)
        client.resumed = resume is not None
        client.shown = self.shown
        if self.shown is not None:
            client.works = self.shown.alive
        self.clients.append(client)
        return client

    @property
    def client(self) -> FakeClient:
        """The last one."""
        return self.clients[-1]

    @property
    def commands(self) -> list[AnyCommand]:
        """What was sent to the last one."""
        return self.client.commands
