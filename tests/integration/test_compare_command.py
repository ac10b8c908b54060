"""`l2tui compare` on runs, sweeps and logs that were really made."""

import json
from pathlib import Path
from typing import Any

import pytest

from l2tui.cli import main
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reader import RunReader

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
SHORT = ("--epochs=150",)


def train(capsys: Capture, *options: str) -> dict[str, Any]:
    assert main(["train", "moons", *SHORT, *options, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def compare(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main(["compare", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def three(runs_root: Path, capsys: Capture) -> list[dict[str, Any]]:
    return [train(capsys, f"--l2={l2}") for l2 in ("0", "1e-3", "1e-2")]


def test_its_numbers_are_those_of_the_runs(three: list[dict[str, Any]], capsys: Capture) -> None:
    found = compare(capsys, *(run["run"] for run in three))
    assert found["schema"] == 1
    assert found["comparable"]
    assert [run["letter"] for run in found["runs"]] == ["a", "b", "c"]
    for run, trained in zip(found["runs"], three, strict=True):
        for name in ("val_loss", "train_loss", "best_val_loss", "best_epoch", "confirmed_epoch", "verdict", "w1_norm"):
            assert run["results"][name] == trained[name], name
        assert run["results"]["val_accuracy"] == trained["val_accuracy"]
    differing = [name for name in found["differs"] if name in found["runs"][0]["settings"]]
    assert differing == ["l2"]
    best = min(range(3), key=lambda at: three[at]["best_val_loss"])
    assert found["best"]["best_val_loss"] == ["abc"[best]]


def test_the_cursor_reads_what_was_recorded_at_that_epoch(three: list[dict[str, Any]], capsys: Capture) -> None:
    found = compare(capsys, *(run["run"] for run in three), "--epoch=77")
    for run, trained in zip(found["runs"], three, strict=True):
        snapshot = RunReader(RunDirectory(Path(trained["run"]))).poll()
        assert run["results"]["val_loss"] == snapshot.column("val_loss")[77]
        assert run["results"]["train_loss"] == snapshot.column("train_loss")[77]


def test_other_seeds_do_not_compare_until_they_are_folded(three: list[dict[str, Any]], capsys: Capture) -> None:
    others = [train(capsys, f"--l2={l2}", "--seed=1")["run"] for l2 in ("0", "1e-3")]
    names = [three[0]["run"], three[1]["run"], *others]
    apart = compare(capsys, *names)
    assert not apart["comparable"]
    assert "seeds" in apart["reason"]
    assert apart["best"] == {}
    folded = compare(capsys, *names, "--group")
    assert folded["comparable"]
    assert [run["kind"] for run in folded["runs"]] == ["mean", "mean"]
    assert [run["settings"]["l2"] for run in folded["runs"]] == [0.0, 1e-3]
    singles = [run["results"]["final_val_loss"] for run in apart["runs"]]
    means = [(singles[0] + singles[2]) / 2, (singles[1] + singles[3]) / 2]
    assert [run["results"]["final_val_loss"] for run in folded["runs"]] == pytest.approx(means)


def test_other_data_are_told_apart_in_text_and_in_json(three: list[dict[str, Any]], capsys: Capture) -> None:
    other = train(capsys, "--noise=0.1")["run"]
    names = (three[0]["run"], three[1]["run"], other)
    assert compare(capsys, *names)["reason"] == "different data or splits (noise)"
    assert main(["compare", *names]) == 0
    text = capsys.readouterr().out
    assert "NOT COMPARABLE: different data or splits (noise)." in text
    assert "•" not in text


def test_the_text_holds_chart_and_table(three: list[dict[str, Any]], capsys: Capture) -> None:
    assert main(["compare", *(run["run"] for run in three)]) == 0
    text = capsys.readouterr().out
    for word in ("★a", "★b", "final val", "λ", "0.001", "•", "a ", "b ", "c "):
        assert word in text
    assert "noise" not in text
    assert main(["compare", *(run["run"] for run in three), "--all"]) == 0
    assert "noise" in capsys.readouterr().out


def test_a_picture_is_written(three: list[dict[str, Any]], capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "compared.svg"
    assert main(["compare", *(run["run"] for run in three), "--svg", str(file), "--train"]) == 0
    assert file.read_text().startswith("<svg")
    assert "train loss" in file.read_text()


def test_a_sweep_stands_for_its_lambdas(runs_root: Path, capsys: Capture) -> None:
    assert main(["sweep", "moons", "--epochs=60", "--l2=0,1e-3,1e-2", "--folds=2", "--json"]) == 0
    swept = json.loads(capsys.readouterr().out)
    found = compare(capsys, swept["sweep"])
    assert found["comparable"]
    assert [run["settings"]["l2"] for run in found["runs"]] == [0.0, 1e-3, 1e-2]
    expected = {one["l2"]: one["val_loss"] for one in swept["l2"]}
    for run in found["runs"]:
        # A λ that left early has no loss at the end that could be compared.
        whole = run["results"]["state"] == "finished"
        assert run["results"]["final_val_loss"] == (expected[run["settings"]["l2"]] if whole else None)
    assert any(run["results"]["state"] == "finished" for run in found["runs"])
    two = compare(capsys, f"{swept['sweep']}:0", f"{swept['sweep']}:0.01")
    assert [run["settings"]["l2"] for run in two["runs"]] == [0.0, 1e-2]
    single = train(capsys)["run"]
    assert not compare(capsys, f"{swept['sweep']}:0", single)["comparable"]


def test_logs_are_compared_without_a_best(capsys: Capture) -> None:
    logs = Path(__file__).parent.parent / "logs"
    found = compare(capsys, str(logs / "keras.csv"), str(logs / "keras-semicolon.csv"))
    assert [run["kind"] for run in found["runs"]] == ["log", "log"]
    assert not found["comparable"]
    assert found["best"] == {}


def test_several_logs_are_watched_in_the_app_alone(capsys: Capture) -> None:
    logs = [str(Path(__file__).parent.parent / "logs" / name) for name in ("keras.csv", "lightgbm.csv")]
    for options, words in ((["--json"], "l2tui compare"), (["--pair=loss"], "--pair: only with one PATH")):
        with pytest.raises(SystemExit):
            main(["watch", *logs, *options])
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["{0}"], "2 to 12"),
        (["{0}", "{0}"], "2 to 12"),
        (["{0}", "nothing-like-that"], "no such run"),
        (["{0}:0.1", "{1}"], "no sweep"),
    ],
)
def test_what_cannot_be_compared_says_why(
    three: list[dict[str, Any]], capsys: Capture, names: list[str], words: str
) -> None:
    assert main(["compare", *(name.format(*(run["run"] for run in three)) for name in names)]) == 1
    assert words in capsys.readouterr().err
