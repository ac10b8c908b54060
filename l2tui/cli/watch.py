"""`l2tui watch PATH`: follows a run or another program's log without touching it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2tui.cli.app_options import add_app_options, gather_app_config, open_app
from l2tui.cli.gate import add_gate_option, gate
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.config import read_config
from l2tui.errors import L2tuiError
from l2tui.files import expanded
from l2tui.runs.directory import RunDirectory
from l2tui.runs.listing import check_access, find_run
from l2tui.settings import CRITERIA, Settings, parse_value

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot
    from l2tui.tui.run_client import RunFeed

_OF_LOGS = ("train_column", "val_column", "pair")


def run(arguments: Sequence[str]) -> int:
    """Watches; returns the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    at_once = options.once or options.json
    if options.fail_on and not at_once:
        parser.error("--fail-on needs --once or --json: the app has no exit status")
    if len(options.paths) > 1:
        return _compare(parser, options)
    source = _source(options, None if options.criterion is None else parse_value("criterion", options.criterion))
    if not at_once:
        return open_app(options, Settings(data=source.path.name), make_source=lambda: source)
    snapshot = source.poll()
    if snapshot.log is not None and snapshot.log.pairs and not len(snapshot):
        raise L2tuiError(
            f"{source.path}: several pairs of losses: {', '.join(snapshot.log.pairs)}; choose one with --pair"
        )
    if not len(snapshot):
        raise L2tuiError(f"{source.path}: there is no epoch in it yet")
    assessment = snapshot.status.assessment if snapshot.status else None
    if options.json:
        print_json(_numbers(source.path, snapshot))
    else:
        from l2tui.view.look import look_for
        from l2tui.view.print_run import print_run

        app = gather_app_config(options, read_config().app)
        environment = os.environ if sys.stdout.isatty() else {}
        print_run(snapshot, sys.stdout, look_for(app.theme, app.ascii, environment, sys.stdout.encoding))
    return gate(options.fail_on, assessment)


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui watch",
        description="Follow a run, or the log of any other trainer, as it grows: the same chart and the same marks. "
        "Nothing is written. Read are CSV, TSV and JSON Lines of any program, trainer_state.json of Hugging Face, "
        "TensorBoard event files, and folders that hold one of them.",
        epilog="Exit status: 0 done, 1 something in the input is wrong, 2 usage, 4 what --fail-on names.",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="run, log or folder; several are compared; - for standard input"
    )
    parser.add_argument("--train-column", metavar="NAME", help="column or tag of the training loss")
    parser.add_argument("--val-column", metavar="NAME", help="column or tag of the validation loss")
    parser.add_argument(
        "--pair", metavar="NAME", help="which losses are meant where there are several, such as box_loss"
    )
    parser.add_argument("--criterion", metavar="NAME", help=f"rule for the mark in a log: {', '.join(CRITERIA)}")
    parser.add_argument("--once", action="store_true", help="print the chart and the verdict as text, and leave")
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object, and leave")
    add_gate_option(parser)
    add_app_options(parser)
    return parser


def _compare(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Opens the comparison of several runs and logs; returns the exit status."""
    if options.once or options.json:
        parser.error("several are printed by l2tui compare")
    given = [name for name in (*_OF_LOGS, "criterion") if getattr(options, name) is not None]
    if given:
        parser.error(f"--{given[0].replace('_', '-')}: only with one PATH")
    from l2tui.cli.compare import sources_of

    return open_app(options, Settings(), compared=sources_of(options.paths, to_come=True))


def _source(options: argparse.Namespace, criterion: Any) -> "RunFeed":
    from l2tui.tui.run_client import AttachedRun, WatchedLog

    choices = {name: getattr(options, name) for name in _OF_LOGS}
    (name,) = options.paths
    path = expanded(name)
    if name == "-":
        return WatchedLog(Path("-"), content=_piped(wait=options.once or options.json), criterion=criterion, **choices)
    check_access(path)
    if path.is_file() or (path.is_dir() and not RunDirectory(path).settings.exists()):
        return WatchedLog(path, criterion=criterion, **choices)
    given = [f"--{name.replace('_', '-')}" for name, value in choices.items() if value is not None]
    if path.is_dir():
        run = RunDirectory(path)
    elif path.parent.is_dir() and (path.suffix or path.parent != Path()):
        if options.once or options.json:
            raise L2tuiError(f"{path}: there is no such file or run")
        return WatchedLog(path, criterion=criterion, **choices)
    else:
        run = find_run(name)
    if given:
        raise L2tuiError(f"{', '.join(given)}: only for another program's log, and {run.path} is a run")
    return AttachedRun(run, steerable=False)


def _piped(*, wait: bool) -> Any:
    """Returns standard input as a log, and makes the terminal the standard input of the app.

    Raises:
        L2tuiError: Standard input is no pipe, or there is no terminal.
    """
    from l2tui.runs.logs.content import PipeContent

    if sys.stdin.isatty():
        raise L2tuiError("-: standard input is the terminal; pipe a log into it: train.py | l2tui watch -")
    content = PipeContent(os.dup(0))
    if wait:
        content.wait()
        return content
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise L2tuiError(f"/dev/tty: there is no terminal for the keys: {error.strerror}") from None
    os.dup2(terminal, 0)
    os.close(terminal)
    return content


def _numbers(path: Path, snapshot: "Snapshot") -> dict[str, Any]:
    assessment = snapshot.status.assessment if snapshot.status else None
    last = {name: float(column[-1]) for name, column in snapshot.columns.items()}
    log = snapshot.log and vars(snapshot.log)
    return {"path": str(path), "alive": snapshot.alive, "last": last, "assessment": assessment, "log": log}
