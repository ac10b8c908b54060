"""The study of the verdict trains its runs in lock-step, by arithmetic of its own; it is that of the engine."""

import numpy as np
import pytest

from l2tui.data.prepare import prepare
from l2tui.settings import OptimizerName, changed, from_mapping
from l2tui.training.trainer import Trainer
from tests.benchmarks.verdict_lanes import Change, Lane, Stack

LANES = (Lane(0.0), Lane(1e-2), Lane(0.0, (Change(8, "l2", 1e-3), Change(12, "learning_rate", 0.02))))


@pytest.mark.parametrize(
    ("data", "optimizer"), [("moons", "sgd"), ("digits", "momentum"), ("diabetes", "adam"), ("wine", "adamw")]
)
def test_a_lane_has_the_losses_of_a_run_of_its_own(data: str, optimizer: OptimizerName) -> None:
    values = {"data": data, "train_size": 60, "hidden": 16, "epochs": 20, "learning_rate": 0.01}
    settings = from_mapping({**values, "optimizer": optimizer, "noise": 0.3 if data == "moons" else None})
    stacked = Stack(settings, (3, 4), LANES).run()
    for i, seed in enumerate((3, 4)):
        for j, lane in enumerate(LANES):
            own = changed(settings, seed=seed, l2=lane.l2)
            trainer, changes = Trainer(own, prepare(own)), list(lane.changes)
            losses = []
            while not trainer.finished:
                if changes and trainer.epoch == changes[0].epoch and losses:
                    trainer.set(changes[0].name, changes.pop(0).value)
                trainer.advance(seconds=60)
                losses.append((trainer.watch.train_loss, trainer.watch.val_loss))
            np.testing.assert_allclose(stacked[:, i, j].T, losses, rtol=1e-9)
