"""Writes the files of a run while it trains."""

import csv
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, RunSettings, Status, encode_line


class Recorder:
    """Appends metrics and events, and replaces the status.

    Rows are collected in memory and written by `flush`, as whole lines, so that a fast run does not spend its time
    in system calls. Events are flushed at once, after the rows that came before them.

    Args:
        run: The run's directory.
        columns: Names of the metrics, for the header of the file.
    """

    def __init__(self, run: RunDirectory, columns: tuple[str, ...]) -> None:
        self._run = run
        self._metrics = _open_append(run.metrics)
        self._events = _open_append(run.events)
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        if self._metrics.tell() == 0:
            self._writer.writerow(columns)

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds a row of metrics. Numbers are written so that reading them gives the same bits."""
        self._writer.writerow(row)

    def event(self, event: AnyEvent) -> None:
        """Writes an event.

        Raises:
            OSError: As `flush`.
        """
        self.flush()
        self._events.write(encode_line(event))
        self._events.flush()

    def flush(self) -> None:
        """Writes the collected rows.

        Raises:
            OSError: They could not be written; they are kept for the next call.
        """
        text = self._text.getvalue()
        if text:
            self._metrics.write(text.encode())
            self._metrics.flush()
            self._text.seek(0)
            self._text.truncate()

    def status(self, status: Status) -> None:
        """Replaces the status.

        Raises:
            OSError: It could not be written.
        """
        replace_file(self._run.status, msgspec.json.encode(status))

    def close(self) -> None:
        """Writes what is left and closes the files."""
        self.flush()
        self._metrics.close()
        self._events.close()


def write_run_settings(run: RunDirectory, settings: RunSettings) -> None:
    """Writes `settings.json`.

    Raises:
        OSError: It could not be written.
    """
    replace_file(run.settings, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def replace_file(path: Path, data: bytes) -> None:
    """Replaces a file as a whole: a reader sees the old content or the new, never a mixture."""
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)


def _open_append(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    file: BinaryIO = os.fdopen(descriptor, "ab")
    file.seek(0, os.SEEK_END)
    return file
