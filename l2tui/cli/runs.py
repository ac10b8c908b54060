"""`l2tui runs`: lists the runs, and tidies them up."""

import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from l2tui.cli.looking import say
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.cli.table import print_table
from l2tui.errors import L2tuiError
from l2tui.runs.info import RunInfo
from l2tui.runs.listing import delete_run, list_runs
from l2tui.runs.ranking import with_curves
from l2tui.view.figures import age
from l2tui.view.plain import count_of, printable
from l2tui.view.run_rows import accuracy_of, data_of, epoch_of, l2_of, loss_of, origin_of, sketch, verdict_of
from l2tui.view.status import VERDICTS

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui runs",
        description="List the runs, newest first.",
        epilog="`l2tui runs prune --older-than 30d [--unnamed]` deletes old ones, after a question.",
    )
    parser.add_argument("--json", action="store_true", help="a JSON array on standard output")
    return parser


def run(arguments: Sequence[str]) -> int:
    """Lists or prunes; returns the exit status."""
    if arguments and arguments[0] == "prune":
        return _prune(arguments[1:])
    options = make_parser().parse_args(arguments)
    runs = with_curves(list_runs())
    if options.json:
        print_json(runs, indent=2)
        return 0
    if not runs:
        print("There are no runs yet.")
        return 0
    now = datetime.now().astimezone()
    head = (
        *("NAME", "STATE", "DATA", "λ ★→END", "BEST VAL", "FINAL VAL", "ACC/R²", "RANK", "VERDICT", "SINCE", "EPOCH"),
        *("CURVE", "TESTS", "AGE", ""),
    )
    print_table([head, *(_row(info, now) for info in runs)])
    return 0


def _row(info: RunInfo, now: datetime) -> tuple[str, ...]:
    return (
        printable(info.name),
        info.state,
        printable(data_of(info)),
        l2_of(info),
        "-" if info.best_val_loss is None else f"{info.best_val_loss:.4g} @ {info.best_epoch}",
        loss_of(info),
        accuracy_of(info),
        f"{info.rank}/{info.ranked}" if info.rank else "-",
        verdict_of(info) if info.grid else VERDICTS.get(info.verdict, "-"),
        "-" if info.onset_epoch is None else str(info.onset_epoch),
        epoch_of(info),
        sketch(info.curve),
        str(info.test_looks or "-"),
        age(info.age_seconds(now)),
        printable(" · ".join(filter(None, (info.title, origin_of(info))))),
    )


def make_prune_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui runs prune",
        description="Delete old runs, after a question. Runs that are training are left alone.",
    )
    parser.add_argument("--older-than", metavar="AGE", required=True, help="such as 30d, 12h, 2w")
    parser.add_argument("--unnamed", action="store_true", help="only runs without a name or note of yours")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _prune(arguments: Sequence[str]) -> int:
    options = make_prune_parser().parse_args(arguments)
    limit = _age(options.older_than)
    now = datetime.now().astimezone()
    old = [info for info in list_runs() if _may_go(info, now, limit, unnamed=options.unnamed)]
    if not old:
        print("There is nothing to delete.")
        return 0
    for info in old:
        print(f"{printable(info.name)}  {info.state}  {age(info.age_seconds(now))}  {printable(info.title)}")
    if not options.yes and not _agreed(f"Delete {count_of(len(old), 'run')} for good? [y/N] "):
        print("Nothing was deleted.")
        return 0
    failures = 0
    for info in old:
        try:
            delete_run(info.run)
        except L2tuiError as error:
            failures += 1
            say(f"l2tui: {error}")
    print(f"Deleted: {count_of(len(old) - failures, 'run')}.")
    return 1 if failures else 0


def _may_go(info: RunInfo, now: datetime, limit: timedelta, *, unnamed: bool) -> bool:
    seconds = info.age_seconds(now)
    if info.is_live or info.state == "unreadable" or seconds is None or seconds < limit.total_seconds():
        return False
    return not (unnamed and (info.title or info.note))


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([mhdw])", text.strip())
    if match is None:
        raise L2tuiError(f"--older-than: expected a number and m, h, d or w, such as 30d, got {text!r}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise L2tuiError("there is nobody to ask whether to delete them; --yes deletes without a question")
    return input(question).strip().lower() in ("y", "yes")
