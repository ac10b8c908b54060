"""Files that a user names: what path is meant, and writing all of one, or nothing."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from l2tui.errors import DataError


def expanded(text: str) -> Path:
    """Returns the path that a person means: ~ stands for a home directory, if there is such a one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file as a whole; one that was there is replaced only once the new one is complete.

    Args:
        path: The file. Anything there that is not a regular file is left alone.
        write: Writes the content to an open file.

    Raises:
        DataError: It cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise DataError(f"{path}: cannot be written: not a regular file")
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            write(file)
        draft.replace(target)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
