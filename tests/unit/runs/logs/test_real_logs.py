"""Logs that the real libraries wrote, in the versions that tests/logs/versions.json names."""

import json
import math
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from l2tui.cli.watch import run
from l2tui.errors import L2tuiError, RunError
from l2tui.runs.logs.columns import choose
from l2tui.runs.logs.content import PipeContent
from l2tui.runs.logs.curve import LogCurve, Point
from l2tui.runs.logs.judge import Judge
from l2tui.runs.logs.log import LogReader
from l2tui.runs.logs.tensorboard import EventFile
from l2tui.runs.reader import Snapshot
from tests.logs.truth import CASES, LOGS, TRUTH, values


@pytest.mark.parametrize("name", CASES)
def test_the_best_is_the_true_minimum_of_the_file(name: str) -> None:
    x, count, train, val = CASES[name]
    snapshot = LogReader(LOGS / name).poll()
    assert snapshot.log is not None
    assert (snapshot.log.x, snapshot.log.train, snapshot.log.val) == (x, train, val)
    truth = values(name, val)
    assert snapshot.column("val_loss").tolist() == truth
    assert len(truth) == count
    losses = snapshot.column("train_loss")
    assert set(losses[~np.isnan(losses)].tolist()) <= set(values(name, train))
    assert snapshot.status is not None
    assessment = snapshot.status.assessment
    assert assessment is not None
    assert assessment.best_val_loss == min(truth)
    # Where a new training was appended, it is the one that is judged.
    began = max((int(np.searchsorted(snapshot.column("epoch"), x)) for x in snapshot.log.restarts), default=0)
    assert assessment.best_epoch == snapshot.column("epoch")[truth.index(min(truth), began)]


@pytest.mark.parametrize("name", CASES)
def test_followed_from_its_first_byte_it_is_judged_as_at_once(name: str, tmp_path: Path) -> None:
    data = (LOGS / name).read_bytes()
    path = tmp_path / name
    reader = LogReader(path)
    assert reader.poll().log is not None
    for end in (*range(0, len(data), max(1, len(data) // 40)), len(data)):
        path.write_bytes(data[:end])
        reader.poll()
    live, once = reader.poll(), LogReader(LOGS / name).poll()
    assert live.status == once.status
    assert live.log == once.log
    for column, expected in once.columns.items():
        np.testing.assert_array_equal(live.column(column), expected)


@pytest.mark.parametrize("name", CASES)
def test_words_fit_a_trainer_that_has_no_key_here(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(LOGS / name), "--once"]) == 0
    shown = capsys.readouterr().out
    assert CASES[name][0] in shown
    assert "λ" not in shown
    assert "Diverged" not in shown


@pytest.mark.parametrize("name", ["lightning.tfevents", "huggingface.tfevents", "torch.tfevents"])
def test_event_files_hold_what_tensorboard_reads(name: str) -> None:
    events = EventFile()
    events.feed((LOGS / name).read_bytes())
    found: dict[str, list[list[float]]] = {}
    for row in events.rows:
        for tag, value in row.items():
            if tag in TRUTH[name]:
                found.setdefault(tag, []).append([row["step"], value])
    assert found == TRUTH[name]


def test_a_damaged_record_and_all_behind_it_are_not_read() -> None:
    data = bytearray((LOGS / "torch.tfevents").read_bytes())
    whole, damaged = EventFile(), EventFile()
    whole.feed(bytes(data))
    data[len(data) // 2] ^= 1
    damaged.feed(bytes(data))
    assert 0 < len(damaged.rows) < len(whole.rows)
    assert damaged.rows == whole.rows[: len(damaged.rows)]


def test_a_log_without_validation_is_no_divergence() -> None:
    snapshot = LogReader(LOGS / "keras-no-validation.csv").poll()
    assert snapshot.column("train_loss").tolist() == values("keras-no-validation.csv", "loss")
    assert snapshot.status is not None
    assert snapshot.status.assessment is not None
    assert snapshot.status.assessment.verdict == "waiting"
    assert "no validation loss" in snapshot.status.assessment.evidence


def _appended(tmp_path: Path, losses: list[tuple[float, float]]) -> Snapshot:
    rows = [f"{epoch},{train},{val}" for epoch, (train, val) in enumerate(losses)]
    path = tmp_path / "k.csv"
    # Keras with append=True counts from 0 again.
    again = [f"{epoch},{row.partition(',')[2]}" for epoch, row in enumerate(rows[20:])]
    path.write_text("\n".join(["epoch,loss,val_loss", *rows[:20], *again]) + "\n")
    return LogReader(path).poll()


def test_a_new_training_in_the_same_log_is_judged_by_itself() -> None:
    snapshot = LogReader(LOGS / "keras-append.csv").poll()
    assert snapshot.log is not None
    assert snapshot.log.restarts == (26,)
    assert snapshot.status is not None
    found = snapshot.status.assessment
    assert found is not None
    assert found.evidence.endswith("a new training since row 26")
    # The real file holds the same training twice.
    lines = (LOGS / "keras-append.csv").read_text().splitlines()
    assert lines[1:26] == lines[26:]
    once = Judge("growing").judge(LogCurve("row", _points("keras-append.csv")[:25]))
    assert (found.verdict, found.best_val_loss) == (once.verdict, once.best_val_loss)
    assert found.best_epoch == (once.best_epoch or 0) + 25
    assert found.confirmed_epoch == (once.confirmed_epoch or 0) + 25


def test_a_training_that_goes_on_keeps_its_best_where_epochs_count_anew(tmp_path: Path) -> None:
    losses = [(0.9**epoch, 0.5 + (epoch - 12) ** 2 / 500) for epoch in range(40)]
    snapshot = _appended(tmp_path, losses)
    assert snapshot.status is not None
    found = snapshot.status.assessment
    assert found is not None
    assert found.evidence.endswith("epochs count anew at row 21")
    assert (found.best_epoch, found.verdict) == (13, "overfitting")


def test_a_new_training_after_a_divergence_is_not_diverged(tmp_path: Path) -> None:
    losses = [(1.0, 1.0)] * 19 + [(math.nan, math.nan)] + [(1 - epoch / 50, 1 - epoch / 60) for epoch in range(20)]
    snapshot = _appended(tmp_path, losses)
    assert snapshot.status is not None
    assert snapshot.status.assessment is not None
    assert snapshot.status.assessment.verdict == "learning"


def _points(name: str) -> list[Point]:
    _, _, train, val = CASES[name]
    return [Point(row, *pair) for row, pair in enumerate(zip(values(name, train), values(name, val), strict=True), 1)]


def test_a_header_that_is_written_anew_when_val_loss_first_appears(tmp_path: Path) -> None:
    header, *lines = (LOGS / "lightning-header-rewritten.csv").read_text().splitlines()
    path = tmp_path / "metrics.csv"
    first = next(place for place, line in enumerate(lines) if not line.endswith(","))
    # As Lightning writes it before there is a val_loss: a column less.
    path.write_text("\n".join([header.removesuffix(",val_loss"), *(line[:-1] for line in lines[:first])]) + "\n")
    reader = LogReader(path)
    early = reader.poll()
    assert early.column("train_loss").tolist() == [float(line.split(",")[2]) for line in lines[:first]]
    shutil.copyfile(LOGS / "lightning-header-rewritten.csv", path)
    assert reader.poll().column("val_loss").tolist() == values("lightning-header-rewritten.csv", "val_loss")


def test_a_folder_is_its_newest_log(tmp_path: Path) -> None:
    for step in ("90", "100"):
        checkpoint = tmp_path / f"checkpoint-{step}"
        checkpoint.mkdir()
        shutil.copyfile(LOGS / "trainer_state.json", checkpoint / "trainer_state.json")
    assert len(LogReader(tmp_path).poll()) == 35
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="with a log; read are CSV, TSV"):
        LogReader(tmp_path / "empty").poll()


def test_event_files_in_a_folder_a_part_are_one_log() -> None:
    snapshot = LogReader(LOGS / "tensorboard-folders").poll()
    assert snapshot.log is not None
    assert (snapshot.log.train, snapshot.log.val) == ("train/epoch_loss", "validation/epoch_loss")
    # The same training wrote both parts into one file as well.
    for name, tag in (("train_loss", "Loss/train"), ("val_loss", "Loss/val")):
        assert snapshot.column(name).tolist() == values("torch.tfevents", tag)


def test_of_several_pairs_one_is_to_be_chosen() -> None:
    yolo = dict.fromkeys(["epoch", "train/box_loss", "train/cls_loss", "val/box_loss", "val/cls_loss"], 9)
    with pytest.raises(ValueError, match=r"several pairs of losses: box_loss .* choose one with --pair"):
        choose(yolo)
    assert choose(yolo, pair="Box Loss") == ("train/box_loss", "val/box_loss")
    assert choose(yolo, train="TRAIN/CLS LOSS") == ("train/cls_loss", "val/cls_loss")
    with pytest.raises(ValueError, match="did you mean train/cls_loss"):
        choose(yolo, train="train/cls_los", val="val/cls_loss")


@pytest.mark.parametrize("how", ["--once", "--json"])
def test_what_is_printed_at_once_names_the_pairs_there_are(how: str, tmp_path: Path) -> None:
    log = tmp_path / "results.csv"
    log.write_text("epoch,train/box_loss,train/cls_loss,val/box_loss,val/cls_loss\n0,1,2,3,4\n")
    with pytest.raises(L2tuiError, match="several pairs of losses: box_loss, cls_loss; choose one with --pair"):
        run([str(log), how])
    assert run([str(log), how, "--pair", "cls_loss"]) == 0


@pytest.mark.parametrize(
    ("fail_on", "status"), [("overfitting", 4), ("plateau,overfitting", 4), ("diverged", 0), (None, 0)]
)
def test_the_gate(fail_on: str | None, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    gate = [] if fail_on is None else ["--fail-on", fail_on]
    assert run([str(LOGS / "keras.csv"), "--json", *gate]) == status
    assert json.loads(capsys.readouterr().out)["schema"] == 1


def test_every_key_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(LOGS / "keras.csv"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    documented = (LOGS.parents[1] / "docs" / "json.md").read_text()
    for key in (*printed, *printed["assessment"], *printed["log"]):
        assert f"`{key}`" in documented


def test_what_is_wrong_with_a_log_is_said_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,speed\n0,1\n1,2\n")
    reader = LogReader(path)
    for _ in range(3):
        with pytest.raises(RunError, match="no loss has a known name"):
            reader.poll()
    shutil.copyfile(LOGS / "keras.csv", path)
    assert len(reader.poll()) == 40
    for _ in range(3):
        path.write_text('epoch,loss\n0,"1"2\n')
        with pytest.raises(RunError, match="not a log that can be read"):
            reader.poll()
    path.write_text('epoch,loss\n0,"1"2\n1,2\n')
    with pytest.raises(RunError, match="not a log that can be read"):
        reader.poll()
    shutil.copyfile(LOGS / "keras.csv", path)
    assert len(reader.poll()) == 40


def test_named_columns_count_in_a_folder_too(tmp_path: Path) -> None:
    shutil.copyfile(LOGS / "keras.csv", tmp_path / "metrics.csv")
    snapshot = LogReader(tmp_path, train_column="mae", val_column="VAL MAE").poll()
    assert snapshot.column("val_loss").tolist() == values("keras.csv", "val_mae")


def test_a_pipe_is_read_to_its_end() -> None:
    source, sink = os.pipe()
    content = PipeContent(source)
    reader = LogReader(Path("-"), content=content)
    early = reader.poll()
    assert early.log is not None
    assert early.log.waits == "nothing has come yet"
    with os.fdopen(sink, "wb") as file:
        file.write((LOGS / "keras.tsv").read_bytes())
    content.wait()
    os.close(source)
    assert reader.poll().column("val_loss").tolist() == values("keras.tsv", "val_loss")


def test_a_verdict_that_there_is_not_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run([str(LOGS / "keras.csv"), "--once", "--fail-on", "overfiting"])
    assert "did you mean overfitting" in capsys.readouterr().err


def test_a_log_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "log.csv")
    absent = reader.poll()
    assert absent.log is not None
    assert "not there yet" in absent.log.waits
    (tmp_path / "log.csv").write_text("epoch,loss,val_loss\n")
    begun = reader.poll()
    assert begun.log is not None
    assert "no losses" in begun.log.waits
    shutil.copyfile(LOGS / "keras.csv", tmp_path / "log.csv")
    assert len(reader.poll()) == 40


@pytest.mark.parametrize("name", CASES)
def test_a_mark_that_is_up_is_not_called_learning(name: str) -> None:
    status = LogReader(LOGS / name).poll().status
    assert status is not None
    assert status.assessment is not None
    assert (status.assessment.onset_epoch is None) == (status.assessment.verdict != "overfitting")
