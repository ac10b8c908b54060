"""`l2tui watch PATH`: follows a run or another program's log without touching it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2tui.cli.app_options import add_app_options, gather_app_config, open_app
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.config import read_config
from l2tui.errors import L2tuiError
from l2tui.files import expanded
from l2tui.runs.directory import RunDirectory
from l2tui.runs.listing import find_run
from l2tui.settings import CRITERIA, Settings, parse_value

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot
    from l2tui.tui.run_client import RunSource


def run(arguments: Sequence[str]) -> int:
    """Watches; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    criterion = None if options.criterion is None else parse_value("criterion", options.criterion)
    source = _source(options, criterion)
    if not (options.once or options.json):
        return open_app(options, Settings(data=source.path.name), make_source=lambda: source)
    snapshot = source.poll()
    if not len(snapshot):
        raise L2tuiError(f"{source.path}: there is no epoch in it yet")
    if options.json:
        print_json(_numbers(source.path, snapshot))
    else:
        from l2tui.tui.look import look_for
        from l2tui.tui.print_run import print_run

        app = gather_app_config(options, read_config().app)
        environment = os.environ if sys.stdout.isatty() else {}
        print_run(snapshot, sys.stdout, look_for(app.theme, app.ascii, environment, sys.stdout.encoding))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="l2tui watch",
        description="Follow a run directory, or a CSV log of Keras (CSVLogger), PyTorch Lightning (CSVLogger) or of "
        "any program, as it grows: the same chart and the same marks. Nothing is written.",
        allow_abbrev=False,
    )
    parser.add_argument("path", metavar="PATH", help="run directory, name of a run, or CSV file")
    parser.add_argument("--train-column", metavar="NAME", help="column of the training loss")
    parser.add_argument("--val-column", metavar="NAME", help="column of the validation loss")
    parser.add_argument("--criterion", metavar="NAME", help=f"rule for the mark in a log: {', '.join(CRITERIA)}")
    parser.add_argument("--once", action="store_true", help="print the chart and the verdict as text, and leave")
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object, and leave")
    add_app_options(parser)
    return parser


def _source(options: argparse.Namespace, criterion: Any) -> "RunSource":
    from l2tui.tui.run_client import AttachedRun, WatchedLog

    path = expanded(options.path)
    if path.is_file():
        columns = {"train_column": options.train_column, "val_column": options.val_column}
        return WatchedLog(path, criterion=criterion, **columns)
    if path.is_dir() and RunDirectory(path).settings.exists():
        return AttachedRun(RunDirectory(path), steerable=False)
    if path.is_dir():
        logs = sorted(path.rglob("metrics.csv"), key=lambda log: log.stat().st_mtime)
        if not logs:
            raise L2tuiError(f"{path}: neither a run nor a directory with a metrics.csv")
        return WatchedLog(logs[-1], criterion=criterion)
    return AttachedRun(find_run(options.path), steerable=False)


def _numbers(path: Path, snapshot: "Snapshot") -> dict[str, Any]:
    assessment = snapshot.status.assessment if snapshot.status else None
    last = {name: float(column[-1]) for name, column in snapshot.columns.items()}
    return {"path": str(path), "alive": snapshot.alive, "last": last, "assessment": assessment}
