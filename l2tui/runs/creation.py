"""New run directories: what they are called, and how one process alone gets each."""

import os
import platform
import re
from datetime import datetime
from pathlib import Path

import l2tui
from l2tui.errors import RunError
from l2tui.files import make_directory, open_directory
from l2tui.runs.directory import RunDirectory, runs_root


def create_run(data: str, *, path: Path | None = None, now: datetime | None = None) -> RunDirectory:
    """Makes a new, private run directory.

    Args:
        data: Name of the data, which becomes part of the run's name.
        path: The directory itself, if not a new one below `runs_root()`. It may exist if it is empty.
        now: Local time for the name; by default the present.

    Returns:
        The run, whose directory has mode 0700 and belongs to this caller alone.

    Raises:
        RunError: The directory cannot be made, or holds something already.
    """
    wanted = path or free_name(data, now or datetime.now())
    try:
        make_directory(wanted.parent)
        wanted.mkdir(mode=0o700, exist_ok=path is not None)
        _claim(wanted)
    except OSError as error:
        if path is None and wanted.is_dir() and isinstance(error, FileExistsError):
            return create_run(data, now=now)
        raise RunError(f"{wanted}: cannot make the run directory: {error.strerror}") from None
    return RunDirectory(wanted)


def versions_here() -> dict[str, str]:
    """Returns the versions of l2tui, Python and NumPy, which a run directory keeps."""
    # Here, as it brings a mail library along: what only looks at runs and sweeps does without.
    from importlib.metadata import version

    return {"l2tui": l2tui.__version__, "python": platform.python_version(), "numpy": version("numpy")}


def _claim(path: Path) -> None:
    """Takes an empty directory for a run by making its lock, which only one of several can do.

    Raises:
        RunError: It holds something, be it the lock of another that was faster.
        OSError: It cannot be written to.
    """
    directory = open_directory(path)
    run = RunDirectory(path, directory)
    occupied = RunError(f"{path}: holds files already; name a new or empty directory")
    try:
        if _names(directory):
            raise occupied
        try:
            os.close(run.open(run.lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            raise occupied from None
        if _names(directory) != [run.lock.name]:
            os.unlink(run.lock.name, dir_fd=directory)
            raise occupied
        os.fchmod(directory, 0o700)
    finally:
        os.close(directory)


def _names(directory: int) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def free_name(data: str, now: datetime) -> Path:
    """Returns a path for a new run among the user's runs.

    Args:
        data: Name of the data.
        now: Local time.
    """
    label = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(data).stem).strip("-.") or "data"
    return runs_root() / f"{now:%Y%m%d-%H%M%S}-{label[:40]}-{os.urandom(2).hex()}"
