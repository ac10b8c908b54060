"""What the lessons teach comes about: the runs themselves, without a screen."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from l2tui.cli import main
from l2tui.learn.check import check_lesson, train_records
from l2tui.learn.lesson import bundled
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reader import RunReader

SEEDS = 20


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled())
def test_a_lesson_holds_with_its_first_seeds(name: str) -> None:
    checked = list(check_lesson(bundled()[name], range(2), workers=2))
    assert sum(one.holds for one in checked) == 2, [one.findings for one in checked if not one.holds]


@pytest.mark.study
@pytest.mark.parametrize("name", bundled())
def test_a_lesson_holds_with_nineteen_of_twenty_seeds(name: str) -> None:
    checked = list(check_lesson(bundled()[name], range(SEEDS), workers=2))
    assert len(checked) == SEEDS
    assert sum(one.holds for one in checked) >= SEEDS - 1, [one.findings for one in checked if not one.holds]


def test_without_decay_there_is_no_cure() -> None:
    cure = bundled()["the-cure"]
    twice = msgspec.structs.replace(cure, runs=(cure.runs[0], msgspec.structs.replace(cure.runs[1], settings={})))
    (checked,) = check_lesson(twice, [0])
    assert not checked.holds


def test_the_check_trains_what_a_run_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = msgspec.structs.replace(bundled()["memorising"].settings_of(0), epochs=30)
    options = ("--learning-rate", "0.4", "--batch-size", "16", "--epochs", "30", "--noise", "0.3", "--hidden", "64")
    assert main(["train", "moons", *options, "--run-dir", str(tmp_path / "run")]) == 0
    recorded = RunReader(RunDirectory(tmp_path / "run")).poll().columns
    trained = train_records(settings)
    assert recorded.keys() == trained.keys()
    for name in trained:
        if name != "elapsed":
            np.testing.assert_array_equal(trained[name], recorded[name], err_msg=name)


LESSON = """
title = "Mine"
text = "A text."
question = "What will val do?"
answers = ["fall", "rise"]
right = 1
hint = "Think."
after = "So it is."

[settings]
data = "moons"
epochs = 20
pace = 10

[[runs]]
name = "λ 0"
press = "Press {run.toggle}."

[[conditions]]
kind = "compare"
value = "train_loss"
run = 1
is = "SIGN"
than = { number = 0.6 }
"""


@pytest.mark.parametrize(
    ("sign", "status", "line"), [("below", 0, "3/3"), ("above", 1, "does not hold with seed 0, 1")]
)
def test_a_teachers_lesson_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sign: str, status: int, line: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LESSON.replace("SIGN", sign), encoding="utf-8")
    assert main(["learn", str(path), "--check", "--seeds", "3"]) == status
    shown = capsys.readouterr().out
    assert line in shown
    assert "2 s" in shown


def test_a_lesson_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "99"]) == 1
    assert "99: there is no such lesson; expected a number from 1 to" in capsys.readouterr().err


def test_a_mistake_in_a_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LESSON.replace("SIGN", "less"), encoding="utf-8")
    assert main(["learn", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"l2tui: {path}: conditions[1].is: expected below, above, near, beside; got 'less'\n"
    )
