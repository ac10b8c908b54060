"""From a run directory to a trained network: what a worker process, or headless training, does with it."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from l2tui.data.preparation import encode_preparation
from l2tui.data.prepare import prepare
from l2tui.errors import L2tuiError, RunError
from l2tui.nn.network import loss_for, uninformed_loss
from l2tui.overfitting.verdict import Known
from l2tui.runs.curve import CurveFile
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Diverged, Facts, Failed, Finished, RunSettings, Status
from l2tui.runs.recorder import Recorder, check_columns, cut_back, write_run_settings
from l2tui.runs.siblings import siblings
from l2tui.runs.stored import data_changed, known_status, read_run_settings
from l2tui.training.checkpoint import load_checkpoint
from l2tui.training.records import EpochEnd, EpochRecord
from l2tui.training.trainer import Trainer
from l2tui.worker.keeper import Keeper, Kept
from l2tui.worker.log import say
from l2tui.worker.manners import give_back_memory
from l2tui.worker.meter import Meter
from l2tui.worker.session import Session


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        last: Its last event.
        trainer: The trainer in its final state.
        record: The record at the final weights, None where not a single epoch was finite.
        elapsed: Seconds of training.
        known: How other runs ended that differ in λ alone.
        wrong_labels: Rows of the training part whose label was flipped.
    """

    last: Finished | Diverged
    trainer: Trainer
    record: EpochRecord | None
    elapsed: float
    known: Sequence[Known] = ()
    wrong_labels: int = 0


def work(
    run: RunDirectory,
    *,
    epochs: int | None = None,
    on_session: Callable[[Session], None] | None = None,
    on_epoch: Callable[[EpochEnd], None] | None = None,
) -> Outcome:
    """Trains a run to its end, from its last checkpoint if there is one, holding its lock.

    Args:
        run: Its directory, with `settings.json`.
        epochs: Epochs to train to, instead of those in the settings.
        on_session: Called with the session before training begins, for signal handlers.
        on_epoch: Called after each epoch.

    Raises:
        RunError: Another worker has the run, or the directory is unusable.
        L2tuiError: The data cannot be prepared as the settings ask.
    """
    with run.locked() as run:
        run_settings = read_run_settings(run)
        try:
            return _train(run, run_settings, epochs, on_session, on_epoch)
        except L2tuiError as error:
            _report_failure(run, run_settings, str(error))
            raise
        except MemoryError:
            reason = "not enough memory for the data and the network; use fewer rows or hidden units"
            _report_failure(run, run_settings, reason)
            raise RunError(reason) from None
        except OSError as error:
            reason = f"{error.filename or run.path}: {error.strerror}"
            _report_failure(run, run_settings, reason)
            raise RunError(reason) from error


def _train(
    run: RunDirectory,
    run_settings: RunSettings,
    epochs: int | None,
    on_session: Callable[[Session], None] | None,
    on_epoch: Callable[[EpochEnd], None] | None,
) -> Outcome:
    # Commands that come while the data are read are meant for this worker.
    stale = _size(run, run.control) or 0
    splits = prepare(run_settings.settings)
    if _size(run, run.preparation) is None:
        run.replace(run.preparation, encode_preparation(splits.preparation))
    if run_settings.fingerprint is None:
        write_run_settings(run, msgspec.structs.replace(run_settings, fingerprint=splits.fingerprint))
    elif run_settings.fingerprint != splits.fingerprint:
        raise data_changed(run, run_settings.settings)
    meter = Meter(time.monotonic)
    trainer = Trainer(run_settings.settings, splits, meter.elapsed)
    shape = trainer.parameters.shape
    facts = Facts(
        splits.task,
        (len(splits.y_train), len(splits.y_val), len(splits.y_test)),
        (shape.n_in, shape.hidden, shape.n_out),
        splits.preparation.alarms,
        len(splits.wrong_rows),
        uninformed_loss(splits.y_train, splits.y_val, loss_for(splits.task, splits.n_outputs)),
    )
    known = siblings(run, run_settings, splits.fingerprint)
    del splits
    curve, kept = _restore(run, trainer)
    give_back_memory()
    if kept is not None:
        meter.go_on_from(kept.elapsed)
    if epochs is not None:
        trainer.set("epochs", epochs)
    check_columns(run, EpochRecord._fields)
    recorder = Recorder(run, EpochRecord._fields, curve)
    try:
        keeper = Keeper(run, trainer, recorder, facts, meter, known, None if kept is None else kept.row)
        session = Session(run, trainer, keeper, meter, paused=run_settings.paused, on_epoch=on_epoch)
        if kept is not None:
            status = known_status(run)
            session.resume(kept, ended=status is not None and status.state == "finished", stale=stale)
        if on_session is not None:
            on_session(session)
        last = session.run()
    finally:
        recorder.close()
    record = trainer.record() if trainer.curve else None
    return Outcome(last, trainer, record, meter.elapsed(), known, facts.wrong_labels)


def _restore(run: RunDirectory, trainer: Trainer) -> tuple[CurveFile, Kept | None]:
    """Puts the run back to its last checkpoint; returns its curve, and what was kept if there is a checkpoint."""
    if _size(run, run.checkpoint) is None:
        cut_back(run, 0, 0, 0)
        trainer.curve = curve = CurveFile(run)
        return curve, None
    curve, kept = load_checkpoint(trainer, run, Kept)
    cut_back(run, kept.metrics, kept.events, len(curve))
    return curve, kept


def _size(run: RunDirectory, file: Path) -> int | None:
    try:
        return run.stat(file).st_size
    except FileNotFoundError:
        return None


def _report_failure(run: RunDirectory, run_settings: RunSettings, reason: str) -> None:
    try:
        known = known_status(run) or Status(
            state="failed", pid=os.getpid(), heartbeat=0.0, settings=run_settings.settings
        )
        recorder = Recorder(run, EpochRecord._fields)
        recorder.status(msgspec.structs.replace(known, state="failed", heartbeat=time.time(), reason=reason))
        recorder.event(Failed(epoch=known.epoch, step=known.step, reason=reason))
        recorder.close()
    except (OSError, RunError) as error:
        say(f"{reason}; and this could not be written down: {error}")
