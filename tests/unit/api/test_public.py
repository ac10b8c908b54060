"""The public names: what is promised of them, and that the examples in the documentation run."""

import ast
import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

import l2tui
from l2tui.cli.watch import run as watch
from l2tui.errors import DataError, RunError, SettingsError
from l2tui.runs.events import Status
from l2tui.runs.listing import list_runs
from l2tui.runs.logs.log import LogReader
from l2tui.settings import Settings
from l2tui.worker.launch import new_run

ROOT = Path(__file__).parents[3]
LOGS = ROOT / "tests" / "logs"


@pytest.mark.parametrize("name", ["assessing", "running", "sweeping"])
def test_examples_in_docstrings_run(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"l2tui.api.{name}"))
    assert results.attempted
    assert results.failed == 0


def test_examples_in_the_documentation_run() -> None:
    results = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False)
    assert results.attempted > 10
    assert results.failed == 0


def test_types_are_declared_for_every_public_name_and_no_other() -> None:
    stub = ast.parse((ROOT / "l2tui" / "__init__.pyi").read_text())
    declared = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert declared | {"__version__"} == set(l2tui.__all__) == set(dir(l2tui))
    documented = (ROOT / "docs" / "api.md").read_text()
    for name in set(l2tui.__all__) - {"__version__"}:
        assert getattr(l2tui, name) is not None
        assert name in documented
    with pytest.raises(AttributeError, match="nonsense"):
        l2tui.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_loads_nothing_and_judging_loads_no_number_library() -> None:
    code = (
        "import json, sys; before = set(sys.modules); import l2tui; after = set(sys.modules)\n"
        "l2tui.Watch().update(1.0, 1.0); print(json.dumps([sorted(after - before), 'numpy' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    new, has_numpy = json.loads(done.stdout)
    assert {name for name in new if name.split(".")[0] not in ("importlib", "warnings")} == {"l2tui"}
    assert not has_numpy


def test_the_function_answers_to_the_name_that_the_package_has() -> None:
    importlib.import_module("l2tui.sweep.grid")
    with pytest.raises(SettingsError, match="at least two"):
        l2tui.sweep("moons", l2=[0.1])


@pytest.mark.parametrize(
    "name",
    ["keras.csv", "keras-validation-freq.csv", "lightning-step-and-epoch.csv", "lightning-header-rewritten.csv"],
)
def test_it_judges_as_the_log_does(name: str) -> None:
    snapshot = LogReader(LOGS / name).poll()
    assert snapshot.status is not None
    epochs, train, val = (snapshot.column(name) for name in ("epoch", "train_loss", "val_loss"))
    assert l2tui.assess(train, val, epochs=epochs.astype(int)) == snapshot.status.assessment
    # The same with the epochs in between, in which there was no validation.
    losses = dict(zip(epochs.astype(int).tolist(), zip(train.tolist(), val.tolist(), strict=True), strict=True))
    every = [losses.get(epoch, (None, None)) for epoch in range(int(epochs[-1]) + 1)]
    assert l2tui.assess(*zip(*every, strict=True)) == snapshot.status.assessment


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is longer"):
        l2tui.assess([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="epoch: expected a number above 1, the epoch before, got 1"):
        l2tui.assess([1.0, 1.0], [1.0, 1.0], epochs=[1, 1])
    with pytest.raises(SettingsError, match="criterion"):
        l2tui.Watch("often")  # type: ignore[arg-type]
    nothing = l2tui.assess([], [])
    assert (nothing.verdict, nothing.best_epoch) == ("waiting", None)


def test_a_loss_that_is_lost_is_a_divergence_also_without_a_validation() -> None:
    watch = l2tui.Watch()
    watch.update(1.0, 1.0)
    assert watch.update(float("nan"), None).verdict == "diverged"


def test_a_table_of_ones_own_is_trained_on_and_predicted_from_anything(tmp_path: Path) -> None:
    import polars as pl

    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    frame = pl.DataFrame({"width": x[:, 0], "height": x[:, 1], "price": x @ [2.0, -1.0] + 10})
    frame.write_csv(tmp_path / "houses.csv")
    run = l2tui.train(tmp_path / "houses.csv", target="price", epochs=30, run_dir=tmp_path / "run", seed=2)
    assert run.path == tmp_path / "run"
    assert run.settings.table is not None
    by_file = run.predict(tmp_path / "houses.csv")["price"]
    assert len(by_file) == 60
    np.testing.assert_array_equal(run.predict(frame)["price"], by_file)
    np.testing.assert_array_equal(run.predict({name: frame[name] for name in ("height", "width")})["price"], by_file)
    np.testing.assert_allclose(run.predict(x)["price"], by_file)
    with pytest.raises(DataError, match="expected 2 columns, width, height; got 3"):
        run.predict(np.zeros((1, 3)))


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="l2"):
        l2tui.train("moons", l2=-1)
    with pytest.raises(SettingsError, match="lambda"):
        l2tui.train("moons", **{"lambda": 1})
    with pytest.raises(l2tui.L2tuiError, match="did you mean"):
        l2tui.train("mons")
    with pytest.raises(RunError, match="no such run"):
        l2tui.load("nothing")


def test_the_verdict_is_the_one_that_watch_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = l2tui.train("moons", epochs=40, l2=0, run_dir=tmp_path / "run")
    assert watch([str(tmp_path / "run"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)["assessment"]
    assert run.assessment is not None
    assert (run.assessment.verdict, run.assessment.best_val_loss) == (printed["verdict"], printed["best_val_loss"])


def test_a_run_goes_where_it_is_told_to_also_below_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert l2tui.train("moons", epochs=1, run_dir="~/run").path == tmp_path / "run"


def test_the_state_of_a_run_is_the_one_in_the_list(runs_root: Path) -> None:
    run = l2tui.Run(new_run(Settings(epochs=2)))
    ended = Status(state="finished", pid=1, heartbeat=0.0, epoch=2, settings=run.settings)
    for status, state in (
        (ended, "finished"),
        (replace(ended, epoch=1), "stopped"),
        # The last word of a worker that was killed.
        (replace(ended, state="running"), "interrupted"),
    ):
        (run.path / "status.json").write_bytes(msgspec.json.encode(status))
        assert run.state == state
        assert [info.state for info in list_runs(runs_root)] == [state]


USER = """
import l2tui
from l2tui import Assessment, Run, SweepView, Watch

found: Assessment = l2tui.assess([1.0, None], [1.0, 2.0])
verdict: str = Watch("gl").update(1.0, 2.0).verdict
run: Run = l2tui.train("moons", l2=0.1)
sweep: SweepView = l2tui.sweep("moons")
"""


@pytest.mark.slow
def test_types_are_of_use_to_whoever_checks_strictly(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(USER)
    wrong.write_text("import l2tui\nl2tui.assess(1)\nl2tui.nonsense\n")
    common = ["--strict", "--no-incremental", "--follow-imports=silent"]
    assert mypy.run([*common, str(right)])[2] == 0, mypy.run([*common, str(right)])[0]
    told = mypy.run([*common, str(wrong)])[0]
    assert "Missing positional argument" in told
    assert 'no attribute "nonsense"' in told
