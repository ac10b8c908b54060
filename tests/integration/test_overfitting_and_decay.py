"""What the program is for: it shows when a network memorises, and weight decay cures it."""

import json
import math
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.data.prepare import prepare
from l2tui.training.trainer import Trainer

SEEDS = range(10)


class End(NamedTuple):
    """A run over its last 5 % of epochs, and its weights."""

    train: float
    val: float
    norms: tuple[float, float]
    onset: int | None


def _end(data: str, l2: float, seed: int) -> End:
    settings = recommended_settings(data, l2=l2, seed=seed)
    trainer = Trainer(settings, prepare(settings))
    while not trainer.finished:
        trainer.advance(seconds=math.inf)
    train, val = trainer.curve.losses(settings.epochs + 1 - max(1, settings.epochs // 20), settings.epochs + 1)
    W1, W2 = trainer.parameters.decayed()
    return End(
        float(np.mean(train)),
        float(np.mean(val)),
        (float(np.linalg.norm(W1)), float(np.linalg.norm(W2))),
        trainer.watch.onset_epoch,
    )


@pytest.mark.slow
@pytest.mark.parametrize("data", CATALOGUE)
def test_recommended_settings_overfit_and_the_suggested_decay_cures_it_whatever_the_seed(data: str) -> None:
    """Decay raises the training loss and lowers the validation loss, the gap and the weights of both layers."""
    shown = overfit = 0
    for seed in SEEDS:
        without, cured = _end(data, 0.0, seed), _end(data, CATALOGUE[data].suggested_l2, seed)
        smaller = all(new < old for new, old in zip(cured.norms, without.norms, strict=True))
        closer = cured.val - cured.train < without.val - without.train
        shown += cured.train > without.train and cured.val < without.val and closer and smaller
        overfit += without.onset is not None
    assert shown >= 9, (shown, overfit)
    assert overfit >= 9, (shown, overfit)


def _train(data: str, l2: float, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "l2tui", "train", data, f"--l2={l2}", "--json", *options]
    done = subprocess.run(command, capture_output=True, check=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


@pytest.mark.parametrize("data", ["xor", "breast-cancer", "diabetes"])
def test_decay_lowers_the_validation_loss_of_a_network_that_memorises_by_a_third(data: str) -> None:
    without, cured = _train(data, 0.0), _train(data, CATALOGUE[data].suggested_l2)
    assert without["verdict"] == "overfitting"
    assert without["onset_epoch"] == without["best_epoch"]
    assert without["onset_epoch"] < without["confirmed_epoch"] < without["epochs"]
    assert cured["val_loss"] < 0.67 * without["val_loss"]
    assert cured["val_loss"] / cured["best_val_loss"] < 1.2 < without["val_loss"] / without["best_val_loss"]


def test_a_penalty_that_is_too_strong_is_not_called_overfitting() -> None:
    strong = _train("moons", 0.1, "--epochs=300")
    assert strong["verdict"] != "overfitting"
    assert strong["onset_epoch"] is None
