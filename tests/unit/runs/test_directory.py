import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from l2tui.errors import RunError
from l2tui.runs.creation import create_run
from l2tui.runs.directory import RunDirectory, runs_root

NOW = datetime(2031, 2, 3, 4, 5, 6)
Reap = Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_runs_live_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("L2TUI_RUNS", str(tmp_path / "here"))
    assert runs_root() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("L2TUI_RUNS", "~/mine")
    assert runs_root() == tmp_path / "mine"
    monkeypatch.setenv("L2TUI_RUNS", "~no-such-user-at-all/runs")
    with pytest.raises(RunError, match="L2TUI_RUNS=~no-such-user"):
        runs_root()
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for unset in (lambda: monkeypatch.setenv("L2TUI_RUNS", ""), lambda: monkeypatch.delenv("L2TUI_RUNS")):
        unset()
        assert tmp_path in runs_root().parents
        assert runs_root().parts[-2:] == ("l2tui", "runs")


def test_a_new_run_is_private_and_named_by_time_and_data(runs_root: Path) -> None:
    mask = os.umask(0)
    try:
        run = create_run("breast-cancer", now=NOW)
    finally:
        os.umask(mask)
    assert run.path.parent == runs_root
    assert re.fullmatch(r"20310203-040506-breast-cancer-[0-9a-f]{4}", run.name)
    assert _mode(run.path) == _mode(runs_root) == 0o700


def test_runs_of_the_same_second_differ() -> None:
    assert len({create_run("moons", now=NOW).name for _ in range(10)}) == 10


@pytest.mark.parametrize("data", ["/home/me/Täble 1.csv", "../../etc/passwd", "", "...", "x" * 500, "a\nb", "a/b/"])
def test_whatever_the_data_are_called_the_name_is_a_plain_one(data: str, runs_root: Path) -> None:
    run = create_run(data, now=NOW)
    assert run.path.parent == runs_root
    assert re.fullmatch(r"20310203-040506-[A-Za-z0-9_.-]{1,40}-[0-9a-f]{4}", run.name)


def test_a_chosen_directory_may_exist_if_it_is_empty(tmp_path: Path) -> None:
    chosen = tmp_path / "a" / "b"
    chosen.mkdir(parents=True, mode=0o755)
    assert create_run("moons", path=chosen).path == chosen
    assert _mode(chosen) == 0o700


def test_a_directory_with_anything_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    mode = _mode(tmp_path)
    with pytest.raises(RunError, match="holds files already"):
        create_run("moons", path=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert _mode(tmp_path) == mode


def test_a_directory_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "x", Path("/proc/nothing/x"), tmp_path / ("x" * 300)):
        with pytest.raises(RunError, match=f"^{re.escape(str(path))}: cannot make the run directory: [^\n]+$"):
            create_run("moons", path=path)


def test_a_file_in_the_place_of_the_runs_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("L2TUI_RUNS", str(tmp_path / "file"))
    with pytest.raises(RunError, match="cannot make the run directory"):
        create_run("moons")


def _holder(run: RunDirectory, reap: Reap) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path; from l2tui.runs.directory import RunDirectory\n"
        "with RunDirectory(Path(sys.argv[1])).locked(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(run.path)]
    process = reap(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_lock_excludes_other_processes_and_dies_with_its_own(tmp_path: Path, reap: Reap) -> None:
    run = create_run("moons", path=tmp_path / "run")
    assert not run.is_locked()
    process = _holder(run, reap)
    assert run.is_locked()
    with pytest.raises(RunError, match=f"process {process.pid} is training it already"), run.locked():
        pytest.fail("two holders")
    assert run.is_locked()
    assert int(run.lock.read_text()) == process.pid
    process.kill()
    process.wait()
    assert not run.is_locked()
    with run.locked():
        assert run.is_locked()
        assert int(run.lock.read_text()) == os.getpid()
    assert not run.is_locked()
    assert _mode(run.lock) == 0o600


def test_looking_at_the_lock_makes_nothing_and_shuts_nobody_out(tmp_path: Path, reap: Reap) -> None:
    run = create_run("moons", path=tmp_path / "run")
    assert not run.is_locked()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert not RunDirectory(empty).is_locked()
    assert not any(empty.iterdir())
    assert not RunDirectory(tmp_path / "missing").is_locked()
    with run.locked():
        pass
    # Another process that does nothing but look, as fast as it can.
    code = (
        "import sys; from pathlib import Path; from l2tui.runs.directory import RunDirectory\n"
        "run = RunDirectory(Path(sys.argv[1])); print('looking', flush=True)\n"
        "while True: run.is_locked()"
    )
    process = reap(subprocess.Popen([sys.executable, "-c", code, str(run.path)], stdout=subprocess.PIPE))
    assert process.stdout is not None
    assert process.stdout.readline() == b"looking\n"
    for _ in range(200):
        with run.locked():
            assert run.is_locked()


def test_a_run_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be used"), RunDirectory(tmp_path / "missing").locked():
        pytest.fail("locked nothing")
