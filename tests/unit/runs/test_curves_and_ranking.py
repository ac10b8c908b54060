"""Final values, λ at the best epoch and curves from pieces of the files, and ranks within one data set."""

import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from l2tui.overfitting import assess, evaluate
from l2tui.runs.curves import FINAL, POINTS, read_curves
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, Facts, RunSettings, SettingChanged, Started, Status
from l2tui.runs.info import RunInfo
from l2tui.runs.listing import list_runs
from l2tui.runs.ranking import matches, ordered, with_curves
from l2tui.runs.recorder import Recorder, write_run_settings
from l2tui.settings import Settings
from l2tui.training.records import EpochRecord, is_recorded

Loss = Callable[[int], float]


def _run(
    root: Path,
    name: str,
    *,
    epochs: int = 200,
    loss: Loss = lambda epoch: 0.3 + abs(epoch - 50) / 1000,
    changes: tuple[tuple[int, float, float], ...] = (),
    task: str = "classification",
    state: str = "finished",
    **settings: object,
) -> RunDirectory:
    run = RunDirectory(root / name)
    run.path.mkdir(parents=True)
    now = Settings(**{"epochs": epochs, "noise": 0.3, **settings})
    write_run_settings(run, RunSettings(settings=now, created="2024-05-01T12:00:00+00:00", versions={}))
    recorder = Recorder(run, EpochRecord._fields)
    events: list[AnyEvent] = [Started(epoch=0, step=0)]
    events += [SettingChanged(epoch=at, step=at, name="l2", old=old, new=new) for at, old, new in changes]
    shown = [epoch for epoch in range(epochs + 1) if is_recorded(epoch) or epoch == epochs]
    for epoch in shown:
        value, rest = loss(epoch), (math.pi,) * (len(EpochRecord._fields) - 8)
        recorder.add((epoch, epoch, 0.1, value / 2, value, 0.0, 1.0, 1.0 - value / 2, *rest))
    for event in events:
        recorder.event(event)
    every = range(epochs + 1)
    assessment = assess(evaluate("growing", every, [1.0] * len(every), map(loss, every)), 0.0)
    facts = Facts(task, (100, 200, 1000), (2, 64, 1))
    recorder.status(
        Status(state=state, pid=1, heartbeat=0.0, settings=now, epoch=epochs, assessment=assessment, facts=facts)
    )
    recorder.close()
    return run


def _listed(root: Path) -> dict[str, RunInfo]:
    return {info.name: info for info in with_curves(list_runs(root), root)}


@pytest.mark.parametrize("epochs", [0, 1, 3, 19, 20, 21, 200, 4096, 9000])
def test_the_final_values_are_means_over_the_last_twentieth_of_the_epochs(runs_root: Path, epochs: int) -> None:
    def loss(epoch: int) -> float:
        return 2.0 + math.sin(epoch) if epoch % 7 else 2.0

    run = _run(runs_root, "a", epochs=epochs, loss=loss)
    metrics = np.genfromtxt(run.metrics, delimiter=",", names=True)
    rows = np.atleast_1d(metrics)
    last = rows[rows["epoch"] > epochs - FINAL * epochs] if epochs else rows
    info = _listed(runs_root)["a"]
    assert info.final_val_loss == pytest.approx(last["val_loss"].mean(), rel=1e-12)
    assert info.final_val_accuracy == pytest.approx(last["val_accuracy"].mean(), rel=1e-12)


@pytest.mark.parametrize("epochs", [1, 30, 5000])
def test_the_curve_goes_through_the_run_from_its_start_to_its_end(runs_root: Path, epochs: int) -> None:
    _run(runs_root, "a", epochs=epochs, loss=lambda epoch: float(1 + epoch))
    (curve,) = read_curves(runs_root, [RunDirectory(runs_root / "a")]).values()
    assert len(curve.points) == POINTS
    assert (curve.points[0], curve.points[-1]) == (1.0, 1.0 + epochs)
    wanted = 1 + np.linspace(0, epochs, POINTS)
    assert np.abs(np.array(curve.points) - wanted).max() <= max(1.0, epochs / POINTS)


def test_the_best_loss_is_credited_to_the_l2_under_which_it_was_reached(runs_root: Path) -> None:
    # Best at epoch 50: λ went up to 0.003 before it and to 0.1 long after it.
    changes = ((20, 0.0, 0.003), (50, 0.003, 0.01), (150, 0.01, 0.1))
    _run(runs_root, "a", l2=0.1, changes=changes)
    info = _listed(runs_root)["a"]
    assert (info.best_epoch, info.best_l2, info.l2) == (50, 0.003, 0.1)


def test_a_change_after_the_best_epoch_leaves_its_l2_as_it_was(runs_root: Path) -> None:
    run = _run(runs_root, "a", l2=0.0)
    assert _listed(runs_root)["a"].best_l2 == 0.0
    # Paused, λ changes: not a row is added to the metrics.
    status = msgspec.json.decode(run.status.read_bytes(), type=Status)
    after = msgspec.structs.replace(status, settings=msgspec.structs.replace(status.settings, l2=0.5))
    recorder = Recorder(run, EpochRecord._fields)
    recorder.event(SettingChanged(epoch=200, step=200, name="l2", old=0.0, new=0.5))
    recorder.status(after)
    recorder.close()
    info = _listed(runs_root)["a"]
    assert (info.best_l2, info.l2) == (0.0, 0.5)


def test_what_was_remembered_of_a_run_ends_when_it_goes_on(runs_root: Path) -> None:
    run = _run(runs_root, "a")
    before = _listed(runs_root)["a"]
    assert _listed(runs_root)["a"] == before
    with run.metrics.open("ab") as file:
        file.write(b"201,201,0.1,9,9,0,1,0.5" + b",1" * 12 + b"\n")
    assert _listed(runs_root)["a"].final_val_loss > before.final_val_loss


@pytest.mark.parametrize("content", [b"", b"epoch,val", b"epoch,val_loss,val_accuracy\n", b"a\nb\n", b"\xff\n\n\n"])
def test_a_run_without_a_readable_row_is_listed_without_a_curve(runs_root: Path, content: bytes) -> None:
    run = _run(runs_root, "a")
    run.metrics.write_bytes(content)
    (runs_root / ".curves").write_bytes(content)
    info = _listed(runs_root)["a"]
    assert (info.final_val_loss, info.curve, info.rank) == (None, (), 0)


def test_a_torn_last_line_is_not_a_row(runs_root: Path) -> None:
    run = _run(runs_root, "a")
    whole = _listed(runs_root)["a"]
    with run.metrics.open("ab") as file:
        file.write(b"201,201,0.1,9,9")
    assert _listed(runs_root)["a"].final_val_loss == whole.final_val_loss


def test_runs_are_ranked_by_final_loss_among_those_on_the_same_data(runs_root: Path) -> None:
    for name, level, settings in (
        ("m1", 0.5, {"data": "moons"}),
        ("m2", 0.4, {"data": "moons", "seed": 7}),
        ("m3", 0.1, {"data": "moons", "noise": 0.1}),
        ("s1", 0.2, {"data": "sine", "task": "regression"}),
        ("t1", 0.3, {"data": "t.csv", "task": "regression"}),
        ("t2", 0.6, {"data": "t.csv", "task": "classification"}),
        ("x1", 0.2, {"data": "moons", "state": "diverged"}),
    ):
        # The lowest loss of all is that of m1, once: what counts is how it ended.
        _run(
            runs_root,
            name,
            loss=lambda epoch, name=name, level=level: 0.01 if name == "m1" and epoch == 9 else level,
            **settings,
        )
    runs = _listed(runs_root)
    assert {name: (info.rank, info.ranked) for name, info in runs.items()} == {
        "m1": (2, 2),
        "m2": (1, 2),
        "m3": (1, 1),
        "s1": (1, 1),
        "t1": (1, 1),
        "t2": (1, 1),
        "x1": (0, 2),
    }
    names = [info.name for info in ordered(runs.values(), "final")]
    assert names.index("m2") + 1 == names.index("m1") == names.index("x1") - 1


def test_each_word_of_a_filter_is_found_in_some_field(runs_root: Path) -> None:
    _run(runs_root, "20240101-moons-aaaa", l2=1e-3)
    _run(runs_root, "20240102-moons-bbbb", l2=1e-2)
    _run(runs_root, "20240103-wine-cccc", l2=1e-3, data="wine")
    _run(runs_root, "20240104-moons-dddd", l2=0.1, changes=((100, 0.001, 0.1),))
    runs = _listed(runs_root).values()

    def found(text: str) -> str:
        return "".join(sorted(info.name[-1] for info in runs if matches(info, text.lower().split())))

    assert found("moons 0.001") == "ad"
    assert found("0.001 moons 1e-3") == "ad"
    assert found("WINE finished") == "c"
    assert found("0.1") == "d"
    assert found("moons nothing") == ""
    assert found("") == "abcd"
