"""Finding λ from Python."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from l2tui.api.running import failure, finish, settings_for
from l2tui.files import expanded
from l2tui.settings import Settings
from l2tui.sweep.directory import Judge, StopSweep, SweepPlan, create_sweep, read_status, send_command
from l2tui.sweep.grid import check_grid, default_grid, parse_grid
from l2tui.sweep.summary import SweepView, read_view
from l2tui.worker.launch import start_sweep
from l2tui.worker.manners import usable_cores


def sweep(
    data: str | Path | Settings,
    *,
    l2: str | Iterable[float] | None = None,
    repeats: int = 1,
    thorough: bool = False,
    judge: Judge = "end",
    workers: int | None = None,
    run_dir: str | Path | None = None,
    **options: Any,
) -> SweepView:
    """Finds how much weight decay the data need: trains a grid of λ on several folds, in processes of its own.

    >>> found = sweep("moons", l2=[0, 1], epochs=40, folds=2, workers=1)
    >>> [one.l2 for one in found.per_l2], found.folds
    ([0.0, 1.0], (0, 1, 2))
    >>> found.answer.best_l2, found.answer.verdict
    (0.0, 'no_help')

    Args:
        data: Name of a built-in data set, path of a table, or settings.
        l2: The grid, ascending, or its text such as "0,1e-5..1@2"; by default 13 values from 0 to 1. Where
            the loss still falls at its end, larger ones are trained too.
        repeats: How often the rows are shared out into folds.
        thorough: Whether every λ trains to the end; else one that cannot win leaves early.
        judge: Whether λ is chosen by the val_loss at the end or at ★.
        workers: Processes that train; by default one for each core.
        run_dir: Where the sweep goes, instead of among your runs.
        **options: As those of `train`.

    Returns:
        The sweep: `answer` with `best_l2`, `verdict` and `sentence`, and `per_l2`, the figures of each λ.

    Raises:
        SettingsError: An option is not allowed.
        DataError: There are no such data, or the table cannot be used.
        RunError: The sweep cannot be written, or its process failed.
    """
    settings = settings_for(data, options)
    if l2 is None:
        grid = default_grid(settings)
    else:
        grid = parse_grid(l2 if isinstance(l2, str) else ",".join(map(repr, map(float, l2))))
    check_grid(settings, grid)
    plan = SweepPlan(
        settings=settings, l2=grid, repeats=repeats, racing=not thorough, judge=judge, workers=workers or usable_cores()
    )
    directory = create_sweep(plan, path=None if run_dir is None else expanded(str(run_dir)))
    if finish(start_sweep(directory), lambda: send_command(directory, StopSweep())):
        status = read_status(directory)
        raise failure(directory, "" if status is None else status.reason)
    return read_view(directory)
