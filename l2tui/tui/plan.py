"""What the next run begins with: the pending settings, and what was chosen for other data before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from l2tui.settings import LIVE_SETTINGS, Settings, TableChoice, changed
from l2tui.tui.editing import KEPT_WITH_NEW_DATA, edited
from l2tui.tui.own_table import OwnTable, with_kept
from l2tui.view.data_names import is_table, same_data

_Data = tuple[str, TableChoice | None]


class Plan(Struct, frozen=True):
    """The pending settings. Going to other data and back changes nothing.

    Attributes:
        settings: What the next run begins with.
        table: The table that was opened last, which comes after the built-in data.
        left: What was planned for other data when they were left.
    """

    settings: Settings
    table: OwnTable | None = None
    left: Mapping[_Data, Settings] = {}

    def edited(self, name: str, value: Any) -> Plan:
        """Returns the plan after one setting was given a value, or the text of one.

        Raises:
            SettingsError: The value is not allowed, in itself or for these data.
            DataError: There are no such data.
        """
        new = edited(self.settings, name, value, self.table)
        if name != "data":
            return msgspec.structs.replace(self, settings=new)
        if same_data(new, self.settings):
            return self
        known = self.left.get(_data_of(new))
        return self.moved(new if known is None else with_kept(known, self.settings, KEPT_WITH_NEW_DATA))

    def moved(self, settings: Settings, table: OwnTable | None = None) -> Plan:
        """Returns a plan with other settings, which remembers those for the data that it leaves.

        Args:
            settings: The settings.
            table: The table that they are for, if it has just been opened.
        """
        table = table or self.table
        if is_table(settings) and (table is None or not same_data(table.settings, settings)):
            table = OwnTable(settings, settings.train_size)
        return Plan(settings, table, {**self.left, _data_of(self.settings): self.settings})

    def with_live(self, live: Settings) -> Plan:
        """Returns a plan whose live settings are those of a run on the same data."""
        settings = with_kept(self.settings, live, LIVE_SETTINGS)
        return self if settings == self.settings else msgspec.structs.replace(self, settings=settings)

    def with_live_value(self, live: Settings, name: str, value: Any) -> Plan:
        """Returns the plan after a run on other data took a value; what is recommended for its own data stays.

        Args:
            live: The settings of the run.
            name: The setting.
            value: Its value.
        """
        settings, left = self.settings, dict(self.left)
        if name in KEPT_WITH_NEW_DATA:
            settings = changed(settings, **{name: value})
        if _data_of(live) in left:
            left[_data_of(live)] = changed(left[_data_of(live)], **{name: value})
        return Plan(settings, self.table, left)


def _data_of(settings: Settings) -> _Data:
    return settings.data, settings.table
