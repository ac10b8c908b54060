"""`l2tui resume RUN`: opens the app and goes on with a run from its last checkpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from l2tui.cli.app_options import add_app_options, open_app
from l2tui.cli.attach import settings_of
from l2tui.cli.parser import Parser
from l2tui.runs.listing import find_run

if TYPE_CHECKING:
    from l2tui.tui.run_client import RunSource


def run(arguments: Sequence[str]) -> int:
    """Goes on with a run; returns the exit status."""
    parser = Parser(
        prog="l2tui resume",
        description="Go on with a run that was stopped, interrupted or finished, exactly where it was.",
        epilog="`l2tui train --resume RUN [--epochs N]` does the same without a screen.",
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    add_app_options(parser)
    options = parser.parse_args(arguments)
    chosen = find_run(options.run)
    settings = settings_of(chosen)

    def source() -> "RunSource":
        from l2tui.tui.run_client import AttachedRun, RunClient

        return AttachedRun(chosen) if chosen.is_locked() else RunClient(settings, resume=chosen)

    return open_app(options, settings, make_source=source)
