"""Curves for the study of the mark: trained by this engine and kept in a cache, made up, or thinned out."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.training.trainer import Trainer
from tests.benchmarks.mark_scenarios import Scenario

# Raise it when the engine computes other curves than before; what is in a cache is then made anew.
ENGINE = 1

# The settings that a curve depends on.
DECISIVE = (
    *("data", "noise", "label_noise", "train_size", "seed", "hidden", "activation", "dtype", "l2", "learning_rate"),
    *("optimizer", "momentum", "batch_size", "epochs"),
)


class Curve(NamedTuple):
    """The losses of one run.

    Attributes:
        group: Kind of run.
        label: What it is, for people.
        seed: Its seed.
        epochs: Epoch numbers, growing.
        train: train_loss at each.
        val: val_loss at each.
        changed: Epochs after which λ or the learning rate was changed.
    """

    group: str
    label: str
    seed: int
    epochs: NDArray[np.int64]
    train: NDArray[np.float64]
    val: NDArray[np.float64]
    changed: tuple[int, ...] = ()


def curves(scenarios: list[Scenario], cache: Path, jobs: int = 1) -> Iterator[Curve]:
    """Yields the curve of each run that does not diverge, from the cache where it is there."""
    cache.mkdir(parents=True, exist_ok=True)
    missing = [(scenario, cache) for scenario in scenarios if not _file(scenario, cache).exists()]
    if jobs > 1:
        with get_context("spawn").Pool(jobs) as pool:
            for done, _ in enumerate(pool.imap_unordered(_make, missing, chunksize=4), start=1):
                _progress(done, len(missing))
    else:
        for done, task in enumerate(missing, start=1):
            _make(task)
            _progress(done, len(missing))
    for scenario in scenarios:
        losses = np.load(_file(scenario, cache), allow_pickle=False)
        if losses.shape[1] <= scenario.settings.epochs:
            continue
        yield Curve(
            scenario.group,
            scenario.label,
            scenario.settings.seed,
            np.arange(len(losses[0])),
            losses[0],
            losses[1],
            tuple(change.epoch for change in scenario.changes if change.name in ("l2", "learning_rate")),
        )


def train(scenario: Scenario) -> NDArray[np.float64]:
    """Trains a run; returns train_loss and val_loss of each epoch from 0 on, shape (2, epochs + 1)."""
    splits = prepare(scenario.settings)
    if scenario.val_rows is not None:
        splits = _fewer_val(splits, scenario.val_rows)
    trainer = Trainer(scenario.settings, splits)
    changes = list(scenario.changes)
    while not trainer.finished:
        while changes and trainer.epoch >= changes[0].epoch and trainer.step_in_epoch == 0 and trainer.curve:
            change = changes.pop(0)
            trainer.set(change.name, change.value)
        trainer.advance(seconds=10.0)
    return np.array(trainer.curve.losses())


def sparse(curve: Curve, every: int) -> Curve:
    """Returns what a log that keeps one epoch of every `every` would hold."""
    kept = slice(None, None, every)
    return curve._replace(
        group=f"every {every}",
        epochs=curve.epochs[kept],
        train=curve.train[kept],
        val=curve.val[kept],
    )


def _fewer_val(splits: Splits, rows: int) -> Splits:
    return dataclasses.replace(splits, X_val=splits.X_val[:rows].copy(), y_val=splits.y_val[:rows].copy())


def _make(task: tuple[Scenario, Path]) -> None:
    scenario, cache = task
    file = _file(scenario, cache)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    with threadpool_limits(1), draft.open("wb") as stream:
        np.save(stream, train(scenario), allow_pickle=False)
    draft.replace(file)


def _file(scenario: Scenario, cache: Path) -> Path:
    chosen = {name: getattr(scenario.settings, name) for name in DECISIVE}
    key = json.dumps([ENGINE, chosen, scenario.changes, scenario.val_rows], sort_keys=True)
    return cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"


def _progress(done: int, total: int) -> None:
    if done == total or done % 20 == 0:
        print(f"\rtrained {done} of {total} runs", end="\n" if done == total else "", flush=True)
