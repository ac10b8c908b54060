"""A lesson as data: its texts, the settings of its runs, and the conditions that their records must meet.

Importing it loads no number library, so the list of lessons needs none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.errors import L2tuiError
from l2tui.learn.wording import in_words
from l2tui.settings import Settings, changed
from l2tui.toml_files import load_toml

MOST_BEFORE, MOST_AFTER, MOST_PRESS = 70, 60, 45

Value = Literal[
    "train_loss",
    "val_loss",
    "gap",
    "train_accuracy",
    "val_accuracy",
    "weight_norm",
    "w1_norm",
    "w2_norm",
    "sensitivity",
    "wrong_memorised",
    "wrong_right",
]
Place = Literal["end", "best"]
Line = Annotated[str, Meta(min_length=1, max_length=400)]
Number = Annotated[int, Meta(ge=1, le=9)]


class LessonError(L2tuiError):
    """A lesson's file cannot be read, or something in it is wrong."""


class Than(Struct, frozen=True, forbid_unknown_fields=True):
    """What a value is compared with: the same value of a run, or a number; times a factor, plus a margin.

    Attributes:
        run: The run, counted from 1; None for `number`.
        at: Where in that run: the end (the mean of the last 5 % of the epochs) or the best epoch ★.
        number: A fixed number, in place of a run.
        times: A factor.
        plus: A margin that is added.
    """

    run: Number | None = None
    at: Place = "end"
    number: float | None = None
    times: float = 1.0
    plus: float = 0.0


class Compare(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="compare"):
    """A value of a run lies below, above or within a distance of another one.

    Attributes:
        value: What is measured.
        run: In which run, counted from 1.
        than: What it is compared with.
        is_: How: "below", "above", "near" (within `within`), or "beside": shown, without a bound.
        at: Where in the run.
        within: The largest distance for "near".
    """

    value: Value
    run: Number
    than: Than
    is_: Literal["below", "above", "near", "beside"] = msgspec.field(name="is")
    at: Place = "end"
    within: Annotated[float, Meta(ge=0)] = 0.0


class Overfits(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="overfits"):
    """The mark is confirmed, val_loss ends above `times` its value at ★, and train_loss below its value at ★.

    Attributes:
        run: The run, counted from 1.
        times: The factor.
    """

    run: Number = 1
    times: Annotated[float, Meta(ge=1)] = 1.0


class Balance(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="balance"):
    """The gradients of data and decay are equal up to a share, in both layers and on average over the last epochs.

    Attributes:
        run: The run, counted from 1.
        within: That share.
        epochs: How many of the last epochs are averaged.
    """

    run: Number = 1
    within: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    epochs: Annotated[int, Meta(ge=1)] = 20


class ChosenInRange(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="chosen_in_range"):
    """The λ that was chosen from the curve of a sweep lies in the range that the sweep calls as good as its best."""


Condition = Compare | Overfits | Balance | ChosenInRange


class LessonRun(Struct, frozen=True, forbid_unknown_fields=True):
    """One run of a lesson.

    Attributes:
        name: A label that identifies it in the proof: "λ 1e-3".
        press: What to press, in words.
        settings: What differs from the lesson's settings.
        by_hand: Settings that the learner sets; the lesson sets all others.
        sweep: Whether it is a sweep of λ instead of a run.
    """

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    press: Line
    settings: dict[str, Any] = {}
    by_hand: tuple[Literal["l2", "learning_rate", "epochs"], ...] = ()
    sweep: bool = False


class Lesson(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lesson.

    Attributes:
        title: A few words.
        text: What it is about, before anything runs.
        question: What will happen?
        answers: Two or three.
        right: Which of them is right, counted from 1.
        hint: What helps to find it.
        settings: Those of all runs; any other setting is as recommended for the data.
        runs: One to four.
        conditions: What must hold of the runs.
        after: Why it is so.
    """

    title: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(min_length=1)]
    question: Line
    answers: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...], Meta(min_length=2, max_length=3)]
    right: Number
    hint: Line
    settings: dict[str, Any]
    runs: Annotated[tuple[LessonRun, ...], Meta(min_length=1, max_length=4)]
    conditions: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=8)]
    after: Annotated[str, Meta(min_length=1)]

    def settings_of(self, index: int, seeds: int = 0) -> Settings:
        """Returns the settings of a run.

        Args:
            index: Which run, counted from 0.
            seeds: By how much the seed is raised.

        Raises:
            L2tuiError: A setting is unknown, or its value is not allowed.
        """
        values = {**self.settings, **self.runs[index].settings}
        settings = recommended_settings(values.pop("data"), **values)
        return changed(settings, seed=(settings.seed + seeds) % 2**32)


@cache
def bundled() -> dict[str, Lesson]:
    """Returns the lessons of this program by name, in the order of the numbers that their files begin with."""
    folder = resources.files("l2tui.learn") / "lessons"
    files = {file.name: file for file in folder.iterdir() if file.name.endswith(".toml")}
    return {
        name.removesuffix(".toml").partition("-")[2]: decode_lesson(msgspec.toml.decode(files[name].read_bytes()), name)
        for name in sorted(files)
    }


def read_lesson(path: Path) -> Lesson:
    """Reads a lesson from a file.

    Raises:
        LessonError: There is no such file, or something in it is wrong.
        SettingsError: It is not TOML.
    """
    try:
        values = load_toml(path)
    except FileNotFoundError as error:
        raise LessonError(f"{path}: cannot be read: {error.strerror}") from None
    return decode_lesson(values, str(path))


def decode_lesson(values: dict[str, Any], where: str) -> Lesson:
    """Returns a lesson, checked.

    Args:
        values: What the file holds.
        where: The file, for messages.

    Raises:
        LessonError: Something in it is wrong; the message says what, and where.
    """
    try:
        lesson = msgspec.convert(values, Lesson)
    except msgspec.ValidationError as error:
        raise LessonError(f"{where}: {in_words(str(error), _ALLOWED)}") from None
    for complaint in _complaints(lesson):
        raise LessonError(f"{where}: {complaint}")
    return lesson


def _complaints(lesson: Lesson) -> Iterable[str]:
    before = _words(lesson.text, lesson.question, *lesson.answers)
    if before > MOST_BEFORE:
        yield f"text, question and answers: {before} words; expected {MOST_BEFORE} at most"
    if _words(lesson.after) > MOST_AFTER:
        yield f"after: {_words(lesson.after)} words; expected {MOST_AFTER} at most"
    if lesson.right > len(lesson.answers):
        yield f"right: expected a number from 1 to {len(lesson.answers)}, got {lesson.right}"
    for index, run in enumerate(lesson.runs):
        yield from (f"runs[{index + 1}]: {words}" for words in _of_run(lesson, index, run))
    for index, condition in enumerate(lesson.conditions):
        yield from (f"conditions[{index + 1}]: {words}" for words in _of_condition(lesson, condition))


def _of_run(lesson: Lesson, index: int, run: LessonRun) -> Iterable[str]:
    if _words(run.press) > MOST_PRESS:
        yield f"press: {_words(run.press)} words; expected {MOST_PRESS} at most"
    data = {**lesson.settings, **run.settings}.get("data")
    if data not in CATALOGUE:
        known = ", ".join(CATALOGUE)
        yield f"data: expected a built-in data set ({known}), got {data!r}"
        return
    try:
        settings = lesson.settings_of(index)
    except L2tuiError as error:
        yield str(error)
        return
    if settings.epochs < 1:
        yield "epochs: a lesson trains at least one epoch"
    if run.sweep and len(lesson.runs) > 1:
        yield "sweep: a sweep is the only run of its lesson"
    if run.sweep != any(isinstance(condition, ChosenInRange) for condition in lesson.conditions):
        yield "sweep: a sweep and the condition chosen_in_range belong together"
    if run.sweep and len(lesson.conditions) > 1:
        yield "sweep: chosen_in_range is the only condition of a sweep"


def _of_condition(lesson: Lesson, condition: Condition) -> Iterable[str]:
    if isinstance(condition, ChosenInRange):
        return
    runs = [condition.run]
    if isinstance(condition, Compare):
        than = condition.than
        if (than.run is None) == (than.number is None):
            yield "than: expected either a run or a number"
        if condition.is_ == "near" and not condition.within:
            yield 'within: expected a number above 0 with is = "near"'
        if condition.is_ != "near" and condition.within:
            yield 'within: only with is = "near"'
        if than.run == condition.run and than.at == condition.at:
            yield "than: compares a value with itself"
        runs += [] if than.run is None else [than.run]
    for run in runs:
        if run > len(lesson.runs):
            yield f"run: expected a number from 1 to {len(lesson.runs)}, got {run}"


def _words(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)


_KINDS = {kind.__struct_config__.tag: kind for kind in (Compare, Overfits, Balance, ChosenInRange)}
_ALLOWED = {
    "kind": tuple(map(str, _KINDS)),
    "value": get_args(Value),
    "at": get_args(Place),
    "is": ("below", "above", "near", "beside"),
    "by_hand": ("l2", "learning_rate", "epochs"),
}
