"""All runs at a glance, and finding one by a part of its name."""

import errno
import os
import re
from pathlib import Path

import msgspec
from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, expanded
from l2tui.runs.directory import RunDirectory, runs_root
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.info import ListedState, Note, RunInfo
from l2tui.runs.reveals import count_reveals
from l2tui.runs.stored import known_status
from l2tui.settings import Settings


class _SweepPlan(Struct, frozen=True):
    """What the list needs of a sweep's plan."""

    settings: Settings
    l2: tuple[float, ...]
    created: str = ""


class _SweepStatus(Struct, frozen=True):
    """What the list needs of a sweep's status."""

    state: ListedState
    share: float = 0.0
    best_l2: float | None = None
    loss: float | None = None
    verdict: str = ""
    sentence: str = ""
    reason: str = ""


# A name begins with the year, which people can do without.
_YEAR = re.compile(r"^\d{4}(?=\d{4}-\d{6}-)")

_settings_decoder = msgspec.json.Decoder(RunSettings)
_note_decoder = msgspec.json.Decoder(Note)


def list_runs(root: Path | None = None) -> list[RunInfo]:
    """Returns all runs in a folder, newest first. What is not a run is passed over, a damaged one says so.

    Args:
        root: The folder, by default that of the user's runs.
    """
    root = runs_root() if root is None else root
    try:
        # What is hidden is not finished: a fork that is being made, for one.
        entries = [entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []
    runs = [info for entry in entries if (info := describe_run(RunDirectory(entry))) is not None]
    return sorted(runs, key=lambda info: info.name, reverse=True)


def describe_run(run: RunDirectory) -> RunInfo | None:
    """Returns what the list says of one run or sweep, or None where the directory is neither."""
    if os.path.lexists(run.sweep):
        return _describe_sweep(run)
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
        state=state_of(alive, status),
        created=settings.created,
        data=now.data,
        l2=now.l2,
        epoch=status.epoch if status else 0,
        epochs=now.epochs,
        best_val_loss=assessment.best_val_loss if assessment else None,
        best_epoch=assessment.best_epoch if assessment else None,
        onset_epoch=assessment.onset_epoch if assessment else None,
        verdict="" if assessment is None else assessment.verdict if assessment.until is None else "learning",
        task=status.facts.task if status and status.facts else "",
        settings=now,
        title=note.title,
        note=note.text,
        reason=status.reason if status else "",
        test_looks=_test_looks(run),
        origin=settings.origin,
    )


def _describe_sweep(run: RunDirectory) -> RunInfo:
    alive = run.is_locked()
    try:
        run.check()
        plan = msgspec.json.decode(run.read(run.sweep), type=_SweepPlan)
    except (OSError, RunError, *UNDECODABLE) as error:
        return RunInfo(name=run.name, path=str(run.path), state="unreadable", reason=str(error), grid=1)
    note = read_note(run)
    try:
        status = msgspec.json.decode(run.read(run.status), type=_SweepStatus)
    except (OSError, *UNDECODABLE):
        status = _SweepStatus("starting")
    ended = status.state in ("finished", "stopped", "failed")
    return RunInfo(
        name=run.name,
        path=str(run.path),
        state=status.state if alive or ended else "interrupted",
        created=plan.created,
        data=plan.settings.data,
        l2=status.best_l2 or 0.0,
        best_l2=status.best_l2,
        epochs=plan.settings.epochs,
        final_val_loss=status.loss,
        verdict=status.verdict,
        settings=plan.settings,
        title=note.title,
        note=note.text,
        reason=status.reason or status.sentence,
        grid=len(plan.l2),
        share=status.share,
    )


def find_run(text: str, root: Path | None = None, *, sweeps: bool = False) -> RunDirectory:
    """Returns the run that a person means.

    Args:
        text: A path, a name, a title, or a part of a name or title that only one run has.
        root: The folder of runs, by default that of the user.
        sweeps: Whether it may be a sweep.

    Raises:
        RunError: No run or more than one is meant.
    """
    path = expanded(text)
    check_access(path)
    if path.is_dir() and is_run(RunDirectory(path)):
        return _checked(RunDirectory(path), sweeps)
    runs = list_runs(root)
    part = text.lower()
    exact = [info for info in runs if text in (info.name, info.title)]
    partial = [info for info in runs if part in info.name.lower() or part in info.title.lower()]
    for found in (exact, partial):
        if len(found) == 1:
            return _checked(found[0].run, sweeps)
        if found:
            names = ", ".join(info.name for info in found[:3])
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            raise RunError(f"{text}: {len(found)} runs are named like that: {names}{more}; name one of them")
    raise RunError(f"{text}: no such run; `l2tui runs` lists them")


def check_access(path: Path) -> None:
    """Looks whether a directory may be read, if it is one.

    Raises:
        RunError: It may not, as that of another user.
    """
    if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
        raise RunError(f"{path}: cannot be read: {os.strerror(errno.EACCES)}")


def is_run(run: RunDirectory) -> bool:
    """Returns whether a directory is that of a run or of a sweep."""
    return os.path.lexists(run.settings) or os.path.lexists(run.sweep)


def _checked(run: RunDirectory, sweeps: bool) -> RunDirectory:
    if not sweeps and os.path.lexists(run.sweep):
        raise RunError(f"{run.name}: is a sweep, not a run; l2tui resume, attach and plot take it")
    run.check()
    return run


def newest_live_run(root: Path | None = None) -> RunDirectory | None:
    """Returns the newest run or sweep that has a worker, or None."""
    return next((info.run for info in list_runs(root) if info.is_live), None)


def read_note(run: RunDirectory) -> Note:
    """Returns what a person has written about a run; an empty note where there is none, or none that can be read."""
    try:
        return _note_decoder.decode(run.read(run.note))
    except (OSError, *UNDECODABLE):
        return Note()


def name_of(run: RunDirectory) -> str:
    """Returns what a run is called: as a person has named it, else its directory without the year."""
    return read_note(run).title or _YEAR.sub("", run.name)


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
    if not is_run(run):
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


def state_of(alive: bool, status: Status | None) -> ListedState:
    """Returns what a run is doing, or how it ended.

    Args:
        alive: Whether its lock is held, looked at before the status is read.
        status: Its last status.
    """
    if alive:
        return "starting" if status is None or status.state not in ("running", "paused") else status.state
    if status is not None and status.state == "finished":
        return "finished" if status.epoch >= status.settings.epochs else "stopped"
    if status is not None and status.state in ("diverged", "failed"):
        return status.state
    return "interrupted"
