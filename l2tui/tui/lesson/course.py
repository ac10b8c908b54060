"""Lessons in a row, and the keys that they name and obey."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from l2tui.learn.lesson import Lesson, LessonError
from l2tui.view.key_names import KeyNames
from l2tui.view.keys import RUN_KEYS, bind

_KEY = re.compile(r"\{([\w.]+)\}")


LESSON_KEYS = (
    bind("1", "answer(1)", "answer 1", "the first answer to the question of a lesson", "lesson.answer1"),
    bind("2", "answer(2)", "answer 2", "the second answer", "lesson.answer2"),
    bind("3", "answer(3)", "answer 3", "the third answer", "lesson.answer3"),
    bind("enter", "next", "go on", "go on in a lesson", "lesson.next"),
    bind("h", "hint", "hint", "a hint", "lesson.hint"),
    bind("s", "skip", "skip", "go to the next lesson", "lesson.skip"),
    bind("escape", "leave", "leave", "leave the lessons", "lesson.leave"),
)
_ALL = {key.id: key for key in (*RUN_KEYS, *LESSON_KEYS)}


class LessonKeys:
    """What the keys are called that a lesson names.

    Args:
        names: The user's among them.
    """

    def __init__(self, names: KeyNames) -> None:
        self._names = names

    def __getitem__(self, id: str) -> str:
        """Returns the first key of a binding of the main screen or of a lesson."""
        return self._names.first(_ALL[id])

    def digits(self, count: int) -> list[str]:
        """Returns the keys that answer a question."""
        return [self[f"lesson.answer{number}"] for number in range(1, count + 1)]

    def put_into(self, text: str) -> str:
        """Returns a text of a lesson as one line, with the keys called what they are."""
        return _KEY.sub(lambda found: self[found[1]] if found[1] in _ALL else found[0], " ".join(text.split()))


def check_keys(lesson: Lesson, where: str) -> None:
    """Checks that there are the keys that the texts of a lesson name by their ids.

    Raises:
        LessonError: One is not there.
    """
    texts = (lesson.text, lesson.question, lesson.hint, lesson.after, *(run.press for run in lesson.runs))
    for id in _KEY.findall(" ".join(texts)):
        if id not in _ALL:
            raise LessonError(f"{where}: {{{id}}}: there is no such key; `l2tui config --example` lists all")


class Course(Struct, frozen=True):
    """Lessons in a row.

    Attributes:
        lessons: Each by its name.
        index: The one to take.
        kept: Whether progress is kept.
    """

    lessons: Mapping[str, Lesson]
    index: int = 0
    kept: bool = True

    @property
    def name(self) -> str:
        """The name of the lesson."""
        return tuple(self.lessons)[self.index]

    @property
    def lesson(self) -> Lesson:
        """The lesson."""
        return self.lessons[self.name]

    @property
    def title(self) -> str:
        """What the lesson is called, and which of how many it is."""
        number = f"Lesson {self.index + 1} of {len(self.lessons)}" if len(self.lessons) > 1 else "Lesson"
        return f"{number} · {self.lesson.title}"

    @property
    def following(self) -> Course | None:
        """The same with the lesson after this one, None at the end."""
        more = self.index + 1 < len(self.lessons)
        return msgspec.structs.replace(self, index=self.index + 1) if more else None
