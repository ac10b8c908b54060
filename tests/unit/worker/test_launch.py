import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from l2tui.errors import RunError
from l2tui.runs.stored import read_run_settings
from l2tui.settings import Settings
from l2tui.worker.launch import new_run, start_worker

Reap = Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]


def test_a_new_run_holds_its_settings_and_versions() -> None:
    run = new_run(Settings(l2=0.125), paused=True)
    made_of = read_run_settings(run)
    assert made_of.settings == Settings(l2=0.125)
    assert made_of.paused
    assert made_of.versions.keys() == {"l2tui", "python", "numpy"}
    assert all(version[0].isdigit() for version in made_of.versions.values())


def test_a_run_that_is_gone_gets_no_worker() -> None:
    run = new_run(Settings())
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="no run there"):
        start_worker(run)


def test_files_of_the_current_directory_do_not_get_into_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reap: Reap
) -> None:
    for name in ("csv", "numpy", "msgspec", "l2tui"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    run = new_run(Settings(epochs=1, noise=0.3), path=Path(os.path.relpath(tmp_path / "run")))
    monkeypatch.chdir(tmp_path)
    absolute = type(run)(tmp_path / "run")
    process = reap(start_worker(absolute))
    assert process.wait(60) == 0, absolute.log.read_text()


def test_a_directory_without_a_run_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "l2tui.worker", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == f"{tmp_path}: no run there: it has no settings.json\n"
    assert done.stderr == ""
