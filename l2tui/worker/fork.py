"""Makes a run that shares another's history up to an epoch, bit for bit, and continues with something changed."""

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.errors import RunError
from l2tui.files import open_directory
from l2tui.overfitting.verdict import assess
from l2tui.runs.creation import create_run, free_name
from l2tui.runs.curve import CurveFile
from l2tui.runs.directory import RunDirectory, runs_root
from l2tui.runs.events import AnyEvent, GhostEnded, Origin, RunSettings, SettingChanged, Status, encode_line
from l2tui.runs.info import Note
from l2tui.runs.listing import read_note, write_note
from l2tui.runs.recorder import EPOCH_BYTES, write_run_settings
from l2tui.runs.states import keep_state, kept_epochs
from l2tui.runs.stored import data_changed, known_status, read_run_settings
from l2tui.settings import LIVE_SETTINGS, Settings, changed, with_rate
from l2tui.training.checkpoint import read_checkpoint, save_best, save_checkpoint
from l2tui.training.replay import replay
from l2tui.training.trainer import Trainer
from l2tui.worker.history import History, read_history
from l2tui.worker.keeper import Kept

CHANGEABLE = ("l2", "learning_rate", "optimizer", "momentum", "epochs")
"""What a fork can have otherwise than its parent."""

_DRAFT = ".fork-"
# A draft that nobody holds and that is older than this was left behind by a process that was killed.
_LEFT_SECONDS = 600.0

OnProgress = Callable[[int, int], None]


def make_fork(
    parent: RunDirectory,
    changes: Mapping[str, Any],
    *,
    epoch: int | None = None,
    path: Path | None = None,
    title: str = "",
    on_progress: OnProgress = lambda done, of: None,
) -> RunDirectory:
    """Makes a fork, ready for a worker. It appears as a whole or not at all.

    The state at the fork is computed again from the nearest that is kept before it; the losses on the way must have the
    parent's bits.

    Args:
        parent: The run to fork, which may be training.
        changes: What is to be otherwise from the fork on, of `CHANGEABLE`.
        epoch: The last epoch that both share; None for the last one that the parent has finished.
        path: The directory, if not a new one among the user's runs.
        title: A name for the fork.
        on_progress: Called with the epochs computed so far, and how many there are to compute.

    Raises:
        L2tuiError: There is no such epoch, a value is not allowed, the parent's data are others by now, or a file
            cannot be read or written.
    """
    parent.check()
    run_settings = read_run_settings(parent)
    status = known_status(parent)
    if status is None or status.steps_per_epoch == 0:
        raise RunError(f"{parent.name}: has not trained an epoch yet")
    epoch = status.epoch if epoch is None else epoch
    if not 0 <= epoch <= status.epoch:
        raise RunError(f"{parent.name}: has {status.epoch} epochs; epoch {epoch} is none of them")
    origin = run_settings.origin
    if origin is not None and origin.rebuilt and epoch < origin.epoch:
        raise RunError(f"{parent.name}: another optimiser trained the epochs before {origin.epoch}; fork {origin.run}")
    given = with_rate(dict(changes)) if changes.get("optimizer") != status.settings.optimizer else dict(changes)
    given.setdefault("epochs", status.settings.epochs)
    if (end := changed(status.settings, **given).epochs) <= epoch:
        raise RunError(
            f"{parent.name}: a fork at epoch {epoch} that ends at epoch {end} trains nothing; name more epochs"
        )
    splits = prepare(run_settings.settings)
    if run_settings.fingerprint not in (None, splits.fingerprint):
        raise data_changed(parent, run_settings.settings)
    try:
        history = read_history(parent, epoch, status.steps_per_epoch)
        if path is not None and os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path}: holds files already; name a new or empty directory")
        with _draft(runs_root() if path is None else path.parent) as draft:
            draft.replace(draft.curve, history.curve, durable=True)
            trainer = _at_epoch(parent, draft, run_settings.settings, splits, history, epoch, on_progress)
            ghost = trainer.twin is not None
            trainer.end_twin()
            trainer, events = _change(trainer, splits, given)
            rebuilt = any(isinstance(event, SettingChanged) and event.name not in LIVE_SETTINGS for event in events)
            origin = Origin(parent.name, epoch, read_note(parent).title, rebuilt)
            if ghost:
                # It stays with the parent.
                events.append(GhostEnded(epoch=epoch, step=trainer.step, reason="fork"))
            _write(draft, trainer, history, events, run_settings, origin)
            if title:
                write_note(draft, Note(title))
            if isinstance(trainer.curve, CurveFile):
                trainer.curve.close()
            target = _publish(draft, path, run_settings.settings.data)
    except OSError as error:
        raise RunError(f"{error.filename or parent.path}: {error.strerror}") from error
    return RunDirectory(target)


@contextmanager
def _draft(folder: Path) -> Iterator[RunDirectory]:
    """Yields a hidden directory in a folder, which is gone again if something fails."""
    _clear(folder)
    draft = create_run("", path=folder / f"{_DRAFT}{os.urandom(8).hex()}")
    try:
        with draft.locked() as held:
            yield held
    except BaseException:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise


def _clear(folder: Path) -> None:
    """Removes what forks left behind whose process was killed."""
    with contextlib.suppress(OSError):
        for left in folder.glob(f"{_DRAFT}*"):
            if time.time() - left.lstat().st_mtime > _LEFT_SECONDS and not RunDirectory(left).is_locked():
                shutil.rmtree(left, ignore_errors=True)


def _publish(draft: RunDirectory, path: Path | None, data: str) -> Path:
    """Gives the draft its place, and returns it: a path that was asked for, or a name among the user's runs.

    Raises:
        OSError: The directory that was asked for holds something by now, or cannot be written to.
    """
    target = _free_place(draft, data) if path is None else draft.path.rename(path)
    directory = open_directory(target.parent)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return target


def _free_place(draft: RunDirectory, data: str) -> Path:
    # Two runs of one second can be given one name.
    while True:
        target = free_name(data, datetime.now())
        if os.path.lexists(target):
            continue
        try:
            return draft.path.rename(target)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def _at_epoch(
    parent: RunDirectory,
    draft: RunDirectory,
    settings: Settings,
    splits: Splits,
    history: History,
    epoch: int,
    on_progress: OnProgress,
) -> Trainer:
    """Returns a trainer of the parent at the end of an epoch; its curve is that of the draft."""
    trainer = Trainer(settings, splits)
    position = _restore_before(parent, draft, trainer, epoch)
    start = trainer.epoch
    replay(trainer, history.since(position), epoch, lambda now: on_progress(now - start, epoch - start))
    found = np.column_stack(trainer.curve.losses(start)).astype("<f8").tobytes()
    if found != history.curve[EPOCH_BYTES * start :]:
        what = f"{parent.name}: epochs {start} to {epoch}, computed again, have other losses than were recorded"
        raise RunError(f"{what}; a run can be forked where its numbers come out the same, as on the machine it ran on")
    return trainer


def _restore_before(parent: RunDirectory, draft: RunDirectory, trainer: Trainer, epoch: int) -> int:
    """Puts a trainer into the nearest state that is kept; returns the position of the events behind it."""
    files = [parent.state(kept) for kept in reversed(kept_epochs(parent)) if kept <= epoch]
    for file in (parent.checkpoint, *files):
        try:
            state, kept = read_checkpoint(parent, trainer.state(), Kept, file=file, only_present=True)
            progress = state.progress
            if progress.diverged or progress.step > epoch * trainer.steps_per_epoch or not progress.losses:
                continue
            trainer.restore(state, CurveFile(draft, progress.losses))
        except (RunError, ValueError):
            # One that is damaged, or gone by now, is no reason to give up: an earlier one leads there as well.
            continue
        return kept.events
    trainer.curve = CurveFile(draft)
    return 0


def _change(trainer: Trainer, splits: Splits, given: Mapping[str, Any]) -> tuple[Trainer, list[AnyEvent]]:
    """Returns a trainer with other settings at the same point, and the record of what has changed."""
    before, after = trainer.settings, changed(trainer.settings, **given)
    differ = [name for name in CHANGEABLE if getattr(after, name) != getattr(before, name)]
    fixed = {name: getattr(after, name) for name in differ if name not in LIVE_SETTINGS}
    if fixed:
        state, curve = trainer.state(), trainer.curve
        trainer = Trainer(changed(before, **fixed), splits, curve=curve)
        progress = msgspec.structs.replace(state.progress, settings=trainer.settings)
        slots = state.slots
        if "optimizer" in fixed:
            # What the one optimiser remembers of the gradients means nothing to the other.
            slots = trainer.optimizer.slots
            progress = msgspec.structs.replace(progress, optimizer_count=0)
        trainer.restore(msgspec.structs.replace(state, progress=progress, slots=slots))
        trainer.note_change("rate")
    for name in differ:
        if name in LIVE_SETTINGS:
            trainer.set(name, getattr(after, name))
    at = {"epoch": trainer.epoch, "step": trainer.step}
    # The number of epochs is part of the plan, and no act that a curve shows.
    told = [name for name in differ if name != "epochs"]
    return trainer, [
        SettingChanged(**at, name=name, old=getattr(before, name), new=getattr(after, name)) for name in told
    ]


def _write(
    draft: RunDirectory,
    trainer: Trainer,
    history: History,
    changes: list[AnyEvent],
    parent: RunSettings,
    origin: Origin,
) -> None:
    events = history.events + b"".join(encode_line(change) for change in changes)
    draft.replace(draft.metrics, history.metrics, durable=True)
    draft.replace(draft.events, events, durable=True)
    kept = Kept(
        metrics=len(history.metrics),
        events=len(events),
        elapsed=history.elapsed,
        commands=0,
        paused=history.paused,
        auto_stop=True,
        overfitted=False,
    )
    save_checkpoint(trainer, draft, kept)
    save_best(trainer, draft)
    keep_state(draft, trainer.epoch)
    own = {name: getattr(trainer.settings, name) for name in ("optimizer", "momentum", "epochs")}
    status = Status(
        state="paused",
        pid=os.getpid(),
        heartbeat=time.time(),
        settings=trainer.settings,
        epoch=trainer.epoch,
        step=trainer.step,
        steps_per_epoch=trainer.steps_per_epoch,
        assessment=assess(trainer.watch, trainer.settings.l2),
    )
    draft.replace(draft.status, msgspec.json.encode(status))
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    settings = msgspec.structs.replace(
        parent, settings=changed(parent.settings, **own), created=created, paused=False, origin=origin
    )
    write_run_settings(draft, settings)
