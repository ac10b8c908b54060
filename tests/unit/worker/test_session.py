"""The worker's loop in this process: commands come from the epochs themselves, so nothing depends on the clock."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from l2tui.errors import L2tuiError, RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    AnyCommand,
    BestRestored,
    Confirmed,
    Diverged,
    Failed,
    Finished,
    RestoreBest,
    SaveWeights,
    SettingChanged,
    SetValue,
    Started,
    Status,
    Stop,
)
from l2tui.runs.reader import RunReader
from l2tui.runs.recorder import Recorder
from l2tui.runs.stored import read_run_settings
from l2tui.settings import Settings
from l2tui.training.records import EpochEnd, EpochRecord
from l2tui.worker.control import send
from l2tui.worker.keeper import Keeper
from l2tui.worker.launch import new_run
from l2tui.worker.marks import STOP_AFTER_EPOCHS
from l2tui.worker.work import Outcome, work

BASE = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=40, learning_rate=0.3)


def _settings(**values: Any) -> Settings:
    return msgspec.structs.replace(BASE, **values)


def _work(settings: Settings, at: dict[int, AnyCommand] | None = None, **more: Any) -> tuple[RunDirectory, Outcome]:
    run = new_run(settings, **more)

    def on_epoch(end: EpochEnd) -> None:
        if at and end.epoch in at:
            send(run, at[end.epoch])

    return run, work(run, on_epoch=on_epoch)


def test_a_run_leaves_rows_events_status_and_weights() -> None:
    run, outcome = _work(BASE)
    snapshot = RunReader(run).poll()
    assert tuple(snapshot.columns) == EpochRecord._fields
    assert snapshot.column("epoch").tolist() == list(range(41))
    assert snapshot.column("step").tolist() == [4 * epoch for epoch in range(41)]
    assert snapshot.events[0] == Started(epoch=0, step=0)
    assert snapshot.events[-1] == outcome.last == Finished(epoch=40, step=160, reason="epochs")
    assert snapshot.status is not None
    assert (snapshot.status.state, snapshot.status.epoch, snapshot.status.step) == ("finished", 40, 160)
    assert snapshot.status.facts is not None
    assert snapshot.status.facts.rows == (64, 200, 1000)
    assert snapshot.status.facts.shape == (2, 8, 1)
    assert not snapshot.alive
    assert read_run_settings(run).fingerprint
    assert outcome.record is not None
    assert outcome.record.val_loss == snapshot.column("val_loss")[-1]


def test_no_epochs_record_the_untrained_network() -> None:
    run, outcome = _work(_settings(epochs=0))
    assert RunReader(run).poll().column("epoch").tolist() == [0]
    assert outcome.last == Finished(epoch=0, step=0, reason="epochs")
    with np.load(run.checkpoint, allow_pickle=False) as weights:
        assert not weights["b1"].any()
        assert weights["W1"].all()


def test_stop_ends_the_run_and_keeps_it() -> None:
    run, outcome = _work(_settings(epochs=10**9), {5: Stop()})
    assert isinstance(outcome.last, Finished)
    assert outcome.last.reason == "stopped"
    assert 5 <= outcome.last.epoch < 10**6
    assert run.checkpoint.exists()
    assert run.best.exists()


def test_settings_change_between_steps_and_nonsense_is_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    run = new_run(_settings(epochs=9_000_000))

    def on_epoch(end: EpochEnd) -> None:
        if end.epoch < len(commands):
            send(run, commands[end.epoch])
        elif end.record is not None and (end.record.l2, end.record.learning_rate) == (0.25, 0.01):
            send(run, SetValue("criterion", "up"))
            send(run, Stop())

    commands = [
        SetValue("l2", -1),
        SetValue("hidden", 9),
        SetValue("no such", 1),
        SetValue("l2", "many"),
        SetValue("l2", 0.0),
        SetValue("l2", 0.25),
        SetValue("learning_rate", "0.01"),
        SetValue("epochs", 10**6),
        SetValue("pace", None),
    ]
    work(run, on_epoch=on_epoch)
    snapshot = RunReader(run).poll()
    changes = [(e.name, e.old, e.new) for e in snapshot.events if isinstance(e, SettingChanged)]
    assert changes == [
        ("l2", 0.0, 0.25),
        ("learning_rate", 0.3, 0.01),
        ("epochs", 9_000_000, 10**6),
        ("criterion", BASE.criterion, "up"),
    ]
    assert snapshot.status is not None
    assert snapshot.status.settings.l2 == 0.25
    assert snapshot.status.settings.criterion == "up"
    assert snapshot.column("l2")[-1] == 0.25
    assert snapshot.column("learning_rate")[-1] == 0.01
    assert capsys.readouterr().out.count("ignored: ") == 4


def _overfitting(**values: Any) -> Settings:
    return _settings(hidden=32, epochs=10**6, learning_rate=0.5, noise=0.5, label_noise=0.2, **values)


def test_the_run_can_end_when_overfitting_is_confirmed() -> None:
    run, outcome = _work(_overfitting(stop_on_overfit=True), {20_000: Stop()})
    assert isinstance(outcome.last, Finished)
    assert outcome.last.reason == "overfitting"
    confirmed = [event for event in RunReader(run).poll().events if isinstance(event, Confirmed)]
    assert confirmed[-1].epoch == outcome.trainer.watch.confirmed_epoch
    assert confirmed[-1].onset_epoch == outcome.trainer.watch.best_epoch
    # The mark has stood for a while, and the weights are those of the best epoch.
    assert outcome.last.epoch == confirmed[-1].epoch + STOP_AFTER_EPOCHS
    np.testing.assert_array_equal(outcome.trainer.parameters.theta, outcome.trainer.best_theta)
    assert outcome.record is not None
    assert outcome.record.val_loss == outcome.trainer.watch.best_val_loss


def test_asking_to_end_at_overfitting_while_the_mark_is_up_ends_the_run() -> None:
    settings = _overfitting()
    run = new_run(settings)
    asked = []

    def on_epoch(end: EpochEnd) -> None:
        if end.epoch == 20_000:
            send(run, Stop())
        elif not asked and any(isinstance(event, Confirmed) for event in reader.poll().events):
            asked.append(end.epoch)
            send(run, SetValue("stop_on_overfit", True))

    reader = RunReader(run)
    outcome = work(run, on_epoch=on_epoch)
    assert asked
    assert outcome.last == Finished(epoch=outcome.last.epoch, step=outcome.last.step, reason="overfitting")


def test_best_weights_go_back_in() -> None:
    run, outcome = _work(_overfitting(), {300: RestoreBest(), 301: Stop()})
    restored = [event for event in RunReader(run).poll().events if isinstance(event, BestRestored)]
    assert len(restored) == 1
    assert restored[0].from_epoch < 300 <= restored[0].epoch
    assert outcome.trainer.watch.best_epoch is not None


def test_a_snapshot_holds_weights_of_its_step() -> None:
    run, _ = _work(_settings(epochs=10**9), {30: SaveWeights(), 31: Stop()})
    with np.load(run.weights, allow_pickle=False) as file:
        assert {name: file[name].shape for name in ("W1", "b1", "W2", "b2")} == {
            "W1": (2, 8),
            "b1": (8,),
            "W2": (8, 1),
            "b2": (1,),
        }
        assert int(file["epoch"]) >= 30
        assert int(file["epoch"]) * 4 <= int(file["step"]) < int(file["epoch"]) * 4 + 4


def test_a_snapshot_brings_the_best_weights_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2tui.worker.keeper.CHECKPOINT_SECONDS", 1e9)
    run = new_run(_settings(epochs=10**9))
    best: list[int] = []
    written: list[tuple[int, int]] = []

    def on_epoch(end: EpochEnd) -> None:
        if run.weights.exists():
            with np.load(run.best, allow_pickle=False) as file:
                written.append((int(file["epoch"]), best[-1]))
            send(run, Stop())
            run.weights.unlink()
        if end.record is not None:
            best.append(end.record.best_epoch)
        if end.epoch == 20:
            send(run, SaveWeights())

    work(run, on_epoch=on_epoch)
    (kept, known), *_ = written
    assert kept == known > 0


def test_the_last_epoch_is_recorded_however_the_run_ended() -> None:
    # From epoch 4,096 on, only every second one is recorded. One step an epoch brings a paused run to any of them.
    for last, command in ((4101, Stop()), (4103, SetValue("epochs", 4000)), (4104, Stop())):
        run = new_run(_settings(epochs=10**9, hidden=2, batch_size=64), paused=True)
        send(run, Advance(steps=last))

        def on_epoch(end: EpochEnd, run: RunDirectory = run, last: int = last, command: AnyCommand = command) -> None:
            if end.epoch == last:
                send(run, command)

        assert work(run, on_epoch=on_epoch).last.epoch == last
        epochs = RunReader(run).poll().column("epoch").tolist()
        assert epochs == [*range(4097), *range(4098, last, 2), last]


def test_divergence_ends_the_run_with_advice_and_finite_weights() -> None:
    run, outcome = _work(_settings(data="diabetes", noise=None, learning_rate=50.0))
    assert isinstance(outcome.last, Diverged)
    assert "learning rate" in outcome.last.advice
    snapshot = RunReader(run).poll()
    assert snapshot.events[-1] == outcome.last
    assert snapshot.status is not None
    assert "no longer finite" in snapshot.status.reason
    assert snapshot.status.assessment is not None
    assert snapshot.status.assessment.verdict == "diverged"
    for path in (run.checkpoint, run.best):
        with np.load(path, allow_pickle=False) as file:
            assert all(np.isfinite(file[name]).all() for name in ("W1", "b1", "W2", "b2"))
    assert np.isfinite(snapshot.column("val_loss")).all()


def test_decay_that_overshoots_is_named_as_the_reason() -> None:
    _, outcome = _work(_settings(l2=10.0, learning_rate=1.0))
    assert isinstance(outcome.last, Diverged)
    assert "λ" in outcome.last.advice


def test_a_paused_run_takes_steps_and_epochs() -> None:
    run = new_run(_settings(pace=0.01), paused=True)
    plan: list[tuple[Callable[[int, int], bool], AnyCommand]] = [
        (lambda epoch, step: step == 0, Advance(steps=3)),
        (lambda epoch, step: step == 4, Advance(steps=2)),
        (lambda epoch, step: step == 8, Stop()),
    ]

    def on_epoch(end: EpochEnd) -> None:
        if plan and plan[0][0](end.epoch, end.epoch * 4):
            send(run, plan.pop(0)[1])
            if end.epoch < 2:
                send(run, Advance(epoch=True))

    outcome = work(run, on_epoch=on_epoch)
    assert plan == []
    assert outcome.last == Finished(epoch=2, step=8 + outcome.trainer.step_in_epoch, reason="stopped")


def test_data_that_cannot_be_prepared_are_a_failure_in_words() -> None:
    run = new_run(_settings(data="wine", noise=None, train_size=500))
    with pytest.raises(L2tuiError, match="train_size"):
        work(run)
    snapshot = RunReader(run).poll()
    assert snapshot.status is not None
    assert snapshot.status.state == "failed"
    assert "train_size" in snapshot.status.reason
    assert isinstance(snapshot.events[-1], Failed)
    assert not snapshot.alive


def test_a_run_that_is_being_trained_is_left_alone() -> None:
    run = new_run(BASE)
    before = {path.name for path in run.path.iterdir()} | {run.lock.name}
    with run.locked(), pytest.raises(RunError, match="training it already"):
        work(run)
    assert {path.name for path in run.path.iterdir()} == before


def test_whoever_reads_that_an_epoch_is_done_finds_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Recorder.status
    seen = []

    def look_first(recorder: Recorder, status: Status) -> None:
        seen.append((status.epoch, int(RunReader(run).poll().column("epoch")[-1])))
        original(recorder, status)

    monkeypatch.setattr(Recorder, "status", look_first)
    run = new_run(_settings(epochs=3000))
    work(run)
    assert len(seen) > 1
    assert all(said == there for said, there in seen)


class Killed(BaseException):
    """Stands for a process that is no more: nothing but clearing up comes after it."""


LAST_WRITES = ("row", "checkpoint", "BestRestored", "Finished")


@pytest.mark.parametrize("last", LAST_WRITES)
def test_a_run_cut_off_while_it_stops_for_overfitting_stops_there_again(
    last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _overfitting(stop_on_overfit=True)
    whole, outcome = _work(settings)
    broken = new_run(settings)

    def cut_off(name: str) -> None:
        original = getattr(Keeper, name)

        def write(keeper: Keeper, *args: Any) -> None:
            original(keeper, *args)
            epochs = keeper.recorded
            if epochs == outcome.last.epoch and last in (name, type(args[0]).__name__):
                raise Killed

        monkeypatch.setattr(Keeper, name, write)

    for name in ("row", "checkpoint", "event"):
        cut_off(name)
    with pytest.raises(Killed):
        work(broken)
    monkeypatch.undo()
    again = work(broken)
    assert again.last == outcome.last
    np.testing.assert_array_equal(again.trainer.parameters.theta, outcome.trainer.parameters.theta)
    assert broken.events.read_bytes() == whole.events.read_bytes()
    columns = [name for name in EpochRecord._fields if name != "elapsed"]
    of_whole, of_broken = RunReader(whole).poll(), RunReader(broken).poll()
    for name in columns:
        np.testing.assert_array_equal(of_broken.column(name), of_whole.column(name))


def test_a_run_that_stopped_for_overfitting_goes_on_from_its_best_weights_when_asked() -> None:
    run, outcome = _work(_overfitting(stop_on_overfit=True))
    further = work(run)
    # Not the same mark again: it had stood for long enough before.
    assert further.last.epoch > outcome.last.epoch + STOP_AFTER_EPOCHS
    restored = [event for event in RunReader(run).poll().events if isinstance(event, BestRestored)]
    assert (restored[0].epoch, restored[0].from_epoch) == (outcome.last.epoch, outcome.trainer.watch.best_epoch)
