"""What data are called: a built-in set by its name, a table by its file."""

from __future__ import annotations

from pathlib import Path

from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.settings import Settings
from l2tui.view.plain import printable


def is_table(settings: Settings) -> bool:
    """Returns whether settings are for the user's own table."""
    return settings.table is not None or settings.data not in CATALOGUE


def same_data(first: Settings, second: Settings) -> bool:
    """Returns whether two settings are for the same data, read in the same way."""
    return first.data == second.data and first.table == second.table


def data_name(settings: Settings) -> str:
    """Returns a short name: that of a built-in set, or of the file without its folder."""
    return printable(Path(settings.data).name or settings.data) if is_table(settings) else settings.data


def data_summary(settings: Settings) -> str:
    """Returns a line on the data: what a built-in set is, or what of a table is predicted."""
    if not is_table(settings):
        return CATALOGUE[settings.data].summary
    target = settings.table.target if settings.table else None
    return f"{data_name(settings)}: predicts {printable(target)}" if target else data_name(settings)
