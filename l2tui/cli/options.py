"""The settings of a run as command line options."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from l2tui.settings import SETTING_INFO, Settings, read_toml


def add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each setting. Values stay text; `gather_settings` checks them."""
    group = parser.add_argument_group("settings (by default those recommended for the data)")
    for info in SETTING_INFO.values():
        if info.name == "data":
            continue
        option = "--" + info.name.replace("_", "-")
        if info.name == "stop_on_overfit":
            group.add_argument(option, action=argparse.BooleanOptionalAction, help=info.help)
        else:
            metavar = info.name.rpartition("_")[2].upper()
            group.add_argument(option, metavar=metavar, help=f"{info.help} ({info.expects})")
    group.add_argument("--config", metavar="FILE.toml", type=Path, help="settings from a file; options come before it")


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


def gather_settings(options: argparse.Namespace, *, default_data: str | None, **defaults: Any) -> Settings | None:
    """Joins what the data recommend, the configuration file and the options, the later ones winning.

    Args:
        options: Parsed options, with `data` as named on the command line or None.
        default_data: The data if none are named anywhere.
        **defaults: Other defaults, weaker than the file and the options.

    Returns:
        The settings, or None where no data are named.

    Raises:
        SettingsError: A value is not allowed, or the file is not usable.
        DataError: There are no such data.
    """
    from l2tui.data.catalogue import recommended_settings

    in_file = read_toml(options.config) if options.config else {}
    given = {name: getattr(options, name) for name in SETTING_INFO if getattr(options, name) is not None}
    values = {**defaults, **in_file, **given}
    data = values.pop("data", default_data)
    return None if data is None else recommended_settings(data, **values)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
