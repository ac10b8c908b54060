"""The runs that the study of the verdict is drawn from, trained once and kept in a cache."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from l2tui.settings import Settings, from_mapping
from l2tui.tui.ladders import L2_LADDER
from tests.benchmarks.verdict_lanes import Change, Floats, Lane, Stack

# Raise it when the engine computes other curves than before; what is in a cache is then made anew.
ENGINE = 1
SEEDS_AT_ONCE = 5

_PLANE = {"noise": 0.35, "train_size": 100, "learning_rate": 0.3, "batch_size": 16, "epochs": 800}
_SINE = {"data": "sine", "noise": 0.5, "learning_rate": 0.1}
_CANCER = {"data": "breast-cancer", "train_size": 100, "learning_rate": 0.1, "epochs": 600}
_MOONS = {**_PLANE, "data": "moons"}
_WINE = {"data": "wine", "train_size": 60, "learning_rate": 0.1, "epochs": 600}
_DIABETES = {"data": "diabetes", "train_size": 150, "learning_rate": 0.02, "epochs": 600}

KINDS: dict[str, dict[str, Any]] = {
    "moons": {**_MOONS, "hidden": 64, "learning_rate": 0.1, "batch_size": 10, "epochs": 1500},
    "moons lr .3": _MOONS,
    "moons n=400": {**_MOONS, "train_size": 400, "batch_size": 32, "epochs": 500},
    "moons n=2000": {**_MOONS, "train_size": 2000, "batch_size": 64, "epochs": 120},
    "moons wrong labels": {**_MOONS, "label_noise": 0.2},
    "moons adam": {**_MOONS, "optimizer": "adam", "learning_rate": 0.01, "epochs": 500},
    "circles": {**_PLANE, "data": "circles"},
    "circles momentum": {**_PLANE, "data": "circles", "optimizer": "momentum", "learning_rate": 0.03, "epochs": 500},
    "spirals": {**_PLANE, "data": "spirals"},
    "xor": {**_PLANE, "data": "xor", "noise": 0.6},
    "sine n=30": {**_SINE, "train_size": 30, "batch_size": 8, "epochs": 1000},
    "sine n=100": {**_SINE, "train_size": 100, "epochs": 800},
    "breast-cancer": _CANCER,
    "breast-cancer adamw": {**_CANCER, "optimizer": "adamw", "learning_rate": 0.003, "epochs": 400},
    "wine": _WINE,
    "wine full batch": {**_WINE, "batch_size": 10**6, "epochs": 1200},
    "iris": {"data": "iris", "train_size": 60, "learning_rate": 0.1, "epochs": 600},
    "diabetes": _DIABETES,
    "diabetes wrong targets": {**_DIABETES, "label_noise": 0.5},
    "digits": {"data": "digits", "train_size": 200, "learning_rate": 0.1, "batch_size": 32, "epochs": 300},
}


def settings_of(kind: str) -> Settings:
    """Returns what all runs of a kind share; the seed and λ are those of a lane."""
    return from_mapping({"hidden": 32, "batch_size": 16, **KINDS[kind]})


class Run(NamedTuple):
    """The losses of one run.

    Attributes:
        kind: Its kind.
        act: What was done to it; "constant" for nothing.
        seed: Its seed.
        lane: Its λ and changes.
        train: train_loss of each epoch from 0 on.
        val: val_loss of each.
    """

    kind: str
    act: str
    seed: int
    lane: Lane
    train: NDArray[np.float64]
    val: NDArray[np.float64]


def constant() -> dict[str, Lane]:
    """Returns a lane for each λ of the ladder."""
    return {f"constant {l2:g}": Lane(l2) for l2 in L2_LADDER}


def steered(kind: str, best: int) -> dict[str, Lane]:
    """Returns lanes that are changed on the way.

    Args:
        kind: Their kind.
        best: Position on the ladder of the λ with the lowest final val_loss.
    """
    settings = settings_of(kind)
    epochs, rate = settings.epochs, settings.learning_rate
    third, late, top = epochs // 3, epochs // 2, len(L2_LADDER) - 1
    beyond = min(top, best + 3)

    def presses(start: int, after: int, stop: int) -> tuple[Change, ...]:
        way = range(start + 1, stop + 1) if stop > start else range(start - 1, stop - 1, -1)
        return tuple(Change(after + 2 * i, "l2", L2_LADDER[notch]) for i, notch in enumerate(way))

    lanes = {
        "beyond": Lane(L2_LADDER[best], presses(best, third, beyond)),
        "back to 0": Lane(L2_LADDER[beyond], (Change(third, "l2", 0.0),)),
        "two in a row": Lane(0.0, (*presses(0, third, beyond), *presses(beyond, late, best))),
        "rate / 3": Lane(L2_LADDER[best], (Change(third, "learning_rate", rate / 3),)),
        "rate * 2 at 0": Lane(0.0, (Change(third, "learning_rate", 2 * rate),)),
    }
    if best:
        lanes = {"to the best": Lane(0.0, presses(0, third, best)), **lanes}
    return {act: lane for act, lane in lanes.items() if lane.changes}


def runs(tasks: dict[str, dict[str, Lane]], seeds: Sequence[int], cache: Path, jobs: int = 1) -> Iterator[Run]:
    """Yields the runs of each kind, from the cache where they are there.

    Args:
        tasks: The lanes of each kind, by what is done to them.
        seeds: The seeds that each lane is trained with.
        cache: Where losses are kept.
        jobs: Processes that train.
    """
    cache.mkdir(parents=True, exist_ok=True)
    groups = _groups(seeds)
    wanted = [(kind, tuple(lanes.values()), group, cache) for kind, lanes in tasks.items() for group in groups]
    missing = [task for task in wanted if not _file(*task).exists()]
    if missing:
        with get_context("spawn").Pool(jobs) as pool:
            for done, _ in enumerate(pool.imap_unordered(_make, missing), start=1):
                print(
                    f"\rtrained {done} of {len(missing)} stacks", end="\n" if done == len(missing) else "", flush=True
                )
    for kind, lanes, group, _ in wanted:
        losses = np.load(_file(kind, lanes, group, cache), allow_pickle=False)
        for i, seed in enumerate(group):
            for j, act in enumerate(tasks[kind]):
                yield Run(kind, act, seed, lanes[j], *losses[:2, i, j].astype(float))


def _groups(seeds: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(seeds[i : i + SEEDS_AT_ONCE]) for i in range(0, len(seeds), SEEDS_AT_ONCE)]


def _make(task: tuple[str, tuple[Lane, ...], tuple[int, ...], Path]) -> None:
    kind, lanes, seeds, _ = task
    os.nice(19)
    file = _file(*task)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    with threadpool_limits(1), draft.open("wb") as stream:
        losses: Floats = Stack(settings_of(kind), seeds, lanes).run()
        np.save(stream, losses.astype(np.float32), allow_pickle=False)
    draft.replace(file)


def _file(kind: str, lanes: tuple[Lane, ...], seeds: tuple[int, ...], cache: Path) -> Path:
    key = json.dumps([ENGINE, KINDS[kind], lanes, seeds], sort_keys=True)
    return cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
