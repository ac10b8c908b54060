"""A worker keeps the directory it opened, and a run of 25 million epochs is as light as a short one."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import SettingChanged, SetValue, Stop
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker
from tests.long_runs import lengthened, resident_bytes

pytestmark = pytest.mark.slow

Reap = Callable[..., Any]
Until = Callable[..., Any]

SETTINGS = Settings(noise=0.35, train_size=100, hidden=8, batch_size=100, epochs=10**9, pace=200.0, learning_rate=0.3)
MANY = 25_000_000


def test_a_worker_whose_directory_is_moved_keeps_its_files_together(worker: Callable[..., Any], tmp_path: Path) -> None:
    it = worker(SETTINGS)
    it.when_epoch(5)
    old, new = it.run.path, tmp_path / "moved"
    old.rename(new)
    old.mkdir()
    it.run = RunDirectory(new)
    said = it.when(lambda seen: seen.status and "no longer at" in seen.status.reason, "the word that it was moved")
    assert str(old) in said.status.reason
    it.send(SetValue("l2", 0.25))
    it.when_event(SettingChanged)
    it.send(Stop())
    seen = it.end()
    assert seen.column("epoch").tolist() == list(range(len(seen)))
    assert list(old.iterdir()) == []
    assert (new / "best.npz").exists()
    assert "no longer at" in it.run.log.read_text()


def test_commands_reach_a_worker_whose_control_file_was_deleted(worker: Callable[..., Any]) -> None:
    it = worker(SETTINGS)
    it.send(SetValue("l2", 0.25))
    it.when_event(SettingChanged)
    it.run.control.unlink()
    it.when(lambda seen: seen.status and "control.jsonl was deleted" in seen.status.reason, "the word")
    it.send(SetValue("l2", 0.5))
    it.when_event(SettingChanged, 2)
    it.send(Stop())
    it.end()
    assert "control.jsonl was deleted" in it.run.log.read_text()


@pytest.fixture
def long_run(reap: Reap, until: Until) -> RunDirectory:
    """A run whose files say 25 million epochs."""
    run = new_run(SETTINGS)
    process = reap(start_worker(run))
    until(lambda: (status := RunReader(run).poll().status) is not None and status.epoch >= 20)
    send(run, Stop())
    assert process.wait(60) == 0
    lengthened(run, MANY)
    return run


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory of another process is read on Linux only")
def test_after_25_million_epochs_a_worker_is_as_light_as_a_new_one(
    long_run: RunDirectory, reap: Reap, until: Until
) -> None:
    fresh = new_run(SETTINGS)
    young, old = reap(start_worker(fresh)), reap(start_worker(long_run))
    readers = RunReader(fresh), RunReader(long_run)

    def epoch(reader: RunReader) -> int:
        status = reader.poll().status
        return status.epoch if status is not None else 0

    until(lambda: epoch(readers[0]) > 100 and epoch(readers[1]) > MANY + 100, 60.0)
    send(long_run, SetValue("l2", 0.25))
    until(lambda: any(isinstance(event, SettingChanged) for event in readers[1].poll().events))
    with zipfile.ZipFile(long_run.checkpoint) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 20_000
    # The criterion is taken over all these epochs while commands act as ever.
    send(long_run, SetValue("criterion", "up"))
    until(lambda: "the criterion up" in readers[1].poll().status.reason)
    for value in (0.5, 0.75):
        send(long_run, SetValue("l2", value))
        until(lambda value=value: readers[1].poll().events[-1].new == value)
    assert readers[1].poll().status.settings.criterion == SETTINGS.criterion
    assert "the criterion up" in readers[1].poll().status.reason
    assert resident_bytes(old.pid, "VmHWM") < resident_bytes(young.pid, "VmHWM") + 5_000_000
    before = epoch(readers[1])
    old.kill()
    old.wait()
    again = reap(start_worker(long_run))
    until(lambda: epoch(readers[1]) > before + 10, 60.0)
    assert "the criterion up" in readers[1].poll().status.reason
    for run in (fresh, long_run):
        send(run, Stop())
    assert young.wait(60) == again.wait(60) == 0
