"""Everything that is needed to go on exactly, in one `.npz` file without pickles."""

import json
import os
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from l2tui.errors import RunError
from l2tui.files import open_plain, replace_file
from l2tui.nn.parameters import Array, Parameters
from l2tui.overfitting.phase import Change
from l2tui.overfitting.watch import Watch
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer

_SLOT = "optimizer_"


def save_checkpoint(trainer: Trainer, path: Path, session: Mapping[str, Any] | None = None) -> None:
    """Writes the whole state of a trainer, and `W1, b1, W2, b2` by name for whoever wants just those.

    Args:
        trainer: The trainer.
        path: The file, replaced as a whole.
        session: What whoever steers the trainer wants to find again, as JSON values.

    Raises:
        OSError: The file cannot be written; one that was there before is unharmed.
    """
    state = {
        "settings": msgspec.to_builtins(trainer.settings),
        "order": trainer.epoch_start_state if trainer.step_in_epoch else trainer.order_generator.bit_generator.state,
        "epoch": trainer.epoch,
        "step": trainer.step,
        "step_in_epoch": trainer.step_in_epoch,
        "diverged": trainer.diverged,
        "optimizer_count": trainer.optimizer.count,
        "gradient_scale": trainer.gradient_scale,
        "changes": trainer.changes,
        "session": dict(session or {}),
    }
    _write_npz(
        path,
        {
            **_named(trainer.parameters, trainer.parameters.theta),
            "theta": trainer.parameters.theta,
            "best_theta": trainer.best_theta,
            "finite_theta": trainer.finite_theta,
            "gradient": trainer.gradient,
            "train_losses": np.array(trainer.train_losses),
            "val_losses": np.array(trainer.val_losses),
            "watch": np.frombuffer(trainer.watch.dump(), np.uint8),
            "state": np.frombuffer(json.dumps(state).encode(), np.uint8),
            **{_SLOT + name: slot for name, slot in trainer.optimizer.slots.items()},
        },
    )


def load_checkpoint(trainer: Trainer, path: Path) -> dict[str, Any]:
    """Puts a trainer, made with the same settings and data, into the state that was saved.

    Returns:
        The `session` that was saved with it.

    Raises:
        RunError: The file is missing, damaged, or of another network.
    """
    try:
        with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = dict(file)
        state = json.loads(arrays["state"].tobytes())
        settings = msgspec.convert(state["settings"], Settings)
        for name in Settings.__struct_fields__:
            if getattr(settings, name) != getattr(trainer.settings, name):
                trainer.set(name, getattr(settings, name))
        trainer.parameters.theta[:] = arrays["theta"]
        trainer.best_theta[:] = arrays["best_theta"]
        trainer.finite_theta[:] = arrays["finite_theta"]
        trainer.gradient[:] = arrays["gradient"]
        trainer.gradient_scale = state["gradient_scale"]
        # After the settings: a new learning rate changes what the optimiser has stored.
        for name, slot in trainer.optimizer.slots.items():
            slot[:] = arrays[_SLOT + name]
        trainer.optimizer.count = state["optimizer_count"]
        trainer.order_generator.bit_generator.state = state["order"]
        trainer.epoch, trainer.step = state["epoch"], state["step"]
        trainer.diverged = state["diverged"]
        trainer.train_losses[:] = array("d", arrays["train_losses"].tolist())
        trainer.val_losses[:] = array("d", arrays["val_losses"].tolist())
        trainer.changes[:] = [Change(*change) for change in state["changes"]]
        trainer.watch = Watch.load(arrays["watch"].tobytes())
    except (OSError, KeyError, TypeError, ValueError, EOFError, BadZipFile, msgspec.DecodeError) as error:
        raise RunError(f"{path}: not a usable checkpoint: {error}") from error
    trainer.resume_epoch(state["step_in_epoch"])
    session: dict[str, Any] = state.get("session", {})
    return session


def save_best(trainer: Trainer, path: Path) -> None:
    """Writes `W1, b1, W2, b2` of the best epoch, with the epoch and its val_loss.

    Raises:
        OSError: As `save_checkpoint`.
    """
    _write_npz(
        path,
        {
            **_named(trainer.parameters, trainer.best_theta),
            "epoch": np.array(trainer.watch.best_epoch),
            "val_loss": np.array(trainer.watch.best_val_loss),
        },
    )


def save_weights(trainer: Trainer, path: Path) -> None:
    """Writes `W1, b1, W2, b2` as they are now, with the epoch and the step.

    Raises:
        OSError: As `save_checkpoint`.
    """
    named = _named(trainer.parameters, trainer.parameters.theta)
    _write_npz(path, {**named, "epoch": np.array(trainer.epoch), "step": np.array(trainer.step)})


def _named(parameters: Parameters, flat: Array) -> dict[str, Array]:
    return dict(parameters.views(flat)._asdict())


def _write_npz(path: Path, arrays: dict[str, Any]) -> None:
    replace_file(path, lambda file: np.savez(file, **arrays), durable=True)
