"""Lessons as data: those of this program are whole, and each mistake in one of a teacher's own is named."""

import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.errors import L2tuiError
from l2tui.learn.lesson import MOST_AFTER, MOST_BEFORE, Lesson, bundled, decode_lesson, read_lesson
from l2tui.tui.lesson.course import check_keys

RUN = {"name": "λ 0", "press": "Press {run.toggle}."}
COMPARE = {"kind": "compare", "value": "gap", "run": 2, "is": "below", "than": {"run": 1}}
GOOD: dict[str, Any] = {
    "title": "A title",
    "text": "What it is about.",
    "question": "What will happen?",
    "answers": ["this", "that"],
    "right": 1,
    "hint": "Think.",
    "after": "So it is.",
    "settings": {"data": "moons", "epochs": 10},
    "runs": [RUN, {**RUN, "name": "λ 0.1", "settings": {"l2": 0.1}, "by_hand": ["l2"]}],
    "conditions": [COMPARE],
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def with_run(**values: Any) -> dict[str, Any]:
    return {**GOOD, "runs": [RUN, {**RUN, **values}]}


def with_condition(**values: Any) -> dict[str, Any]:
    return {**GOOD, "conditions": [{**COMPARE, **values}]}


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing in it": ({}, "`title` is missing"),
    "no title": (without("title"), "`title` is missing"),
    "no right answer": (without("right"), "`right` is missing"),
    "no conditions": (without("conditions"), "`conditions` is missing"),
    "a name that does not exist": ({**GOOD, "tittle": "x"}, "`tittle` is not known here"),
    "a number for a text": ({**GOOD, "title": 3}, "title: expected text, got a whole number"),
    "an empty text": ({**GOOD, "hint": ""}, "hint: expected text with a length of 1 or more"),
    "one answer": ({**GOOD, "answers": ["this"]}, "answers: expected a list with a length of 2 or more"),
    "four answers": ({**GOOD, "answers": ["a", "b", "c", "d"]}, "answers: expected a list with a length of 3 or less"),
    "an answer that is no text": ({**GOOD, "answers": ["a", 2]}, "answers[2]: expected text, got a whole number"),
    "an answer too long": (
        {**GOOD, "answers": ["a", "b" * 41]},
        "answers[2]: expected text with a length of 40 or less",
    ),
    "a right answer that is none": ({**GOOD, "right": 3}, "right: expected a number from 1 to 2, got 3"),
    "the zeroth answer": ({**GOOD, "right": 0}, "right: expected a whole number of 1 or more"),
    "too much to read before": (
        {**GOOD, "text": "word " * 71},
        "text, question and answers: 76 words; expected 70 at most",
    ),
    "too much to read after": ({**GOOD, "after": "word " * 61}, "after: 61 words; expected 60 at most"),
    "too much to press": (with_run(press="word " * 46), "runs[2]: press: 46 words; expected 45 at most"),
    "no run": ({**GOOD, "runs": []}, "runs: expected a list with a length of 1 or more"),
    "a run without a name": ({**GOOD, "runs": [{"press": "x"}]}, "runs[1]: `name` is missing"),
    "an unknown name in a run": (with_run(setings={}), "runs[2]: `setings` is not known here"),
    "an unknown setting": (with_run(settings={"lamda": 1}), "runs[2]: lamda: no such setting"),
    "a value that is not allowed": (with_run(settings={"l2": -1}), "runs[2]: l2: expected a number of 0 or more"),
    "no epochs": (with_run(settings={"epochs": 0}), "runs[2]: epochs: a lesson trains at least one epoch"),
    "no data": ({**GOOD, "settings": {}}, "runs[1]: data: expected a built-in data set"),
    "a table of one's own": ({**GOOD, "settings": {"data": "x.csv"}}, "got 'x.csv'"),
    "noise for a table": (with_run(settings={"data": "wine", "noise": 1}), "runs[2]: noise: wine is a real table"),
    "too many rows": (with_run(settings={"data": "wine", "train_size": 500}), "runs[2]: train_size: expected"),
    "by hand, not live": (
        with_run(by_hand=["hidden"]),
        "runs[2].by_hand[1]: expected l2, learning_rate, epochs; got 'hidden'",
    ),
    "a sweep beside a run": (with_run(sweep=True), "runs[2]: sweep: a sweep is the only run"),
    "a sweep without a choice": (
        {**GOOD, "runs": [{**RUN, "sweep": True}], "conditions": [{"kind": "overfits"}]},
        "runs[1]: sweep: a sweep and the condition chosen_in_range belong together",
    ),
    "a choice without a sweep": ({**GOOD, "conditions": [{"kind": "chosen_in_range"}]}, "belong together"),
    "no condition": ({**GOOD, "conditions": []}, "conditions: expected a list with a length of 1 or more"),
    "a condition of no kind": ({**GOOD, "conditions": [{"run": 1}]}, "conditions[1]: `kind` is missing"),
    "an unknown kind": (
        {**GOOD, "conditions": [{"kind": "wins"}]},
        "conditions[1].kind: expected compare, overfits, balance, chosen_in_range; got 'wins'",
    ),
    "an unknown value": (with_condition(value="loss"), "wrong_right; got 'loss'"),
    "an unknown comparison": (
        with_condition(**{"is": "less"}),
        "expected below, above, near, beside; got 'less'",
    ),
    "a run that is not there": (with_condition(run=3), "conditions[1]: run: expected a number from 1 to 2, got 3"),
    "against a run that is not there": (
        with_condition(than={"run": 3}),
        "conditions[1]: run: expected a number from 1 to 2, got 3",
    ),
    "against itself": (with_condition(than={"run": 2}), "conditions[1]: than: compares a value with itself"),
    "against nothing": (with_condition(than={}), "conditions[1]: than: expected either a run or a number"),
    "against both": (with_condition(than={"run": 1, "number": 2}), "than: expected either a run or a number"),
    "near without a distance": (with_condition(**{"is": "near"}), "within: expected a number above 0"),
    "a distance without near": (with_condition(within=0.1), 'within: only with is = "near"'),
    "a factor below 1": (
        {**GOOD, "conditions": [{"kind": "overfits", "times": 0.5}]},
        "conditions[1].times: expected a number of 1",
    ),
    "a factor that is text": (
        with_condition(than={"run": 1, "times": "0.5"}),
        "conditions[1].than.times: expected a number, got text",
    ),
}


def test_a_lesson_without_a_mistake_is_taken() -> None:
    lesson = decode_lesson(GOOD, "mine.toml")
    assert lesson.settings_of(1, 3).l2 == 0.1
    assert lesson.settings_of(1, 3).seed == 3
    check_keys(lesson, "mine.toml")


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_named_with_its_place(name: str) -> None:
    values, words = MISTAKES[name]
    with pytest.raises(L2tuiError) as caught:
        decode_lesson(values, "mine.toml")
    message = str(caught.value)
    assert message.startswith("mine.toml: ")
    assert words in message
    assert "`$" not in message
    assert "\n" not in message


def test_a_key_that_is_not_there_is_named() -> None:
    lesson = decode_lesson({**GOOD, "hint": "Press {run.togle}."}, "mine.toml")
    with pytest.raises(L2tuiError, match=r"mine.toml: \{run.togle\}: there is no such key"):
        check_keys(lesson, "mine.toml")


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: None, "cannot be read: No such file"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_text("title = "), "not a TOML file"),
        (lambda path: path.write_bytes(b"title = '\xff'"), "not UTF-8 text"),
        (lambda path: path.write_text("title = 'x'"), "`text` is missing"),
    ],
    ids=["missing", "a folder", "no TOML", "no text", "half of it"],
)
def test_a_file_that_is_no_lesson_is_named(tmp_path: Path, write: Callable[[Path], object], words: str) -> None:
    path = tmp_path / "mine.toml"
    write(path)
    with pytest.raises(L2tuiError) as caught:
        read_lesson(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def count(*texts: str) -> int:
    return len(" ".join(texts).split())


@pytest.mark.parametrize("name", bundled())
def test_a_lesson_of_this_program_is_whole(name: str) -> None:
    lesson: Lesson = bundled()[name]
    check_keys(lesson, name)
    assert count(lesson.text, lesson.question, *lesson.answers) <= MOST_BEFORE
    assert count(lesson.after) <= MOST_AFTER
    for index, run in enumerate(lesson.runs):
        named = {**lesson.settings, **run.settings}
        # What is recommended for the data may change; the lesson must not change with it.
        needed = {"data", "train_size", "hidden", "learning_rate", "batch_size", "epochs", "l2", "pace"}
        info = CATALOGUE[named["data"]]
        needed |= {"noise"} if info.generated else {"label_noise"}
        assert needed <= set(named)
        settings = lesson.settings_of(index)
        assert settings.pace is not None
        assert settings.epochs / settings.pace <= 20 or run.sweep


def test_all_lessons_are_files_of_the_package() -> None:
    folder = resources.files("l2tui.learn") / "lessons"
    titles = [tomllib.loads(file.read_text("utf-8"))["title"] for file in folder.iterdir()]
    assert sorted(titles) == sorted(lesson.title for lesson in bundled().values())
    assert len(titles) == len(set(titles))
