"""Reads a run's files and follows them as they grow."""

import io
from dataclasses import dataclass, field, replace

import numpy as np

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, RunSettings, Status, decode_event
from l2tui.runs.following import Floats, LineFollower
from l2tui.runs.ghost import GhostCurve, GhostReader
from l2tui.runs.stored import read_json


@dataclass(frozen=True)
class LogFacts:
    """What a log of another program is.

    Attributes:
        format: How it is written.
        x: What its points are counted in: epoch, step, iteration or row.
        train: The column of the training loss, None where there is none yet.
        val: That of the validation loss.
        restarts: The points at which the count began anew.
        waits: What is waited for while there is nothing to show, for people.
        pairs: The pairs of losses among which one is chosen; empty where there is but one.
    """

    format: str = ""
    x: str = "epoch"
    train: str | None = None
    val: str | None = None
    restarts: tuple[int, ...] = ()
    waits: str = ""
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run at one moment, as far as it has been written. It never changes.

    Attributes:
        settings: What the run was made of, None before it is written.
        status: The last status, None before the first.
        columns: Metrics by name, float64 arrays of equal length, a value for each recorded epoch.
        events: All events so far.
        alive: Whether a worker holds the run's lock.
        log: What the log is, for another program's; None for a run.
        ghost: The twin that trains along, None without one.
    """

    settings: RunSettings | None = None
    status: Status | None = None
    columns: dict[str, Floats] = field(default_factory=dict)
    events: tuple[AnyEvent, ...] = ()
    alive: bool = False
    log: LogFacts | None = None
    ghost: GhostCurve | None = None

    def __len__(self) -> int:
        """Returns the number of recorded epochs."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def column(self, name: str) -> Floats:
        """Returns one metric, empty before the first epoch."""
        return self.columns.get(name, np.empty(0))


class RunReader:
    """Follows one run. Each `poll` reads what is new and returns a fresh snapshot."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._metrics = LineFollower(run.metrics)
        self._events = LineFollower(run.events)
        self._ghost = GhostReader(run)
        self._names: list[str] = []
        self._rows: Floats = np.empty((0, 0))
        self._count = 0
        self._snapshot = Snapshot()

    def poll(self) -> Snapshot:
        """Returns the run as it is now.

        Raises:
            RunError: A file is there but damaged, or was written by a program that this one does not understand.
        """
        if not self.run.path.is_dir():
            raise RunError(f"{self.run.path}: the run directory is gone")
        # The lock is looked at first: a worker that ends meanwhile has written everything by then.
        alive = self.run.is_locked()
        settings = self._snapshot.settings or read_json(self.run, self.run.settings, RunSettings)
        status = read_json(self.run, self.run.status, Status)
        try:
            columns, events = self._read_metrics(), self._read_events()
        except OSError as error:
            raise RunError(f"{error.filename or self.run.path}: cannot be read: {error.strerror}") from None
        self._snapshot = replace(
            self._snapshot,
            settings=settings,
            status=status,
            columns=columns,
            events=events,
            alive=alive,
            ghost=self._ghost.poll(events),
        )
        return self._snapshot

    def _begin_anew(self) -> None:
        """Lets the next poll read all again, so that what was damaged for a moment leaves no gap."""
        self._metrics.restart()
        self._events.restart()

    def _read_metrics(self) -> dict[str, Floats]:
        data, anew = self._metrics.read()
        if not data and not anew:
            return self._snapshot.columns
        if anew:
            header, _, data = data.partition(b"\n")
            self._names = header.decode(errors="replace").split(",")
            if header and not {"epoch", "val_loss"}.issubset(self._names):
                self._begin_anew()
                raise RunError(f"{self.run.metrics}: damaged: its first line is not that of a run")
            self._rows = np.empty((1024, len(self._names)))
            self._count = 0
        if data:
            try:
                rows = np.loadtxt(io.BytesIO(data), delimiter=",", ndmin=2, comments=None)
            except ValueError as error:
                self._begin_anew()
                raise RunError(f"{self.run.metrics}: damaged: {error}") from None
            if rows.shape[1] != len(self._names):
                self._begin_anew()
                raise RunError(f"{self.run.metrics}: damaged: {rows.shape[1]} values for {len(self._names)} columns")
            self._append(rows)
        if not self._count:
            # The names alone: the first epoch of a large table takes a while.
            return {}
        return {name: self._rows[: self._count, index] for index, name in enumerate(self._names)}

    def _append(self, rows: Floats) -> None:
        # Rows that were handed out are never written to again: growth makes a new block, appending goes behind them.
        needed = self._count + len(rows)
        if needed > len(self._rows):
            grown = np.empty((max(needed, 2 * len(self._rows)), len(self._names)))
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count : needed] = rows
        self._count = needed

    def _read_events(self) -> tuple[AnyEvent, ...]:
        data, anew = self._events.read()
        known = () if anew else self._snapshot.events
        try:
            return known + tuple(decode_event(line) for line in data.splitlines() if line.strip())
        except UNDECODABLE as error:
            self._begin_anew()
            raise RunError(f"{self.run.events}: damaged, or of a newer version: {error}") from None
