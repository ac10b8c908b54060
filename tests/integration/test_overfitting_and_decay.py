"""What the program is for: it tells when a network memorises, and weight decay cures it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from l2tui.data.builtin.catalogue import CATALOGUE


def _train(data: str, l2: float, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "l2tui", "train", data, f"--l2={l2}", "--json", *options]
    done = subprocess.run(command, capture_output=True, check=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


@pytest.mark.parametrize("data", ["moons", "breast-cancer", "diabetes"])
def test_decay_halves_the_validation_loss_of_a_network_that_memorises(data: str) -> None:
    without, cured = _train(data, 0.0), _train(data, CATALOGUE[data].suggested_l2)
    assert without["verdict"] == "overfitting"
    assert without["onset_epoch"] == without["best_epoch"]
    assert without["onset_epoch"] < without["confirmed_epoch"] < without["epochs"]
    assert cured["val_loss"] < 0.5 * without["val_loss"]
    assert cured["train_loss"] > without["train_loss"]
    assert cured["val_loss"] - cured["train_loss"] < without["val_loss"] - without["train_loss"]
    assert cured["w1_norm"] < without["w1_norm"]
    assert cured["w2_norm"] < without["w2_norm"]
    assert cured["val_loss"] / cured["best_val_loss"] < 1.2 < without["val_loss"] / without["best_val_loss"]


def test_a_penalty_that_is_too_strong_is_not_called_overfitting() -> None:
    strong = _train("moons", 0.1, "--epochs=300")
    assert strong["verdict"] != "overfitting"
    assert strong["onset_epoch"] is None
