"""Commands to real worker processes, and what comes of them."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pexpect
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    Diverged,
    Finished,
    Pause,
    Paused,
    Resume,
    Resumed,
    SaveWeights,
    SettingChanged,
    SetValue,
    Started,
    Stop,
)
from l2tui.settings import Settings
from l2tui.worker.control import have_best_written

pytestmark = pytest.mark.slow

Start = Callable[..., Any]
WEIGHTS = ("W1", "b1", "W2", "b2")

# Four steps an epoch.
BASE = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=10**9, learning_rate=0.1, pace=200.0)


def _settings(**values: Any) -> Settings:
    return msgspec.structs.replace(BASE, **values)


def test_pause_resume_and_stop(worker: Start) -> None:
    it = worker(BASE)
    it.when_epoch(2)
    it.send(Pause())
    paused = it.when_event(Paused).events[-1]
    assert it.when_at("paused", paused.step).status.steps_per_second == 0.0
    it.send(Resume())
    it.when_epoch(paused.epoch + 2)
    it.send(Stop())
    end = it.end()
    started, first, resumed, last = end.events
    assert started == Started(epoch=0, step=0)
    assert first == paused
    assert resumed == Resumed(epoch=paused.epoch, step=paused.step)
    assert isinstance(last, Finished)
    assert last.reason == "stopped"
    assert (end.status.state, end.status.epoch, end.status.step) == ("finished", last.epoch, last.step)
    assert end.column("epoch").tolist() == list(range(last.epoch + 1))
    assert not it.run.is_locked()


def test_what_is_done_already_leaves_no_event(worker: Start) -> None:
    it = worker(BASE, paused=True)
    it.send(Pause(), Pause(), SetValue("l2", 0.0), Resume(), Resume(), Pause(), Pause(), Stop())
    kinds = [type(event) for event in it.end().events]
    assert kinds == [Started, Resumed, Paused, Finished]


def test_steps_and_epochs_one_by_one(worker: Start) -> None:
    it = worker(BASE, paused=True)
    at = it.when_at("paused", 0)
    assert at.column("epoch").tolist() == [0]
    for step in (1, 2, 3):
        it.send(Advance())
        at = it.when_at("paused", step)
        assert (at.status.epoch, at.status.step_in_epoch, at.status.steps_per_epoch) == (0, step, 4)
        assert len(at) == 1
    it.send(Advance(epoch=True))
    assert it.when_at("paused", 4).column("epoch").tolist() == [0, 1]
    it.send(Advance(epoch=True))
    assert it.when_at("paused", 8).column("epoch").tolist() == [0, 1, 2]
    it.send(Advance(steps=10))
    at = it.when_at("paused", 18)
    assert at.column("step").tolist() == [0, 4, 8, 12, 16]
    it.send(Stop())
    assert it.end().events == (Started(epoch=0, step=0), Finished(epoch=4, step=18, reason="stopped"))


def test_a_step_pauses_a_run_and_does_not_wait_for_its_pace(worker: Start) -> None:
    it = worker(_settings(pace=0.001))
    # The first epoch comes at once, the second one not before a quarter of an hour is over.
    it.when_at("running", 4)
    it.send(Advance())
    assert it.when_at("paused", 5).events[-1] == Paused(epoch=1, step=4)
    it.send(Resume(), Advance(epoch=True))
    assert it.when_at("paused", 8).events[-1] == Paused(epoch=1, step=5)


def test_a_faster_pace_acts_at_once(worker: Start) -> None:
    it = worker(_settings(pace=0.001))
    it.when_at("running", 4)
    it.send(SetValue("pace", 1000.0))
    it.when_epoch(20)
    it.send(SetValue("pace", None), SetValue("pace", "max"))
    it.when_event(SettingChanged, 2)
    it.send(Stop())
    changes = [(e.old, e.new) for e in it.end().events if isinstance(e, SettingChanged)]
    assert changes == [(0.001, 1000.0), (1000.0, None)]


def test_a_new_l2_acts_on_the_weights_and_is_written_down(worker: Start) -> None:
    it = worker(BASE)
    it.when_epoch(3)
    it.send(SetValue("l2", 0.5))
    event = it.when_event(SettingChanged).events[-1]
    assert (event.name, event.old, event.new) == ("l2", 0.0, 0.5)
    it.when_epoch(event.epoch + 30)
    it.send(SetValue("learning_rate", 1e-3))
    slower = it.when_event(SettingChanged, 2).events[-1]
    assert (slower.name, slower.old, slower.new) == ("learning_rate", 0.1, 1e-3)
    it.when_epoch(slower.epoch + 2)
    it.send(Stop())
    end = it.end()
    epoch, l2 = end.column("epoch"), end.column("l2")
    assert (l2[epoch <= event.epoch] == 0.0).all()
    assert (l2[epoch > event.epoch] == 0.5).all()
    assert (end.column("penalty")[epoch <= event.epoch] == 0.0).all()
    assert (end.column("learning_rate")[epoch > slower.epoch] == 1e-3).all()
    norms = end.column("w1_norm")[(epoch >= event.epoch) & (epoch <= slower.epoch)]
    assert norms[30] < 0.2 * norms[0]
    assert end.status.settings == _settings(l2=0.5, learning_rate=1e-3)


def test_fewer_epochs_end_a_run_and_a_snapshot_is_written(worker: Start) -> None:
    it = worker(BASE, paused=True)
    it.send(Advance(steps=6), SaveWeights())
    it.when_at("paused", 6)
    it.send(SaveWeights())
    it.until(it.run.weights.exists)
    it.send(SetValue("epochs", 3), Resume())
    end = it.end()
    assert end.events[-1] == Finished(epoch=3, step=12, reason="epochs")
    assert end.column("epoch").tolist() == [0, 1, 2, 3]


def test_the_best_weights_are_written_when_somebody_wants_to_read_them(worker: Start) -> None:
    it = worker(BASE)
    it.until(it.run.best.exists)
    for _ in range(3):
        before = it.when_epoch(0).status.epoch
        have_best_written(it.run)
        with np.load(it.run.best) as best:
            epoch = int(best["epoch"])
        snapshot = it.when_epoch(before + 1)
        val, epochs = snapshot.column("val_loss"), snapshot.column("epoch")
        # The best of all that was over when it was asked for, or one that came after.
        assert val[epochs == epoch].item() <= val[epochs <= before].min()
    it.send(Stop())
    it.end()
    size = it.run.control.stat().st_size
    have_best_written(it.run)
    assert it.run.control.stat().st_size == size


def test_a_mad_controller_does_no_harm(worker: Start) -> None:
    it = worker(BASE)
    with it.run.control.open("ab") as control:
        control.write(b'garbage\n{"command": "explode"}\n\xff\n{"command": "step", "steps": -5}\n')
    it.send(SetValue("hidden", 5), SetValue("l2", "x"), Resume(), SetValue("l2", 0.1))
    it.when_event(SettingChanged)
    it.send(Stop())
    assert it.end().events[-1].reason == "stopped"
    assert "Traceback" not in it.run.log.read_text()
    assert it.run.log.read_text().count("ignored") == 5


def test_a_run_has_one_worker(worker: Start) -> None:
    it = worker(BASE)
    it.when_epoch(1)
    second = subprocess.run(
        [sys.executable, "-m", "l2tui.worker", str(it.run.path)], capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert second.stdout == f"{it.run.path}: process {it.process.pid} is training it already\n"
    assert it.look().alive


def test_a_run_that_diverges_ends_with_its_last_finite_weights(worker: Start) -> None:
    it = worker(_settings(data="diabetes", noise=None, learning_rate=50.0))
    end = it.end()
    assert isinstance(end.events[-1], Diverged)
    assert (end.status.state, end.status.assessment.verdict) == ("diverged", "diverged")
    with np.load(it.run.checkpoint, allow_pickle=False) as file:
        assert all(np.isfinite(file[name]).all() for name in file.files if file[name].dtype.kind == "f")
    assert it.run.log.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("paused", [False, True])
def test_a_signal_ends_a_worker_in_good_order(worker: Start, number: int, paused: bool) -> None:
    it = worker(BASE, paused=paused)
    it.when_at("paused", 0) if paused else it.when_epoch(2)
    it.process.send_signal(number)
    end = it.end()
    assert end.events[-1] == Finished(epoch=end.status.epoch, step=end.status.step, reason="stopped")
    assert end.status.state == "finished"
    with np.load(it.run.checkpoint, allow_pickle=False) as file:
        assert [file[name].shape for name in WEIGHTS] == [(2, 8), (8,), (8, 1), (1,)]
    assert not it.run.is_locked()


def test_all_files_of_a_run_are_private(worker: Start) -> None:
    it = worker(_settings(epochs=3), paused=True)
    it.send(SaveWeights(), Resume())
    it.end()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in it.run.path.iterdir()}
    assert modes == dict.fromkeys(modes, "0o600")
    assert {"settings.json", "metrics.csv", "events.jsonl", "control.jsonl", "status.json", "lock"} < modes.keys()
    assert {"checkpoint.npz", "best.npz", "weights.npz", "worker.log"} < modes.keys()


STARTER = """
import sys
from l2tui.settings import Settings
from l2tui.worker.launch import new_run, start_worker
run = new_run(Settings(noise=0.3, pace=200.0, epochs=10**9))
start_worker(run)
print("run", run.path, flush=True)
sys.stdin.read()
"""


def test_the_terminal_of_its_starter_may_go_away(until: Callable[..., Any]) -> None:
    starter = pexpect.spawn(sys.executable, ["-c", STARTER], timeout=30, encoding="utf-8", dimensions=(24, 300))
    starter.expect(r"run (\S+)\r\n")
    run = RunDirectory(Path(starter.match.group(1)))
    until(lambda: run.metrics.exists() and run.metrics.read_bytes().count(b"\n") > 3)
    starter.ptyproc.fileobj.close()
    starter.ptyproc.closed = starter.closed = True
    starter.child_fd = starter.ptyproc.fd = -1
    assert until(lambda: not starter.isalive())
    assert starter.signalstatus == signal.SIGHUP
    rows = run.metrics.read_bytes().count(b"\n")
    until(lambda: run.metrics.read_bytes().count(b"\n") > rows + 20)
    assert run.is_locked()
