"""`l2tui fork RUN`: a run that shares another's history up to an epoch, then continues with something changed."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from l2tui.cli.gate import add_gate_option
from l2tui.cli.looking import bar, progress_lines
from l2tui.cli.options import parse
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.cli.train import train_run
from l2tui.runs.directory import RunDirectory
from l2tui.runs.listing import find_run
from l2tui.runs.stored import read_run_settings
from l2tui.settings import SETTING_INFO, parse_value
from l2tui.view.plain import printable
from l2tui.worker.manners import thread_environment

_CHANGES = {"l2": "--l2", "learning_rate": "--lr", "optimizer": "--optimizer", "momentum": "--momentum"}


def run(arguments: Sequence[str]) -> int:
    """Forks; returns the exit status."""
    options = parse(make_parser(), arguments)
    os.umask(0o077)
    parent = find_run(options.run)
    names = (*_CHANGES, "epochs")
    given = {name: parse_value(name, text) for name in names if (text := getattr(options, name)) is not None}
    os.environ.update(thread_environment(read_run_settings(parent).settings.blas_threads, os.environ))
    fork, origin = _fork(parent, given, options)
    more = {"parent": parent.name, "fork_epoch": origin}
    if not options.no_train:
        return train_run(fork, None, json=options.json, fail_on=options.fail_on, more=more)
    if options.json:
        print_json({"run": str(fork.path.absolute()), **more})
    else:
        print(printable(f"{fork.path}: fork of {parent.name} at epoch {origin}; `l2tui resume` trains it"))
    return 0


def _fork(parent: RunDirectory, given: dict[str, object], options: Namespace) -> tuple[RunDirectory, int]:
    from l2tui.worker.fork import make_fork

    with _progress(json=options.json) as progress:
        fork = make_fork(
            parent, given, epoch=options.epoch, path=options.run_dir, title=options.name or "", on_progress=progress
        )
    origin = read_run_settings(fork).origin
    return fork, 0 if origin is None else origin.epoch


@contextmanager
def _progress(*, json: bool) -> Iterator[Callable[[int, int], None]]:
    with nullcontext(progress_lines()) if json else bar() as show:

        def tell(done: int, of: int) -> None:
            if show is not None:
                show(done / max(1, of), f"computing {done:,} of {of:,} epochs again")

        yield tell


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui fork",
        description="Make a run that shares another's history up to the end of an epoch, bit for bit, and train it on "
        "with something changed: on the same batches in the same order.",
        epilog="Exit status: as l2tui train.",
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path; it may be training")
    parser.add_argument("--epoch", metavar="N", type=int, help="the last epoch to share (the last that is finished)")
    for name, option in _CHANGES.items():
        info = SETTING_INFO[name]
        also = ("--learning-rate",) if name == "learning_rate" else ()
        parser.add_argument(option, *also, dest=name, metavar=option.strip("-").upper(), help=info.help)
    parser.add_argument("--epochs", metavar="N", help="epochs in all (those of the parent)")
    parser.add_argument("--name", metavar="NAME", help="a name for the fork")
    parser.add_argument("--run-dir", metavar="DIR", type=Path, help="where the fork goes, instead of among your runs")
    parser.add_argument("--no-train", action="store_true", help="just make it; l2tui resume trains it")
    parser.add_json()
    add_gate_option(parser)
    return parser
