"""The checkpoint of a sweep: everything needed to resume exactly, and what is exported from it for readers."""

import io
import json
import os
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.memory import available_bytes
from l2tui.errors import RunError
from l2tui.files import open_plain
from l2tui.sweep.directory import SweepDirectory
from l2tui.sweep.results import Lane
from l2tui.sweep.round import FoldState, RoundPlan
from l2tui.training.archive import Archive
from l2tui.training.lanes import LaneState


class SavedFold(Struct, frozen=True):
    """How far a fold is, but for its arrays.

    Attributes:
        epoch: Finished epochs.
        stacks: For each stack: epoch, updates of the optimiser, the generator's state, names of its slots.
    """

    epoch: int
    stacks: tuple[tuple[int, int, dict[str, Any], tuple[str, ...]], ...]


class Saved(Struct, frozen=True, kw_only=True):
    """A checkpoint, but for the arrays of the stacks.

    Attributes:
        rounds: The rounds so far; all but the last are finished.
        lanes: What is known of each lane.
        training: Positions, in the grid of the last round, of the λ that still train.
        rungs_done: Rungs behind in the last round.
        folds: The folds of the last round.
        commands: Bytes of the commands that have acted.
        elapsed: Seconds of training.
        val_shares: Validation rows for each training row, of each fold.
        task: Whether classes or a number are predicted; None before the first stretch.
    """

    rounds: tuple[RoundPlan, ...]
    lanes: tuple[Lane, ...]
    training: tuple[int, ...]
    rungs_done: int
    folds: dict[int, SavedFold]
    commands: int
    elapsed: float
    val_shares: dict[int, float]
    task: Task | None


# A checkpoint may be as large as this, or as half of the memory that there is.
_MOST_BYTES = 1 << 30
_ARRAYS = ("lanes", "theta", "losses", "best", "best_epoch")


def save(sweep: SweepDirectory, saved: Saved, folds: dict[int, FoldState], curves: dict[str, NDArray[Any]]) -> None:
    """Writes the checkpoint as a whole.

    Args:
        sweep: The directory.
        saved: All but arrays; its `folds` is filled in here.
        folds: The folds with their stacks.
        curves: The curves of all lanes so far.

    Raises:
        OSError: It cannot be written; one that was there is unharmed.
    """
    arrays: dict[str, NDArray[Any]] = {f"curves.{name}": array for name, array in curves.items()}
    known = {}
    for number, fold in folds.items():
        stacks = []
        for index, state in enumerate(fold.states):
            prefix = f"{number}.{index}."
            arrays |= {prefix + name: getattr(state, name) for name in _ARRAYS}
            arrays |= {f"{prefix}slot.{name}": slot for name, slot in state.slots.items()}
            stacks.append((state.epoch, state.updates, state.order, tuple(state.slots)))
        known[number] = SavedFold(fold.epoch, tuple(stacks))
    saved = msgspec.structs.replace(saved, folds=known)
    # The generator's state has numbers beyond 64 bits, which msgspec does not write.
    text = json.dumps(msgspec.to_builtins(saved, str_keys=True)).encode()
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, state=np.frombuffer(text, np.uint8), **arrays)
    sweep.replace(sweep.checkpoint, buffer.getvalue(), durable=True)


def load(sweep: SweepDirectory) -> tuple[Saved, dict[int, FoldState], dict[str, NDArray[Any]]] | None:
    """Reads the checkpoint; returns None where there is none.

    Raises:
        RunError: It is damaged.
    """
    try:
        with os.fdopen(open_plain(sweep.checkpoint, os.O_RDONLY, at=sweep.held), "rb") as file:
            arrays = Archive(file).all_arrays(max(_MOST_BYTES, available_bytes() // 2))
        saved = msgspec.convert(json.loads(arrays.pop("state").tobytes()), Saved, strict=False)
        folds = {number: _fold(arrays, number, fold) for number, fold in saved.folds.items()}
    except FileNotFoundError:
        return None
    except Exception as error:
        raise RunError(f"{sweep.checkpoint}: damaged: {error}") from None
    curves = {name.removeprefix("curves."): array for name, array in arrays.items() if name.startswith("curves.")}
    return saved, folds, curves


def _fold(arrays: dict[str, NDArray[Any]], number: int, saved: SavedFold) -> FoldState:
    stacks = (_stack(arrays, f"{number}.{index}.", *known) for index, known in enumerate(saved.stacks))
    return FoldState(saved.epoch, tuple(stacks))


def _stack(
    arrays: dict[str, NDArray[Any]],
    prefix: str,
    epoch: int,
    updates: int,
    order: dict[str, Any],
    slots: tuple[str, ...],
) -> LaneState:
    lanes, theta, losses, best, best_epoch = (arrays[prefix + name] for name in _ARRAYS)
    state = {name: arrays[f"{prefix}slot.{name}"] for name in slots}
    return LaneState(lanes, epoch, theta, state, updates, order, losses, best, best_epoch)
