"""Runs made of formulas."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from l2tui.overfitting import Assessment, assess, evaluate
from l2tui.runs.events import AnyEvent, Facts, RunSettings, Status
from l2tui.runs.ghost import GhostCurve
from l2tui.runs.reader import Snapshot
from l2tui.settings import Settings, changed
from l2tui.training.records import EpochRecord, is_measured

MOONS = Settings(
    data="moons",
    noise=0.3,
    train_size=100,
    hidden=64,
    learning_rate=0.5,
    batch_size=16,
    epochs=3000,
    criterion="gl",
    pace=100.0,
)
DONE = changed(MOONS, epochs=400)


def losses(epochs: int, *, overfits: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Epoch numbers from 0 on, a train_loss that falls, and a val_loss that turns at epoch 75 if it overfits."""
    epoch = np.arange(epochs + 1, dtype=np.float64)
    train = 0.05 + 0.45 * np.exp(-epoch / 30) + 0.2 * np.exp(-epoch / 300)
    val = 0.25 + 0.45 * np.exp(-epoch / 25) + (0.0008 * epoch if overfits else 0.1 * np.exp(-epoch / 300))
    return epoch, train, val


def make_columns(settings: Settings, epochs: int, *, overfits: bool = True) -> dict[str, np.ndarray]:
    """Every metric of a run of some epochs."""
    epoch, train, val = losses(epochs, overfits=overfits)
    norm_1, norm_2 = 8.0 + 12.0 * (1 - np.exp(-epoch / 200)), 1.0 + 6.0 * (1 - np.exp(-epoch / 150))
    lowest = np.minimum.accumulate(val)
    measured = np.array([is_measured(int(each)) for each in epoch])
    best = np.maximum.accumulate(np.where(val == lowest, epoch, 0)).astype(int)
    return {
        "epoch": epoch,
        "step": 7 * epoch,
        "elapsed": epoch / 100,
        "train_loss": train,
        "val_loss": val,
        "penalty": settings.l2 * (norm_1**2 + norm_2**2),
        "train_accuracy": 1 - train / 2,
        "val_accuracy": 1 - val / 2,
        "w1_norm": norm_1,
        "w2_norm": norm_2,
        "w1_max": norm_1 / 4,
        "w2_max": norm_2 / 3,
        "data_grad_norm_1": 0.03 + train / 10,
        "decay_grad_norm_1": 2 * settings.l2 * norm_1,
        "data_grad_norm_2": 0.02 + train / 20,
        "decay_grad_norm_2": 2 * settings.l2 * norm_2,
        "l2": np.full_like(epoch, settings.l2),
        "learning_rate": np.full_like(epoch, settings.learning_rate),
        "best_epoch": best.astype(np.float64),
        "best_val_loss": lowest,
        "b1_norm": norm_1 / 10,
        "b2_norm": norm_2 / 20,
        "sensitivity": np.where(measured, norm_1 * norm_2 / 10, np.nan),
        "mean_data_grad_norm_1": np.where(measured & (epoch > 0), 0.003 + train / 100, np.nan),
        "mean_data_grad_norm_2": np.where(measured & (epoch > 0), 0.002 + train / 200, np.nan),
        "step_noise_1": np.where(measured & (epoch > 0), 0.97, np.nan),
        "step_noise_2": np.where(measured & (epoch > 0), 0.96, np.nan),
        "wrong_memorised": np.full_like(epoch, np.nan),
        "wrong_right": np.full_like(epoch, np.nan),
    }


def make_assessment(settings: Settings, columns: dict[str, np.ndarray]) -> Assessment:
    """What the real criterion and verdict say of those columns."""
    watch = evaluate(settings.criterion, columns["epoch"].astype(int), columns["train_loss"], columns["val_loss"])
    return assess(watch, settings.l2)


def make_snapshot(
    settings: Settings = MOONS,
    epochs: int = 400,
    *,
    state: str = "running",
    overfits: bool = True,
    alive: bool | None = None,
    events: tuple[AnyEvent, ...] = (),
    reason: str = "",
    **other: Any,
) -> Snapshot:
    """A run after some epochs; `other` goes into the status, in place of what it would be."""
    columns = make_columns(settings, epochs, overfits=overfits)
    assert tuple(columns) == EpochRecord._fields
    status = {
        "state": state,
        "pid": 1,
        "heartbeat": 0.0,
        "settings": settings,
        "epoch": epochs,
        "step": 7 * epochs,
        "steps_per_epoch": 7,
        "steps_per_second": 12_345.0,
        "facts": Facts("classification", (100, 200, 1000), (2, 64, 1), uninformed_loss=math.log(2)),
        "assessment": make_assessment(settings, columns),
        "reason": reason,
    }
    return Snapshot(
        settings=RunSettings(settings=settings, created="2024-01-01T00:00:00+00:00", versions={}),
        status=Status(**{**status, **other}),
        columns=columns,
        events=events,
        alive=state not in ("finished", "failed", "diverged") if alive is None else alive,
    )


def haunted(l2: float = 1e-3, apart: float = 0.05) -> Snapshot:
    """Returns a run with a ghost whose val_loss lies above its own."""
    snapshot = make_snapshot(changed(MOONS, l2=l2), 400)
    epochs = np.arange(100.0, 401.0, 2.0)
    val = snapshot.column("val_loss")[epochs.astype(int)]
    return replace(snapshot, ghost=GhostCurve(0.0, 99, epochs, val, val + apart))


def without_measures(snapshot: Snapshot) -> Snapshot:
    """The run as a version wrote it that measured nothing."""
    old = EpochRecord._fields[: EpochRecord._fields.index("b1_norm")]
    return replace(snapshot, columns={name: snapshot.columns[name] for name in old})
