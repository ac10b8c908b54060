"""The options that say how the app looks and behaves, for every command that opens it.

Options override the environment, which overrides the configuration file, which overrides the defaults.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from l2tui.config import APP_INFO, AppConfig, parse_app_value, read_config
from l2tui.errors import L2tuiError, SettingsError
from l2tui.lean import without_encryption

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.settings import Settings
    from l2tui.tui.lesson.course import Course
    from l2tui.tui.own_table import TableToOpen
    from l2tui.tui.run_client import RunFeed
    from l2tui.tui.sweep_client import SweepClient

_METAVARS = {"fps": "N", "max_bandwidth": "BYTES", "theme": "NAME", "max_cores": "N"}


def add_app_options(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each field of `AppConfig`. Values stay text; `gather_app_config` checks them."""
    group = parser.add_argument_group("the app (by default as in the configuration file, see `l2tui config`)")
    for info in APP_INFO.values():
        option = "--" + info.name.replace("_", "-")
        if info.name in _METAVARS:
            group.add_argument(option, metavar=_METAVARS[info.name], help=info.help)
        else:
            group.add_argument(option, action=argparse.BooleanOptionalAction, help=info.help)


def gather_app_config(options: argparse.Namespace, in_file: Mapping[str, Any]) -> AppConfig:
    """Joins the configuration file, the environment and the options, the later ones winning.

    Args:
        options: Parsed options.
        in_file: Checked values of the configuration file.

    Raises:
        SettingsError: The value of an option is not allowed.
    """
    values = dict(in_file)
    if os.environ.get("NO_COLOR"):
        values["theme"] = "auto"
    for name in APP_INFO:
        given = getattr(options, name, None)
        if given is not None:
            try:
                values[name] = parse_app_value(name, given)
            except SettingsError as error:
                raise SettingsError(f"--{name.replace('_', '-')}{str(error).removeprefix(name)}", name) from None
    return AppConfig(**values)


def check_terminal() -> None:
    """Checks that there is a terminal to draw in, or a browser: textual-serve says so by the driver that it names.

    Raises:
        L2tuiError: There is none.
    """
    if os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver"):
        return
    what = ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        what = "standard input and output are not a terminal"
    elif not os.environ.get("TERM"):
        what = "TERM is not set, and with it which terminal this is"
    elif os.environ["TERM"] in ("dumb", "unknown"):
        what = f"TERM={os.environ['TERM']} is a terminal that cannot place text on the screen"
    if what:
        raise L2tuiError(f"{what}; the app needs one. `l2tui train DATA` and `l2tui watch --once RUN` work without.")


def open_app(
    options: argparse.Namespace,
    settings: "Settings",
    *,
    start: bool = False,
    table: "TableToOpen | None" = None,
    make_source: "Callable[[], RunFeed] | None" = None,
    make_sweep: "Callable[[], SweepClient] | None" = None,
    compared: "Sequence[Source]" = (),
    course: "Course | None" = None,
) -> int:
    """Opens the app as the options ask for; returns the exit status.

    Args:
        options: Parsed options, with those of `add_app_options`.
        settings: The settings to open with.
        start: Whether to begin training at once.
        table: A table to look at first.
        make_source: Makes a run or a log to open with, once all else is known to be right.
        make_sweep: Makes a sweep to open with, likewise.
        compared: What to open the comparison with.
        course: Lessons to open with.

    Raises:
        L2tuiError: An option or the configuration file is wrong, or there is no terminal.
    """
    config = read_config()
    app = gather_app_config(options, config.app)
    check_terminal()
    from l2tui.tui.collector import pause_collector

    pause_collector()
    with without_encryption():
        from l2tui.tui.app import run_app
    from l2tui.line.options import DrawingOptions
    from l2tui.tui.keymap import check_keymap
    from l2tui.view.look import look_for
    from l2tui.worker.manners import limit_cores

    keymap = check_keymap(config.keys, str(config.path))
    if app.max_cores is not None:
        limit_cores(app.max_cores)
    look = look_for(app.theme, app.ascii, os.environ, sys.stderr.encoding)
    drawing = DrawingOptions(fps=app.fps, max_bandwidth=app.max_bandwidth)
    source = None if make_source is None else make_source()
    return run_app(
        settings,
        start=start,
        source=source,
        sweep=None if make_sweep is None else make_sweep(),
        compared=compared,
        table=table,
        course=course,
        drawing=drawing,
        look=look,
        keymap=keymap,
        mouse=app.mouse,
    )
