"""The tables that were opened last, remembered from one start of the app to the next."""

import contextlib
import os
from pathlib import Path

import msgspec

from l2tui.errors import DataError
from l2tui.files import make_directory, write_file

MOST = 10


def recent_path() -> Path:
    """Returns the file that keeps them."""
    import platformdirs

    return platformdirs.user_state_path("l2tui") / "recent.json"


def recent_tables() -> list[Path]:
    """Returns the tables that are still there, each once, the newest first."""
    once: dict[str, Path] = {}
    for path in _stored():
        if path.is_file():
            once.setdefault(os.path.realpath(path), path)
    return list(once.values())


def remember_table(path: Path) -> None:
    """Puts a table first. Where it cannot be kept, it is not: opening it is what counts."""
    file = recent_path()
    paths = [path, *(other for other in _stored() if other != path)][:MOST]
    with contextlib.suppress(OSError, DataError, UnicodeEncodeError):
        content = msgspec.json.encode([str(path) for path in paths])
        make_directory(file.parent)
        write_file(file, lambda opened: opened.write(content))


def _stored() -> list[Path]:
    try:
        names = msgspec.json.decode(recent_path().read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return []
    return [Path(name) for name in names if "\0" not in name]
