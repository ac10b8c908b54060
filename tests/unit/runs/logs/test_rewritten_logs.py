"""Logs that their program writes anew while they are watched: truncated first, overwritten in place, piece by piece."""

import json
import math
import os
import random
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from l2tui.runs.logs import content
from l2tui.runs.logs.log import LogReader
from l2tui.runs.reader import Snapshot
from tests.logs.truth import CASES, LOGS, numbers, values

# How often each log is written anew.
TRUNCATIONS = [30, pytest.param(500, marks=pytest.mark.slow)]
OVERWRITINGS = [8, pytest.param(500, marks=pytest.mark.slow)]


def _written(data: bytes, rng: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield data[: rng.randrange(len(data) + 1)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", TRUNCATIONS)
def test_truncated_and_written_anew_it_shows_no_number_that_it_never_had(name: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    allowed = numbers(name)
    reader, shown = LogReader(path), 0
    for data in _written((LOGS / name).read_bytes(), random.Random(0), count):
        # In place, under the same inode.
        with path.open("r+b") as file:
            file.truncate(0)
            file.write(data)
        snapshot: Snapshot = reader.poll()
        assert _losses(snapshot) <= allowed
        shown += len(snapshot)
    path.write_bytes((LOGS / name).read_bytes())
    assert len(reader.poll()) == CASES[name][1]
    assert shown or name.endswith(".json")


def _losses(snapshot: Snapshot) -> set[float]:
    losses = np.concatenate([snapshot.column("train_loss"), snapshot.column("val_loss")])
    return {loss for loss in losses.tolist() if not math.isnan(loss)}


# Writes a file again and again, in place and in small pieces, as another program would.
_WRITER = """
import sys
data = open(sys.argv[1], "rb").read()
for turn in range(60):
    with open(sys.argv[2], "r+b", buffering=0) as file:
        file.truncate(0)
        for start in range(0, len(data), 97):
            file.write(data[start : start + 97])
"""


@pytest.mark.parametrize("name", ["keras.csv", "huggingface.jsonl", "trainer_state.json", "lightning.tfevents"])
def test_written_while_it_is_read_it_shows_no_number_that_it_never_had(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    allowed, reader, looks = numbers(name), LogReader(path), 0
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(LOGS / name), str(path)]) as writer:
        while writer.poll() is None:
            assert _losses(reader.poll()) <= allowed
            looks += 1
    assert writer.returncode == 0
    assert looks
    assert len(reader.poll()) == CASES[name][1]


def _turned(name: str, by: int, times: int = 1) -> bytes:
    """Returns a log whose entries begin elsewhere: with one copy, the same numbers in as many bytes."""
    data = (LOGS / name).read_bytes()
    if name.endswith(".json"):
        document = json.loads(data)
        document["log_history"] = _turn(document["log_history"], by, times)
        return json.dumps(document, indent=2).encode()
    parts = list(_event_records(data)) if name.endswith(".tfevents") else data.splitlines(keepends=True)
    head = 0 if name.endswith(".jsonl") else 1
    return b"".join([*parts[:head], *_turn(parts[head:], by, times)])


def _turn(entries: list[Any], by: int, times: int) -> list[Any]:
    by %= len(entries)
    return [*entries[by:], *entries[:by]] * times


def _event_records(data: bytes) -> Iterator[bytes]:
    while data:
        end = 16 + struct.unpack_from("<Q", data)[0]
        yield data[:end]
        data = data[end:]


def _numbers(name: str) -> set[float]:
    """Returns every loss of a log; where its end comes first, the summary that Hugging Face writes counts as one."""
    return numbers(name) | (set() if name.endswith(".tfevents") else set(values(name, "train_loss")))


def _overwrite(path: Path, data: bytes, at: int = 0) -> None:
    with path.open("r+b", buffering=0) as file:
        file.seek(at)
        file.write(data)


def _replace_rest(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Lets something happen where a reader gives a writer time."""
    clock = SimpleNamespace(time_ns=time.time_ns, sleep=lambda seconds: seconds and happens())
    monkeypatch.setattr(content, "time", clock)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", OVERWRITINGS)
def test_overwritten_in_place_it_is_read_anew(
    name: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replace_rest(monkeypatch, lambda: None)
    path = tmp_path / name
    path.write_bytes(_turned(name, 0))
    reader, rng, allowed = LogReader(path), random.Random(0), _numbers(name)
    for turn in range(count):
        # The same inode, never shorter, and other bytes where it was read before.
        _overwrite(path, _turned(name, rng.randrange(99), times=1 + (2 * turn >= count)))
        snapshot = reader.poll()
        assert _losses(snapshot) <= allowed
        assert len(snapshot)
        _assert_equal(snapshot, LogReader(path).poll())


def _assert_equal(found: Snapshot, expected: Snapshot) -> None:
    assert found.status == expected.status
    assert found.log == expected.log
    for column, whole in expected.columns.items():
        np.testing.assert_array_equal(found.column(column), whole)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", OVERWRITINGS)
def test_overwritten_in_pieces_while_it_is_read_it_shows_no_number_that_it_never_had(
    name: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(_turned(name, 0))
    pieces: list[tuple[int, bytes]] = []

    def write_piece() -> None:
        if pieces:
            at, piece = pieces.pop()
            _overwrite(path, piece, at)

    _replace_rest(monkeypatch, write_piece)
    reader, rng, allowed = LogReader(path), random.Random(0), _numbers(name)
    reader.poll()
    for _ in range(count):
        data = _turned(name, rng.randrange(99))
        size = rng.randrange(50, 500)
        pieces = [(at, data[at : at + size]) for at in reversed(range(0, len(data), size))]
        while pieces:
            write_piece()
            assert _losses(reader.poll()) <= allowed
        _assert_equal(reader.poll(), LogReader(path).poll())


def test_a_writer_that_passes_through_the_same_bytes_again_has_not_rested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keras.csv"
    old, new = _turned("keras.csv", 0), _turned("keras.csv", 7)
    path.write_bytes(old)
    reader = LogReader(path)
    before = reader.poll()
    half = len(old) // 2

    def go_round() -> None:
        changed = path.stat().st_ctime_ns
        # Until the file system's clock has moved on.
        while path.stat().st_ctime_ns == changed:
            _overwrite(path, new)
            _overwrite(path, old)
            _overwrite(path, new[:half])

    _replace_rest(monkeypatch, go_round)
    _overwrite(path, new[:half])
    _assert_equal(reader.poll(), before)
    _overwrite(path, new)
    _replace_rest(monkeypatch, lambda: None)
    _assert_equal(reader.poll(), LogReader(path).poll())


def test_a_time_that_is_set_back_hides_no_change(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    reader = LogReader(path)
    for loss in (0.5, 0.7):
        path.write_text(f"epoch,loss,val_loss\n0,1,{loss}\n")
        os.utime(path, (1, 1))
        assert reader.poll().column("val_loss").tolist() == [loss]
