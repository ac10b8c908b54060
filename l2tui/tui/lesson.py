"""Takes a person through a lesson: which page to show, which settings to plan, what the runs have shown. No widget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from l2tui.errors import L2tuiError
from l2tui.learn.lesson import Lesson, LessonError
from l2tui.learn.progress import keep_progress, read_progress
from l2tui.runs.events import BestRestored, SettingChanged
from l2tui.settings import SETTING_INFO, Settings, show_value
from l2tui.sweep.answer import Answer
from l2tui.tui.controller import Controller
from l2tui.view.key_names import KeyNames
from l2tui.view.keys import RUN_KEYS
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    from l2tui.learn.conditions import Finding, Records
    from l2tui.sweep.summary import SweepView
    from l2tui.tui.sweep_client import SweepClient

Stage = Literal["text", "question", "run", "result", "after", "end"]
Tone = Literal["text", "strong", "good", "bad", "muted"]

# These change neither the weights nor when a run ends by itself.
_FREE = ("pace", "criterion", "blas_threads")
_KEY = re.compile(r"\{([\w.]+)\}")
_KEY_IDS = {key.id for key in RUN_KEYS}


class Paragraph(Struct, frozen=True):
    """A text of the band, and in which tone it is said."""

    text: str
    tone: Tone = "text"


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
    def following(self) -> Course | None:
        """The same with the lesson after this one, None at the end."""
        more = self.index + 1 < len(self.lessons)
        return msgspec.structs.replace(self, index=self.index + 1) if more else None


def check_keys(lesson: Lesson, where: str) -> None:
    """Checks that the keys which the texts of a lesson name by their ids are there.

    Raises:
        LessonError: One is not.
    """
    texts = (lesson.text, lesson.question, lesson.hint, lesson.after, *(run.press for run in lesson.runs))
    for id in _KEY.findall(" ".join(texts)):
        if id not in _KEY_IDS:
            raise LessonError(f"{where}: {{{id}}}: there is no such key; `l2tui config --example` lists all")


class Guide:
    """Where somebody is in a lesson.

    Args:
        course: The lessons.
        controller: What begins and follows runs.
        keys: What the keys are called.

    Attributes:
        course: The lessons, and which one it is.
        stage: Which kind of page is shown.
        index: The run that is due, or trains.
        seeds: By how much the seed is raised.
        answer: What was answered, counted from 1; None before.
        findings: What the conditions came to, once the last run has ended.
        chosen: The λ that was chosen from a sweep.
    """

    def __init__(self, course: Course, controller: Controller, keys: KeyNames) -> None:
        self.controller, self.keys = controller, keys
        self.begin(course)

    def begin(self, course: Course) -> None:
        """Begins a lesson."""
        self.course, self.stage = course, "text"
        self.seeds, self.answer = 0, None
        self._again()
        self._keep()

    stage: Stage
    course: Course
    seeds: int
    answer: int | None

    def _again(self) -> None:
        self.index = 0
        self._records: list[Records] = []
        self.findings: list[Finding] = []
        self.chosen: float | None = None
        self._sweep: SweepView | None = None
        self._plan()

    def _plan(self) -> None:
        """Has the settings planned of the run that is due, but for those that are given their values by hand."""
        before = self.lesson.settings_of(max(0, self.index - 1), self.seeds)
        by_hand = {name: getattr(before, name) for name in self.run.by_hand}
        self.controller.prepare(msgspec.structs.replace(self.wanted, **by_hand))

    @property
    def lesson(self) -> Lesson:
        """The lesson."""
        return self.course.lesson

    @property
    def run(self):  # type: ignore[no-untyped-def]
        """The run that is due."""
        return self.lesson.runs[self.index]

    @property
    def wanted(self) -> Settings:
        """The settings of the run that is due."""
        return self.lesson.settings_of(self.index, self.seeds)
