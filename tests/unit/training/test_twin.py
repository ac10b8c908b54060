"""A twin that trains along changes no bit of the run, and has those of a run of its own."""

from typing import Any

import numpy as np
import pytest

from l2tui.data.prepare import prepare
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer

Bits = tuple[bytes, ...]


def _trainer(**values: Any) -> Trainer:
    adam = str(values.get("optimizer", "")).startswith("adam")
    usual: dict[str, Any] = {"train_size": 50, "hidden": 8, "batch_size": 16, "learning_rate": 0.01 if adam else 0.1}
    settings = Settings(**{**usual, "l2": 1e-3, **values})
    return Trainer(settings, prepare(settings))


def _train_to(trainer: Trainer, step: int) -> Trainer:
    while not trainer.curve:
        trainer.advance()
    while trainer.step < step:
        trainer.advance(max_steps=step - trainer.step)
    return trainer


def _bits(trainer: Trainer) -> Bits:
    state = trainer.state()
    arrays = {name: array for name, array in state.arrays().items() if not name.startswith("twin_")}
    losses = np.array(trainer.curve.losses())
    return (*(array.tobytes() for array in arrays.values()), losses.tobytes(), state.watch.dump())


OPTIMIZERS = ["sgd", "momentum", "adam", "adamw"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("data", [{}, {"data": "wine", "activation": "relu"}, {"data": "diabetes"}])
def test_a_run_has_the_same_bits_with_and_without_a_twin(data: dict[str, Any], optimizer: str, dtype: str) -> None:
    alone, paired = (_trainer(optimizer=optimizer, dtype=dtype, **data) for _ in range(2))
    for trainer in (alone, paired):
        twin = trainer is paired
        _train_to(trainer, 22)
        if twin:
            trainer.begin_twin(0.0)
        trainer.set("l2", 1e-2)
        _train_to(trainer, 45)
        trainer.set("learning_rate", trainer.settings.learning_rate / 2)
        trainer.restore_best()
        _train_to(trainer, 71)
        if twin:
            assert trainer.twin is not None
            assert trainer.twin.l2 == 0.0
            trainer.end_twin()
        _train_to(trainer, 99)
        assert trainer.record().val_loss == trainer.record().val_loss
    assert _bits(paired) == _bits(alone)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_twin_is_the_run_whose_l2_changed_at_that_step(optimizer: str) -> None:
    paired, other = _train_to(_trainer(optimizer=optimizer), 22), _train_to(_trainer(optimizer=optimizer), 22)
    paired.begin_twin(0.1)
    other.set("l2", 0.1)
    for trainer in (paired, other):
        _train_to(trainer, 40)
        trainer.set("learning_rate", 0.02)
        _train_to(trainer, 60)
    assert paired.twin is not None
    assert paired.twin.state().theta.tobytes() == other.parameters.theta.tobytes()
    assert paired.twin.losses.values() == other._losses.values()
    assert paired.parameters.theta.tobytes() != other.parameters.theta.tobytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_after_a_swap_each_goes_on_as_the_other(optimizer: str) -> None:
    paired, other = _train_to(_trainer(optimizer=optimizer), 22), _train_to(_trainer(optimizer=optimizer), 22)
    alone = _train_to(_trainer(optimizer=optimizer), 70)
    paired.begin_twin(0.1)
    _train_to(paired, 41)
    paired.swap_twin()
    _train_to(paired, 70)
    other.set("l2", 0.1)
    _train_to(other, 70)
    assert paired.settings.l2 == 0.1
    assert paired.twin is not None
    assert paired.twin.l2 == 1e-3
    assert paired.parameters.theta.tobytes() == other.parameters.theta.tobytes()
    assert paired.twin.state().theta.tobytes() == alone.parameters.theta.tobytes()


@pytest.mark.parametrize("step", [40, 43])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_state_brings_the_twin_back(optimizer: str, step: int) -> None:
    whole, again = _train_to(_trainer(optimizer=optimizer), 22), _trainer(optimizer=optimizer)
    whole.begin_twin(0.0)
    _train_to(whole, step)
    again.restore(whole.state(), whole.curve)
    again.curve = whole.curve
    assert again.twin is not None
    for _ in range(30):
        for trainer in (whole, again):
            trainer._run_steps(1, 0.0) if trainer.step_in_epoch else trainer._begin_epoch()
            trainer.step_in_epoch %= trainer.steps_per_epoch
    assert whole.twin is not None
    assert again.twin.state().theta.tobytes() == whole.twin.state().theta.tobytes()
    assert again.parameters.theta.tobytes() == whole.parameters.theta.tobytes()


def test_a_twin_that_diverges_leaves_the_run_alone() -> None:
    alone, paired = _train_to(_trainer(), 200), _trainer()
    paired.begin_twin(50.0)
    _train_to(paired, 200)
    assert paired.twin is not None
    assert paired.twin.diverged
    assert not paired.diverged
    assert _bits(paired) == _bits(alone)
