"""Reads a run's files and follows them as they grow."""

import errno
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, open_plain
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, RunSettings, Status, decode_event
from l2tui.runs.stored import read_json

Floats = NDArray[np.float64]

_TAIL_BYTES = 256
# Far beyond what any trainer writes. What holds no line within it is damaged, such as a file that was made longer only.
_MOST_LINE_BYTES = 1 << 24


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
    """

    format: str = ""
    x: str = "epoch"
    train: str | None = None
    val: str | None = None
    restarts: tuple[int, ...] = ()
    waits: str = ""


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
    """

    settings: RunSettings | None = None
    status: Status | None = None
    columns: dict[str, Floats] = field(default_factory=dict)
    events: tuple[AnyEvent, ...] = ()
    alive: bool = False
    log: LogFacts | None = None

    def __len__(self) -> int:
        """Returns the number of recorded epochs."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def column(self, name: str) -> Floats:
        """Returns one metric, empty before the first epoch."""
        return self.columns.get(name, np.empty(0))


class LineFollower:
    """Hands out the complete lines that were appended to a file since the last call.

    A line without its end is left until the rest has come. A missing file has no lines yet. A file that has become
    shorter, holds something else where it was read before, or has taken another's place, is read from its start.

    The file stays open, so that no other can have its number.

    Args:
        path: The file.
        links: Whether it may be a link, as a file that a user names may.
    """

    def __init__(self, path: Path, *, links: bool = False) -> None:
        self._path, self._links = path, links
        self._file: BinaryIO | None = None
        self._offset = 0
        self._tail = b""

    def __del__(self) -> None:
        """Closes the file."""
        self.restart()

    def restart(self) -> None:
        """Forgets what was read: the next call begins at the file's start."""
        if self._file is not None:
            self._file.close()
        self._file, self._offset, self._tail = None, 0, b""

    def read(self) -> tuple[bytes, bool]:
        """Returns the new complete lines as one piece, and whether reading began anew at the file's start.

        Raises:
            RunError: The file cannot be read, or is no plain file.
        """
        try:
            return self._read()
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read: {error.strerror}") from None

    def _read(self) -> tuple[bytes, bool]:
        if self._file is not None and not self._is_same(self._file):
            self.restart()
        anew = self._offset == 0
        if self._file is None:
            path = Path(os.path.realpath(self._path)) if self._links else self._path
            try:
                self._file = os.fdopen(open_plain(path, os.O_RDONLY), "rb", buffering=0)
            except FileNotFoundError:
                return b"", False
        data = b"".join(_whole_lines(self._file, self._offset))
        self._offset += len(data)
        self._tail = (self._tail + data)[-_TAIL_BYTES:]
        return data, anew

    def _is_same(self, file: BinaryIO) -> bool:
        try:
            now, held = self._path.stat(follow_symlinks=self._links), os.fstat(file.fileno())
        except FileNotFoundError:
            return True
        tail = os.pread(file.fileno(), len(self._tail), self._offset - len(self._tail))
        return os.path.samestat(now, held) and tail == self._tail


def _whole_lines(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Yields what follows in a file, in pieces that end where a line ends."""
    while True:
        piece = os.pread(file.fileno(), _MOST_LINE_BYTES, start)
        end = piece.rfind(b"\n") + 1
        if not end and len(piece) == _MOST_LINE_BYTES:
            raise OSError(errno.EINVAL, f"a line of it is longer than {_MOST_LINE_BYTES:,} bytes")
        yield piece[:end]
        if not end:
            return
        start += end


class RunReader:
    """Follows one run. Each `poll` reads what is new and returns a fresh snapshot."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._metrics = LineFollower(run.metrics)
        self._events = LineFollower(run.events)
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
