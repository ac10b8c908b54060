"""Writes the files of a run while it trains."""

import csv
import io
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, RunSettings, Status, encode_line

if TYPE_CHECKING:
    from l2tui.runs.curve import CurveFile

# Bytes of an epoch in the curve: two little-endian float64.
EPOCH_BYTES = 16

_STATUS_BYTES = 4096
_BLOCK_BYTES = 1 << 20


class Recorder:
    """Appends metrics and events, and replaces the status.

    Rows are collected in memory and written by `flush`, as whole lines, so that a fast run does not spend its time
    in system calls. Events are flushed at once, after the rows that came before them.

    Args:
        run: The run's directory.
        columns: Names of the metrics, for the header of the file. A file that has a header keeps to it.
        curve: The losses of every epoch, written along with the rows.
    """

    def __init__(self, run: RunDirectory, columns: tuple[str, ...], curve: "CurveFile | None" = None) -> None:
        self._run, self._curve = run, curve
        self._metrics = _Appender(run, run.metrics)
        self._events = _Appender(run, run.events)
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._places: list[int] | None = None
        if self._metrics.is_new:
            self._writer.writerow(columns)
        elif (names := _column_names(run)) != columns:
            self._places = [columns.index(name) for name in names if name in columns]

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds a row of metrics. Numbers are written so that reading them gives the same bits."""
        self._writer.writerow(row if self._places is None else [row[place] for place in self._places])

    def event(self, event: AnyEvent) -> None:
        """Writes an event.

        Raises:
            OSError: As `flush`.
        """
        self._events.add(encode_line(event))
        self.flush()

    def sizes(self) -> tuple[int, int]:
        """Returns the bytes of the metrics and of the events, with what is not written yet."""
        self._collect()
        return self._metrics.size, self._events.size

    def sync(self) -> None:
        """Writes what is collected and makes sure that it is on the disk, not just on its way there.

        Raises:
            OSError: As `flush`.
        """
        self.flush()
        self._metrics.sync()
        self._events.sync()
        if self._curve is not None:
            self._curve.sync()

    def flush(self) -> None:
        """Writes the collected rows, then the collected events.

        Raises:
            OSError: They could not be written. What is missing is kept for the next call, which goes on where this
                one stopped, in the middle of a line if need be.
        """
        self._collect()
        if self._curve is not None:
            self._curve.flush()
        self._metrics.flush()
        self._events.flush()

    def _collect(self) -> None:
        text = self._text.getvalue()
        if text:
            self._metrics.add(text.encode())
            self._text.seek(0)
            self._text.truncate()

    def status(self, status: Status) -> None:
        """Replaces the status.

        Raises:
            OSError: It could not be written.
        """
        # Blanks at the end keep the file's one block large enough to be overwritten on a disk that is full.
        data = msgspec.json.encode(status).ljust(_STATUS_BYTES)
        try:
            self._run.replace(self._run.status, data)
        except OSError:
            with os.fdopen(self._run.open(self._run.status, os.O_RDWR), "r+b") as file:
                file.write(data)

    def close(self) -> None:
        """Writes what is left and closes the files.

        Raises:
            OSError: As `flush`; the files are closed all the same.
        """
        try:
            self.flush()
        finally:
            self._metrics.close()
            self._events.close()
            if self._curve is not None:
                self._curve.close()


def check_columns(run: RunDirectory, columns: tuple[str, ...]) -> None:
    """Checks that the rows of a run can be continued; they may lack columns that an earlier version did not have.

    Raises:
        RunError: The file has a column that is not among `columns`.
    """
    strange = [name for name in _column_names(run) if name and name not in columns]
    if strange:
        raise RunError(f"{run.metrics}: a newer version wrote the column {strange[0]!r}; resume it with that version")


def _column_names(run: RunDirectory) -> tuple[str, ...]:
    with os.fdopen(run.open(run.metrics, os.O_RDONLY | os.O_CREAT), "rb") as file:
        return tuple(file.readline().decode(errors="replace").rstrip("\n").split(","))


def write_run_settings(run: RunDirectory, settings: RunSettings) -> None:
    """Writes `settings.json`.

    Raises:
        OSError: It could not be written.
    """
    run.replace(run.settings, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def cut_back(run: RunDirectory, metrics: int, events: int, losses: int) -> None:
    """Cuts the metrics, the events and the curve to what they once were.

    The metrics and the events become new files where anything is cut off, so that a reader who had read further notices
    it, however long they have become by then.

    Args:
        run: The run's directory.
        metrics: Bytes of the metrics that stay.
        events: Bytes of the events that stay.
        losses: Epochs of the curve that stay.

    Raises:
        RunError: A file is shorter than that: something else has changed it.
        OSError: A file cannot be written.
    """
    for path, size in ((run.metrics, metrics), (run.events, events), (run.curve, EPOCH_BYTES * losses)):
        with os.fdopen(run.open(path, os.O_RDWR | os.O_CREAT), "r+b") as file:
            found = os.fstat(file.fileno()).st_size
            if found < size:
                raise RunError(f"{path}: shorter than at the last checkpoint; the run cannot go on exactly")
            if path == run.curve:
                file.truncate(size)
            elif found > size:
                run.replace(path, partial(_copy, file, size), durable=True)


def _copy(source: BinaryIO, size: int, target: BinaryIO) -> None:
    while size > 0 and (block := source.read(min(size, _BLOCK_BYTES))):
        target.write(block)
        size -= len(block)


class _Appender:
    """Appends to a file, keeping what could not be written, so that nothing is lost or written twice."""

    def __init__(self, run: RunDirectory, path: Path) -> None:
        descriptor = run.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._file = io.FileIO(descriptor, "wb")
        self._pending = bytearray()
        self._written = os.fstat(descriptor).st_size
        self.is_new = self._written == 0

    @property
    def size(self) -> int:
        return self._written + len(self._pending)

    def add(self, data: bytes) -> None:
        self._pending += data

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def flush(self) -> None:
        while self._pending:
            written = self._file.write(self._pending)
            del self._pending[:written]
            self._written += written

    def close(self) -> None:
        self._file.close()
