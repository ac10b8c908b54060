"""Runs that a version wrote which measured less: they are read, resumed and keep their form."""

import csv
import math

import msgspec
import pytest

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.records import EpochRecord, is_measured
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

SETTINGS = Settings(data="wine", train_size=80, hidden=8, label_noise=0.2, l2=1e-3, epochs=40)
OLD = EpochRecord._fields[: EpochRecord._fields.index("b1_norm")]
NEW = EpochRecord._fields[len(OLD) :]


def rows_of(run: RunDirectory) -> list[list[str]]:
    rows = list(csv.reader(run.metrics.read_text().splitlines()))
    clock = rows[0].index("elapsed")
    return [row[:clock] + row[clock + 1 :] for row in rows]


def age(run: RunDirectory) -> None:
    """Takes out of the metrics what earlier versions did not write, and has the checkpoint point at their end."""
    import numpy as np

    rows = list(csv.reader(run.metrics.read_text().splitlines()))
    text = "".join(",".join(row[: len(OLD)]) + "\n" for row in rows)
    run.metrics.write_text(text)
    arrays = dict(np.load(run.checkpoint))
    state = msgspec.json.decode(arrays["state"].tobytes())
    state["session"] = {**state["session"], "metrics": len(text), "row": None}
    for name in ("window_step", "measured", "summed_rows", "summed_scale", "summed_squares"):
        del state[name]
    arrays["state"] = np.frombuffer(msgspec.json.encode(state), np.uint8)
    np.savez(run.checkpoint, **{name: array for name, array in arrays.items() if name not in LATER})


LATER = ("gradient_sum", "window_start")


def test_an_older_run_goes_on_in_its_own_form_with_the_same_bits() -> None:
    run, whole = new_run(SETTINGS), new_run(SETTINGS)
    work(run, epochs=23)
    age(run)
    assert not RunReader(run).poll().column("sensitivity").size
    work(run, epochs=40)
    work(whole)
    assert rows_of(run)[0] == [name for name in OLD if name != "elapsed"]
    assert rows_of(run) == [row[: len(OLD) - 1] for row in rows_of(whole)]


def test_a_newer_form_is_refused_in_one_line() -> None:
    run = new_run(SETTINGS)
    work(run, epochs=5)
    header, rest = run.metrics.read_text().split("\n", 1)
    run.metrics.write_text(header.replace("wrong_right", "wrong_rigth") + "\n" + rest)
    with pytest.raises(RunError, match="a newer version wrote the column 'wrong_rigth'"):
        work(run, epochs=9)


@pytest.mark.parametrize("stop", [21, 22, 32])
def test_the_last_row_is_measured_and_no_longer_once_the_run_goes_on(stop: int) -> None:
    run, whole = new_run(SETTINGS), new_run(SETTINGS)
    work(run, epochs=stop)
    snapshot = RunReader(run).poll()
    assert all(not math.isnan(snapshot.column(name)[-1]) for name in NEW)
    # Without more epochs it stays as it is.
    before = rows_of(run)
    work(run, epochs=stop)
    assert rows_of(run) == before
    work(run, epochs=40)
    work(whole)
    assert rows_of(run) == rows_of(whole)
    column = RunReader(run).poll().column("sensitivity")
    assert [math.isnan(value) for value in column] == [not is_measured(epoch) for epoch in range(40)] + [False]


def test_wrong_labels_are_in_the_status() -> None:
    run = new_run(SETTINGS)
    work(run, epochs=2)
    facts = RunReader(run).poll().status.facts
    assert facts.wrong_labels == 16
    assert facts.uninformed_loss == pytest.approx(math.log(3), abs=0.05)
