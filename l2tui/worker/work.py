"""From a run directory to a trained network: what a worker process, or headless training, does with it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from l2tui.data.preparation import encode_preparation
from l2tui.data.prepare import prepare
from l2tui.errors import L2tuiError, RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Diverged, Facts, Failed, Finished, RunSettings, Status
from l2tui.runs.recorder import Recorder, cut_back, replace_file, write_run_settings
from l2tui.runs.stored import data_changed, known_status, read_run_settings
from l2tui.training.checkpoint import load_checkpoint
from l2tui.training.records import EpochRecord
from l2tui.training.trainer import EpochEnd, Trainer
from l2tui.worker.keeper import Keeper
from l2tui.worker.log import say
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
    """

    last: Finished | Diverged
    trainer: Trainer
    record: EpochRecord | None
    elapsed: float


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
    with run.locked():
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
    splits = prepare(run_settings.settings)
    if not run.preparation.exists():
        replace_file(run.preparation, encode_preparation(splits.preparation))
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
    )
    del splits
    saved = _restore(run, trainer)
    if saved is not None:
        meter.go_on_from(saved["elapsed"])
    if epochs is not None:
        trainer.set("epochs", epochs)
    recorder = Recorder(run, EpochRecord._fields)
    keeper = Keeper(run, trainer, recorder, facts, meter)
    session = Session(run, trainer, keeper, meter, paused=run_settings.paused, on_epoch=on_epoch)
    if saved is not None:
        status = known_status(run)
        session.resume(saved, ended=status is not None and status.state == "finished")
    if on_session is not None:
        on_session(session)
    try:
        last = session.run()
    finally:
        recorder.close()
    return Outcome(last, trainer, trainer.record() if trainer.val_losses else None, meter.elapsed())


def _restore(run: RunDirectory, trainer: Trainer) -> dict[str, Any] | None:
    """Puts the run back to its last checkpoint; returns what was saved with it, None if there is no checkpoint."""
    if not run.checkpoint.exists():
        if run.metrics.exists():
            cut_back(run, 0, 0)
        return None
    saved = load_checkpoint(trainer, run.checkpoint)
    if not {"metrics", "events", "commands", "paused", "auto_stop", "overfitted", "elapsed"} <= saved.keys():
        raise RunError(f"{run.checkpoint}: of another version of l2tui; the run cannot go on from it")
    cut_back(run, saved["metrics"], saved["events"])
    return saved


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
