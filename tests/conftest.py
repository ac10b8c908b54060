"""What every test needs: runs in a temporary folder, no worker left behind, and waiting without guessing."""

import contextlib
import gc
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Stop
from l2tui.worker.control import send

# A busy machine makes single examples slow; that is no property of the code. The examples are the same in every run, so
# that a failure is one of the change at hand; `--hypothesis-profile=default` looks further.
hypothesis.settings.register_profile(
    "l2tui", deadline=None, database=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("l2tui")

# Under `nohup` a hang-up is ignored, which every process started here would inherit.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

Until = Callable[..., Any]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tests wait as well as compute: there are half as many workers again as cores."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.fixture
def until() -> Until:
    """Calls a function again and again until it returns something true, which it hands on."""
    return wait_until


def wait_until(condition: Callable[[], Any], seconds: float = 30.0, *, every: float = 0.01, what: str = "") -> Any:
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what or condition}")
        time.sleep(every)
    return result


@pytest.fixture(autouse=True)
def runs_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of all runs of this test. Workers that still train in the test's folder at its end are ended."""
    root = tmp_path / "runs"
    monkeypatch.setenv("L2TUI_RUNS", str(root))
    # Nor does a test go by what the person who runs it has set.
    monkeypatch.setenv("L2TUI_CONFIG", os.devnull)
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield root
    gc.enable()  # the app lets it rest while it starts
    end_workers(tmp_path)


def end_workers(folder: Path) -> None:
    """Ends what trains in a folder."""
    held = [run for run in (RunDirectory(lock.parent) for lock in folder.rglob("lock")) if run.is_locked()]
    for run in held:
        with contextlib.suppress(RunError):
            send(run, Stop())
    for run in held:
        _end_worker(run)


def _end_worker(run: RunDirectory) -> None:
    deadline = time.monotonic() + 3.0
    while run.is_locked() and time.monotonic() < deadline:
        time.sleep(0.01)
    # The number in the file is a worker's only as long as the lock is held.
    number = run.lock.read_text().strip()
    if run.is_locked() and number.isdigit() and int(number) != os.getpid():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGKILL)


@pytest.fixture
def reap() -> Iterator[Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]]:
    """Takes processes that the test starts, and sees to it that they have ended and been waited for."""
    processes: list[subprocess.Popen[bytes]] = []

    def take(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        processes.append(process)
        return process

    yield take
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what waits for a pseudo-terminal as slow, but for the main job: several at once miss their bounds."""
    terminals = Path(__file__).parent / "e2e"
    for item in items:
        if item.path.is_relative_to(terminals):
            item.add_marker(
                pytest.mark.xdist_group("terminals") if item.path.name == "test_app.py" else pytest.mark.slow
            )
