"""A table of a person's own beside the built-in data: which of them settings are for, and how they are called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.settings import Settings, TableChoice
from l2tui.tui.renderables.plain import printable


class TableToOpen(Struct, frozen=True):
    """A table that the app is to open with.

    Attributes:
        path: The file.
        choice: How it is to be read.
        values: Settings that were asked for, in place of those recommended for the table.
    """

    path: Path
    choice: TableChoice = msgspec.field(default_factory=TableChoice)
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)


class OwnTable(Struct, frozen=True):
    """The table that was opened last.

    Attributes:
        settings: Settings to train it with.
        rows: Rows of its training part.
    """

    settings: Settings
    rows: int

    def rows_for(self, settings: Settings) -> int:
        """Returns the most training rows that settings can name; as many as they do where they are for other data."""
        return self.rows if same_data(self.settings, settings) else settings.train_size


def is_table(settings: Settings) -> bool:
    """Returns whether settings are for a table of a person's own."""
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


def with_kept(settings: Settings, before: Settings, names: tuple[str, ...]) -> Settings:
    """Returns settings with some values of others."""
    return msgspec.structs.replace(settings, **{name: getattr(before, name) for name in names})
