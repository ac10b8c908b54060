"""`l2tui [DATA]`: opens the app."""

import argparse
import os
import sys
from collections.abc import Sequence

import l2tui
from l2tui.cli.options import add_setting_options, gather_settings, parse
from l2tui.errors import L2tuiError

APP_PACE = 100.0

_EPILOG = """\
commands:
  l2tui [DATA]            this app; opens on moons without DATA
  l2tui open DATA         the same, for data that is named like a command
  l2tui train DATA        train without a screen
  l2tui datasets          list the built-in data sets, export their splits
  l2tui runs              list all runs, delete old ones
  l2tui attach [RUN]      look at a run and steer it; by default the newest that is training
  l2tui resume RUN        go on with a run that was stopped, interrupted or finished
  l2tui watch PATH        follow a run, or the CSV log of Keras or Lightning, without touching it

`l2tui COMMAND --help` tells more. In the app, press ? for its keys.
"""


def run(arguments: Sequence[str]) -> int:
    """Opens the app; returns the exit status."""
    options = parse(_parser(), arguments)
    settings = gather_settings(options, default_data="moons", pace=APP_PACE)
    assert settings is not None  # noqa: S101 there is a default
    check_terminal()
    from l2tui.tui.app import run_app

    return run_app(settings, start=options.start)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="l2tui",
        description="Watch a small neural network overfit, and what weight decay does about it, live in your terminal.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"l2tui {l2tui.__version__}")
    parser.add_argument("data", metavar="DATA", nargs="?", help="name of a built-in data set")
    parser.add_argument("--start", action="store_true", help="begin to train at once")
    add_setting_options(parser)
    return parser


def check_terminal() -> None:
    """Checks that there is a terminal to draw in.

    Raises:
        L2tuiError: There is none.
    """
    what = ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        what = "standard input and output are not a terminal"
    elif os.environ.get("TERM", "") in ("", "dumb"):
        what = f"TERM={os.environ.get('TERM', '')} is a terminal that cannot place text on the screen"
    if what:
        raise L2tuiError(f"{what}; the app needs one. `l2tui train DATA` works without.")
