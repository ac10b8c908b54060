"""The parsers of all commands, for what describes the command line as a whole: completion and the manual page."""

import importlib

from l2tui.cli import COMMANDS as MODULES
from l2tui.cli.parser import Parser

# What a command is called, and which parser it has.
COMMANDS = {
    **{name: (module, "make_parser") for name, module in MODULES.items()},
    "datasets export": ("l2tui.cli.datasets", "make_export_parser"),
    "runs prune": ("l2tui.cli.runs", "make_prune_parser"),
}


def parser_of(name: str) -> Parser:
    """Returns the parser of a command; that of the app for an empty name."""
    module, function = COMMANDS[name or "open"]
    parser: Parser = getattr(importlib.import_module(module), function)()
    return parser


def whole_parser() -> Parser:
    """Returns the app's parser with those of all commands under it."""
    parser = parser_of("")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS:
        if name != "open":
            one = parser_of(name)
            commands.add_parser(
                name, prog=one.prog, parents=[one], add_help=False, description=one.description, epilog=one.epilog,
                help=(one.description or "").partition(". ")[0].rstrip(".:"),
            )  # fmt: skip
    return parser
