"""What is compared, read from files: runs as they grow, go back and are cut short, and logs."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from l2tui.errors import RunError
from l2tui.overfitting import Watch, assess
from l2tui.runs.curve import write_losses
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, SettingChanged, Status
from l2tui.runs.recorder import Recorder, write_run_settings
from l2tui.runs.subjects import LogSource, RunSource
from l2tui.settings import Settings, changed

SETTINGS = Settings(data="moons", noise=0.3, epochs=9)
COLUMNS = ("epoch", "train_loss", "val_loss", "val_accuracy", "w1_norm")


def losses(epochs: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    epoch = np.arange(epochs + 1.0)
    return 1 / (1 + epoch), 2 / (1 + epoch) + shift


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    run = RunDirectory(tmp_path / "20240101-000000-moons-aaaa")
    run.path.mkdir()
    write_run_settings(run, RunSettings(settings=SETTINGS, created="", versions={}, fingerprint="moons"))
    write(run, 3)
    return run


def write(run: RunDirectory, epoch: int, *, pid: int = 1, shift: float = 0.0, state: str = "running") -> None:
    """Writes the files of a run after an epoch."""
    train, val = losses(epoch, shift)
    write_losses(run, [(train, val)])
    rows = [",".join(COLUMNS), *(f"{k},{train[k]!r},{val[k]!r},0.5,{k}" for k in range(epoch + 1))]
    run.metrics.write_text("\n".join(rows).replace("np.float64(", "").replace(")", "") + "\n")
    status = Status(state=state, pid=pid, heartbeat=0.0, settings=SETTINGS, epoch=epoch)
    run.status.write_bytes(msgspec.json.encode(status))


def test_a_run_is_read_as_it_grows_and_stays_the_same_object_meanwhile(run: RunDirectory) -> None:
    source = RunSource(run, "aaaa")
    first = source.poll()
    assert source.poll() is first
    assert first.epoch == 3
    write(run, 7)
    then = source.poll()
    assert then.epochs.tolist() == list(range(8))
    assert then.val.tolist() == losses(7)[1].tolist()
    assert first.val.tolist() == losses(3)[1].tolist(), "what was handed out stays as it was"
    assert then.figures == {"val_accuracy": 0.5, "w1_norm": 7.0}
    assert then.fingerprint == "moons"


def test_what_a_worker_has_not_finished_is_not_read(run: RunDirectory) -> None:
    write_losses(run, [losses(5)])
    assert RunSource(run, "aaaa").poll().epoch == 3


def test_after_a_resume_with_another_lambda_nothing_old_is_left(run: RunDirectory) -> None:
    source = RunSource(run, "aaaa")
    write(run, 8)
    assert source.poll().epoch == 8
    write(run, 8, pid=2, shift=0.5)
    assert source.poll().val.tolist() == losses(8, 0.5)[1].tolist()


def test_without_the_file_of_every_epoch_the_records_are_read(run: RunDirectory) -> None:
    run.curve.unlink()
    subject = RunSource(run, "aaaa").poll()
    assert subject.epochs.tolist() == [0, 1, 2, 3]
    assert subject.val.tolist() == losses(3)[1].tolist()


def test_changes_on_the_way_are_told(run: RunDirectory) -> None:
    recorder = Recorder(run, COLUMNS)
    recorder.event(SettingChanged(epoch=1, step=3, name="l2", old=0.0, new=1e-4))
    recorder.event(SettingChanged(epoch=2, step=6, name="l2", old=1e-4, new=1e-3))
    recorder.close()
    subject = RunSource(run, "aaaa").poll()
    assert subject.history == {"l2": (0.0, 1e-4, 1e-3)}
    assert subject.steered


def test_a_new_lambda_in_the_status_is_the_one_in_force(run: RunDirectory) -> None:
    status = Status(state="running", pid=1, heartbeat=0.0, settings=changed(SETTINGS, l2=0.1), epoch=3)
    run.status.write_bytes(msgspec.json.encode(status))
    settings = RunSource(run, "aaaa").poll().settings
    assert settings is not None
    assert settings.l2 == 0.1


def test_a_verdict_that_held_only_until_an_epoch_is_not_that_of_the_run(run: RunDirectory) -> None:
    watch = Watch.start("growing")
    for epoch in range(170):
        watch = watch.update(epoch, 0.99**epoch, 0.25 + 0.0024 * abs(epoch - 100) if epoch < 160 else 0.2)
    said = assess(watch, 0.0)
    assert (said.verdict, said.until) == ("overfitting", 160)
    status = Status(state="running", pid=1, heartbeat=0.0, settings=SETTINGS, epoch=3, assessment=said)
    run.status.write_bytes(msgspec.json.encode(status))
    assert RunSource(run, "aaaa").poll().verdict == "learning"


def test_a_run_that_is_gone_says_so(run: RunDirectory) -> None:
    source = RunSource(run, "aaaa")
    source.poll()
    for file in run.path.iterdir():
        file.unlink()
    run.path.rmdir()
    with pytest.raises(RunError, match="gone"):
        source.poll()


def test_a_log_is_followed_and_may_come_later(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    source = LogSource(log)
    assert source.poll().epoch is None
    log.write_text("epoch,loss,val_loss\n0,1.0,1.1\n1,0.5,0.9\n2,0.4,1.0\n")
    subject = source.poll()
    assert (subject.kind, subject.epoch, subject.best_epoch) == ("log", 2, 1)
    assert subject.at("val", 1).value == 0.9
    assert subject.settings is None
