"""The app's end of a run: starts a worker, sends commands, reads the files. It knows no widget."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker

if TYPE_CHECKING:
    from l2tui.runs.reader import RunReader, Snapshot


class RunClient:
    """One run with its worker.

    Args:
        settings: What to train.
        paused: Whether the run begins paused.

    Raises:
        RunError: The run directory cannot be made, or the worker cannot be started.
    """

    def __init__(self, settings: Settings, *, paused: bool = False) -> None:
        self.run: RunDirectory = new_run(settings, paused=paused)
        self._process: subprocess.Popen[bytes] = start_worker(self.run)
        self._reader: RunReader | None = None

    def send(self, command: AnyCommand) -> None:
        """Sends a command to the worker.

        Raises:
            RunError: The run directory cannot be written to.
        """
        send(self.run, command)

    def poll(self) -> Snapshot:
        """Returns the run as it is now. Meant for a thread: the first call loads the number library.

        Raises:
            RunError: A file of the run is damaged.
        """
        from l2tui.runs.reader import RunReader

        if self._reader is None:
            self._reader = RunReader(self.run)
        return self._reader.poll()

    @property
    def worker_started(self) -> bool:
        """Whether the worker that was started here has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Waits for the worker to end; returns whether it has."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
