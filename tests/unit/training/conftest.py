"""Prepared data of any size for the trainer, without a data set behind it."""

from typing import Any

import numpy as np

from l2tui.data.preparation import Preparation
from l2tui.data.splits import Splits
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer


def make_splits(n: int = 37, n_in: int = 3, classes: int = 2, *, seed: int = 0, X: Any = None, y: Any = None) -> Splits:
    """Random rows; `classes` of 0 for regression."""
    rng = np.random.default_rng(seed)
    total = 2 * n + 20
    if X is None:
        X = rng.normal(size=(total, n_in))
    if y is None:
        plane = X @ rng.normal(size=(n_in, max(classes, 1))) + 0.5 * rng.normal(size=(total, max(classes, 1)))
        y = plane[:, 0] if classes == 0 else (plane[:, 0] > 0).astype(int) if classes == 2 else plane.argmax(axis=1)
    return Splits(
        task="classification" if classes else "regression",
        n_outputs=classes if classes > 2 else 1,
        n_classes=classes,
        X_train=X[:n],
        y_train=y[:n],
        X_val=X[n : 2 * n],
        y_val=y[n : 2 * n],
        X_test=X[2 * n :],
        y_test=y[2 * n :],
        x_mean=np.zeros(n_in),
        x_scale=np.ones(n_in),
        y_mean=0.0,
        y_scale=1.0,
        feature_names=tuple(f"x{i}" for i in range(n_in)),
        class_names=tuple(str(k) for k in range(classes)),
        target_name="y",
        fingerprint="",
        preparation=Preparation(task="regression", target="y", input_names=(), columns=()),
    )


def make_trainer(splits: Splits | None = None, **values: Any) -> Trainer:
    defaults = {"hidden": 5, "batch_size": 8, "epochs": 6, "train_size": 37, "learning_rate": 0.1}
    return Trainer(Settings(**{**defaults, **values}), make_splits() if splits is None else splits)


def run_out(trainer: Trainer) -> list[Any]:
    """Trains to the end and returns what `advance` reported of each epoch."""
    ends = []
    while not trainer.finished:
        end = trainer.advance(seconds=10)
        if end is not None:
            ends.append(end)
    return ends
