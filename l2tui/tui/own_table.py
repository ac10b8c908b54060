"""The user's table beside the built-in data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from l2tui.settings import Settings, TableChoice
from l2tui.view.data_names import same_data


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


def with_kept(settings: Settings, before: Settings, names: tuple[str, ...]) -> Settings:
    """Returns settings with some values of others."""
    return msgspec.structs.replace(settings, **{name: getattr(before, name) for name in names})
