"""Follows another program's log, whatever its format, and judges it."""

import json
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from l2tui.errors import RunError, SeveralPairsError
from l2tui.runs.events import Status
from l2tui.runs.logs.columns import AmbiguousError, Choice, choose, pairs_of
from l2tui.runs.logs.content import Content, FileContent
from l2tui.runs.logs.curve import LogCurve, curve_of
from l2tui.runs.logs.delimited import Delimited
from l2tui.runs.logs.json_document import JsonDocument
from l2tui.runs.logs.json_lines import JsonLines
from l2tui.runs.logs.judge import Judge
from l2tui.runs.logs.places import FORMATS, log_in
from l2tui.runs.logs.records import TIME, LogRecords
from l2tui.runs.logs.tensorboard import EventFile, is_event_file
from l2tui.runs.reader import LogFacts, Snapshot
from l2tui.settings import CriterionName, Settings

_POLLS_BETWEEN_FOLDERS = 20


def records_for(head: bytes) -> LogRecords | None:
    """Returns what reads a log that begins so; None where that cannot be said yet."""
    if is_event_file(head):
        return EventFile()
    start = head.lstrip()
    if start[:1] not in (b"{", b"["):
        return Delimited() if b"\n" in head else None
    line, end, _ = start.partition(b"\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return JsonDocument() if end else None
    return JsonLines() if isinstance(first, dict) and "log_history" not in first else JsonDocument()


class LogChoices(TypedDict, total=False):
    """What a person can say of a log.

    Attributes:
        train_column: Name of the training loss, guessed by default.
        val_column: Name of the validation loss, guessed by default.
        pair: Which of several pairs of losses is meant.
        criterion: The rule that confirms overfitting.
    """

    train_column: str | None
    val_column: str | None
    pair: str | None
    criterion: CriterionName | None


class _Part:
    """One file of a log."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._data = b""
        self.records: LogRecords | None = None

    def poll(self) -> bool:
        """Reads what is new; returns whether there is anything."""
        data = self._content.read() or b""
        if data == self._data:
            return False
        if self.records is None or not data.startswith(self._data):
            self.records, self._data = records_for(data), b""
        if self.records is not None:
            new, self._data = data[len(self._data) :], data
            try:
                self.records.feed(new)
            except ValueError:
                # What was read of it is no beginning to go on from.
                self.records = None
                raise
        return True


class LogReader:
    """Follows a log as it grows. Each `poll` reads what is new and returns a fresh snapshot.

    A file that was truncated, replaced or written anew in place is read anew. The newest point may still get its other
    half; those before it are settled.

    Args:
        path: The file or folder; a file need not be there yet.
        content: Where the bytes come from, if not from the file.
        **choices: What a person says of it.
    """

    def __init__(self, path: Path, *, content: Content | None = None, **choices: Unpack[LogChoices]) -> None:
        self.path = path
        self._criterion: CriterionName = choices.get("criterion") or Settings().criterion
        self._wanted = choices.get("train_column"), choices.get("val_column"), choices.get("pair")
        self._parts: dict[tuple[str, Path], _Part] = {} if content is None else {("", path): _Part(content)}
        self._is_piped = content is not None
        self._polls = 0
        self._judge = Judge(self._criterion)
        self._absent = "nothing has come yet" if content else "it is empty or not there yet"
        self._snapshot = self._waiting(self._absent)
        self._error: RunError | None = None

    @property
    def _has_begun(self) -> bool:
        return any(part.records is not None for part in self._parts.values())

    @staticmethod
    def _waiting(waits: str) -> Snapshot:
        return Snapshot(log=LogFacts(waits=waits))

    def poll(self) -> Snapshot:
        """Returns the log as it is now.

        Raises:
            RunError: It cannot be read, or the losses are not found in it.
        """
        changed = self._find_parts()
        for (_, path), part in self._parts.items():
            try:
                changed |= part.poll()
            except ValueError as error:
                self._error = RunError(f"{path}: not a log that can be read: {error}; read are {FORMATS}")
                raise self._error from None
        if changed and all(part.records is None or part.records.steady for part in self._parts.values()):
            self._error = None
            try:
                self._snapshot = self._read()
            except RunError as error:
                self._error = error
        if self._error is not None:
            # It stays wrong until the file changes.
            raise self._error
        return self._snapshot

    def _find_parts(self) -> bool:
        """Looks which files there are, in a folder now and then; returns whether that has changed."""
        if self._is_piped or (self._polls and self._polls % _POLLS_BETWEEN_FOLDERS):
            self._polls += 1
            return False
        self._polls += 1
        files = log_in(self.path) if self.path.is_dir() else [("", self.path)]
        if files == list(self._parts):
            return False
        self._parts = {key: self._parts.get(key) or _Part(FileContent(key[1])) for key in files}
        return True

    def _read(self) -> Snapshot:
        names: list[str] = []
        rows = []
        for (prefix, _), part in self._parts.items():
            if part.records is not None:
                kept = {"step", TIME}
                own = {name: name if not prefix or name in kept else prefix + name for name in part.records.names}
                names += [name for name in own.values() if name not in names]
                rows += [
                    {own.get(name, name): value for name, value in row.items()} if prefix else row
                    for row in part.records.rows
                ]
        if len(self._parts) > 1:
            rows.sort(key=lambda row: row.get(TIME, 0.0))
        if not rows:
            return self._waiting("there are no losses in it yet" if self._has_begun else self._absent)
        counts = dict.fromkeys(names, 0)
        for row in rows:
            for name in row:
                if name != TIME:
                    counts[name] += 1
        try:
            choice = choose(counts, *self._wanted)
        except AmbiguousError as error:
            raise SeveralPairsError(f"{self.path}: {error}", tuple(error.pairs)) from None
        except ValueError as error:
            raise RunError(f"{self.path}: {error}") from None
        several = tuple(pairs_of(counts))
        format = next(part.records.format for part in self._parts.values() if part.records is not None)
        return self._snapshot_of(
            curve_of(rows, names, choice), choice, format, tuple(several) if len(several) > 1 else ()
        )

    def _snapshot_of(self, curve: LogCurve, choice: Choice, format: str, pairs: tuple[str, ...]) -> Snapshot:
        if not curve.points:
            return self._waiting("there are no losses in it yet")
        last = curve.points[-1].x
        settings = Settings(data=self.path.name, criterion=self._criterion)
        status = Status(
            state="running", pid=0, heartbeat=0.0, settings=settings, epoch=last, assessment=self._judge.judge(curve)
        )
        columns = {
            name: np.array([np.nan if point[at] is None else point[at] for point in curve.points], float)
            for at, name in enumerate(("epoch", "train_loss", "val_loss"))
        }
        facts = LogFacts(
            format, curve.x, choice.train, choice.val, curve.restarts, pairs=pairs if len(pairs) > 1 else ()
        )
        return Snapshot(status=status, columns=columns, log=facts)
