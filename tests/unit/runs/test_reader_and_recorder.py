import itertools
import math
import os
import resource
import struct
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.errors import RunError
from l2tui.files import replace_file
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    AnyEvent,
    Finished,
    Paused,
    RunSettings,
    SettingChanged,
    Started,
    Status,
    decode_event,
    encode_line,
)
from l2tui.runs.following import LineFollower
from l2tui.runs.reader import RunReader, Snapshot
from l2tui.runs.recorder import Recorder, write_run_settings
from l2tui.runs.stored import read_run_settings
from l2tui.settings import Settings
from l2tui.view.run_view import RunView

NAMES = ("epoch", "val_loss", "l2")
ROWS = st.lists(st.tuples(st.integers(0, 2**53), st.floats(), st.floats()), max_size=12)
CUTS = st.lists(st.integers(0, 2000), max_size=8)
EVENTS: tuple[AnyEvent, ...] = (
    Started(epoch=0, step=0),
    SettingChanged(epoch=3, step=41, name="l2", old=0.0, new=1e-3),
    SettingChanged(epoch=3, step=42, name="pace", old=100.0, new=None),
    Paused(epoch=4, step=50),
    Finished(epoch=4, step=50, reason="stopped"),
)


def _bits(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


def _pieces(whole: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    return (whole[a:b] for a, b in itertools.pairwise(places))


@contextmanager
def _new_run() -> Iterator[RunDirectory]:
    with tempfile.TemporaryDirectory() as folder:
        yield RunDirectory(Path(folder))


def _written(rows: list[tuple[float, ...]], events: tuple[AnyEvent, ...] = ()) -> tuple[bytes, bytes]:
    with _new_run() as run:
        recorder = Recorder(run, NAMES)
        for row in rows:
            recorder.add(row)
        for event in events:
            recorder.event(event)
        recorder.close()
        return run.metrics.read_bytes(), run.events.read_bytes()


def _check_rows(snapshot: Snapshot, rows: list[tuple[float, ...]]) -> None:
    assert len(snapshot) == len(rows)
    for index, name in enumerate(NAMES):
        assert [_bits(x) for x in snapshot.column(name)] == [_bits(float(row[index])) for row in rows]


@given(ROWS)
def test_numbers_are_read_back_bit_for_bit(rows: list[tuple[float, ...]]) -> None:
    with _new_run() as run:
        recorder = Recorder(run, NAMES)
        for row in rows:
            recorder.add(row)
        recorder.close()
        _check_rows(RunReader(run).poll(), rows)


@given(value=st.floats(width=32))
def test_numpy_scalars_are_written_as_plain_numbers(value: float) -> None:
    with _new_run() as run:
        recorder = Recorder(run, NAMES)
        recorder.add((np.int64(3), np.float64(value), np.float64(0.1)))
        recorder.close()
        _check_rows(RunReader(run).poll(), [(3, value, 0.1)])


@given(rows=ROWS, metric_cuts=CUTS, event_cuts=CUTS)
def test_however_torn_the_writing_only_whole_rows_are_read_and_they_never_change(
    rows: list[tuple[float, ...]], metric_cuts: list[int], event_cuts: list[int]
) -> None:
    metrics, events = _written(rows, EVENTS)
    with _new_run() as run:
        reader = RunReader(run)
        assert len(reader.poll()) == 0
        seen: list[tuple[Snapshot, int, int]] = []
        metric_pieces, event_pieces = list(_pieces(metrics, metric_cuts)), list(_pieces(events, event_cuts))
        for index in range(max(len(metric_pieces), len(event_pieces))):
            for path, pieces in ((run.metrics, metric_pieces), (run.events, event_pieces)):
                with path.open("ab") as file:
                    file.write(b"".join(pieces[index : index + 1]))
            whole_rows = max(0, run.metrics.read_bytes().count(b"\n") - 1)
            whole_events = run.events.read_bytes().count(b"\n")
            seen.append((reader.poll(), whole_rows, whole_events))
            for snapshot, count, event_count in seen:
                _check_rows(snapshot, rows[:count])
                assert snapshot.events == EVENTS[:event_count]
        _check_rows(seen[-1][0], rows)
        assert seen[-1][0].events == EVENTS


def test_rows_that_were_handed_out_stay_while_thousands_follow(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorder, reader = Recorder(run, NAMES), RunReader(run)
    snapshots = []
    for start in range(0, 5000, 250):
        for epoch in range(start, start + 250):
            recorder.add((epoch, epoch / 7, -epoch))
        recorder.flush()
        snapshots.append(reader.poll())
    recorder.close()
    for index, snapshot in enumerate(snapshots):
        assert snapshot.column("epoch").tolist() == list(range(250 * (index + 1)))
        assert snapshot.column("val_loss").tolist() == [epoch / 7 for epoch in range(250 * (index + 1))]
    assert snapshots[0].column("no such").shape == (0,)


def test_names_without_a_row_are_no_metrics_yet(tmp_path: Path) -> None:
    # As a large table is for a while: begun, and its first epoch not measured yet.
    run, settings = RunDirectory(tmp_path), Settings()
    run.metrics.write_text(",".join(NAMES) + "\n")
    reader = RunReader(run)
    view = RunView(settings, reader.poll())
    assert [view.latest(name) for name in NAMES] == [None] * len(NAMES)
    with run.metrics.open("a") as file:
        file.write("0,0.5,0\n")
    assert RunView(settings, reader.poll()).latest("val_loss") == 0.5


def test_a_file_that_was_cut_back_or_replaced_is_read_anew(tmp_path: Path) -> None:
    rows = [(epoch, 0.5 + epoch, 0.0) for epoch in range(10)]
    metrics, events = _written(rows, EVENTS)
    run = RunDirectory(tmp_path)
    run.metrics.write_bytes(metrics)
    run.events.write_bytes(events)
    reader = RunReader(run)
    first = reader.poll()
    _check_rows(first, rows)

    lines = metrics.splitlines(keepends=True)
    with run.metrics.open("r+b") as file:
        file.truncate(sum(map(len, lines[:5])))
    with run.events.open("r+b") as file:
        file.truncate(sum(map(len, events.splitlines(keepends=True)[:2])))
    cut = reader.poll()
    _check_rows(cut, rows[:4])
    assert cut.events == EVENTS[:2]

    longer = [(epoch, -1.0, 2.0) for epoch in range(30)]
    replace_file(run.metrics, _written(longer)[0])
    replace_file(run.events, b"".join(map(encode_line, EVENTS * 3)))
    replaced = reader.poll()
    _check_rows(replaced, longer)
    assert replaced.events == EVENTS * 3
    _check_rows(first, rows)
    _check_rows(cut, rows[:4])
    assert first.events == EVENTS


@pytest.mark.parametrize("damage", [b"1,2\n", b"1,2,3,4\n", b"1,two,3\n", b"\x00\xff\n", b"1,2,3,\n", b"1,2,#3\n"])
def test_damaged_metrics_are_an_error_in_one_line_that_names_the_file(tmp_path: Path, damage: bytes) -> None:
    run = RunDirectory(tmp_path)
    run.metrics.write_bytes(_written([(0, 1.0, 2.0)])[0] + damage)
    with pytest.raises(RunError) as caught:
        RunReader(run).poll()
    assert str(caught.value).startswith(f"{run.metrics}: damaged")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["settings", "status", "events"])
@pytest.mark.parametrize("content", [b"no json\n", b"{}\n", b"[1]\n", b'{"event": "landed"}\n', b"\xff\xfe\n"])
def test_damaged_json_is_an_error_in_one_line_that_names_the_file(tmp_path: Path, name: str, content: bytes) -> None:
    run = RunDirectory(tmp_path)
    path = getattr(run, name)
    path.write_bytes(content)
    with pytest.raises(RunError) as caught:
        RunReader(run).poll()
    assert str(caught.value).startswith(f"{path}: damaged, or of a newer version")
    assert "\n" not in str(caught.value)


def test_status_and_settings_are_read_back(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with pytest.raises(RunError, match="no run there"):
        read_run_settings(run)
    made_of = RunSettings(settings=Settings(l2=0.1, pace=None), created="2031-01-01T00:00:00+00:00", versions={})
    write_run_settings(run, made_of)
    status = Status(state="running", pid=1, heartbeat=0.5, settings=Settings(l2=1e-3), epoch=7)
    recorder = Recorder(run, NAMES)
    recorder.status(status)
    recorder.close()
    snapshot = RunReader(run).poll()
    assert read_run_settings(run) == snapshot.settings == made_of
    assert snapshot.status == status
    assert not snapshot.alive
    with run.locked():
        assert RunReader(run).poll().alive
    assert not list(tmp_path.glob("*.tmp"))
    assert {path.stat().st_mode & 0o777 for path in (run.settings, run.status, run.metrics, run.events)} == {0o600}


def test_rows_come_before_the_event_that_followed_them(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    recorder = Recorder(run, NAMES)
    recorder.add((0, 1.0, 0.0))
    assert run.metrics.read_bytes() == b""
    recorder.event(EVENTS[0])
    assert run.metrics.read_bytes() == b"epoch,val_loss,l2\n0,1.0,0.0\n"
    recorder.close()


def test_a_recorder_that_goes_on_writes_no_second_header(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    for epoch in range(3):
        recorder = Recorder(run, NAMES)
        recorder.add((epoch, 1.0, 0.0))
        recorder.event(EVENTS[epoch])
        recorder.close()
    assert run.metrics.read_bytes().count(b"epoch") == 1
    assert RunReader(run).poll().column("epoch").tolist() == [0, 1, 2]
    assert RunReader(run).poll().events == EVENTS[:3]


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 10, 100, 150])
def test_what_does_not_fit_on_the_disk_is_written_once_there_is_room(tmp_path: Path, room: int) -> None:
    rows = [(epoch, epoch / 3, 0.1) for epoch in range(20)]
    run = RunDirectory(tmp_path)
    recorder = Recorder(run, NAMES)
    for row in rows:
        recorder.add(row)
    with _largest_file(room):
        for event in EVENTS:
            with pytest.raises(OSError, match="too large"):
                recorder.event(event)
        assert run.metrics.stat().st_size == room
    recorder.add((20, 0.0, 0.0))
    recorder.close()
    assert (run.metrics.read_bytes(), run.events.read_bytes()) == _written([*rows, (20, 0.0, 0.0)], EVENTS)


def test_a_recorder_that_cannot_write_is_closed_all_the_same(tmp_path: Path) -> None:
    recorder = Recorder(RunDirectory(tmp_path), NAMES)
    with _largest_file(0), pytest.raises(OSError, match="too large"):
        recorder.close()
    with pytest.raises(ValueError, match="closed"):
        recorder.event(EVENTS[0])


@given(content=st.lists(st.sampled_from([b"", b"a", b"bc", b"\n", b"\r\n", b"\xff\x00"])), cuts=CUTS)
def test_a_follower_hands_out_every_whole_line_once(content: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        follower = LineFollower(path)
        assert follower.read() == (b"", False)
        got = b""
        for piece in _pieces(whole, cuts):
            with path.open("ab") as file:
                file.write(piece)
            lines, anew = follower.read()
            assert anew == (got == b"")
            assert lines.endswith(b"\n") or not lines
            got += lines
        assert got == whole[: whole.rfind(b"\n") + 1]
        assert follower.read()[0] == b""


@pytest.mark.parametrize("name", ["metrics", "events"])
def test_a_file_that_was_only_made_longer_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    run = RunDirectory(tmp_path)
    path: Path = getattr(run, name)
    path.touch()
    os.truncate(path, 4 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(RunError, match=f"{path.name}: .*a line of it is longer than"):
            RunReader(run).poll()
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_events_hold_no_clock_and_unknown_ones_are_refused() -> None:
    for event in EVENTS:
        assert decode_event(encode_line(event)) == event
        assert not {"time", "elapsed", "clock"} & msgspec.json.decode(encode_line(event)).keys()
    with pytest.raises(msgspec.DecodeError):
        decode_event(b'{"event": "landed", "epoch": 1, "step": 1}')


def test_a_file_with_another_first_line_is_damaged(tmp_path: Path) -> None:
    reader = RunReader(RunDirectory(tmp_path))
    reader.run.metrics.write_text("time,val_loss\n0,0.5\n")
    with pytest.raises(RunError, match="first line is not that of a run"):
        reader.poll()
