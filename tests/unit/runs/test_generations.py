"""A reader beside a run that is killed and resumed: it shows what the files hold, however late it looks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Paused, Resumed
from l2tui.runs.reader import RunReader
from l2tui.runs.recorder import Recorder, cut_back

pytestmark = pytest.mark.slow

NAMES = ("epoch", "val_loss")
OPEN = b"epoch,val_loss\n"


def recorded(run: RunDirectory, lives: int, epochs: range) -> None:
    """Appends what one life of a worker does: rows and events that tell which life it was."""
    recorder = Recorder(run, NAMES)
    for epoch in epochs:
        # Numbers of different lengths, as the clock makes them: an old offset lands anywhere in a line.
        recorder.add((epoch, lives + epoch / 7 ** (lives % 3)))
        if epoch % 3 == 0:
            recorder.event(Paused(epoch=epoch, step=lives) if lives % 2 else Resumed(epoch=epoch, step=lives))
    recorder.close()


def check(reader: RunReader, run: RunDirectory) -> None:
    """The reader shows just what a reader that begins now does."""
    seen, fresh = reader.poll(), RunReader(run).poll()
    for name in NAMES:
        np.testing.assert_array_equal(seen.column(name), fresh.column(name))
    assert seen.events == fresh.events


@given(
    lives=st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1), st.booleans()), min_size=1, max_size=8),
)
def test_after_any_kills_and_resumes_a_reader_shows_the_rows_that_are_there(
    tmp_path_factory: pytest.TempPathFactory, lives: list[tuple[int, float, bool]]
) -> None:
    run = RunDirectory(tmp_path_factory.mktemp("run"))
    reader, epoch = RunReader(run), 0
    for number, (count, kept, looks) in enumerate(lives):
        lines = run.metrics.read_bytes().splitlines(keepends=True) if number else []
        events = run.events.read_bytes().splitlines(keepends=True) if number else []
        stay = round(kept * len(lines))
        cut_back(run, sum(map(len, lines[:stay])), sum(map(len, events[: round(kept * len(events))])), 0)
        epoch = max(0, stay - 1)
        recorded(run, number, range(epoch, epoch + count))
        if looks:
            check(reader, run)
    check(reader, run)


def test_a_file_that_took_the_place_of_another_is_seen_though_numbers_are_used_again(tmp_path: Path) -> None:
    """A file system gives the number of a file that is gone to the next one that is made."""
    run = RunDirectory(tmp_path)
    recorded(run, 0, range(5))
    reader = RunReader(run)
    reader.poll()
    for lives in range(1, 4):
        cut_back(run, len(OPEN), 0, 0)
        recorded(run, lives, range(20))
    check(reader, run)


def test_nothing_is_copied_where_nothing_is_cut(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorded(run, 0, range(5))
    before = run.metrics.stat().st_ino
    cut_back(run, run.metrics.stat().st_size, run.events.stat().st_size, 0)
    assert run.metrics.stat().st_ino == before


def test_rows_that_are_gone_are_shown_no_longer(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorded(run, 0, range(5))
    reader = RunReader(run)
    assert len(reader.poll()) == 5
    cut_back(run, 0, 0, 0)
    assert len(reader.poll()) == 0
    assert reader.poll().events == ()


def test_damage_that_is_mended_leaves_no_gap(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorded(run, 0, range(4))
    whole = run.metrics.read_bytes()
    reader = RunReader(run)
    reader.poll()
    for path, damage in ((run.metrics, b"4,what\n"), (run.events, b"what\n")):
        before = path.read_bytes()
        with path.open("ab") as file:
            file.write(damage)
        with run.metrics.open("ab") as file:
            file.write(b"4,1.0\n" if path == run.events else b"")
        for _ in range(2):
            with pytest.raises(RunError, match="damaged"):
                reader.poll()
        path.write_bytes(before)
        check(reader, run)
    assert run.metrics.read_bytes() == whole + b"4,1.0\n"


def test_a_run_of_an_earlier_version_cuts_its_files_where_they_are_and_is_read_right(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorded(run, 0, range(30))
    reader = RunReader(run)
    reader.poll()
    with run.metrics.open("r+b") as file:
        file.truncate(len(OPEN))
    recorded(run, 1, range(60))
    check(reader, run)
