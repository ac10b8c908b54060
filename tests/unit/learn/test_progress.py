"""What is remembered of the lessons."""

from pathlib import Path

import pytest

from l2tui.learn.progress import LessonProgress, keep_progress, read_progress

NAMES = ["one", "two", "three"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "state" / "lessons.json"
    monkeypatch.setattr("l2tui.learn.progress.progress_path", lambda: file)
    return file


def test_it_is_there_again_at_the_next_start(path: Path) -> None:
    assert read_progress() == LessonProgress()
    keep_progress(LessonProgress().with_done("one").moved("two"))
    assert read_progress() == LessonProgress(done=("one",), at="two")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"done": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_no_progress(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_progress() == LessonProgress()


def test_where_it_cannot_be_kept_the_lesson_goes_on(path: Path) -> None:
    path.parent.write_text("no folder")
    keep_progress(LessonProgress(done=("one",)))
    assert read_progress() == LessonProgress()


@pytest.mark.parametrize(
    ("progress", "index"),
    [
        (LessonProgress(), 0),
        (LessonProgress(done=("one",), at="two"), 1),
        (LessonProgress(done=("one", "two")), 2),
        (LessonProgress(at="three"), 2),
        (LessonProgress(done=("one",), at="a lesson that is no longer there"), 1),
        (LessonProgress(done=("one", "two", "three")), None),
    ],
)
def test_it_continues_where_somebody_left_off(progress: LessonProgress, index: int | None) -> None:
    assert progress.continues_at(NAMES) == index
