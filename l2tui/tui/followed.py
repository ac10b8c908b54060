"""One run as a window follows it: its source, what is known of it, and what its worker was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from l2tui.runs.events import AnyCommand, SetValue
from l2tui.settings import Settings
from l2tui.tui.run_client import RunFeed, WatchedLog
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot


class FollowedRun:
    """A run, or another program's log. Any number of them can be followed side by side.

    Args:
        source: Its files and its worker.
        began: The settings that it began with, where they are known.
        before: The process of the worker before, where another has resumed the run.

    Attributes:
        source: As given.
        snapshot: What its files say, None before they have been read.
    """

    def __init__(self, source: RunFeed, began: Settings | None = None, *, before: int | None = None) -> None:
        self.source = source
        self.snapshot: Snapshot | None = None
        self._began = began
        self._started = True
        self._before = before
        # Values, and what the status counts once the worker has taken them.
        self._asked: dict[str, tuple[Any, int]] = {}

    def send(self, command: AnyCommand) -> None:
        """Sends a command; a live setting counts as in force from now on.

        Raises:
            RunError: The run may not or cannot be steered.
        """
        position = self.source.send(command)
        if isinstance(command, SetValue):
            self._asked[command.name] = (command.value, position)

    def take(self, snapshot: Snapshot, *, started: bool) -> None:
        """Takes over what has been read.

        Args:
            snapshot: The run's files.
            started: Whether a worker that was started here had not ended before they were read.
        """
        self.snapshot, self._started = snapshot, started
        done = snapshot.status.commands if snapshot.status is not None and not self._resuming else -1
        gone = not started and not snapshot.alive
        self._asked = {name: (value, at) for name, (value, at) in self._asked.items() if done < at and not gone}

    @property
    def _resuming(self) -> bool:
        """Whether the last status is still that of the worker before."""
        status = self.snapshot.status if self.snapshot is not None else None
        return self._before is not None and self._started and status is not None and status.pid == self._before

    def view(self, pending: Settings) -> RunView:
        """Returns the run as it is to be shown beside pending settings."""
        return RunView(
            pending,
            self.snapshot,
            self._started,
            is_log=isinstance(self.source, WatchedLog),
            watching=not self.source.steerable,
            name=self.source.name,
            began=self._began,
            resuming=self._resuming,
            asked={name: value for name, (value, _) in self._asked.items()},
        )
