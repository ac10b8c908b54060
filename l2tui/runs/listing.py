"""All runs at a glance, and finding one by a part of its name."""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, expanded
from l2tui.runs.directory import RunDirectory, runs_root
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.reveals import count_reveals
from l2tui.runs.stored import known_status

ListedState = Literal["starting", "running", "paused", "finished", "diverged", "failed", "interrupted", "unreadable"]

LIVE_STATES: tuple[ListedState, ...] = ("starting", "running", "paused")


class Note(Struct, frozen=True):
    """What a person has written about a run.

    Attributes:
        title: A name of their own for it.
        text: Whatever there is to say.
    """

    title: str = ""
    text: str = ""


class RunInfo(Struct, frozen=True, kw_only=True):
    """One run in the list of runs.

    Attributes:
        name: The name of its directory.
        path: The directory.
        state: What it is doing, or how it ended. "interrupted": its worker is gone without having finished it.
        created: When it was made, ISO 8601; empty where that is not known.
        data: Name of the data.
        l2: λ in force.
        epoch: Finished epochs.
        epochs: Planned epochs.
        best_val_loss: Lowest val_loss so far, None before the first epoch.
        best_epoch: The epoch of it.
        onset_epoch: Since when val_loss rises, None where it does not.
        title: The name that a person has given.
        note: What a person has written about it.
        reason: Why it ended or cannot be read.
        test_looks: How often its test part was looked at.
    """

    name: str
    path: str
    state: ListedState
    created: str = ""
    data: str = ""
    l2: float = 0.0
    epoch: int = 0
    epochs: int = 0
    best_val_loss: float | None = None
    best_epoch: int | None = None
    onset_epoch: int | None = None
    title: str = ""
    note: str = ""
    reason: str = ""
    test_looks: int = 0

    @property
    def run(self) -> RunDirectory:
        """The run's files."""
        return RunDirectory(Path(self.path))

    @property
    def is_live(self) -> bool:
        """Whether a worker is at it."""
        return self.state in LIVE_STATES

    def age_seconds(self, now: datetime) -> float | None:
        """Returns the seconds from the run's creation to `now`, None where the creation is not known."""
        try:
            return (now - datetime.fromisoformat(self.created)).total_seconds()
        except (ValueError, TypeError):
            return None


_settings_decoder = msgspec.json.Decoder(RunSettings)
_note_decoder = msgspec.json.Decoder(Note)


def list_runs(root: Path | None = None) -> list[RunInfo]:
    """Returns all runs in a folder, newest first. What is not a run is passed over, a damaged one says so.

    Args:
        root: The folder, by default that of the user's runs.
    """
    root = runs_root() if root is None else root
    try:
        entries = [entry for entry in root.iterdir() if entry.is_dir()]
    except OSError:
        return []
    runs = [info for entry in entries if (info := describe_run(RunDirectory(entry))) is not None]
    return sorted(runs, key=lambda info: info.name, reverse=True)


def describe_run(run: RunDirectory) -> RunInfo | None:
    """Returns what the list says of one run, or None where the directory is not one."""
    if not os.path.lexists(run.settings):
        return None
    # The lock first: a worker that ends after this has written its last status by the time it is read.
    alive = run.is_locked()
    try:
        run.check()
        settings = _settings_decoder.decode(run.read(run.settings))
    except FileNotFoundError:
        return None
    except (OSError, RunError, *UNDECODABLE) as error:
        return RunInfo(name=run.name, path=str(run.path), state="unreadable", reason=str(error))
    status, note = known_status(run), read_note(run)
    now = settings.settings if status is None else status.settings
    assessment = status.assessment if status is not None else None
    return RunInfo(
        name=run.name,
        path=str(run.path),
        state=_state(alive, status),
        created=settings.created,
        data=now.data,
        l2=now.l2,
        epoch=status.epoch if status else 0,
        epochs=now.epochs,
        best_val_loss=assessment.best_val_loss if assessment else None,
        best_epoch=assessment.best_epoch if assessment else None,
        onset_epoch=assessment.onset_epoch if assessment else None,
        title=note.title,
        note=note.text,
        reason=status.reason if status else "",
        test_looks=_test_looks(run),
    )


def find_run(text: str, root: Path | None = None) -> RunDirectory:
    """Returns the run that a person means.

    Args:
        text: A path, a name, a title, or a part of a name or title that only one run has.
        root: The folder of runs, by default that of the user.

    Raises:
        RunError: No run or more than one is meant.
    """
    path = expanded(text)
    if path.is_dir() and os.path.lexists(RunDirectory(path).settings):
        return _checked(RunDirectory(path))
    runs = list_runs(root)
    part = text.lower()
    exact = [info for info in runs if text in (info.name, info.title)]
    partial = [info for info in runs if part in info.name.lower() or part in info.title.lower()]
    for found in (exact, partial):
        if len(found) == 1:
            return _checked(found[0].run)
        if found:
            names = ", ".join(info.name for info in found[:3])
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            raise RunError(f"{text}: {len(found)} runs are named like that: {names}{more}; name one of them")
    raise RunError(f"{text}: no such run; `l2tui runs` lists them")


def _checked(run: RunDirectory) -> RunDirectory:
    run.check()
    return run


def newest_live_run(root: Path | None = None) -> RunDirectory | None:
    """Returns the newest run that has a worker, or None."""
    return next((info.run for info in list_runs(root) if info.is_live), None)


def read_note(run: RunDirectory) -> Note:
    """Returns what a person has written about a run; an empty note where there is none, or none that can be read."""
    try:
        return _note_decoder.decode(run.read(run.note))
    except (OSError, *UNDECODABLE):
        return Note()


def write_note(run: RunDirectory, note: Note) -> None:
    """Keeps what a person has written about a run.

    Raises:
        RunError: It cannot be written.
    """
    try:
        run.replace(run.note, msgspec.json.encode(note))
    except OSError as error:
        raise RunError(f"{run.note}: cannot be written: {error.strerror}") from None


def delete_run(run: RunDirectory) -> None:
    """Deletes a run for good.

    Raises:
        RunError: A worker is at it, it is no run, or it cannot be deleted.
    """
    import shutil

    if run.path.is_symlink():
        raise RunError(f"{run.path}: is a link to a directory elsewhere; nothing was deleted")
    if not os.path.lexists(run.settings):
        raise RunError(f"{run.path}: not a run; nothing was deleted")
    with run.locked():
        try:
            shutil.rmtree(run.path)
        except OSError as error:
            raise RunError(f"{run.path}: cannot be deleted: {error.strerror}") from None


def _test_looks(run: RunDirectory) -> int:
    try:
        return count_reveals(run)
    except RunError:
        return 0


def _state(alive: bool, status: Status | None) -> ListedState:
    if alive:
        return "starting" if status is None or status.state not in ("running", "paused") else status.state
    if status is not None and status.state in ("finished", "diverged", "failed"):
        return status.state
    return "interrupted"
