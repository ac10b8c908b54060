"""TOML files: read with errors that name the file and, of settings, the key."""

from pathlib import Path
from typing import Any

from l2tui.errors import SettingsError
from l2tui.settings import parse_value


def read_toml(path: Path) -> dict[str, Any]:
    """Reads settings from a TOML file whose top-level keys are names of settings.

    Args:
        path: The file.

    Returns:
        Field names and checked values, those that the file names and no others.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or holds something that is not a setting.
    """
    try:
        values = load_toml(path)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    checked = {}
    for name, value in values.items():
        try:
            checked[name.replace("-", "_")] = parse_value(name.replace("-", "_"), value)
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}", error.name) from None
    return checked


def load_toml(path: Path) -> dict[str, Any]:
    """Reads a TOML file, whatever is in it.

    Raises:
        FileNotFoundError: There is none.
        SettingsError: It cannot be read, or is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not a TOML file: it is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from None
