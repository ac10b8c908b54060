"""`l2tui sweep DATA`: how much weight decay the data need, by a grid of λ over several folds."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from l2tui.cli.ending import CaughtSignals
from l2tui.cli.gate import EXIT_GATE, add_gate_option
from l2tui.cli.looking import look_aloud
from l2tui.cli.options import add_setting_options, add_table_options, count_option, gather_settings, parse, table_choice
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.errors import L2tuiError
from l2tui.settings import SETTING_INFO, show_value

if TYPE_CHECKING:
    from l2tui.sweep.directory import SweepDirectory, SweepPlan, SweepStatus
    from l2tui.sweep.pool import Pool
    from l2tui.sweep.summary import PerL2, SweepView

EXIT_DIVERGED = 3
# Those of `l2tui.sweep.answer`, which loads the number library.
VERDICTS = ("waiting", "helps", "no_help", "cannot_tell", "edge", "diverged")
_BAR = 24


def run(arguments: Sequence[str]) -> int:
    """Sweeps; returns the exit status."""
    parser = make_parser()
    options = parse(parser, arguments)
    from l2tui.worker.manners import thread_environment

    os.umask(0o077)
    from l2tui.sweep.directory import create_sweep, read_plan

    sweep = _resumed(parser, options) if options.resume else None
    plan = _planned(parser, options) if sweep is None else read_plan(sweep)
    os.environ.update(thread_environment(plan.settings.blas_threads, os.environ))
    # Before there is a directory: without a cluster there is no sweep.
    make_pool = _pool(plan, options.dask)
    sweep = sweep or create_sweep(plan, path=options.run_dir)
    from l2tui.sweep.coordinator import run_sweep
    from l2tui.sweep.summary import as_json, read_view

    caught = CaughtSignals()
    with _progress(sys.stderr) as progress:
        run_sweep(sweep, make_pool=make_pool, on_coordinator=caught.end, on_status=progress)
    view = read_view(sweep)
    if options.json:
        print_json(as_json(view))
    else:
        print("\n".join(report(view)))
    if caught.number:
        return 128 + caught.number
    if view.answer.verdict in options.fail_on:
        return EXIT_GATE
    return EXIT_DIVERGED if view.answer.verdict == "diverged" else 0


def _planned(parser: argparse.ArgumentParser, options: argparse.Namespace) -> "SweepPlan":
    from l2tui.sweep.directory import SweepPlan
    from l2tui.sweep.grid import check_grid, default_grid, parse_grid
    from l2tui.worker.manners import usable_cores

    if options.fold is not None:
        parser.error("--fold: a sweep trains on all folds")
    typed, options.l2 = options.l2, None
    # One fold is the run's own split: it has no shares to cut the rows into.
    alone, options.folds = options.folds == "1", None if options.folds == "1" else options.folds
    settings = gather_settings(options, default_data=None, look=look_aloud)
    if settings is None:
        parser.error("DATA is missing")
    grid = default_grid(settings) if typed is None else parse_grid(typed)
    check_grid(settings, grid)
    return SweepPlan(
        settings=settings,
        l2=grid,
        repeats=0 if alone else options.repeats,
        racing=not options.thorough,
        judge=options.judge,
        workers=options.workers or usable_cores(),
    )


def _resumed(parser: argparse.ArgumentParser, options: argparse.Namespace) -> "SweepDirectory":
    from l2tui.runs.listing import find_run
    from l2tui.sweep.directory import SweepDirectory, is_sweep

    given = [name for name in SETTING_INFO if getattr(options, name) is not None]
    if given or options.config or options.run_dir or table_choice(options) is not None:
        parser.error("--resume keeps the sweep's own settings; give no others")
    path = find_run(options.resume, sweeps=True).path
    if not is_sweep(path):
        raise L2tuiError(f"{path}: is a run, not a sweep; `l2tui train --resume` resumes it")
    return SweepDirectory(path)


def _pool(plan: "SweepPlan", address: str | None) -> "Callable[[SweepPlan], Pool] | None":
    if address is None:
        return None
    from l2tui.sweep.dask_pool import DaskPool

    pool = DaskPool(plan.settings, address)
    return lambda _: pool


@contextmanager
def _progress(stream: TextIO) -> Iterator[Callable[["SweepStatus"], None]]:
    if not stream.isatty():
        yield _plain(stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("sweep"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(file=stream), refresh_per_second=5, transient=True
    ) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda status: bar.update(task, completed=status.share, description=f"{status.training} λ in training")


def _plain(stream: TextIO) -> Callable[["SweepStatus"], None]:
    due = 0

    def show(status: "SweepStatus") -> None:
        nonlocal due
        if status.share * 10 < due:
            return
        due = int(status.share * 10) + 1
        # Nobody may be reading any more; that is no reason to end the sweep.
        with suppress(BrokenPipeError):
            stream.write(f"sweep {100 * status.share:.0f} %  {status.training} λ in training\n")
            stream.flush()

    return show


def report(view: "SweepView") -> list[str]:
    """Returns the table of λ, the sentence, and where the sweep is."""
    lines = [f"{'λ':>8}  {'val_loss':>17}  {'train':>7}  {'at ★':>7}  {'‖W1‖':>7}  {'‖W2‖':>7}"]
    losses = [one.val_loss for one in view.per_l2 if one.val_loss is not None]
    top = max(losses, default=0.0)
    lines += [_row(one, top, best=one.l2 == view.answer.best_l2) for one in view.per_l2]
    if any(one.left for one in view.per_l2):
        lines.append("○ left early: the losses are those of the epoch at which it did")
    status = view.status
    if status is not None and "edge" in status.rounds:
        lines.append("The loss still fell at the largest λ of the grid, so that was extended.")
    if status is not None and status.state != "finished":
        lines.append(
            f"Not finished: {100 * status.share:.0f} % done. `l2tui sweep --resume {view.sweep.name}` goes on."
        )
    lines += ["", view.answer.sentence] if view.answer.sentence else []
    lines.append(f"sweep     {view.sweep.path}")
    return lines


def _row(one: "PerL2", top: float, *, best: bool) -> str:
    def figure(value: float | None) -> str:
        return "-" if value is None else f"{value:.4g}"

    sign = "★" if best else "○" if one.left else " "
    loss = figure(one.val_loss) + (f" ± {one.val_error:.2g}" if one.val_error is not None else "")
    bar = "" if one.val_loss is None or top <= 0 else "█" * max(1, round(_BAR * one.val_loss / top))
    word = f"diverged in {one.diverged} fold{'s' * (one.diverged > 1)}" if one.diverged else bar
    cells = (figure(one.train_loss), figure(one.best_val_loss), figure(one.w1_norm), figure(one.w2_norm))
    return f"{show_value('l2', one.l2):>8}{sign} {loss:>17}  " + "  ".join(f"{cell:>7}" for cell in cells) + f"  {word}"


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui sweep",
        description="Find how much weight decay the data need: train a grid of λ on several folds, in lock-step.",
        epilog="Exit status: 0 done, 1 something in the input is wrong, 2 usage, 3 every λ diverged, 4 what "
        "--fail-on names.",
        allow_abbrev=False,
    )
    parser.add_argument("data", metavar="DATA", nargs="?", help="name of a built-in data set, or a file with a table")
    parser.add_argument("--run-dir", metavar="DIR", type=Path, help="where the sweep goes, instead of among your runs")
    parser.add_argument("--resume", metavar="SWEEP", help="resume a sweep that was stopped or killed")
    parser.add_argument(
        "--repeats", metavar="N", type=count_option, default=1, help="share the rows out into folds N times"
    )
    parser.add_argument("--thorough", action="store_true", help="train every λ to the end: none leaves early")
    parser.add_argument(
        "--judge", choices=("end", "best"), default="end", help="choose λ by the loss at the end or at ★"
    )
    parser.add_argument("--workers", metavar="N", type=count_option, help="processes that train (one for each core)")
    parser.add_argument("--dask", metavar="ADDRESS", help="train on this Dask cluster, such as tcp://host:8786")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    add_gate_option(parser, VERDICTS, "no_help,diverged")
    add_setting_options(parser, l2_help="grid of λ, such as 0,1e-5..1@2 for two a decade (0 and 3e-6 to 1, 13 in all)")
    add_table_options(parser)
    return parser
