"""What stands around a run: a clock that jumps, a disk that may only be read, files of somebody else."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.worker.launch import new_run, start_worker
from l2tui.worker.work import work
from tests.chaos.kills import SETTINGS, replayed, saved

pytestmark = pytest.mark.slow

COMPILER = shutil.which("cc")
DAY = 86_400
NOBODY = "65534"
READING = (("runs",), ("test", "RUN"), ("plot", "RUN"), ("watch", "--once", "RUN"))
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk or act as another user")


def _call(*words: str, run: RunDirectory, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    words = tuple(str(run.path) if word == "RUN" else word for word in words)
    environment = {**os.environ, "L2TUI_RUNS": str(run.path.parent)}
    command = [*before, sys.executable, "-m", "l2tui", *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, timeout=120
    )


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(COMPILER is None or sys.platform != "linux", reason="a clock is shifted by a library made in C")
@pytest.mark.parametrize("jumps", [(DAY, -DAY), (-DAY, DAY)])
def test_a_clock_that_jumps_by_days_changes_no_bit(
    jumps: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., Any]
) -> None:
    clock, library = tmp_path / "clock", tmp_path / "clock.so"
    source = Path(__file__).with_name("jumping_clock.c")
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-o", library, source], check=True)
    clock.write_text("0")
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("JUMPING_CLOCK", str(clock))
    run = new_run(SETTINGS)
    process = start_worker(run)
    for share, jump in enumerate(jumps, 1):
        until(lambda share=share: len(RunReader(run).poll()) > 60 * share)
        clock.write_text(str(jump))
    assert process.wait(120) == 0
    assert np.array_equal(replayed(RunReader(run).poll().events), saved(run))
    elapsed = RunReader(run).poll().column("elapsed")
    assert (np.diff(elapsed) >= 0).all()
    assert elapsed[-1] < 3600


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "l2tui", path], capture_output=True, check=False).returncode != 0:
        pytest.skip("a disk cannot be mounted here")
    yield path
    subprocess.run(["umount", path], check=True)


def _finished(root: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    monkeypatch.setenv("L2TUI_RUNS", str(root))
    run = new_run(Settings(epochs=6, hidden=4, train_size=40, noise=0.3))
    work(run)
    return run


@needs_root
def test_a_disk_that_may_only_be_read_is_read_and_not_written(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _finished(disk / "runs", monkeypatch)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for words in READING:
        called = _call(*words, run=run)
        assert "Traceback" not in called.stderr
        # The test is noted in the run's directory before its result is shown.
        assert called.returncode == (1 if words[0] == "test" else 0), (words, called)
    called = _call("train", "--resume", "RUN", "--epochs", "9", run=run)
    assert called.returncode == 1
    assert "Read-only file system" in called.stderr
    assert len(called.stderr.splitlines()) == 1
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert _call("train", "--resume", "RUN", "--epochs", "9", run=run).returncode == 0


@needs_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_the_run_of_another_user_is_left_alone(mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    as_nobody = ("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups")
    if subprocess.run([*as_nobody, sys.executable, "-c", "import l2tui"], check=False).returncode != 0:
        pytest.skip("another user cannot start this interpreter")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        run = _finished(Path(folder) / "runs", monkeypatch)
        run.path.parent.chmod(0o755)
        run.path.chmod(mode)
        before = _content(Path(folder))
        for words in (
            *READING,
            ("train", "--resume", "RUN"),
            ("predict", "RUN", "RUN"),
            ("runs", "prune", "--older-than", "0m", "--yes"),
        ):
            called = _call(*words, run=run, before=as_nobody)
            assert called.returncode in (0, 1), called
            assert "Traceback" not in called.stderr
            assert mode == 0o755 or "RUN" not in words or "Permission denied" in called.stderr
        assert _content(Path(folder)) == before
        assert msgspec.json.decode(run.settings.read_bytes())
