"""The program as it is called from a shell."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pexpect
import pytest

import l2tui
from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Finished
from l2tui.runs.reader import RunReader
from l2tui.worker.marks import STOP_AFTER_EPOCHS

PROGRAM = [sys.executable, "-m", "l2tui"]
WEIGHTS = ("W1", "b1", "W2", "b2")
KEYS = {
    *("run", "epochs", "steps", "train_loss", "val_loss", "penalty", "best_epoch", "best_val_loss", "onset_epoch"),
    *("confirmed_epoch", "verdict", "w1_norm", "w2_norm", "elapsed", "steps_per_second"),
}
Reap = Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]
Until = Callable[..., Any]


def _l2tui(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert done.returncode == code, done.stderr
    return done


def _train(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    done = _l2tui("train", *arguments, "--json", code=code)
    assert done.stdout.count("\n") == 1
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def _weights(summary: dict[str, Any]) -> dict[str, bytes]:
    with np.load(Path(summary["run"]) / "checkpoint.npz", allow_pickle=False) as file:
        return {name: file[name].tobytes() for name in WEIGHTS}


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("moons", ["--epochs=25"]),
        ("iris", ["--epochs=25", "--dtype=float32", "--activation=relu"]),
        ("diabetes", ["--epochs=25", "--criterion=patience", "--activation=sigmoid"]),
    ],
)
def test_train_gives_one_object_and_the_same_weights_each_time(data: str, options: list[str], runs_root: Path) -> None:
    first, second = (_train(data, *options) for _ in range(2))
    assert first.keys() >= KEYS
    assert first["epochs"] == 25
    assert Path(first["run"]).parent == runs_root
    assert first["run"] != second["run"]
    assert _weights(first) == _weights(second)
    clock = {"run", "elapsed", "steps_per_second"}
    assert {k: v for k, v in first.items() if k not in clock} == {k: v for k, v in second.items() if k not in clock}
    assert first["steps"] / first["elapsed"] == pytest.approx(first["steps_per_second"])
    assert _weights(_train(data, *options, "--seed=1")) != _weights(first)


def test_the_object_holds_what_the_run_holds() -> None:
    summary = _train("moons", "--epochs=400", "--l2=1e-4")
    snapshot = RunReader(RunDirectory(Path(summary["run"]))).poll()
    for name in ("train_loss", "val_loss", "penalty", "best_epoch", "best_val_loss", "w1_norm", "w2_norm"):
        assert summary[name] == snapshot.column(name)[-1], name
    assert summary["steps"] == snapshot.column("step")[-1]
    assert snapshot.status is not None
    assert snapshot.status.assessment is not None
    for name in ("onset_epoch", "confirmed_epoch", "verdict"):
        assert summary[name] == getattr(snapshot.status.assessment, name)


def test_a_gate_on_the_verdict_has_an_exit_status_of_its_own(tmp_path: Path) -> None:
    arguments = ("train", "moons", "--epochs=400", "--criterion=gl", "--json")
    loose = _l2tui(*arguments, f"--run-dir={tmp_path / 'loose'}", "--fail-on=plateau")
    found = json.loads(loose.stdout)
    assert found["schema"] == 1
    assert found["onset_epoch"] is not None
    strict = _l2tui(*arguments, f"--run-dir={tmp_path / 'strict'}", "--fail-on=overfitting", code=4)
    assert json.loads(strict.stdout)["best_epoch"] == found["best_epoch"]


def test_without_json_a_person_gets_a_report_and_lines_of_progress() -> None:
    done = _l2tui("train", "moons", "--epochs=50")
    assert re.search(r"^loss +train 0\.\d+ +val 0\.\d+ +penalty 0$", done.stdout, re.M)
    assert re.search(r"^run +/\S+$", done.stdout, re.M)
    lines = done.stderr.splitlines()
    assert all(re.fullmatch(r"epoch \d+/50  train \S+  val \S+", line) for line in lines)
    assert [int(line.split()[1].partition("/")[0]) for line in lines] == [*range(0, 51, 5)]


def test_lines_of_progress_come_for_every_tenth_of_a_long_run() -> None:
    # Beyond epoch 4,096, multiples of a tenth need not be among the epochs that are recorded.
    lines = _l2tui("train", "xor", "--epochs=5010", "--hidden=1", "--batch-size=100").stderr.splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("epoch 5010/5010 ")


def test_a_terminal_gets_a_bar() -> None:
    child = pexpect.spawn(PROGRAM[0], [*PROGRAM[1:], "train", "moons", "--epochs=1000"], timeout=60, encoding="utf-8")
    child.expect(r"epoch\s+\S*\d+/1000")
    child.expect(r"verdict   overfitting since epoch")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_no_epochs_give_the_initial_weights() -> None:
    summary = _train("moons", "--epochs", "0")
    assert (summary["epochs"], summary["steps"]) == (0, 0)
    assert summary["train_loss"] > 0
    assert _weights(summary) == _weights(_train("moons", "--epochs=0", "--learning-rate=7", "--l2=1"))
    assert _weights(summary) != _weights(_train("moons", "--epochs=1"))


@pytest.mark.parametrize("size", [100, 101, 5000])
def test_a_batch_of_all_rows_is_one_step_an_epoch(size: int) -> None:
    summary = _train("moons", "--epochs=6", "--train-size=100", f"--batch-size={size}")
    assert summary["epochs"] == summary["steps"] == 6
    assert _weights(summary) == _weights(_train("moons", "--epochs=6", "--train-size=100", "--batch-size=100"))


def test_options_come_before_the_file_and_the_file_before_what_is_recommended(tmp_path: Path) -> None:
    config = tmp_path / "my.toml"
    config.write_text('data = "circles"\nepochs = 7\nhidden = 5\nlearning-rate = 0.01\npace = "max"\n')

    def used(*arguments: str | Path) -> dict[str, Any]:
        text = (Path(_train(*arguments)["run"]) / "settings.json").read_text()
        settings: dict[str, Any] = json.loads(text)["settings"]
        return settings

    alone = used("--config", config)
    recommended = CATALOGUE["circles"]
    assert (alone["data"], alone["epochs"], alone["hidden"], alone["learning_rate"]) == ("circles", 7, 5, 0.01)
    assert alone["train_size"] == recommended.recommended["train_size"]
    assert alone["noise"] == recommended.noise
    both = used("xor", "--config", config, "--hidden=3", "--noise", "0.25")
    assert (both["data"], both["epochs"], both["hidden"], both["noise"]) == ("xor", 7, 3, 0.25)


def test_every_option_reaches_the_settings() -> None:
    options = {
        **{"noise": 0.25, "label_noise": 0.125, "train_size": 40, "seed": 9, "hidden": 3, "activation": "sigmoid"},
        **{"dtype": "float32", "l2": 0.5, "learning_rate": 0.0625, "batch_size": 7, "epochs": 2, "criterion": "up"},
    }
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    summary = _train("spirals", *arguments, "--stop-on-overfit", "--pace=1000")
    settings = json.loads((Path(summary["run"]) / "settings.json").read_text())["settings"]
    expected = {**options, "data": "spirals", "stop_on_overfit": True, "pace": 1000.0}
    assert {name: settings[name] for name in expected} == expected


def test_the_run_goes_where_it_is_told(tmp_path: Path) -> None:
    chosen = tmp_path / "a" / "run"
    summary = _train("moons", "--epochs=1", "--run-dir", chosen)
    assert summary["run"] == str(chosen)
    assert (chosen / "checkpoint.npz").exists()
    again = _l2tui("train", "moons", "--epochs=1", "--run-dir", chosen, code=1)
    assert again.stderr == f"l2tui: {chosen}: holds files already; name a new or empty directory\n"


def test_training_can_stop_when_overfitting_is_confirmed() -> None:
    summary = _train("moons", "--stop-on-overfit")
    assert summary["verdict"] == "overfitting"
    assert summary["epochs"] == summary["confirmed_epoch"] + STOP_AFTER_EPOCHS
    assert summary["confirmed_epoch"] > summary["onset_epoch"] == summary["best_epoch"]
    # The weights are the best ones again.
    assert summary["val_loss"] == summary["best_val_loss"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["diabetes", "--learning-rate", "50"],
        ["moons", "--l2", "10", "--learning-rate", "1"],
        ["iris", "--learning-rate=1e150", "--activation=relu"],
        ["digits", "--learning-rate=1e30", "--dtype=float32", "--activation=relu"],
        ["moons", "--learning-rate=1e300", "--optimizer=adam"],
    ],
)
def test_a_training_that_diverges_ends_with_3_and_finite_weights(arguments: list[str]) -> None:
    summary = _train(*arguments, "--epochs=300", code=3)
    assert summary["verdict"] == "diverged"
    assert summary.keys() >= KEYS
    with np.load(Path(summary["run"]) / "checkpoint.npz", allow_pickle=False) as file:
        assert all(np.isfinite(file[name]).all() for name in WEIGHTS)


BAD = [
    (["train", "moon"], r"moon: no such data set; did you mean moons\? .*"),
    (["train", "brest_cancer"], r"brest_cancer: no such data set; did you mean breast-cancer\? .*"),
    (["train", "-"], r"-: a run reads its table again.*save it to a file first"),
    (["goood.cvs"], r"goood\.cvs: no such data set, and no such file; .*"),
    (["nothing-like-it"], r"nothing-like-it: no such data set; `l2tui datasets` lists them all"),
    (["open", "train"], r"train: no such data set; .*"),
    (["train", "a\nb\x1b[31m"], r"a\\nb\\x1b\[31m: no such data set; .*"),
    (["train", "moons", "--l2", "-0.1"], r"l2: expected a number of 0 or more, got '-0.1'"),
    (["train", "moons", "--l2", "-1e-3"], r"l2: expected .*"),
    (["train", "moons", "--l2", "nan"], r"l2: expected .*"),
    (["train", "moons", "--l2=-inf"], r"l2: expected .*"),
    (["train", "moons", "--l2", "a lot"], r"l2: expected a number of 0 or more, got 'a lot'"),
    (["train", "moons", "--hidden", "ten"], r"hidden: expected a whole number from 1 to 100000, got 'ten'"),
    (["train", "moons", "--batch-size", "0"], r"batch_size: expected a whole number of 1 or more, got '0'"),
    (["train", "moons", "--epochs=1.5"], r"epochs: expected a whole number .*"),
    (["train", "moons", "--activation=gelu"], r"activation: expected tanh, relu or sigmoid, got 'gelu'"),
    (["train", "moons", "--pace=0"], r"pace: expected a number above 0, or max, got '0'"),
    (["train", "wine", "--noise=1"], r"noise: wine is a real table and has no noise setting; .*"),
    (["train", "wine", "--train-size=170"], r"train_size: expected a whole number from 3 to 158 for wine, got 170 .*"),
    (["train", "moons", "--config", "{tmp}/none.toml"], r".*/none.toml: cannot be read: No such file or directory"),
    (["train", "moons", "--config", "{tmp}"], r".*: cannot be read: Is a directory"),
    (["train", "moons", "--config", "{tmp}/broken.toml"], r".*/broken.toml: not a TOML file: .*line 2.*"),
    (["--config", "{tmp}/odd.toml"], r".*/odd.toml: weight_decay: no such setting; there are .*"),
    (["train", "moons", "--run-dir", "{tmp}/odd.toml"], r".*/odd.toml: cannot make the run directory: File exists"),
    (["train", "moons", "--run-dir", "{tmp}/odd.toml/run"], r".*: cannot make the run directory: .*"),
    (["train", "moons", "--run-dir", "/proc/run"], r"/proc/run: cannot make the run directory: .*"),
    (["train", "moons", "--run-dir", "{tmp}"], r".*: holds files already; .*"),
    (["datasets", "export", "moon", "--out", "{tmp}/x.npz"], r"moon: no such data set; did you mean moons\? .*"),
    (["datasets", "export", "moons", "--out", "{tmp}/no/x.npz"], r".*/no/x.npz: cannot be written: No such file .*"),
    (["datasets", "export", "moons", "--out", "{tmp}"], r".*: cannot be written: not a regular file"),
    (["attach", "~nobody-here/run"], r"~nobody-here/run: no such run; `l2tui runs` lists them"),
    (["watch", "~nobody-here/log.csv", "--once"], r"~nobody-here/log\.csv: no such run; .*"),
    (
        ["moons"],
        r".* are not a terminal; the app needs one. `l2tui train DATA` and `l2tui watch --once RUN` .*",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[ascii(" ".join(words)) for words, _ in BAD])
def test_what_a_user_gets_wrong_is_told_in_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("l2 = 1\nhidden = \n")
    (tmp_path / "odd.toml").write_text("weight_decay = 1\n")
    done = _l2tui(*(argument.replace("{tmp}", str(tmp_path)) for argument in arguments), code=1)
    assert done.stdout == ""
    assert re.fullmatch(f"l2tui: {message}\n", done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [["train"], ["train", "--colour"], ["--colour"], ["train", "moons", "--l2"], ["datasets", "export", "moons"]],
)
def test_usage_errors_end_with_2(arguments: list[str]) -> None:
    done = _l2tui(*arguments, code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("usage: l2tui")
    assert done.stderr.count("\n") <= 3


def test_help_and_version() -> None:
    assert _l2tui("--version").stdout == f"l2tui {l2tui.__version__}\n"
    main, train, datasets, export = (
        _l2tui(*words, "--help").stdout for words in ([], ["train"], ["datasets"], ["datasets", "export"])
    )
    assert "l2tui train DATA" in main
    assert "--start" in main
    assert "--pace" in main
    for option in ("l2", "learning-rate", "batch-size", "epochs", "hidden", "activation", "dtype", "seed", "noise"):
        assert f"--{option} " in train
    for option in ("label-noise", "train-size", "criterion", "stop-on-overfit", "config", "run-dir", "json"):
        assert f"--{option}" in train
    assert "export" in datasets
    assert "--out" in export


def test_datasets_are_listed() -> None:
    lines = _l2tui("datasets").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", *CATALOGUE]


@pytest.mark.parametrize(
    ("data", "options"),
    [("moons", ["--seed=3", "--noise=0.2", "--train-size=50"]), ("wine", ["--seed=1", "--label-noise=0.3"])],
)
def test_exported_splits_are_those_that_train_uses(data: str, options: list[str], tmp_path: Path) -> None:
    out = tmp_path / "splits.npz"
    done = _l2tui("datasets", "export", data, *options, "--out", out)
    assert done.stderr == ""
    summary = _train(data, *options, "--epochs=20", "--activation=tanh")
    with np.load(out, allow_pickle=False) as file, np.load(Path(summary["run"]) / "checkpoint.npz") as weights:
        parts = {name: file[name] for name in ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")}
        W1, b1, W2, b2 = (weights[name] for name in WEIGHTS)
    assert f"{len(parts['X_train'])} + {len(parts['X_val'])} + {len(parts['X_test'])} rows of {data}" in done.stdout
    for part in ("train", "val"):
        Z = np.tanh(parts[f"X_{part}"] @ W1 + b1) @ W2 + b2
        y = parts[f"y_{part}"].astype(int)
        logits = np.hstack([np.zeros_like(Z), Z]) if Z.shape[1] == 1 else Z
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        loss = -np.log(probabilities[np.arange(len(y)), y]).mean()
        assert loss == pytest.approx(summary[f"{part}_loss"], rel=1e-10)


@pytest.mark.parametrize("arguments", [["datasets"], ["train", "moons", "--epochs=5"], ["--help"]])
def test_a_reader_that_leaves_early_is_no_trouble(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*PROGRAM, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert [line for line in done.stderr.splitlines() if not line.startswith("epoch ")] == []


def test_in_a_pipe_to_head() -> None:
    command = f"{PROGRAM[0]} -m l2tui datasets | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "NAME"
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_training_goes_on_when_nobody_reads_its_progress(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*PROGRAM, "train", "moons", "--epochs=50", "--json", "--run-dir", str(tmp_path / "run")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, text=True, check=False)
    os.close(writer)
    assert done.returncode == 0
    assert json.loads(done.stdout)["epochs"] == 50


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_training_with_a_run_that_can_be_read(
    number: signal.Signals, code: int, tmp_path: Path, reap: Reap, until: Until
) -> None:
    run = RunDirectory(tmp_path / "run")
    command = [*PROGRAM, "train", "moons", "--epochs=1000000000", "--json", "--run-dir", str(run.path)]
    process = reap(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    until(lambda: run.metrics.exists() and run.metrics.read_bytes().count(b"\n") > 10)
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert b"Traceback" not in errors
    summary = json.loads(output)
    snapshot = RunReader(run).poll()
    assert snapshot.events[-1] == Finished(epoch=summary["epochs"], step=summary["steps"], reason="stopped")
    assert summary["epochs"] >= 10
    assert _weights(summary)
