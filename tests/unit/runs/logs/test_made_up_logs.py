"""Other programs' logs: what Keras and Lightning write, and what can go wrong with a file that somebody else writes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.errors import RunError
from l2tui.overfitting.watch import evaluate
from l2tui.runs.logs.log import LogReader
from l2tui.settings import Settings

KERAS = "epoch,accuracy,loss,val_accuracy,val_loss\n"
LIGHTNING = "epoch,step,train_loss_epoch,train_loss_step,val_loss\n"


def _log(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    return path


def test_keras(tmp_path: Path) -> None:
    log = _log(tmp_path, KERAS + "0,0.5,0.9,0.5,0.8\n1,0.6,0.7,0.6,0.75\n")
    snapshot = LogReader(log).poll()
    assert snapshot.column("epoch").tolist() == [0, 1]
    assert snapshot.column("train_loss").tolist() == [0.9, 0.7]
    assert snapshot.column("val_loss").tolist() == [0.8, 0.75]


def test_lightning_writes_train_and_val_in_rows_of_their_own(tmp_path: Path) -> None:
    rows = "0,4,,0.95,\n0,9,,0.9,\n0,9,,,0.8\n0,9,0.91,,\n1,14,,0.6,\n1,19,,,0.7\n1,19,0.62,,\n"
    snapshot = LogReader(_log(tmp_path, LIGHTNING + rows)).poll()
    assert snapshot.column("epoch").tolist() == [0, 1]
    assert snapshot.column("train_loss").tolist() == [0.91, 0.62]
    assert snapshot.column("val_loss").tolist() == [0.8, 0.7]


def test_a_gap_is_no_divergence_but_nan_is(tmp_path: Path) -> None:
    gap = LogReader(_log(tmp_path, KERAS + "0,,0.9,,0.8\n1,,,,0.7\n2,,0.5,,0.6\n")).poll()
    assert gap.status is not None
    assert gap.status.assessment is not None
    assert gap.status.assessment.verdict == "waiting"
    # The last train_loss stands beside a val_loss that came alone; an epoch without one is not judged.
    assert gap.column("train_loss").tolist() == [0.9, 0.9, 0.5]
    diverged = LogReader(_log(tmp_path, KERAS + "0,,0.9,,0.8\n1,,nan,,nan\n")).poll()
    assert diverged.status is not None
    assert diverged.status.assessment is not None
    assert diverged.status.assessment.verdict == "diverged"


losses = st.lists(st.tuples(st.floats(0.01, 10), st.floats(0.01, 10)), min_size=1, max_size=60)


@given(curve=losses, cuts=st.lists(st.integers(0, 4000), max_size=8))
def test_however_it_grows_the_verdict_is_that_of_the_whole_curve(
    tmp_path_factory: pytest.TempPathFactory, curve: list[tuple[float, float]], cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    data = (KERAS + "".join(f"{i},,{train!r},,{val!r}\n" for i, (train, val) in enumerate(curve))).encode()
    reader = LogReader(path)
    for cut in sorted(cuts):
        # A line that is still being written is no line yet.
        with path.open("ab") as file:
            file.write(data[file.tell() : cut])
        reader.poll()
    with path.open("ab") as file:
        file.write(data[file.tell() :])
    snapshot = reader.poll()
    train, val = zip(*curve, strict=True)
    expected = evaluate(Settings().criterion, range(len(curve)), train, val)
    assert snapshot.column("val_loss").tolist() == list(val)
    assert snapshot.status is not None
    found = snapshot.status.assessment
    assert found is not None
    assert (found.best_epoch, found.onset_epoch, found.confirmed_epoch) == (
        expected.best_epoch,
        expected.onset_epoch,
        expected.confirmed_epoch,
    )


def test_a_log_that_was_truncated_or_replaced_is_read_anew(tmp_path: Path) -> None:
    log = _log(tmp_path, KERAS + "0,,0.9,,0.8\n1,,0.8,,0.7\n2,,0.7,,0.6\n")
    reader = LogReader(log)
    assert len(reader.poll()) == 3
    log.write_text(KERAS + "0,,5,,6\n")
    assert reader.poll().column("val_loss").tolist() == [6]
    other = tmp_path / "other.csv"
    other.write_text(KERAS + "".join(f"{i},,1,,{i}\n" for i in range(9)))
    other.replace(log)
    assert len(reader.poll()) == 9


def test_columns_of_any_name_can_be_given(tmp_path: Path) -> None:
    log = _log(tmp_path, "epoch,mine,yours\n0,1,2\n1,0.5,1.5\n")
    snapshot = LogReader(log, train_column="mine", val_column="yours").poll()
    assert snapshot.column("train_loss").tolist() == [1, 0.5]
    with pytest.raises(RunError, match=r"there are epoch, mine, yours; name them with --train-column"):
        LogReader(log).poll()
    with pytest.raises(RunError, match="no column 'his'"):
        LogReader(log, train_column="mine", val_column="his").poll()


def test_without_epochs_rows_are_counted(tmp_path: Path) -> None:
    snapshot = LogReader(_log(tmp_path, "loss,val_loss\n1,2\n0.5,1.5\n")).poll()
    assert snapshot.column("epoch").tolist() == [1, 2]
    assert snapshot.log is not None
    assert snapshot.log.x == "row"


@pytest.mark.parametrize("junk", [b"\x00\xff\xfe garbage \x80", b"\n\n\n", b'"unclosed\nx,y\n', b",,,,\n,,,\n"])
def test_junk_gives_a_word_or_nothing_and_never_a_crash(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(junk)
    rows, words = 0, ""
    try:
        rows = len(LogReader(path).poll())
    except RunError as error:
        words = str(error)
    assert rows == 0
    assert not words or str(path) in words
