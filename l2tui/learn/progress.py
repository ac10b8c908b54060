"""Remembers which lessons are done, across sessions."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from l2tui.errors import DataError
from l2tui.files import make_directory, write_file


class LessonProgress(Struct, frozen=True):
    """Progress through the lessons.

    Attributes:
        done: Names of the lessons that are done.
        at: The lesson to continue with; None for the first that is not done.
    """

    done: tuple[str, ...] = ()
    at: str | None = None

    def continues_at(self, names: Sequence[str]) -> int | None:
        """Returns the position of the lesson to continue with, None where all are done."""
        if self.at in names:
            return names.index(self.at)
        return next((index for index, name in enumerate(names) if name not in self.done), None)

    def moved(self, at: str | None) -> "LessonProgress":
        """Returns the progress with another lesson to continue with."""
        return msgspec.structs.replace(self, at=at)

    def with_done(self, name: str) -> "LessonProgress":
        """Returns the progress with one more lesson done."""
        return self if name in self.done else msgspec.structs.replace(self, done=(*self.done, name))


def progress_path() -> Path:
    """Returns the path of the progress file."""
    import platformdirs

    return platformdirs.user_state_path("l2tui") / "lessons.json"


def read_progress() -> LessonProgress:
    """Returns the saved progress; empty where the file is missing or damaged."""
    try:
        return msgspec.json.decode(progress_path().read_bytes(), type=LessonProgress)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return LessonProgress()


def keep_progress(progress: LessonProgress) -> None:
    """Saves the progress. A failure to write is ignored: the lesson matters more."""
    file = progress_path()
    with contextlib.suppress(OSError, DataError):
        make_directory(file.parent)
        write_file(file, lambda opened: opened.write(msgspec.json.encode(progress)))
