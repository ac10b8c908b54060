"""Training a network from Python, and reading a run."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2tui.data.builtin.catalogue import is_table, recommended_settings
from l2tui.errors import DataError, RunError
from l2tui.files import expanded
from l2tui.overfitting.verdict import Assessment
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Stop
from l2tui.runs.info import ListedState
from l2tui.runs.listing import find_run, state_of
from l2tui.runs.stored import known_status, read_run_settings
from l2tui.settings import Settings, TableChoice, changed, with_rate
from l2tui.worker.control import have_best_written, send
from l2tui.worker.launch import new_run, start_worker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SECONDS_TO_STOP = 10.0


class Run:
    """A run, as its files show it at each look.

    Attributes:
        path: Its directory.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self.path = run.path

    def __repr__(self) -> str:
        return f"<l2tui run {self.path}>"

    @property
    def name(self) -> str:
        """The name, by which commands find it too."""
        return self.path.resolve().name

    @property
    def settings(self) -> Settings:
        """The settings that it began with.

        Raises:
            RunError: They cannot be read.
        """
        return read_run_settings(self._run).settings

    @property
    def state(self) -> ListedState:
        """What it is doing, or how it ended, as `l2tui runs` shows it.

        One of starting, running, paused, finished, stopped (before its last epoch), diverged, failed and interrupted
        (its process was killed).
        """
        alive = self._run.is_locked()
        return state_of(alive, known_status(self._run))

    @property
    def assessment(self) -> Assessment | None:
        """The verdict so far; None before the first epoch."""
        status = known_status(self._run)
        return None if status is None else status.assessment

    @property
    def curves(self) -> dict[str, NDArray[np.float64]]:
        """The recorded epochs, an array a column: epoch, train_loss, val_loss, w1_norm and more.

        Raises:
            RunError: The file is damaged.
        """
        from l2tui.runs.reader import RunReader

        return dict(RunReader(self._run).poll().columns)

    def predict(self, rows: Any) -> dict[str, NDArray[Any]]:
        """Predicts with the best weights.

        Args:
            rows: A path of a file with the columns of the data, their values by name (a mapping or a data frame), or an
                array of shape (n, columns) in the order of the data. The target may be missing.

        Returns:
            By name: the class and the probability of each class, or the value in the target's own units.

        Raises:
            RunError: There are no best weights yet.
            DataError: The rows lack a column, or hold a value that cannot be read as in training.
        """
        from l2tui.results.predict import predict
        from l2tui.results.trained import load_trained

        have_best_written(self._run)
        trained = load_trained(self._run)
        if isinstance(rows, str | Path):
            return predict(trained, expanded(str(rows))).columns
        import polars as pl

        columns = _columns(rows, [plan.name for plan in trained.preparation.columns])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "rows.parquet")
            pl.DataFrame(columns).write_parquet(path)
            return predict(trained, path).columns


def _columns(rows: Any, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Returns the columns of a mapping, a data frame or an array."""
    import numpy as np

    given = rows.keys() if isinstance(rows, Mapping) else getattr(rows, "columns", None)
    if given is not None:
        return {name: np.asarray(rows[name]) for name in given}
    columns = np.atleast_2d(np.asarray(rows)).T
    if len(columns) != len(names):
        raise DataError(f"rows: expected {len(names)} columns, {', '.join(names)}; got {len(columns)}")
    return dict(zip(names, columns, strict=True))


def load(run: str | Path) -> Run:
    """Returns a run.

    Args:
        run: Its path, its name, or a part of its name that no other has.

    Raises:
        RunError: No run or more than one is meant.
    """
    return Run(find_run(str(run)))


def train(data: str | Path | Settings, *, run_dir: str | Path | None = None, **options: Any) -> Run:
    """Trains a network to its end, in a process of its own, and returns the run.

    >>> run = train("moons", l2=0.001, epochs=20, seed=1)
    >>> run.state, run.settings.hidden, len(run.curves["val_loss"])
    ('finished', 64, 21)
    >>> list(run.predict([[0.0, 1.0], [1.0, -0.5]]))
    ['class', 'probability upper', 'probability lower']

    Args:
        data: Name of a built-in data set, path of a table, or settings.
        run_dir: Where the run goes, instead of among your runs.
        **options: Fields of `Settings`, and for a table target, task, drop, split, group, time, rows and transform.

    Returns:
        The run. One that diverged is returned as well; its verdict says so.

    Raises:
        SettingsError: An option is not allowed.
        DataError: There are no such data, or the table cannot be used.
        RunError: The run cannot be written, or its process failed.
    """
    run = new_run(settings_for(data, options), path=None if run_dir is None else expanded(str(run_dir)))
    if finish(start_worker(run), lambda: send(run, Stop())):
        status = known_status(run)
        raise failure(run, "" if status is None else status.reason)
    return Run(run)


def settings_for(data: str | Path | Settings, options: Mapping[str, Any]) -> Settings:
    """Returns the settings that data and options mean; arguments and errors as `train`."""
    if isinstance(data, Settings):
        return changed(data, **options)
    choice = {name: value for name, value in options.items() if name in TableChoice.__struct_fields__}
    values = {name: value for name, value in options.items() if name not in choice}
    if not is_table(str(data)):
        return recommended_settings(str(data), **options)
    from l2tui.data.table.inspect import inspect_table

    found = inspect_table(expanded(str(data)), TableChoice(**choice), seed=int(values.get("seed", 0)))
    return changed(found.settings, **with_rate(values))


def finish(process: subprocess.Popen[bytes], stop: Callable[[], None]) -> int:
    """Waits for a process and returns its status. An interrupt such as ctrl+c stops it in good order first."""
    try:
        return process.wait()
    except BaseException:
        with contextlib.suppress(RunError, subprocess.TimeoutExpired):
            stop()
            process.wait(_SECONDS_TO_STOP)
        process.terminate()
        raise


def failure(run: RunDirectory, reason: str) -> RunError:
    """Returns the error that reports a failed run."""
    return RunError(f"{run.path}: {reason or f'the training process failed; {run.log} says more'}")
