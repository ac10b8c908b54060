"""Everything that is needed to resume exactly, in one `.npz` file without pickles."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec
import numpy as np
from msgspec import Raw, Struct

from l2tui.errors import RunError
from l2tui.nn.parameters import Array, Parameters
from l2tui.overfitting.watch import Watch
from l2tui.runs.curve import CurveFile, write_losses
from l2tui.runs.directory import RunDirectory
from l2tui.training.archive import Archive
from l2tui.training.state import LATER_ARRAYS, VERSION, Progress, RunState
from l2tui.training.trainer import Trainer

Kept = TypeVar("Kept")

# A state is about 2 kB, and 10 bytes for each change that a person made.
MOST_STATE, _MOST_WATCH = 64 << 20, 1 << 20
# What checkpoints of version 1 held.
_LOSSES = ("train_losses", "val_losses")


class _Earlier(Struct):
    rate_changes: tuple[int, ...]


def save_checkpoint(trainer: Trainer, run: RunDirectory, session: Struct | None = None) -> None:
    """Writes the whole state of a trainer, and `W1, b1, W2, b2` by name for readers that want only those.

    Its size depends on the network alone: the losses of all epochs are in the curve.

    Args:
        trainer: The trainer.
        run: Where its `checkpoint.npz` is replaced as a whole.
        session: What the trainer's controller keeps for a resume.

    Raises:
        OSError: The file cannot be written; one that was there before is unharmed.
    """
    state = trainer.state()
    kept = Raw(msgspec.json.encode(session)) if session is not None else Raw(b"{}")
    progress = msgspec.structs.replace(state.progress, session=kept)
    arrays = {
        **_named(trainer.parameters, state.theta),
        **state.arrays(),
        "watch": np.frombuffer(state.watch.dump(), np.uint8),
        "state": np.frombuffer(msgspec.json.encode(progress), np.uint8),
    }
    run.replace(run.checkpoint, _npz(arrays), durable=True)


def read_checkpoint(
    run: RunDirectory, like: RunState, kind: type[Kept], *, file: Path | None = None, only_present: bool = False
) -> tuple[RunState, Kept]:
    """Returns the state that was saved, and what was kept with it.

    A checkpoint of an earlier version holds the losses of all epochs; they are moved to the curve.

    Args:
        run: The run's directory.
        like: A state of a trainer with the same settings and data, whose arrays have the right shapes.
        kind: What `session` was.
        file: A state that is kept to fork from, instead of the checkpoint.
        only_present: Whether a checkpoint of an earlier version is refused, so that nothing is written.

    Raises:
        RunError: The file is missing, damaged, or of another network.
        OSError: The losses cannot be written.
    """
    path = file or run.checkpoint
    try:
        with os.fdopen(run.open(path, os.O_RDONLY), "rb") as opened:
            archive = Archive(opened)
            text = archive.text("state", MOST_STATE)
            progress = msgspec.json.decode(text, type=Progress)
            watch = Watch.load(archive.text("watch", _MOST_WATCH))
            arrays = {
                name: archive.array(name, own.shape, own.dtype)
                for name, own in like.arrays().items()
                if name not in LATER_ARRAYS or progress.window_step is not None
            }
            arrays = {**dict.fromkeys(LATER_ARRAYS, arrays["theta"]), **arrays}
            twin = {} if progress.twin is None else {"theta": like.theta, **like.slots}
            twin = {name: archive.array(f"twin_{name}", own.shape, own.dtype) for name, own in twin.items()}
            session = msgspec.json.decode(progress.session, type=kind)
            if progress.version < VERSION and only_present:
                raise ValueError("an earlier version wrote it")
            if progress.version < VERSION:
                if msgspec.json.decode(text, type=_Earlier).rate_changes:
                    raise ValueError("an earlier version wrote it after λ or the rate had changed, and kept too little")
                count, pieces = archive.columns(*_LOSSES)
                progress = msgspec.structs.replace(progress, losses=count)
                write_losses(run, pieces)
    except Exception as error:
        # Damaged archives raise whatever the piece of code that stumbled over them raises.
        raise RunError(f"{path}: not a usable checkpoint: {_said(error)}") from error
    slots = {name: arrays.pop(f"optimizer_{name}") for name in like.slots}
    return RunState(progress=progress, watch=watch, slots=slots, twin=twin, **arrays), session


def load_checkpoint(trainer: Trainer, run: RunDirectory, kind: type[Kept]) -> tuple[CurveFile, Kept]:
    """Puts a trainer, made with the same settings and data, into the state that was saved.

    Returns:
        The run's curve, which the trainer goes on appending to, and what was kept with the state.

    Raises:
        RunError: As `read_checkpoint`.
        OSError: The curve cannot be opened.
    """
    state, session = read_checkpoint(run, trainer.state(), kind)
    curve = CurveFile(run, state.progress.losses)
    try:
        trainer.restore(state, curve)
        if state.progress.version < VERSION:
            # The watch of that version knew less than this one does.
            trainer.set("criterion", trainer.settings.criterion)
    except ValueError as error:
        curve.close()
        raise RunError(f"{run.checkpoint}: not a usable checkpoint: {error}") from None
    return curve, session


def save_best(trainer: Trainer, run: RunDirectory) -> None:
    """Writes `W1, b1, W2, b2` of the best epoch, with the epoch and its val_loss, to `best.npz`.

    Raises:
        OSError: As `save_checkpoint`.
    """
    arrays = {
        **_named(trainer.parameters, trainer.best_theta),
        "epoch": np.array(trainer.watch.best_epoch),
        "val_loss": np.array(trainer.watch.best_val_loss),
    }
    run.replace(run.best, _npz(arrays), durable=True)


def save_weights(trainer: Trainer, run: RunDirectory) -> None:
    """Writes `W1, b1, W2, b2` as they are now, with the epoch and the step, to `weights.npz`.

    Raises:
        OSError: As `save_checkpoint`.
    """
    named = _named(trainer.parameters, trainer.parameters.theta)
    arrays = {**named, "epoch": np.array(trainer.epoch), "step": np.array(trainer.step)}
    run.replace(run.weights, _npz(arrays), durable=True)


def _named(parameters: Parameters, flat: Array) -> dict[str, Array]:
    return dict(parameters.views(flat)._asdict())


def _npz(arrays: dict[str, Any]) -> Callable[[BinaryIO], None]:
    return lambda file: np.savez(file, **arrays)


def _said(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text or type(error).__name__).splitlines()[0]
