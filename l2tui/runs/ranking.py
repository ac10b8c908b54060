"""Which of many runs are meant, and which are better: the list's filter, its orders, and ranks within one data set."""

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from l2tui.runs.curves import read_curves
from l2tui.runs.directory import runs_root
from l2tui.runs.info import RunInfo

Order = Literal["newest", "final", "state"]


def with_curves(runs: Sequence[RunInfo], root: Path | None = None) -> list[RunInfo]:
    """Returns all runs of a folder with λ at the best epoch, final values, curves and ranks.

    Args:
        runs: As `list_runs` returns them.
        root: Their folder, by default that of the user's runs.
    """
    curves = read_curves(runs_root() if root is None else root, (info.run for info in runs if not info.grid))
    # A loss that was no longer finite is in no row: what a diverged run had before it is not how it ended.
    final = [
        curves[info.name].final_val_loss if info.name in curves and info.state != "diverged" else None for info in runs
    ]
    groups: dict[tuple[Any, ...], list[float]] = {}
    sets = [data_set(info) for info in runs]
    for key, loss in zip(sets, final, strict=True):
        if loss is not None:
            insort(groups.setdefault(key, []), loss)
    known = []
    for info, key, loss in zip(runs, sets, final, strict=True):
        curve = curves.get(info.name)
        if curve is not None:
            info = msgspec.structs.replace(
                info,
                best_l2=None if info.best_epoch is None else curve.l2_at(info.best_epoch, info.l2),
                final_val_loss=loss,
                final_val_accuracy=None if loss is None else curve.final_val_accuracy,
                curve=curve.points,
                rank=0 if loss is None else 1 + bisect_left(groups[key], loss),
                ranked=len(groups.get(key, ())),
            )
        known.append(info)
    return known


def data_set(info: RunInfo) -> tuple[Any, ...]:
    """Returns what runs have in common whose losses can be compared: all of the data but their seed, and the loss."""
    now = info.settings
    if now is None:
        return (info.data, info.task)
    fold = (now.fold, now.folds) if now.fold else (0, 0)
    return (now.data, info.task, str(now.noise), now.label_noise, now.train_size, repr(now.table), *fold)


def ordered(runs: Iterable[RunInfo], order: Order) -> list[RunInfo]:
    """Returns runs, which come newest first, in another order.

    By final val_loss, runs on one data set stand together, the best first, and those without a rank last.
    """
    if order == "final":
        return sorted(runs, key=lambda info: (data_set(info), info.rank or math.inf))
    return sorted(runs, key=lambda info: info.state) if order == "state" else list(runs)


def matches(info: RunInfo, words: Sequence[str]) -> bool:
    """Returns whether each word is part of a name, the data, the state, the verdict or the note, or is λ."""
    text = f"{info.name} {info.title} {info.data} {info.state} {info.verdict} {info.note}".lower()
    l2s = (info.l2,) if info.best_l2 is None else (info.best_l2, info.l2)
    return all(word in text or _is_one_of(word, l2s) for word in words)


def _is_one_of(word: str, l2s: tuple[float, ...]) -> bool:
    with suppress(ValueError):
        return float(word) in l2s
    return False
