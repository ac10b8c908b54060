"""`l2tui [DATA]`: opens the app."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import l2tui
from l2tui.cli.app_options import add_app_options, open_app
from l2tui.cli.looking import look_aloud
from l2tui.cli.options import (
    add_setting_options,
    add_table_options,
    gather_settings,
    named_values,
    parse,
    table_choice,
)
from l2tui.cli.parser import Parser
from l2tui.files import expanded
from l2tui.settings import TableChoice, from_mapping

if TYPE_CHECKING:
    from l2tui.tui.own_table import TableToOpen

APP_PACE = 100.0
_NEAR = 0.6

_EPILOG = """\
commands:
  l2tui [DATA]            this app; opens on moons without DATA
  l2tui open DATA         the same, for data that is named like a command
  l2tui inspect FILE      look at a table: its columns, its target, what would become of it
  l2tui train DATA        train without a screen
  l2tui learn [LESSON]    learn by doing: short lessons in the app
  l2tui datasets          list the built-in data sets, export their splits
  l2tui runs              list all runs, delete old ones
  l2tui attach [RUN]      look at a run and steer it; by default the newest that is training
  l2tui resume RUN        resume a run that was stopped, interrupted or finished
  l2tui fork RUN          train on from an epoch of a run with something changed
  l2tui test RUN          how good its best weights are on the test part
  l2tui predict RUN FILE  predictions of its best weights for new rows
  l2tui export RUN WHAT   its best weights as npz or onnx, or the recipe for other libraries
  l2tui plot RUN          its chart as text, or as a picture
  l2tui compare RUN RUN   what differs between runs, their curves over each other
  l2tui watch PATH        follow a run, or the log of another trainer, without touching it
  l2tui sweep DATA        find how much weight decay the data need
  l2tui config            where your configuration file is, and what is in force
  l2tui completion SHELL  what makes bash, zsh or fish complete all this

`l2tui COMMAND --help` lists a command's options. In the app, press ? for its keys.
"""


def run(arguments: Sequence[str]) -> int:
    """Opens the app; returns the exit status."""
    options = parse(make_parser(), arguments)
    table = None if options.start else _table_to_preview(options)
    if table is not None:
        from l2tui.data.builtin.catalogue import recommended_settings

        return open_app(options, recommended_settings("moons", pace=APP_PACE), table=table)
    settings = gather_settings(options, default_data="moons", look=look_aloud, pace=APP_PACE)
    return open_app(options, settings, start=options.start)


def refuse_mistyped(arguments: Sequence[str]) -> None:
    """Leaves with status 2 where the first word is nearer to a command than to a data set, and is neither."""
    from l2tui.cli import COMMANDS
    from l2tui.data.builtin.catalogue import CATALOGUE, is_table

    word = arguments[0] if arguments else "-"
    if word.startswith("-") or word in CATALOGUE or is_table(word):
        return
    near = difflib.get_close_matches(word.lower(), [*COMMANDS, *CATALOGUE], n=1, cutoff=_NEAR)
    if near and near[0] in COMMANDS:
        make_parser().error(f"no command and no data set is called {word!r}; did you mean `l2tui {near[0]}`?")


def _table_to_preview(options: argparse.Namespace) -> TableToOpen | None:
    """Returns the table that is to be looked at in the app; None for other data, and for what is no plain file."""
    from l2tui.config import read_config
    from l2tui.data.builtin.catalogue import is_table
    from l2tui.tui.own_table import TableToOpen

    data, values = named_values(options)
    path = expanded(data or "")
    if data is None or not is_table(data) or not path.is_file():
        return None
    # What is wrong with an option is said at once.
    from_mapping(values)
    in_config = {name: value for name, value in read_config().settings.items() if name not in ("data", "noise")}
    return TableToOpen(path.absolute(), table_choice(options) or TableChoice(), {**in_config, **values})


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui",
        description="Watch a small neural network overfit, and what weight decay does about it, live in your terminal.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"l2tui {l2tui.__version__}")
    parser.add_argument("data", metavar="DATA", nargs="?", help="name of a built-in data set, or a file with a table")
    parser.add_argument("--start", action="store_true", help="begin to train at once")
    add_setting_options(parser)
    add_table_options(parser)
    add_app_options(parser)
    return parser
