"""The user's configuration file: how the app looks and behaves, defaults of settings, keys.

This module imports no number library and no screen. Which keys there are is for the screen to say.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from l2tui.errors import SettingsError, did_you_mean
from l2tui.settings import SETTING_INFO, parse_value
from l2tui.toml_files import load_toml

ENVIRONMENT_VARIABLE = "L2TUI_CONFIG"


class AppConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the app looks and behaves.

    Attributes:
        fps: Pictures a second while a run is followed, at most.
        max_bandwidth: Bytes a second towards the terminal, at most; None finds out what the line carries.
        ascii: Whether only ASCII characters are drawn; None goes by the terminal.
        theme: "auto", "dark", "light", "mono", or the name of one of Textual's themes.
        mouse: Whether the mouse is listened to.
        max_cores: Processor cores that app and worker use together, at most; None for as many as they need.
    """

    fps: Annotated[float, Meta(ge=0.1, le=30)] = 5.0
    max_bandwidth: Annotated[int, Meta(ge=100)] | None = None
    ascii: bool | None = None
    theme: Annotated[str, Meta(min_length=1)] = "auto"
    mouse: bool = True
    max_cores: Annotated[int, Meta(ge=1)] | None = None


class AppInfo(NamedTuple):
    """The help on one field of `AppConfig`.

    Attributes:
        name: The field.
        expects: What a value must be, to go into "expected ...".
        help: One line for help pages.
        example: A value in TOML.
    """

    name: str
    expects: str
    help: str
    example: str


APP_INFO: dict[str, AppInfo] = {
    info.name: info
    for info in (
        AppInfo("fps", "a number from 0.1 to 30", "pictures a second while a run is followed, at most", "5"),
        AppInfo(
            "max_bandwidth",
            "bytes a second, 100 or more, such as 2000 or 2k, or auto",
            "bytes a second towards the terminal, at most; auto finds out what the line carries",
            '"auto"',
        ),
        AppInfo("ascii", "true, false or auto", "draw with ASCII characters only", '"auto"'),
        AppInfo("theme", "a name", "auto, dark, light, mono (no colours), or one of Textual's themes", '"auto"'),
        AppInfo("mouse", "true or false", "listen to the mouse", "true"),
        AppInfo(
            "max_cores",
            "a whole number of 1 or more, or auto",
            "processor cores for app and worker together, at most",
            '"auto"',
        ),
    )
}
_FLAGS = ("ascii", "mouse")
_FOUND_OUT = ("ascii", "max_bandwidth", "max_cores")
_FACTORS = {"k": 1_000, "m": 1_000_000}
_TABLES = ("app", "settings", "keys")


class Config(NamedTuple):
    """What a configuration file holds.

    Attributes:
        path: The file, which need not exist.
        app: Fields of `AppConfig` that it names, with their checked values.
        settings: Settings that it names, with their checked values.
        keys: Keys by the id of what they do, not checked yet.
    """

    path: Path
    app: Mapping[str, Any]
    settings: Mapping[str, Any]
    keys: Mapping[str, str]


def config_path() -> Path:
    """Returns where the configuration file is, or would be.

    Raises:
        SettingsError: `L2TUI_CONFIG` names a home directory that does not exist.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError:
            raise SettingsError(f"{ENVIRONMENT_VARIABLE}={chosen}: there is no such home directory") from None
    import platformdirs

    return platformdirs.user_config_path("l2tui") / "config.toml"


def read_config() -> Config:
    """Reads the configuration file; without one, all is as it comes.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or holds something that it cannot; the message names it.
    """
    path = config_path()
    try:
        tables = load_toml(path)
    except FileNotFoundError:
        if os.environ.get(ENVIRONMENT_VARIABLE):
            raise SettingsError(f"{path}: there is no such file ({ENVIRONMENT_VARIABLE} names it)") from None
        return Config(path, {}, {}, {})
    try:
        return _checked(path, tables)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}", error.name) from None


def _checked(path: Path, tables: Mapping[str, Any]) -> Config:
    for name, table in tables.items():
        if name not in _TABLES:
            raise SettingsError(f"{name}: expected the tables [app], [settings] and [keys]{_place(name)}")
        if not isinstance(table, dict):
            raise SettingsError(f"{name}: expected a table, [{name}], got {table!r}")
    app = {}
    for name, value in tables.get("app", {}).items():
        name = name.replace("-", "_")
        try:
            app[name] = parse_app_value(name, value)
        except SettingsError as error:
            raise SettingsError(f"app.{error}", name) from None
    settings = {}
    for name, value in tables.get("settings", {}).items():
        name = name.replace("-", "_")
        if name not in SETTING_INFO:
            raise SettingsError(f"settings.{name}: there is no such setting{near(name, SETTING_INFO)}", name)
        try:
            settings[name] = parse_value(name, value)
        except SettingsError as error:
            raise SettingsError(f"settings.{error}", name) from None
    return Config(path, app, settings, dict(_flat(tables.get("keys", {}))))


def parse_app_value(name: str, value: Any) -> Any:
    """Checks and converts the value of one field of `AppConfig`.

    Args:
        name: The field.
        value: A value of the right type, or the text of one.

    Raises:
        SettingsError: There is no such field, or the value is not allowed.
    """
    if name not in APP_INFO:
        raise SettingsError(f"{name}: there is nothing of that name to set{near(name, APP_INFO)}", name)
    meant = value
    if isinstance(value, str) and name != "theme":
        meant = value.strip().lower()
        if meant == "auto" and name in _FOUND_OUT:
            return None
        if name == "max_bandwidth":
            meant = _bytes(meant)
    try:
        return _converted(name, meant)
    except msgspec.ValidationError:
        raise SettingsError(f"{name}: expected {APP_INFO[name].expects}, got {value!r}", name) from None


def near(name: str, known: Iterable[str]) -> str:
    """Returns the end of a message that offers the names nearest to one that is unknown, or all of them."""
    names = list(known)
    return "; " + did_you_mean(name, names, otherwise=f"there are {', '.join(names)}")


def _place(name: str) -> str:
    for table, known in (("app", APP_INFO), ("settings", SETTING_INFO)):
        if name.replace("-", "_") in known:
            return f"; {name} belongs into [{table}]"
    question = did_you_mean(name, (f"[{table}]" for table in _TABLES))
    return f"; {question}" if question else ""


def _converted(name: str, value: Any) -> Any:
    # msgspec alone would take "null" for nothing, true for 1, and 1 for true.
    is_misfit = isinstance(value, int | float) and isinstance(value, bool) != (name in _FLAGS)
    if value in (None, "null") or is_misfit:
        raise msgspec.ValidationError
    return getattr(msgspec.convert({name: value}, AppConfig, strict=False), name)


def _bytes(text: str) -> Any:
    factor = _FACTORS.get(text[-1:], 1)
    try:
        return round(float(text[:-1] if factor > 1 else text) * factor)
    except (ValueError, OverflowError):
        return text


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    # Without quotes, TOML reads run.toggle as toggle in a table run.
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str) and value.strip():
            yield prefix + name, value
        else:
            raise SettingsError(f"keys.{prefix}{name}: expected a key in quotes, got {value!r}", prefix + name)
