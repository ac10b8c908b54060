"""`l2tui sweep` on a user's table and with wrong input, and what other commands make of a sweep."""

import json
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from l2tui.cli.sweep import VERDICTS
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reader import RunReader
from l2tui.sweep.answer import Verdict
from l2tui.sweep.curves import read_curves
from l2tui.sweep.directory import SweepDirectory
from l2tui.sweep.summary import read_lanes

pytestmark = pytest.mark.slow


def l2tui(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "l2tui", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == code, done.stderr
    return done


def write_table(path: Path, n: int = 200, rare: int = 0) -> Path:
    rng = np.random.default_rng(0)
    size, town = rng.normal(size=n), rng.choice(["Oslo", "Rome"], n)
    sold = np.where(size + (town == "Oslo") + rng.normal(size=n) > 0, "yes", "no").astype("<U5")
    sold[:rare] = "maybe"
    pl.DataFrame({"size": size, "town": town, "other": rng.normal(size=n), "sold": sold}).write_csv(path)
    return path


@pytest.mark.parametrize("options", [(), ("--time=other",), ("--dtype=float32", "--optimizer=adam")])
def test_a_lane_of_a_table_is_the_run_of_its_fold_bit_for_bit(tmp_path, options):
    table = str(write_table(tmp_path / "mine.csv"))
    common = (table, "--epochs=40", "--folds=3", "--hidden=8", "--learning-rate=0.02", *options)
    l2tui("sweep", *common, "--l2=0,1e-3,1e-2", f"--run-dir={tmp_path}/sweep", "--thorough", "--json")
    sweep = SweepDirectory(tmp_path / "sweep")
    lanes = {(lane.fold, lane.l2): lane for lane in read_lanes(sweep)}
    curves = read_curves(sweep)
    for fold, l2 in ((0, 1e-3), (1, 0.0), (3, 1e-2)):
        run = tmp_path / f"run-{fold}"
        found = json.loads(l2tui("train", *common, f"--fold={fold}", f"--l2={l2}", f"--run-dir={run}", "--json").stdout)
        lane = lanes[fold, l2]
        assert lane.best_val_loss == found["best_val_loss"]
        assert (lane.w1_norm, lane.w2_norm) == (found["w1_norm"], found["w2_norm"])
        epochs, losses = curves.lane(fold, l2)
        alone = RunReader(RunDirectory(run)).poll()
        expected = np.stack([alone.column("train_loss"), alone.column("val_loss")], axis=1)[epochs]
        np.testing.assert_array_equal(losses, expected.astype(np.float32))


def test_the_gate_of_a_sweep_and_the_documented_keys(tmp_path):
    common = ("sweep", "moons", "--l2=0,1", "--epochs=40", "--folds=2", "--workers=1", "--json")
    found = json.loads(l2tui(*common, "--fail-on=no-help", f"--run-dir={tmp_path}/one", code=4).stdout)
    assert found["verdict"] == "no_help"
    again = l2tui("sweep", f"--resume={tmp_path}/one", "--json", "--fail-on=helps,diverged")
    assert json.loads(again.stdout)["verdict"] == "no_help"
    documented = (Path(__file__).parents[2] / "docs" / "json.md").read_text().partition("l2tui sweep DATA")[2]
    for key in (*found, *found["gain"], *found["l2"][0]):
        assert key == "schema" or f"`{key}`" in documented
    assert typing.get_args(Verdict) == VERDICTS
    for verdict in VERDICTS:
        assert verdict in documented
    l2tui("sweep", "moons", "--fail-on=overfitting", code=2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("moons", "--l2=0"), "a sweep compares at least two λ"),
        (("moons", "--l2="), "is no λ"),
        (("moons", "--l2=0,1e-2,1e-3"), "the values of a grid ascend"),
        (("moons", "--l2=-1e-3,1"), "is no λ"),
        (("moons", "--folds=0"), "folds: expected a whole number"),
        (("TABLE", "--folds=100", "--split=10/10/80"), "100 folds need 100 rows to train and validate on; there are"),
    ],
)
def test_wrong_input_is_one_line(tmp_path, options, words):
    table = str(write_table(tmp_path / "mine.csv"))
    done = l2tui("sweep", *(table if option == "TABLE" else option for option in options), code=1)
    said = [line for line in done.stderr.splitlines() if line.startswith("l2tui: ")]
    assert len(said) == 1
    assert words in said[0]
    assert "Traceback" not in done.stderr


def test_a_class_that_a_fold_loses_is_named(tmp_path):
    table = str(write_table(tmp_path / "mine.csv", rare=3))
    done = l2tui("sweep", table, "--split=40/5/55", "--epochs=20", code=1)
    assert "would train without class 'maybe'" in done.stderr


def test_one_fold_has_no_interval_and_says_so():
    done = l2tui("sweep", "moons", "--folds=1", "--epochs=50", "--l2=0,1e-3,1e-2")
    assert "on one fold" in done.stdout or "on that fold" in done.stdout
    assert "±" not in done.stdout


def test_where_all_lanes_diverge_it_says_what_to_do(tmp_path):
    done = l2tui("sweep", "diabetes", "--learning-rate=500", "--epochs=50", "--l2=0,1e-5", code=3)
    assert "Every λ diverged: lower the rate." in done.stdout
    assert all(line.startswith("sweep ") for line in done.stderr.splitlines()), done.stderr


def test_other_commands_know_a_sweep(tmp_path):
    l2tui("sweep", "moons", "--epochs=50", "--l2=0,1e-3,1e-2")
    (line,) = [line for line in l2tui("runs").stdout.splitlines() if "sweep-moons" in line]
    assert "sweep, " in line
    assert "100 %" in line
    text = l2tui("plot", "sweep-moons", "--width=80").stdout
    assert "★" in text
    assert "3 λ x 6 folds x 50 epochs" in text
    assert l2tui("plot", "sweep-moons", "--width=80", "--log-y").stdout != text
    l2tui("plot", "sweep-moons", f"--svg={tmp_path}/u.svg")
    assert (tmp_path / "u.svg").read_text().count("<circle") == 2
    assert "is a sweep, not a run" in l2tui("test", "sweep-moons", code=1).stderr
    assert "✗" not in l2tui("sweep", "--resume", "sweep-moons").stderr
