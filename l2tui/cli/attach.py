"""`l2tui attach [RUN]`: shows a run that is training or has ended, and steers it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from l2tui.cli.app_options import add_app_options, open_app
from l2tui.cli.parser import Parser
from l2tui.errors import L2tuiError
from l2tui.runs.listing import find_run, newest_live_run
from l2tui.runs.stored import read_run_settings
from l2tui.sweep.directory import SweepDirectory, is_sweep, read_plan

if TYPE_CHECKING:
    from l2tui.tui.run_client import RunFeed
    from l2tui.tui.sweep_client import SweepClient


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui attach",
        description="Look at a run and steer it. Leaving it again does not end it.",
    )
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="name, part of a name, or path; by default the newest live"
    )
    add_app_options(parser)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Opens the app on a run; returns the exit status."""
    options = make_parser().parse_args(arguments)
    chosen = newest_live_run() if options.run is None else find_run(options.run, sweeps=True)
    if chosen is None:
        raise L2tuiError("no run or sweep is training now; `l2tui runs` lists those that have ended")
    if is_sweep(chosen.path):
        return open_sweep(options, SweepDirectory(chosen.path))

    def source() -> "RunFeed":
        from l2tui.tui.run_client import AttachedRun

        return AttachedRun(chosen)

    return open_app(options, read_run_settings(chosen).settings, make_source=source)


def open_sweep(options: argparse.Namespace, sweep: SweepDirectory, *, resume: bool = False) -> int:
    """Opens the app on a sweep; returns the exit status.

    Args:
        options: Parsed options, with those of `add_app_options`.
        sweep: The sweep.
        resume: Whether to train on where it is not finished.

    Raises:
        L2tuiError: It cannot be read or started, or the app cannot be opened.
    """

    def client() -> "SweepClient":
        from l2tui.tui.sweep_client import SweepClient

        following = SweepClient(sweep)
        if resume:
            following.resume()
        return following

    return open_app(options, read_plan(sweep).settings, make_sweep=client)
