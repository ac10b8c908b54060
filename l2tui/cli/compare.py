"""`l2tui compare RUN RUN ...`: what differs between runs, as a table and a chart, as JSON, or as a picture."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from l2tui.cli.parser import Parser
from l2tui.cli.plot import TEXT_LIMITS, check_size, write_svg
from l2tui.cli.printing import print_json
from l2tui.errors import L2tuiError
from l2tui.files import expanded
from l2tui.runs.directory import RunDirectory
from l2tui.runs.listing import find_run, is_run, name_of
from l2tui.sweep.directory import SweepDirectory, is_sweep

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.view.compare import Comparison


def run(arguments: Sequence[str]) -> int:
    """Prints or writes the comparison; returns the exit status."""
    options = make_parser().parse_args(arguments)
    from l2tui.runs.comparison import fold_seeds, told_apart
    from l2tui.runs.differences import table_of
    from l2tui.view.compare import Comparison

    subjects = [source.poll() for source in sources_of(options.runs)]
    if options.group:
        subjects = fold_seeds(subjects)
    apart = told_apart(subjects)
    rows = table_of(subjects, apart, options.epoch)
    comparison = Comparison(
        subjects,
        apart,
        rows,
        "train" if options.train else "val",
        epoch=options.epoch,
        all_rows=options.all,
        folded=options.group,
    )
    if options.json:
        print_json(_numbers(comparison))
    elif options.svg is not None:
        _write(comparison, options)
    else:
        from l2tui.view.compare_print import print_comparison

        check_size(options, TEXT_LIMITS)
        print_comparison(comparison, sys.stdout, width=options.width, height=options.height, log_y=options.log_y)
    return 0


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui compare",
        description="Print what differs between runs: a chart of their curves, and a table of settings and results. "
        "A sweep stands for all its λ, SWEEP:λ for one of them; logs of other programs are named by their path.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="names, parts of names, or paths")
    parser.add_argument("--train", action="store_true", help="draw train_loss instead of val_loss")
    parser.add_argument("--all", action="store_true", help="the rows too in which all are the same")
    parser.add_argument("--group", action="store_true", help="fold runs that differ in the seed alone")
    parser.add_argument("--epoch", metavar="N", type=int, help="read val and train at this epoch, not at the last")
    parser.add_json()
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write a picture instead")
    parser.add_argument("--width", metavar="N", type=int, help="columns of the chart, or pixels of a picture (760)")
    parser.add_argument("--height", metavar="N", type=int, help="lines of the chart (20), or pixels of a picture (420)")
    parser.add_argument("--log-y", action="store_true", help="a logarithmic loss axis")
    return parser


def sources_of(names: Sequence[str], *, to_come: bool = False) -> "list[Source]":
    """Returns what is meant by names and paths: runs, λ of sweeps, and logs of other programs.

    Args:
        names: As they were typed.
        to_come: Whether a log may be named that is not there yet.

    Raises:
        L2tuiError: There is no such thing, or there are too few or too many to be compared.
    """
    from l2tui.runs.comparison import FEWEST, MOST

    sources: list[Source] = []
    for name in dict.fromkeys(names):
        sources += _meant(name, to_come)
    if not FEWEST <= len(sources) <= MOST:
        what = "one is" if len(sources) == 1 else f"{len(sources)} are"
        hint = "; SWEEP:λ names one λ of a sweep" if len(sources) > MOST else ""
        raise L2tuiError(f"{FEWEST} to {MOST} different runs, λ or logs can be compared; {what} named{hint}")
    return sources


def _meant(name: str, to_come: bool) -> "list[Source]":
    from l2tui.runs.subjects import LogSource, RunSource

    path = expanded(name)
    is_new = to_come and path.suffix and not path.exists() and path.parent.is_dir()
    if path.is_file() or is_new or (path.is_dir() and not is_run(RunDirectory(path))):
        return [LogSource(path)]
    sweep, _, l2 = name.rpartition(":")
    try:
        found = find_run(name, sweeps=True)
    except L2tuiError:
        if not sweep:
            raise
        found = find_run(sweep, sweeps=True)
    else:
        l2 = ""
    if not is_sweep(found.path):
        if l2:
            raise L2tuiError(f"{name}: {found.name} is no sweep, so it has no λ to choose")
        return [RunSource(found, name_of(found))]
    return _lanes(SweepDirectory(found.path), l2)


def _lanes(sweep: SweepDirectory, l2: str) -> "list[Source]":
    from l2tui.sweep.subjects import LaneSource
    from l2tui.sweep.summary import read_view

    grid = [one.l2 for one in read_view(sweep).per_l2]
    if not l2:
        return [LaneSource(sweep, value) for value in grid]
    try:
        wanted = float(l2)
    except ValueError:
        wanted = -1.0
    if wanted not in grid:
        listed = ", ".join(f"{value:g}" for value in grid)
        raise L2tuiError(f"{sweep.name}: it has no λ {l2}; there are {listed or 'none yet'}")
    return [LaneSource(sweep, wanted)]


def _write(comparison: "Comparison", options: argparse.Namespace) -> None:
    from l2tui.view.compare_print import comparison_picture

    write_svg(options, lambda width, height: comparison_picture(comparison, width, height, log_y=options.log_y))


def _numbers(comparison: "Comparison") -> dict[str, Any]:
    from l2tui.view.chart.overlay import LETTERS

    apart, rows = comparison.apart, comparison.rows
    best = {row.name: [LETTERS[at] for at in sorted(row.best(apart))] for row in rows}
    return {
        "comparable": apart.comparable,
        "reason": apart.reason,
        "epoch": comparison.epoch,
        "runs": [
            {
                "letter": LETTERS[at],
                "name": subject.name,
                "path": subject.path,
                "kind": subject.kind,
                "live": subject.is_live,
                "settings": {row.name: msgspec.to_builtins(row.values[at]) for row in rows if not row.is_result},
                "results": {row.name: row.values[at] for row in rows if row.is_result},
                "inexact": [row.name for row in rows if at in row.inexact],
                "members": [member.path for member in subject.members if subject.kind == "mean"],
            }
            for at, subject in enumerate(comparison.subjects)
        ],
        "differs": [row.name for row in rows if row.differs],
        "best": {name: letters for name, letters in best.items() if letters},
    }
