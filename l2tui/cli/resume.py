"""`l2tui resume RUN`: opens the app and resumes a run from its last checkpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from l2tui.cli.app_options import add_app_options, open_app
from l2tui.cli.attach import open_sweep
from l2tui.cli.parser import Parser
from l2tui.runs.listing import find_run
from l2tui.runs.stored import read_run_settings
from l2tui.sweep.directory import SweepDirectory, is_sweep

if TYPE_CHECKING:
    from l2tui.tui.run_client import RunFeed


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui resume",
        description="Resume a run that was stopped, interrupted or finished, exactly where it was.",
        epilog="`l2tui train --resume RUN [--epochs N]` and `l2tui sweep --resume SWEEP` do the same without a screen.",
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    add_app_options(parser)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Resumes a run; returns the exit status."""
    options = make_parser().parse_args(arguments)
    chosen = find_run(options.run, sweeps=True)
    if is_sweep(chosen.path):
        return open_sweep(options, SweepDirectory(chosen.path), resume=True)
    settings = read_run_settings(chosen).settings

    def source() -> "RunFeed":
        from l2tui.tui.run_client import AttachedRun, RunClient

        return AttachedRun(chosen) if chosen.is_locked() else RunClient(settings, resume=chosen)

    return open_app(options, settings, make_source=source)
