"""`l2tui.train` and `l2tui.sweep` when something comes in between."""

import os
import signal
import subprocess
import sys

import pytest

import l2tui
from l2tui.api.running import Run
from l2tui.runs.directory import RunDirectory
from l2tui.sweep.directory import SweepDirectory, read_status

pytestmark = pytest.mark.slow

CODE = "import l2tui; l2tui.{}('moons', epochs=1_000_000, run_dir={!r})"


def _start(function, path):
    return subprocess.Popen(
        [sys.executable, "-c", CODE.format(function, str(path))], stderr=subprocess.PIPE, start_new_session=True
    )


def test_ctrl_c_stops_the_training_in_good_order(tmp_path, until, reap):
    program = reap(_start("train", tmp_path / "run"))
    run = Run(RunDirectory(tmp_path / "run"))
    until(lambda: run.state == "running")
    os.kill(program.pid, signal.SIGINT)
    assert b"KeyboardInterrupt" in program.communicate(timeout=30)[1]
    assert not RunDirectory(run.path).is_locked()
    assert run.state == "stopped"
    assert run.assessment is not None
    # It goes on from there like any other.
    assert len(l2tui.load(run.path).curves["epoch"]) > 1


def test_ctrl_c_stops_a_sweep_too(tmp_path, until, reap):
    program = reap(_start("sweep", tmp_path / "sweep"))
    sweep = SweepDirectory(tmp_path / "sweep")
    until(lambda: (status := read_status(sweep)) is not None and status.state == "running")
    os.kill(program.pid, signal.SIGINT)
    assert b"KeyboardInterrupt" in program.communicate(timeout=30)[1]
    assert read_status(sweep).state == "stopped"


def test_a_worker_that_is_killed_is_reported(tmp_path, until, reap):
    program = reap(_start("train", tmp_path / "run"))
    run = RunDirectory(tmp_path / "run")
    until(lambda: Run(run).state == "running")
    os.kill(int(run.lock.read_text()), signal.SIGKILL)
    assert b"the training process failed" in program.communicate(timeout=30)[1]


def test_a_training_that_fails_says_why(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").touch()
    with pytest.raises(l2tui.L2tuiError, match="run"):
        l2tui.train("moons", epochs=1, run_dir=tmp_path / "run")
