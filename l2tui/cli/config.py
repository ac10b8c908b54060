"""`l2tui config`: where the configuration file is, what is in force, and an example of one."""

import argparse
import os
import sys
from collections.abc import Sequence

import msgspec

from l2tui.cli.app_options import add_app_options, gather_app_config
from l2tui.cli.parser import Parser
from l2tui.cli.table import print_table
from l2tui.config import APP_INFO, read_config
from l2tui.settings import SETTING_INFO, Settings, show_value


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui config",
        description="Show where the configuration file is, and the values in force: from options, the environment, "
        "the file, or by default.",
        epilog="To begin with: make the directory of PATH (--path), then `l2tui config --example > PATH`.",
    )
    parser.add_argument("--example", action="store_true", help="print a file with all there is to set, and its default")
    parser.add_argument("--path", action="store_true", help="print nothing but the path")
    add_app_options(parser)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Prints the configuration; returns the exit status."""
    options = make_parser().parse_args(arguments)
    if options.example:
        print(example(), end="")
        return 0
    if options.path:
        from l2tui.config import config_path

        print(config_path())
        return 0
    return _show(options)


def _show(options: argparse.Namespace) -> int:
    from l2tui.tui.keymap import check_keymap
    from l2tui.view.look import look_for

    config = read_config()
    app = gather_app_config(options, config.app)
    keymap = check_keymap(config.keys, str(config.path))
    look = look_for(app.theme, app.ascii, os.environ, sys.stderr.encoding)
    found = "" if config.path.exists() else "  (there is none; l2tui config --example shows one)"
    print(f"{config.path}{found}")
    rows = [("[app]", "", "")]
    for name in APP_INFO:
        value = getattr(app, name)
        text = "auto" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        chosen = {"theme": look.theme, "ascii": f"{look.glyphs.name} signs"}.get(name)
        origin = _origin(name, options, config.app)
        rows.append((name, text, ", ".join(filter(None, (origin, chosen if text == "auto" else None)))))
    for title, values in (("[settings]", config.settings), ("[keys]", keymap)):
        if values:
            shown = {
                name: value if isinstance(value, str) else show_value(name, value) for name, value in values.items()
            }
            rows += [("", "", ""), (title, "", ""), *((name, value, "file") for name, value in shown.items())]
    print_table(rows)
    return 0


def _origin(name: str, options: argparse.Namespace, in_file: object) -> str:
    if getattr(options, name, None) is not None:
        return "option"
    if name == "theme" and os.environ.get("NO_COLOR"):
        return "NO_COLOR"
    return "file" if isinstance(in_file, dict) and name in in_file else "default"


def example() -> str:
    """Returns a configuration file in which everything that can be set is commented out, with its default."""
    from l2tui.tui.keymap import all_bindings

    lines = ["# The configuration of l2tui. Take away the # in front of what you change.", "", "[app]"]
    lines += [f"# {info.name} = {info.example}  # {info.help}" for info in APP_INFO.values()]
    lines += [
        "",
        "# Settings of new runs, for all data. Unset keys use each data set's defaults.",
        "# Options and --config override these.",
        "[settings]",
    ]
    defaults = Settings()
    for info in SETTING_INFO.values():
        value = getattr(defaults, info.name)
        shown = '"max"' if info.name == "pace" else "0.3" if value is None else msgspec.json.encode(value).decode()
        lines.append(f"# {info.name} = {shown}  # {info.help}")
    lines += ["", "# Keys: a character, or a name such as space, f5, ctrl+k; several apart by commas.", "[keys]"]
    for bindings in all_bindings().values():
        for binding in bindings:
            lines.append(f'# {binding.id} = "{binding.key}"  # {binding.tooltip or binding.description}')
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
