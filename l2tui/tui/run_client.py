"""What the screen follows: a run that was started here, one that goes on already, or a file to watch.

A source knows files and processes and no widget. `poll` is meant for a thread: its first call loads NumPy.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Unpack

from l2tui.errors import RunError, SeveralPairsError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand
from l2tui.settings import Settings
from l2tui.worker.control import send

if TYPE_CHECKING:
    import subprocess

    from l2tui.runs.logs.content import Content
    from l2tui.runs.logs.log import LogChoices, LogReader
    from l2tui.runs.reader import RunReader, Snapshot


class RunFeed(Protocol):
    """Something to follow, and perhaps to steer.

    Attributes:
        path: The file or directory.
        name: What people call it.
        steerable: Whether commands make sense.
        follows_on: Whether it may grow again after its worker has ended.
    """

    path: Path
    name: str
    steerable: bool
    follows_on: bool

    def poll(self) -> Snapshot:
        """Returns it as it is now.

        Raises:
            RunError: A file is damaged.
        """

    def send(self, command: AnyCommand) -> int:
        """Sends a command to the worker.

        Returns:
            What `Status.commands` reaches once the worker has acted upon it.

        Raises:
            RunError: The run directory cannot be written to.
        """

    @property
    def worker_started(self) -> bool:
        """Whether a worker that was started here has not ended yet."""

    def wait(self, seconds: float) -> bool:
        """Waits for the worker to end; returns whether it has."""


class AttachedRun:
    """A run that exists already, with or without a worker.

    Args:
        run: Its directory.
        steerable: Whether commands are sent; without, it is just watched.
    """

    def __init__(self, run: RunDirectory, *, steerable: bool = True) -> None:
        from l2tui.runs.listing import name_of

        self.run = run
        self.path = run.path
        self.name = name_of(run)
        self.steerable = steerable
        self.follows_on = True
        self._reader: RunReader | None = None

    def poll(self) -> Snapshot:
        """As `RunFeed.poll`."""
        from l2tui.runs.reader import RunReader

        if self._reader is None:
            self._reader = RunReader(self.run)
        return self._reader.poll()

    def send(self, command: AnyCommand) -> int:
        """As `RunFeed.send`; a run that is just watched refuses.

        Raises:
            RunError: It may not or cannot be steered.
        """
        if not self.steerable:
            raise RunError("watching only: this window does not steer the run")
        send(self.run, command)
        return self.run.control.stat().st_size

    @property
    def worker_started(self) -> bool:
        """No worker was started here."""
        return False

    def wait(self, seconds: float) -> bool:
        """As `RunFeed.wait`."""
        deadline = time.monotonic() + seconds
        while self.run.is_locked():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


class RunClient(AttachedRun):
    """A run whose worker is started here.

    Args:
        settings: What to train.
        paused: Whether the run begins paused.
        resume: A run to go on with, instead of a new one; of `settings` only the epochs then count.

    Raises:
        RunError: The run directory cannot be made, or the worker cannot be started.
    """

    def __init__(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> None:
        # What starts processes takes a while to load, and the first picture does not wait for it.
        from l2tui.worker.launch import new_run, start_worker

        super().__init__(resume or new_run(settings, paused=paused))
        self.follows_on = False
        epochs = None if resume is None else settings.epochs
        self._process: subprocess.Popen[bytes] = start_worker(self.run, epochs=epochs)

    @property
    def worker_started(self) -> bool:
        """Whether the worker that was started here has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """As `RunFeed.wait`."""
        import subprocess

        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


class WatchedLog:
    """Another program's log.

    Args:
        path: The file or folder; a file need not be there yet.
        content: Where the bytes come from, if not from the file.
        **choices: Which columns are the losses and which rule confirms overfitting, as for `LogReader`.
    """

    def __init__(self, path: Path, *, content: Content | None = None, **choices: Unpack[LogChoices]) -> None:
        self.path, self.name = path, path.name or str(path)
        self.steerable = False
        self.follows_on = True
        self._content, self._choices = content, choices
        self._reader: LogReader | None = None

    def poll(self) -> Snapshot:
        """As `RunFeed.poll`. Where one of several pairs of losses is to be chosen, that is what it waits for."""
        from l2tui.runs.logs.log import LogReader
        from l2tui.runs.reader import LogFacts, Snapshot

        if self._reader is None:
            self._reader = LogReader(self.path, content=self._content, **self._choices)
        try:
            return self._reader.poll()
        except SeveralPairsError as error:
            return Snapshot(log=LogFacts(waits="one of several pairs of losses is to be chosen", pairs=error.pairs))

    def choose(self, pair: str) -> None:
        """Takes another pair of losses; the next poll reads the log anew."""
        self._choices = {"pair": pair, "criterion": self._choices.get("criterion")}
        self._reader = None

    def send(self, command: AnyCommand) -> int:
        """A log cannot be steered.

        Raises:
            RunError: Always.
        """
        raise RunError("watching only: a log cannot be steered")

    @property
    def worker_started(self) -> bool:
        """There is no worker."""
        return False

    def wait(self, seconds: float) -> bool:
        """There is no worker to wait for."""
        return True
