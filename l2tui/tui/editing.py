"""What an edit of one setting does to all of them."""

from pathlib import Path
from typing import Any

from l2tui.data.builtin.catalogue import check_settings, dataset_info, recommended_settings
from l2tui.errors import SettingsError
from l2tui.settings import ADAM_RATE, ADAPTIVE, Settings, changed, parse_value
from l2tui.tui.own_table import OwnTable, with_kept
from l2tui.view.data_names import data_name, is_table, same_data

# Choosing other data brings the settings recommended for them, but for these, which are the person's own.
KEPT_WITH_NEW_DATA = ("seed", "criterion", "stop_on_overfit", "pace", "dtype", "optimizer", "momentum")


def edited(settings: Settings, name: str, value: Any, table: OwnTable | None = None) -> Settings:
    """Returns the settings after one of them was given a value.

    Args:
        settings: All settings before.
        name: Which one changes.
        value: The value, or the text that was typed for it.
        table: The table that was opened last, which `data` can name by its path or by the file's name alone.

    Raises:
        SettingsError: The value is not allowed, in itself or for these data.
        DataError: There are no such data.
    """
    if name == "data":
        own = table.settings if table is not None else settings if is_table(settings) else None
        if own is not None and str(value).strip() in (own.data, Path(own.data).name, data_name(own)):
            return with_kept(own, settings, KEPT_WITH_NEW_DATA)
        kept = {kept: getattr(settings, kept) for kept in KEPT_WITH_NEW_DATA}
        new = recommended_settings(parse_value(name, value), **{k: v for k, v in kept.items() if v is not None})
        return changed(new, pace=settings.pace)
    if name == "optimizer":
        return _with_optimizer(settings, value, table)
    if is_table(settings):
        return _edited_on_table(settings, name, value, table)
    info = dataset_info(settings.data)
    if name == "noise" and not info.generated:
        raise SettingsError(f"noise: {info.name} is a real table and has no noise to set", name)
    new = changed(settings, **{name: value})
    check_settings(info, new)
    return new


def _with_optimizer(settings: Settings, value: Any, table: OwnTable | None) -> Settings:
    """Returns settings with another optimiser, and with its rate where the rate is the one recommended for the last."""
    new = changed(settings, optimizer=value)
    rate = _rate(settings, table)
    return changed(new, learning_rate=_rate(new, table)) if settings.learning_rate == rate else new


def _rate(settings: Settings, table: OwnTable | None) -> float:
    if settings.optimizer in ADAPTIVE:
        return ADAM_RATE
    if not is_table(settings):
        return float(dataset_info(settings.data).recommended["learning_rate"])
    opened = table is not None and same_data(table.settings, settings)
    return table.settings.learning_rate if table is not None and opened else settings.learning_rate


def _edited_on_table(settings: Settings, name: str, value: Any, table: OwnTable | None) -> Settings:
    if name == "noise":
        raise SettingsError("noise: a table has no noise to set; try label noise", name)
    new = changed(settings, **{name: value})
    most = table.rows_for(settings) if table is not None else settings.train_size
    if name == "train_size" and new.train_size > most:
        raise SettingsError(f"train_size: expected a whole number from 2 to {most}, got {new.train_size}", name)
    return new
