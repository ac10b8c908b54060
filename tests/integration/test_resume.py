"""Nothing is lost: a run that was cut off, stopped or extended ends with the same bits as one that never was."""

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import l2tui
from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    BestRestored,
    Finished,
    RestoreBest,
    Resume,
    SettingChanged,
    SetValue,
    Stop,
)
from l2tui.runs.listing import describe_run
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker

pytestmark = pytest.mark.slow

IMPATIENT = Path(__file__).with_name("impatient_worker.py")
SETTINGS = Settings(noise=0.35, train_size=100, hidden=64, batch_size=16, epochs=6000, learning_rate=0.3, l2=1e-4)
Reap = Callable[..., Any]
Until = Callable[..., Any]


def _content(run: RunDirectory) -> tuple[list[list[str]], bytes, dict[str, bytes]]:
    """Metrics but for the clock, events, and the final weights with the optimiser's whole state."""
    rows = [line.split(",") for line in run.metrics.read_text().splitlines()]
    clock = rows[0].index("elapsed")
    with np.load(run.checkpoint, allow_pickle=False) as file:
        arrays = {name: file[name].tobytes() for name in file if name != "state"}
    return [row[:clock] + row[clock + 1 :] for row in rows], run.events.read_bytes(), arrays


def _impatient(run: RunDirectory, reap: Reap, *limit: int) -> subprocess.Popen[bytes]:
    with run.log.open("ab") as log:
        command = [sys.executable, str(IMPATIENT), str(run.path), *map(str, limit)]
        environment = {**os.environ, "PYTHONPATH": str(Path(l2tui.__file__).parent.parent)}
        process: subprocess.Popen[bytes] = reap(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
    return process


def test_a_run_killed_at_fifty_random_instants_ends_with_the_bits_of_one_never_interrupted(reap: Reap) -> None:
    chance = random.Random(20240131)
    whole, broken = new_run(SETTINGS), new_run(SETTINGS)
    assert reap(start_worker(whole)).wait(120) == 0
    # At this pace the work lasts longer than fifty lives of at most 0.8 seconds, whatever the machine.
    send(broken, SetValue("pace", 140.0))
    kills = 0
    while kills < 50:
        process = _impatient(broken, reap)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.15, 0.8))
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        # Every file can be read at every instant.
        RunReader(broken).poll()
        described = describe_run(broken)
        assert described is not None
        assert described.state == "interrupted"
    assert kills == 50
    send(broken, SetValue("pace", None))
    assert reap(start_worker(broken)).wait(120) == 0

    expected, found = _content(whole), _content(broken)
    assert found[0] == expected[0]
    assert found[2] == expected[2]
    # But for the two changes of the pace, the record of what happened is the same as well.
    events = [line for line in found[1].splitlines() if b'"pace"' not in line]
    assert events == expected[1].splitlines()


def test_changes_on_the_way_survive_a_kill(reap: Reap, until: Until) -> None:
    settings = msgspec.structs.replace(SETTINGS, epochs=400, pace=300.0)
    cut = new_run(settings)
    reader = RunReader(cut)
    steps = []
    for epoch, command, kind in ((60, SetValue("l2", 1e-2), SettingChanged), (160, RestoreBest(), BestRestored)):
        process = reap(start_worker(cut))
        until(lambda epoch=epoch: (status := reader.poll().status) is not None and status.epoch >= epoch)
        send(cut, command)
        event = until(lambda kind=kind: next((e for e in reader.poll().events if isinstance(e, kind)), None))
        steps.append(event.step)
        until(lambda: cut.checkpoint.exists() and _saved_step(cut) >= steps[-1], what="a checkpoint")
        process.kill()
        process.wait()
    assert reap(start_worker(cut)).wait(60) == 0

    # The same changes at the same steps, in a run that nothing happens to.
    whole = new_run(msgspec.structs.replace(settings, pace=None), paused=True)
    process = reap(start_worker(whole))
    follow = RunReader(whole)
    for so_far, command in zip(steps, (SetValue("l2", 1e-2), RestoreBest()), strict=True):
        done = follow.poll().status
        send(whole, Advance(so_far - (done.step if done else 0)))
        until(lambda so_far=so_far: (status := follow.poll().status) is not None and status.step == so_far)
        send(whole, command)
    send(whole, Resume())
    assert process.wait(60) == 0
    assert _content(cut)[0] == _content(whole)[0]
    assert _content(cut)[2] == _content(whole)[2]


def _saved_step(run: RunDirectory) -> int:
    with np.load(run.checkpoint, allow_pickle=False) as file:
        step: int = json.loads(file["state"].tobytes())["step"]
    return step


def test_an_extended_run_equals_one_that_was_long_from_the_start(reap: Reap) -> None:
    # 5001 is an epoch that is kept only where it is the last one.
    for short in (300, 5001):
        long_run, extended = new_run(SETTINGS), new_run(msgspec.structs.replace(SETTINGS, epochs=short))
        assert reap(start_worker(long_run)).wait(60) == 0
        assert reap(start_worker(extended)).wait(60) == 0
        assert reap(start_worker(extended, epochs=6000)).wait(60) == 0
        assert _content(extended) == _content(long_run)


def test_a_stopped_run_goes_on(reap: Reap, until: Until) -> None:
    whole, stopped = new_run(SETTINGS), new_run(msgspec.structs.replace(SETTINGS))
    assert reap(start_worker(whole)).wait(60) == 0
    process = reap(start_worker(stopped))
    until(lambda: len(RunReader(stopped).poll()) > 50)
    send(stopped, Stop())
    process.wait(30)
    assert isinstance(RunReader(stopped).poll().events[-1], Finished)
    assert reap(start_worker(stopped)).wait(60) == 0
    assert _content(stopped) == _content(whole)


def test_a_finished_run_that_is_taken_up_again_stays_as_it_is(reap: Reap) -> None:
    run = new_run(msgspec.structs.replace(SETTINGS, epochs=30))
    assert reap(start_worker(run)).wait(60) == 0
    before = _content(run)
    assert reap(start_worker(run)).wait(60) == 0
    assert _content(run) == before


def test_a_run_that_stops_by_itself_does_so_at_the_same_epoch_after_kills(reap: Reap) -> None:
    chance = random.Random(7)
    settings = msgspec.structs.replace(SETTINGS, l2=0.0, stop_on_overfit=True, pace=60.0)
    whole, broken = new_run(settings), new_run(settings)
    assert reap(start_worker(whole)).wait(60) == 0
    ended = False
    while not ended:
        process = _impatient(broken, reap)
        try:
            ended = process.wait(chance.uniform(0.5, 0.9)) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert _content(broken) == _content(whole)
    last = RunReader(whole).poll().events[-1]
    assert isinstance(last, Finished)
    assert last.reason == "overfitting"


def test_without_a_checkpoint_a_run_begins_anew(reap: Reap) -> None:
    run, whole = (new_run(msgspec.structs.replace(SETTINGS, epochs=30)) for _ in range(2))
    run.metrics.write_text("epoch,step\n0,0\n1,")
    run.events.write_text('{"event":"started","epoch":0,"step":0}\n')
    for each in (run, whole):
        assert reap(start_worker(each)).wait(60) == 0
    assert _content(run) == _content(whole)


def test_a_second_worker_is_refused_with_the_pid_of_the_first(worker: Callable[..., Any], reap: Reap) -> None:
    first = worker(msgspec.structs.replace(SETTINGS, pace=50.0))
    first.when_epoch(1)
    before = first.run.log.read_bytes()
    second = reap(start_worker(first.run))
    assert second.wait(30) == 1
    said = first.run.log.read_bytes()[len(before) :].decode()
    assert f"process {first.process.pid} is training it already" in said
    assert first.process.poll() is None
    first.send(Stop())
    first.end()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the limit of another process is changed on Linux only")
def test_a_run_that_cannot_write_pauses_says_so_and_goes_on_by_itself(reap: Reap, until: Until) -> None:
    settings = msgspec.structs.replace(SETTINGS, epochs=1500)
    whole, full = new_run(settings), new_run(settings)
    assert reap(start_worker(whole)).wait(60) == 0
    process = _impatient(full, reap, 60_000)

    def troubled() -> bool:
        status = RunReader(full).poll().status
        return status is not None and status.state == "paused" and "cannot write" in status.reason

    until(troubled, what="the word that nothing can be written")
    assert process.poll() is None
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert process.wait(60) == 0
    assert _content(full)[:2] == _content(whole)[:2]
    assert "cannot write" in full.log.read_text()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the limit of another process is changed on Linux only")
def test_commands_that_come_while_nothing_can_be_written_are_obeyed_afterwards(reap: Reap, until: Until) -> None:
    run = new_run(msgspec.structs.replace(SETTINGS, epochs=600))
    process = _impatient(run, reap, 60_000)
    until(lambda: (status := RunReader(run).poll().status) is not None and "cannot write" in status.reason)
    send(run, SetValue("l2", 0.01))
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert process.wait(60) == 0
    snapshot = RunReader(run).poll()
    assert [event.new for event in snapshot.events if isinstance(event, SettingChanged)] == [0.01]
    assert snapshot.column("l2")[-1] == 0.01


def _mounted(path: Path, size: str) -> bool:
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_on_a_full_disk_nothing_is_lost(tmp_path: Path, reap: Reap, until: Until) -> None:
    disk = tmp_path / "disk"
    if not _mounted(disk, "2m"):
        pytest.skip("no permission to mount a small file system")
    try:
        settings = msgspec.structs.replace(SETTINGS, epochs=1500)
        whole = new_run(settings)
        assert reap(start_worker(whole)).wait(60) == 0
        full = new_run(settings, path=disk / "run")
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(1_750_000))
        process = _impatient(full, reap)
        until(lambda: (s := RunReader(full).poll().status) is not None and "No space left" in s.reason, what="full")
        assert process.poll() is None
        ballast.unlink()
        assert process.wait(60) == 0, full.log.read_text()
        assert _content(full)[:2] == _content(whole)[:2]
    finally:
        subprocess.run(["umount", "-l", str(disk)], capture_output=True, check=False)


def test_a_run_directory_that_is_deleted_ends_its_worker(worker: Callable[..., Any]) -> None:
    it = worker(msgspec.structs.replace(SETTINGS, pace=50.0))
    it.when_epoch(2)
    log = it.run.log.open("rb")
    with log:
        for path in sorted(it.run.path.iterdir(), reverse=True):
            path.unlink()
        it.run.path.rmdir()
        assert it.process.wait(30) == 1
        assert b"Traceback" not in log.read()


def test_damaged_checkpoints_are_refused_with_a_word(reap: Reap) -> None:
    for damage in (b"", b"PK\x03\x04 not really", os.urandom(500)):
        run = new_run(msgspec.structs.replace(SETTINGS, epochs=5))
        assert reap(start_worker(run)).wait(60) == 0
        run.checkpoint.write_bytes(damage)
        assert reap(start_worker(run)).wait(60) == 1
        text = run.log.read_text()
        assert "not a usable checkpoint" in text
        assert "Traceback" not in text


def test_the_lock_tells_a_worker_from_a_reused_pid(tmp_path: Path) -> None:
    run = new_run(SETTINGS)
    # The pid of a process that is alive and no worker: this one.
    run.lock.write_text(f"{os.getpid()}\n")
    described = describe_run(run)
    assert described is not None
    assert described.state == "interrupted"
    with run.locked(), pytest.raises(RunError, match="training it already"), RunDirectory(run.path).locked():
        pass
