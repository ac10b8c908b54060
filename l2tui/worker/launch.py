"""Creates runs and starts workers for them. Imports no number library: the app calls this from its own process."""

import contextlib
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import l2tui
from l2tui.errors import RunError
from l2tui.runs.creation import create_run, versions_here
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings
from l2tui.runs.recorder import write_run_settings
from l2tui.runs.stored import read_run_settings
from l2tui.settings import Settings
from l2tui.sweep.directory import SweepDirectory, read_plan
from l2tui.worker.manners import thread_environment


def new_run(settings: Settings, *, path: Path | None = None, paused: bool = False) -> RunDirectory:
    """Makes a run directory with its settings, ready for a worker.

    Args:
        settings: What to train.
        path: The directory, if not a new one among the user's runs.
        paused: Whether the worker begins paused.

    Raises:
        RunError: The directory cannot be made or written.
    """
    run = create_run(settings.data, path=path)
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    try:
        made_of = RunSettings(settings=settings, created=created, versions=versions_here(), paused=paused)
        write_run_settings(run, made_of)
    except OSError as error:
        with contextlib.suppress(OSError):
            run.lock.unlink()
            run.path.rmdir()
        raise RunError(f"{run.path}: cannot be written to: {error.strerror}") from None
    return run


def start_worker(run: RunDirectory, *, epochs: int | None = None) -> subprocess.Popen[bytes]:
    """Starts the worker of a run, in a session of its own, out of reach of the terminal's signals.

    Args:
        run: The run; with a checkpoint, the worker goes on from there.
        epochs: Epochs to train to, instead of those in the settings.

    Returns:
        The process, for the caller to reap; the worker does not need it to live on.

    Raises:
        RunError: It could not be started, or the run holds what no run does.
    """
    more = () if epochs is None else (str(epochs),)
    return _start(run, read_run_settings(run).settings.blas_threads, more)


def start_sweep(sweep: SweepDirectory) -> subprocess.Popen[bytes]:
    """Starts or resumes the process of a sweep; as `start_worker`.

    Raises:
        RunError: It could not be started.
    """
    return _start(sweep, read_plan(sweep).settings.blas_threads, ())


def _start(run: RunDirectory, blas_threads: int, more: tuple[str, ...]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **thread_environment(blas_threads, os.environ)}
    run.check()
    # -P keeps the current directory, where a user may have a csv.py, out of the worker's imports; so the package
    # itself is named, for when it is run from a checkout.
    package = str(Path(l2tui.__file__).parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (package, environment.get("PYTHONPATH"))))
    try:
        log = run.open(run.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "l2tui.worker", str(run.path.absolute()), *more],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
            )
        finally:
            os.close(log)
    except OSError as error:
        raise RunError(f"{run.path}: cannot start the worker: {error.strerror}") from None
