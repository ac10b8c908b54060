"""Follows what is compared: runs, and logs of other programs."""

import os
from pathlib import Path
from typing import Any, Protocol, Unpack

import numpy as np
from numpy.typing import NDArray

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE
from l2tui.runs.comparison import Subject
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, BestRestored, RunSettings, SettingChanged, Status, decode_event
from l2tui.runs.following import LineFollower
from l2tui.runs.listing import describe_run
from l2tui.runs.logs.log import LogChoices, LogReader
from l2tui.runs.reader import RunReader
from l2tui.runs.recorder import EPOCH_BYTES
from l2tui.runs.stored import known_status, read_run_settings

Floats = NDArray[np.float64]

# More than the longest two rows of a metrics file.
_TAIL_BYTES = 4096
_FIGURES = ("train_accuracy", "val_accuracy", "w1_norm", "w2_norm")


class Source(Protocol):
    """Something that can be compared.

    Attributes:
        path: Where it is.
    """

    path: Path

    def poll(self) -> Subject:
        """Returns it as it is now; the same object while nothing has changed.

        Raises:
            RunError: A file is damaged, or gone.
        """


class RunSource:
    """A run. Its losses are read from the file that holds every epoch: that of the records takes far longer.

    Args:
        run: Its directory.
        name: What people call it.
    """

    def __init__(self, run: RunDirectory, name: str) -> None:
        self.run, self.path, self._name = run, run.path, name
        self._settings: RunSettings | None = None
        self._events = LineFollower(run.events)
        self._known: tuple[AnyEvent, ...] = ()
        self._losses: Floats = np.empty((0, 2))
        self._records: RunReader | None = None
        self._stamp: object = None
        self._pid = 0
        self._subject: Subject | None = None

    def poll(self) -> Subject:
        """As `Source.poll`."""
        run = self.run
        if not run.path.is_dir():
            raise RunError(f"{run.path}: the run directory is gone")
        alive = run.is_locked()
        stamp = (alive, *map(stamp_of, (run.status, run.settings, run.events, run.curve)))
        if self._subject is None or stamp != self._stamp:
            self._subject, self._stamp = self._read(alive=alive), stamp
        return self._subject

    def _read(self, *, alive: bool) -> Subject:
        if self._settings is None or self._settings.fingerprint is None:
            self._settings = read_run_settings(self.run)
        status = known_status(self.run)
        info = describe_run(self.run)
        events = self._read_events()
        epochs, train, val = self._read_losses(status)
        assessment = status.assessment if status is not None else None
        settings = self._settings.settings if status is None else status.settings
        return Subject(
            name=self._name,
            path=str(self.run.path),
            kind="run",
            epochs=epochs,
            train=train,
            val=val,
            settings=settings,
            history=_history(events),
            steered=any(isinstance(event, BestRestored) or _steers(event) for event in events),
            fingerprint=self._settings.fingerprint or "",
            task=status.facts.task if status is not None and status.facts is not None else "",
            state=info.state if info is not None else "unreadable",
            is_live=alive,
            planned=settings.epochs,
            best_epoch=assessment.best_epoch if assessment else None,
            best_val_loss=assessment.best_val_loss if assessment else None,
            onset_epoch=assessment.onset_epoch if assessment else None,
            confirmed_epoch=assessment.confirmed_epoch if assessment else None,
            verdict=info.verdict if info is not None else "",
            figures=self._figures(),
            origin=self._settings.origin,
            shape=status.facts.shape if status is not None and status.facts is not None else None,
        )

    def _read_events(self) -> tuple[AnyEvent, ...]:
        data, anew = self._events.read()
        try:
            new = tuple(decode_event(line) for line in data.splitlines() if line.strip())
        except UNDECODABLE as error:
            raise RunError(f"{self.run.events}: damaged, or of a newer version: {error}") from None
        self._known = new if anew else self._known + new
        return self._known

    def _read_losses(self, status: Status | None) -> tuple[Floats, Floats, Floats]:
        """Returns the epochs that are done with their losses; from the records where not every epoch is on file."""
        if status is not None and status.pid != self._pid:
            # Another worker may have gone back to its checkpoint and on from there with another λ.
            self._losses, self._pid = np.empty((0, 2)), status.pid
        try:
            descriptor = self.run.open(self.run.curve, os.O_RDONLY)
        except OSError:
            return self._recorded()
        try:
            size = os.fstat(descriptor).st_size // EPOCH_BYTES
            count = len(self._losses) if len(self._losses) <= size else 0
            data = os.pread(descriptor, EPOCH_BYTES * (size - count), EPOCH_BYTES * count)
        finally:
            os.close(descriptor)
        new = np.frombuffer(data[: len(data) // EPOCH_BYTES * EPOCH_BYTES], "<f8").astype(np.float64).reshape(-1, 2)
        if len(new):
            self._losses = np.concatenate([self._losses[:count], new])
        done = len(self._losses) if status is None else min(len(self._losses), status.epoch + 1)
        if status is not None and done < status.epoch + 1 and status.assessment is not None:
            return self._recorded()
        return np.arange(done, dtype=np.float64), self._losses[:done, 0], self._losses[:done, 1]

    def _recorded(self) -> tuple[Floats, Floats, Floats]:
        self._records = self._records or RunReader(self.run)
        snapshot = self._records.poll()
        return snapshot.column("epoch"), snapshot.column("train_loss"), snapshot.column("val_loss")

    def _figures(self) -> dict[str, float]:
        """Returns what the last record says besides the losses."""
        try:
            descriptor = self.run.open(self.run.metrics, os.O_RDONLY)
        except OSError:
            return {}
        try:
            head = os.pread(descriptor, _TAIL_BYTES, 0).partition(b"\n")[0].decode(errors="replace").split(",")
            size = os.fstat(descriptor).st_size
            lines = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).split(b"\n")
        finally:
            os.close(descriptor)
        row = lines[-2].split(b",") if len(lines) > 2 or (len(lines) == 2 and size > _TAIL_BYTES) else []
        try:
            return {name: float(value) for name, value in zip(head, row, strict=True) if name in _FIGURES}
        except ValueError:
            return {}


class LogSource:
    """Another program's log.

    Args:
        path: The file or folder; a file need not be there yet.
        **choices: As for `LogReader`.
    """

    def __init__(self, path: Path, **choices: Unpack[LogChoices]) -> None:
        self.path = path
        self._reader = LogReader(path, **choices)
        self._shown: object = None
        self._subject: Subject | None = None

    def poll(self) -> Subject:
        """As `Source.poll`."""
        snapshot = self._reader.poll()
        if self._subject is None or snapshot is not self._shown:
            self._shown = snapshot
            said = snapshot.status.assessment if snapshot.status is not None else None
            self._subject = Subject(
                name=self.path.name or str(self.path),
                path=str(self.path),
                kind="log",
                epochs=snapshot.column("epoch"),
                train=snapshot.column("train_loss"),
                val=snapshot.column("val_loss"),
                state="log" if len(snapshot) else snapshot.log.waits if snapshot.log is not None else "",
                is_live=True,
                x=snapshot.log.x if snapshot.log is not None else "epoch",
                best_epoch=said.best_epoch if said else None,
                best_val_loss=said.best_val_loss if said else None,
                onset_epoch=said.onset_epoch if said else None,
                confirmed_epoch=said.confirmed_epoch if said else None,
                verdict=said.verdict if said else "",
            )
        return self._subject


def stamp_of(path: Path) -> tuple[int, int, int] | None:
    """Returns what changes with the content of a file, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _steers(event: AnyEvent) -> bool:
    return isinstance(event, SettingChanged) and event.name in ("l2", "learning_rate")


def _history(events: tuple[AnyEvent, ...]) -> dict[str, tuple[Any, ...]]:
    """Returns the values in turn of every setting that was changed."""
    history: dict[str, tuple[Any, ...]] = {}
    for event in events:
        if isinstance(event, SettingChanged):
            history[event.name] = (*history.get(event.name, (event.old,)), event.new)
    return history
