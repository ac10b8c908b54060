"""Reads `settings.json` and other small files of a run. Unlike `reader`, this loads no number library."""

from pathlib import Path
from typing import TypeVar

import msgspec

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, Status
from l2tui.settings import Settings

T = TypeVar("T")

_status_decoder = msgspec.json.Decoder(Status)


def read_run_settings(run: RunDirectory) -> RunSettings:
    """Returns what a run is made of.

    Raises:
        RunError: The directory is no run, or its settings are damaged.
    """
    settings = read_json(run, run.settings, RunSettings)
    if settings is None:
        raise RunError(f"{run.path}: no run there: it has no {run.settings.name}")
    return settings


def data_changed(run: RunDirectory, settings: Settings) -> RunError:
    """Returns what is wrong with a run whose data are others by now, and what to do."""
    what = "the data are no longer those that the run was trained on"
    if settings.table is None:
        return RunError(f"{run.path}: {what}")
    return RunError(f"{settings.data}: {what}; bring the file back as it was, or train anew; run {run.path.name}")


def known_status(run: RunDirectory) -> Status | None:
    """Returns the last status of a run, or None where there is none that can be read."""
    try:
        return _status_decoder.decode(run.read(run.status))
    except (OSError, *UNDECODABLE):
        return None


def read_json(run: RunDirectory, path: Path, kind: type[T]) -> T | None:
    """Returns the content of one of a run's JSON files, or None where there is no such file.

    Raises:
        RunError: The file cannot be read, or does not hold that.
    """
    try:
        return msgspec.json.decode(run.read(path), type=kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}") from None
    except UNDECODABLE as error:
        raise RunError(f"{path}: damaged, or of a newer version: {error}") from None
