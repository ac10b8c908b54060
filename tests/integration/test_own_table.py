"""A table of one's own on the command line and in the worker: trained, stored, resumed, within its memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from l2tui.data.preparation import Preparation
from l2tui.data.table.inspect import inspect_table
from l2tui.runs.directory import RunDirectory
from l2tui.runs.stored import read_json, read_run_settings
from l2tui.settings import changed

pytestmark = pytest.mark.slow


def _table(path: Path, n: int = 300) -> Path:
    rng = np.random.default_rng(0)
    size, town = rng.normal(size=n), rng.choice(["Oslo", "Rome"], n)
    gap = [None if rng.random() < 0.1 else float(value) for value in rng.normal(size=n)]
    sold = np.where(size + (town == "Oslo") + rng.normal(size=n) > 0, "yes", "no")
    pl.DataFrame({"size": size, "town": town, "gap": gap, "sold": sold}).write_csv(path)
    return path


def _train(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "l2tui", "train", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == code, done.stderr
    return done


def test_a_table_is_trained_on_and_what_was_done_is_said_and_stored(tmp_path: Path) -> None:
    path = _table(tmp_path / "mine.csv")
    first, second = (_train(str(path), "--epochs=20", "--json") for _ in range(2))
    assert "target: sold, guessed (next: " in first.stderr
    assert "missing: gap " in first.stderr
    assert "300 rows, 5 inputs: 180 train + 60 val + 60 test" in first.stderr
    summaries = [json.loads(done.stdout) for done in (first, second)]
    assert summaries[0]["val_loss"] == summaries[1]["val_loss"]
    run = RunDirectory(Path(summaries[0]["run"]))
    assert "-mine-" in run.name
    settings = read_run_settings(run).settings
    assert settings.data == str(path)
    preparation = read_json(run, run.preparation, Preparation)
    assert preparation is not None
    assert preparation.target == "sold"
    assert preparation.class_names == ("no", "yes")
    assert preparation.input_names == ("size", "town=Oslo", "town=Rome", "gap", "gap missing")
    assert run.preparation.stat().st_mode & 0o777 == 0o600


def test_a_built_in_set_leaves_its_preparation_as_well() -> None:
    run = RunDirectory(Path(json.loads(_train("iris", "--epochs=1", "--json").stdout)["run"]))
    preparation = read_json(run, run.preparation, Preparation)
    assert preparation is not None
    assert len(preparation.columns) == 4


def test_a_run_goes_on_only_with_the_table_it_began_with(tmp_path: Path) -> None:
    path = _table(tmp_path / "mine.csv")
    run = json.loads(_train(str(path), "--epochs=5", "--json").stdout)["run"]
    assert json.loads(_train("--resume", run, "--epochs=8", "--json").stdout)["epochs"] == 8
    path.write_text(path.read_text().replace("Rome", "Bonn", 1))
    said = _train("--resume", run, "--epochs=9", code=1).stderr
    assert f"{path}: the data are no longer those that the run was trained on; bring the file back" in said
    path.unlink()
    done = _train("--resume", run, "--epochs=9", code=1)
    assert done.stderr == f"l2tui: {path}: no such file\n"


def test_the_worker_trains_a_table(tmp_path: Path, worker: Callable[..., Any]) -> None:
    settings = changed(inspect_table(_table(tmp_path / "mine.csv")).settings, epochs=5)
    live = worker(settings)
    facts = live.end().status.facts
    assert facts.rows == (180, 60, 60)
    assert facts.alarms == inspect_table(_table(tmp_path / "mine.csv")).alarms
    assert live.run.preparation.exists()


_MEASURED = """
import resource, sys
from l2tui.data.table.inspect import inspect_table
from l2tui.settings import changed
from l2tui.worker.launch import new_run
from l2tui.worker.work import work
settings = changed(inspect_table(sys.argv[1]).settings, epochs=1)
work(new_run(settings))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_stays_below_four_times_the_numbers(tmp_path: Path) -> None:
    """Above what a small table takes, which is the libraries' own."""
    rng = np.random.default_rng(0)
    n, d = 200_000, 20
    names = {f"x{k}": rng.normal(size=n).round(4) for k in range(d)}
    pl.DataFrame({**names, "y": rng.normal(size=n).round(4)}).write_csv(tmp_path / "large.csv")
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = []
    for path in (_table(tmp_path / "small.csv"), tmp_path / "large.csv"):
        done = subprocess.run([sys.executable, "-c", _MEASURED, path], capture_output=True, check=True, timeout=120)
        peaks.append(unit * int(done.stdout))
    assert peaks[1] - peaks[0] < 4 * 8 * n * (d + 1)


def test_a_file_on_standard_input_is_known_by_its_own_name(tmp_path: Path) -> None:
    path = _table(tmp_path / "mine.csv")
    with path.open("rb") as file:
        command = [sys.executable, "-m", "l2tui", "train", "/dev/stdin", "--epochs=3", "--json"]
        done = subprocess.run(command, stdin=file, capture_output=True, text=True)
    run = json.loads(done.stdout)["run"]
    assert json.loads((Path(run) / "settings.json").read_text())["settings"]["data"] == str(path)
    assert json.loads(_train("--resume", run, "--epochs=5", "--json").stdout)["epochs"] == 5


def test_a_pipe_is_refused_in_one_line(tmp_path: Path) -> None:
    path = _table(tmp_path / "mine.csv")
    done = subprocess.run(
        [sys.executable, "-m", "l2tui", "inspect", "/dev/stdin"], input=path.read_text(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == (
        "l2tui: /dev/stdin: not a regular file; a run reads its table again, so save it to a file first\n"
    )
