"""The settings of a run as command line options."""

import argparse
import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, overload

from l2tui.data.table.summary import TableSummary
from l2tui.errors import SettingsError
from l2tui.files import expanded
from l2tui.settings import MIN_ROWS, SETTING_INFO, Settings, TableChoice, changed, from_mapping, parse_split, with_rate
from l2tui.toml_files import read_toml
from l2tui.worker.manners import thread_environment

Look = Callable[[Path, TableChoice, int], TableSummary]

_TABLE_OPTIONS = ("target", "task", "drop", "split", "group", "time", "rows", "transform")


def add_setting_options(parser: argparse.ArgumentParser, *, l2_help: str | None = None) -> None:
    """Adds an option for each setting. Values stay text; `gather_settings` checks them.

    Args:
        parser: Where they go.
        l2_help: What --l2 expects, where it is not one λ.
    """
    group = parser.add_argument_group("settings (by default those recommended for the data)")
    for info in SETTING_INFO.values():
        if info.name == "data":
            continue
        option = "--" + info.name.replace("_", "-")
        if info.name == "stop_on_overfit":
            group.add_argument(option, action=argparse.BooleanOptionalAction, help=info.help)
        else:
            metavar = info.name.rpartition("_")[2].upper()
            help_text = f"{info.help} ({info.expects})"
            group.add_argument(option, metavar=metavar, help=(info.name == "l2" and l2_help) or help_text)
    group.add_argument("--config", metavar="FILE.toml", type=Path, help="settings from a file; options come before it")


def count_option(text: str) -> int:
    """Returns the number that an option of a count was given.

    Raises:
        ArgumentTypeError: It is none from 1 to 1000.
    """
    value = int(text) if text.isdecimal() else 0
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 1000, got {text!r}")
    return value


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how a user's table is read."""
    group = parser.add_argument_group("your own table (CSV, TSV, Parquet, or NPZ with X and y)")
    group.add_argument("--target", metavar="NAME", help="column to predict (by default guessed)")
    group.add_argument("--task", choices=("auto", "classification", "regression"), help="predict a class or a number")
    group.add_argument("--drop", metavar="A,B", action="append", help="columns to leave out")
    group.add_argument("--split", metavar="60/20/20", help="shares of training, validation and test part")
    group.add_argument("--group", metavar="NAME", help="column whose equal values stay in one part")
    group.add_argument("--time", metavar="NAME", help="column to split by in order: the latest rows are the test part")
    group.add_argument("--rows", metavar="N", help="rows to use at most, a random sample")
    group.add_argument(
        "--transform",
        metavar="NAME=HOW",
        action="append",
        help="log or rank: standardise a heavily skewed column so",
    )


def table_choice(options: argparse.Namespace) -> TableChoice | None:
    """Returns how a table is to be read, as far as options say; None where there are none of them.

    Raises:
        SettingsError: A value is not allowed.
    """
    given = {name: value for name in _TABLE_OPTIONS if (value := getattr(options, name, None)) is not None}
    if not given:
        return None
    if "drop" in given:
        given["drop"] = tuple(name for names in given["drop"] for name in _names(names))
    if "split" in given:
        given["split"] = parse_split(given["split"])
    if "rows" in given:
        given["rows"] = _rows(given["rows"])
    if "transform" in given:
        given["transform"] = tuple(_transform(text) for texts in given["transform"] for text in _names(texts))
    return TableChoice(**given)


def _names(text: str) -> list[str]:
    return [name for name in next(csv.reader([text]), []) if name.strip()]


def _rows(text: str) -> int:
    try:
        rows = int(text)
    except ValueError:
        rows = 0
    if rows < MIN_ROWS:
        raise SettingsError(f"rows: expected a whole number of {MIN_ROWS} or more, got {text!r}", "table")
    return rows


def _transform(text: str) -> tuple[str, Literal["log", "rank"]]:
    name, _, how = text.rpartition("=")
    if how == "log" and name:
        return name, "log"
    if how == "rank" and name:
        return name, "rank"
    raise SettingsError(f"transform: expected NAME=log or NAME=rank, got {text!r}", "table")


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parses arguments, taking `--l2 -1e-3` for a value where argparse would see another option."""
    joined: list[str] = []
    for argument in arguments:
        after_option = bool(joined) and joined[-1].startswith("--") and "=" not in joined[-1]
        if after_option and argument.startswith("-") and _is_number(argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return parser.parse_args(joined)


@overload
def gather_settings(
    options: argparse.Namespace, *, default_data: str, look: Look | None = None, **defaults: Any
) -> Settings: ...
@overload
def gather_settings(
    options: argparse.Namespace, *, default_data: None, look: Look | None = None, **defaults: Any
) -> Settings | None: ...
def gather_settings(
    options: argparse.Namespace, *, default_data: str | None, look: Look | None = None, **defaults: Any
) -> Settings | None:
    """Joins what the data recommend, the user's file, that of `--config` and the options, the later ones winning.

    Args:
        options: Parsed options, with `data` as named on the command line or None.
        default_data: The data if none are named anywhere.
        look: Looks at a table and returns what it finds; by default in silence.
        **defaults: Other defaults, weaker than the files and the options.

    Returns:
        The settings, or None where no data are named.

    Raises:
        SettingsError: A value is not allowed, or the file is not usable.
        DataError: There are no such data, or the table cannot be used.
    """
    from l2tui.config import read_config
    from l2tui.data.builtin.catalogue import CATALOGUE

    config = read_config()
    named, values = named_values(options)
    in_config = dict(config.settings)
    usual = in_config.pop("data", default_data)
    data = usual if named is None else named
    if not (data in CATALOGUE and CATALOGUE[data].generated):
        # What the user's file says for all data is left out for those that have no such setting.
        in_config.pop("noise", None)
    try:
        return _settings(options, data, {**defaults, **in_config, **values}, look or _look)
    except SettingsError as error:
        if error.name in in_config and error.name not in values:
            raise SettingsError(f"{config.path}: settings.{error}", error.name) from None
        raise


def _settings(options: argparse.Namespace, data: str | None, values: dict[str, Any], look: Look) -> Settings | None:
    from l2tui.data.builtin.catalogue import is_table, recommended_settings

    choice = table_choice(options)
    if data is not None and is_table(data):
        checked = from_mapping(values)
        # The number of threads counts at the moment when the number library is loaded, which a look at a table does.
        os.environ.update(thread_environment(checked.blas_threads, os.environ))
        found = look(expanded(data), choice or TableChoice(), checked.seed)
        return changed(found.settings, **with_rate(values))
    if choice is not None:
        what = "no table is named" if data is None else f"{data} is a built-in data set"
        raise SettingsError(f"{_given_options(options)}: only for a table of your own, and {what}", "table")
    return None if data is None else recommended_settings(data, **values)


def named_values(options: argparse.Namespace) -> tuple[str | None, dict[str, Any]]:
    """Returns the data and the other settings that the configuration file and the options name, the options winning.

    Raises:
        SettingsError: The file is not usable.
    """
    in_file = read_toml(options.config) if options.config else {}
    given = {name: getattr(options, name) for name in SETTING_INFO if getattr(options, name) is not None}
    values = {**in_file, **given}
    return values.pop("data", None), values


def _look(path: Path, choice: TableChoice, seed: int) -> TableSummary:
    from l2tui.data.table.inspect import inspect_table

    return inspect_table(path, choice, seed=seed)


def _given_options(options: argparse.Namespace) -> str:
    return ", ".join(f"--{name}" for name in _TABLE_OPTIONS if getattr(options, name, None) is not None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
