"""Few cores, and the screen before the training."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.worker import manners
from l2tui.worker.launch import new_run, start_worker
from l2tui.worker.manners import ENVIRONMENT_VARIABLE, limit_cores, max_cores, thread_environment

Reap = Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Also takes away what `limit_cores` sets.
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "")
    monkeypatch.delenv("POLARS_MAX_THREADS", raising=False)
    pin = getattr(os, "sched_setaffinity", None)
    cores = os.sched_getaffinity(0) if pin else set()
    yield
    if pin:
        pin(0, cores)


def test_threads_are_those_of_the_run_but_no_more_than_the_cores() -> None:
    assert set(thread_environment(4, {}).values()) == {"4", "2"}
    few = thread_environment(4, {ENVIRONMENT_VARIABLE: "3"})
    assert set(few.values()) == {"3"}
    assert thread_environment(1, {ENVIRONMENT_VARIABLE: "3"})["OPENBLAS_NUM_THREADS"] == "1"


def test_who_has_set_the_threads_of_polars_keeps_them_without_a_limit() -> None:
    assert "POLARS_MAX_THREADS" not in thread_environment(1, {"POLARS_MAX_THREADS": "7"})
    assert thread_environment(1, {"POLARS_MAX_THREADS": "7", ENVIRONMENT_VARIABLE: "1"})["POLARS_MAX_THREADS"] == "1"


@pytest.mark.parametrize("text", ["", "two", "-1", "1.5"])
def test_nonsense_in_the_environment_is_no_limit(text: str) -> None:
    assert max_cores({ENVIRONMENT_VARIABLE: text}) is None


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not pin processes to cores")
def test_the_cores_are_some_of_those_allowed() -> None:
    before = os.sched_getaffinity(0)
    limit_cores(10_000)
    assert os.sched_getaffinity(0) == before
    limit_cores(1)
    assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) <= before
    assert max_cores(os.environ) == 1


def test_a_system_without_affinity_limits_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    limit_cores(1)
    assert thread_environment(8, os.environ)["OMP_NUM_THREADS"] == "1"


def test_a_process_gives_way_and_says_nothing_where_it_cannot(tmp_path: Path) -> None:
    code = "import os; from l2tui.worker.manners import give_way; give_way(); print(os.nice(0))"
    # In a session of its own, as a worker is: all of this one would give way as well.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert int(done.stdout) >= os.nice(0) + 1
    assert done.stderr == ""


def test_no_autogroup_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "nice", lambda by: 0)
    monkeypatch.setattr(manners, "Path", lambda path: tmp_path / "not" / "there")
    manners.give_way()


def test_the_limit_is_no_part_of_a_run_and_changes_no_bit_of_it(monkeypatch: pytest.MonkeyPatch, reap: Reap) -> None:
    settings = Settings(epochs=20, noise=0.3)
    columns = []
    for limit in ("", "1"):
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, limit)
        run = new_run(settings)
        assert reap(start_worker(run)).wait(60) == 0
        columns.append(RunReader(run).poll().columns)
        assert "cores" not in run.settings.read_text()
    for name in columns[0].keys() - {"elapsed"}:
        assert columns[0][name].tobytes() == columns[1][name].tobytes(), name


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(manners._trimmer() is None, reason="this C library has no malloc_trim")
def test_memory_that_is_no_longer_used_is_given_back() -> None:
    blocks = [bytes(5000) for _ in range(20_000)]
    used = _resident()
    # The last block stays, so that nothing is given back without being asked for.
    del blocks[:-1]
    manners.give_back_memory()
    assert _resident() < used - 80_000_000
