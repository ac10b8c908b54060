"""What an edit of one setting does to all of them."""

from typing import Any

from l2tui.data.catalogue import check_settings, dataset_info, recommended_settings
from l2tui.errors import SettingsError
from l2tui.settings import Settings, changed, parse_value

# Choosing other data brings the settings recommended for them, but for these, which are the person's own.
_KEPT_WITH_NEW_DATA = ("seed", "criterion", "stop_on_overfit", "pace", "dtype", "optimizer", "momentum")


def edited(settings: Settings, name: str, value: Any) -> Settings:
    """Returns the settings after one of them was given a value.

    Args:
        settings: All settings before.
        name: Which one changes.
        value: The value, or the text that was typed for it.

    Raises:
        SettingsError: The value is not allowed, in itself or for these data.
        DataError: There are no such data.
    """
    if name == "data":
        kept = {kept: getattr(settings, kept) for kept in _KEPT_WITH_NEW_DATA}
        new = recommended_settings(parse_value(name, value), **{k: v for k, v in kept.items() if v is not None})
        return changed(new, pace=settings.pace)
    info = dataset_info(settings.data)
    if name == "noise" and not info.generated:
        raise SettingsError(f"noise: {info.name} is a real table and has no noise to set", name)
    new = changed(settings, **{name: value})
    check_settings(info, new)
    return new
