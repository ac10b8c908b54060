"""What comes out of a run, by the commands that a person types."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np
import polars as pl
import pytest

from l2tui.data.builtin.datasets import table_path
from l2tui.data.prepare import prepare
from l2tui.nn.network import forward, softmax
from l2tui.results.trained import load_trained
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Stop
from l2tui.runs.results import PartResult
from l2tui.runs.reveals import read_reveals
from l2tui.settings import Settings

pytestmark = pytest.mark.slow

Run = subprocess.CompletedProcess[str]


def l2tui(*arguments: Any, cwd: Path | None = None, **environment: str) -> Run:
    command = [sys.executable, "-m", "l2tui", *map(str, arguments)]
    package = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    names = {**os.environ, "PYTHONPATH": paths, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, env=names)


def good(*arguments: Any, **options: Any) -> str:
    done = l2tui(*arguments, **options)
    assert (done.returncode, done.stderr if "train" not in arguments else "") == (0, ""), done.stderr
    return done.stdout


def train(data: str | Path, *options: str) -> RunDirectory:
    return RunDirectory(Path(json.loads(good("train", data, "--json", "--epochs", "20", *options))["run"]))


def test_a_look_is_counted_by_every_command_and_survives_a_resumed_run() -> None:
    run = train("moons", "--l2", "0.01")
    assert "looked at once, at λ 0.01" in good("test", run.name)
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda _: good("test", run.name, "--json"), range(4)))
    results = [msgspec.json.decode(text, type=PartResult) for text in texts]
    assert sorted(result.looks for result in results) == [2, 3, 4, 5]
    assert len({result.loss for result in results}) == 1
    l2tui("train", "--resume", run.name, "--epochs", "40")
    after = msgspec.json.decode(good("test", run.name, "--json"), type=PartResult)
    assert after.looks == 6
    assert [look.count for look in read_reveals(run)] == [1, 2, 3, 4, 5, 6]
    assert msgspec.json.decode(good("test", run.name, "--part", "val", "--json"), type=PartResult).looks == 6
    listed = json.loads(good("runs", "--json"))
    assert [info["test_looks"] for info in listed] == [6]


def test_a_terminal_that_takes_only_ascii_gets_ascii() -> None:
    run = train("diabetes", "--l2", "0.01")
    lines = good("test", run.name, PYTHONIOENCODING="ascii").splitlines()
    assert "at L2 0.01" in lines[0]
    assert any(line.startswith("R2 ") for line in lines)


def test_a_run_that_goes_on_is_tested_at_its_best_weights_so_far(worker: Callable[..., Any], until: Any) -> None:
    going = worker(Settings(data="moons", epochs=10**9, learning_rate=0.1))
    until(going.run.best.exists)
    going.when_epoch(5)
    result = msgspec.json.decode(good("test", going.run.name, "--json"), type=PartResult)
    assert result.part == "test"
    assert result.rows == 1000
    assert going.process.poll() is None
    going.send(Stop())
    going.end()
    assert len(read_reveals(going.run)) == 1


def test_predictions_for_the_table_itself_are_those_of_the_plain_network(tmp_path: Path) -> None:
    table = table_path("iris")
    run = train(table, "--seed", "3")
    found = load_trained(run)
    rows = pl.read_csv(table, infer_schema_length=None)
    X = rows.select(found.preparation.input_names).to_numpy()
    splits = prepare(found.run_settings.settings)
    Z2 = forward(found.weights, (X - splits.x_mean) / splits.x_scale, found.settings.activation)[1]
    predicted = pl.read_csv(good("predict", run.name, table).encode())
    assert predicted.columns == ["species", *(f"probability {name}" for name in splits.class_names)]
    np.testing.assert_allclose(predicted.to_numpy()[:, 1:].astype(float), softmax(Z2), atol=1e-12)
    assert predicted["species"].to_list() == [splits.class_names[k] for k in Z2.argmax(axis=1)]
    # Other order of columns, without the target, with one more.
    other = tmp_path / "new.csv"
    rows.select(pl.lit("x").alias("remark"), *reversed(found.preparation.input_names)).write_csv(other)
    done = l2tui("predict", run.name, other)
    assert done.returncode == 0
    assert pl.read_csv(done.stdout.encode()).equals(predicted)
    assert "remark" in done.stderr
    for name in ("p.csv", "p.tsv", "p.parquet"):
        out = tmp_path / name
        assert good("predict", run.name, table, "--out", out) == ""
        read = {".csv": pl.read_csv, ".tsv": lambda path: pl.read_csv(path, separator="\t")}
        assert read.get(out.suffix, pl.read_parquet)(out).equals(predicted)


def test_predictions_never_take_the_place_of_their_rows(tmp_path: Path) -> None:
    run, rows = train("moons"), tmp_path / "rows.csv"
    rows.write_text("x1,x2\n0.5,1\n")
    (tmp_path / "link.csv").symlink_to(rows)
    for out in ("rows.csv", "link.csv"):
        done = l2tui("predict", run.name, rows, "--out", tmp_path / out)
        assert (done.returncode, "would be lost; name another file" in done.stderr) == (1, True)
    assert rows.read_text() == "x1,x2\n0.5,1\n"


def test_a_predicted_number_is_in_the_targets_own_units(tmp_path: Path) -> None:
    table = table_path("diabetes")
    run = train(table)
    found = load_trained(run)
    rows = pl.read_csv(table, infer_schema_length=None)
    splits = prepare(found.run_settings.settings)
    X = rows.select(found.preparation.input_names).to_numpy()
    Z2 = forward(found.weights, (X - splits.x_mean) / splits.x_scale, found.settings.activation)[1]
    values = pl.read_csv(good("predict", run.name, table).encode())["progression"].to_numpy()
    np.testing.assert_allclose(values, Z2[:, 0] * splits.y_scale + splits.y_mean, rtol=1e-9)
    assert values.mean() == pytest.approx(rows["progression"].mean(), rel=0.1)


def test_exports_say_where_they_went(tmp_path: Path) -> None:
    run = train("moons", "--l2", "0.003")
    assert good("export", run.name, "npz", cwd=tmp_path).startswith(f"{run.name}.npz: ")
    with np.load(tmp_path / f"{run.name}.npz", allow_pickle=False) as file:
        assert file["W1"].shape == (2, 64)
    answer = json.loads(good("export", run.name, "recipe", "--json", cwd=tmp_path))
    assert Path(answer["path"]) == tmp_path / f"{run.name}.md"
    assert Path(answer["path"]).read_text() == answer["text"]
    assert "l2(0.003)" in answer["text"]


def test_the_chart_is_text_or_a_picture(tmp_path: Path) -> None:
    run = train("moons")
    lines = good("plot", run.name, "--width", "60", "--height", "10").splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("│" in line or "┤" in line for line in lines) == 8
    assert "\x1b" not in "".join(lines)
    plain = good("plot", run.name, PYTHONIOENCODING="ascii")
    assert plain.isascii()
    assert "?" not in plain
    assert good("plot", run.name, "--svg", "a.svg", "--width", "500", cwd=tmp_path) == "a.svg\n"
    assert ElementTree.parse(tmp_path / "a.svg").getroot().get("width") == "500"


def test_a_run_of_no_or_one_epoch_has_a_chart_as_well(tmp_path: Path) -> None:
    run = train("moons", "--epochs", "0")
    for path in (run.status, run.best, run.checkpoint):
        assert path.exists()
    assert "val" in good("plot", run.name)
    good("plot", run.name, "--svg", tmp_path / "a.svg")
    run.metrics.unlink()
    run.status.unlink()
    assert "no epoch yet" in good("plot", run.name)
    good("plot", run.name, "--svg", tmp_path / "a.svg")


def test_pictures_of_two_runs_stand_side_by_side_as_text_as_svg_and_as_numbers(tmp_path: Path) -> None:
    first, second = train("moons", "--label-noise", "0.1"), train("moons", "--label-noise", "0.1", "--l2", "0.01")
    for kind in ("field", "weights", "labels"):
        both = ("plot", first.name, second.name, "--picture", kind)
        lines = good(*both, "--width", "90", "--height", "14").splitlines()
        assert len(lines) == 16
        assert max(map(len, lines)) <= 90
        assert lines[0].split() == [first.name, second.name]
        assert lines[1].count(" · λ ") == 2
        plain = good(*both, PYTHONIOENCODING="ascii")
        assert plain.isascii()
        assert "?" not in plain
        assert good(*both, "--svg", "a.svg", cwd=tmp_path) == "a.svg\n"
        root = ElementTree.parse(tmp_path / "a.svg").getroot()
        assert "".join(root.itertext()).count("· λ 0.01") == 2
        best = json.loads(good(*both, "--at", "best", "--json", "--width", "20", "--height", "10"))["pictures"]
        assert [picture["epoch"] for picture in best] == [load_trained(run).epoch for run in (first, second)]
        assert [picture["l2"] for picture in best] == [0.0, 0.01]


@pytest.mark.parametrize(("data", "kind"), [("sine", "fit"), ("diabetes", "inputs"), ("digits", "inputs")])
def test_a_picture_of_each_kind_of_data_is_drawn(tmp_path: Path, data: str, kind: str) -> None:
    run = train(data, "--epochs", "3")
    assert len(good("plot", run.name, "--picture", kind, "--height", "9").splitlines()) == 11
    good("plot", run.name, "--picture", kind, "--svg", tmp_path / "a.svg")
    ElementTree.parse(tmp_path / "a.svg")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("plot RUN RUN", "go with --picture"),
        ("plot RUN --json", "go with --picture"),
        ("plot RUN --at best", "go with --picture"),
        ("plot RUN --picture field --log-y", "no loss axis"),
        ("plot RUN --picture fit", "it needs one input"),
        ("plot RUN --picture field --at 7", "the weights of epoch 7 are not kept"),
        ("plot RUN --picture field --at now", "expected last, best or the number of an epoch"),
        ("plot RUN RUN --picture field --at best,last,1", "one for each of 2 runs, got 3"),
        ("plot RUN --picture field --ghost", "not every run has a ghost"),
        ("plot RUN --picture field --width 3", "--width"),
        ("test nothing", "no such run"),
        ("predict RUN no.csv", "no.csv"),
        ("predict RUN TABLE", "missing"),
        ("predict RUN TABLE --out x.txt", "ends in .csv"),
        ("export RUN npz --out .", "not a regular file"),
        ("export RUN npz --out /no/such/folder/x", "cannot be written"),
        ("plot RUN --width 3", "--width"),
        ("plot RUN --svg /no/such/folder/x", "cannot be written"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(tmp_path: Path, arguments: str, complaint: str) -> None:
    run = train("moons", "--epochs", "1")
    words = [{"RUN": run.name, "TABLE": str(table_path("iris"))}.get(word, word) for word in arguments.split()]
    done = l2tui(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("l2tui: ")
    assert done.stderr.count("\n") == 1
    assert complaint in done.stderr


def test_a_run_without_weights_yet_says_so() -> None:
    run = train("moons", "--epochs", "1")
    run.best.unlink()
    assert "no best weights yet" in l2tui("test", run.name).stderr
    run.best.write_bytes(b"PK nonsense")
    done = l2tui("export", run.name, "npz")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "not usable" in done.stderr
