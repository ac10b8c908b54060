"""The two forces on the weights: the mean data gradient comes into balance with the decay gradient."""

import math
from typing import Any

import numpy as np
import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.nn.network import gradients
from l2tui.settings import changed
from l2tui.training.records import EpochRecord, is_measured, is_recorded
from l2tui.training.trainer import Trainer
from tests.unit.training.conftest import make_splits, make_trainer, run_out


def records_of(trainer: Trainer) -> list[EpochRecord]:
    return [end.record for end in run_out(trainer)]


def ratios(record: EpochRecord) -> tuple[float, float]:
    """The mean data gradient over the decay gradient, in both layers."""
    return (
        record.mean_data_grad_norm_1 / record.decay_grad_norm_1,
        record.mean_data_grad_norm_2 / record.decay_grad_norm_2,
    )


def test_in_full_batch_the_forces_balance() -> None:
    settings = changed(recommended_settings("moons"), learning_rate=1.0, batch_size=100, epochs=1024, l2=3e-3)
    last = [record for record in records_of(Trainer(settings, prepare(settings)))[-20:] if is_measured(record.epoch)]
    assert last
    for record in last:
        assert ratios(record) == pytest.approx((1.0, 1.0), rel=0.1)
        assert (record.step_noise_1, record.step_noise_2) == pytest.approx((0.0, 0.0), abs=1e-9)
        # All rows are in every batch, so that the mean is that of any step.
        assert record.data_grad_norm_1 == pytest.approx(record.mean_data_grad_norm_1, rel=0.01)


@pytest.mark.parametrize("changes", [{}, {"learning_rate": 0.4, "batch_size": 16}])
def test_in_mini_batches_the_mean_balances_where_a_batch_does_not(changes: dict[str, Any]) -> None:
    settings = changed(recommended_settings("moons"), l2=1e-3, epochs=3000, **changes)
    last = [record for record in records_of(Trainer(settings, prepare(settings)))[-1850:] if is_measured(record.epoch)]
    assert len(last) > 10
    for record in last:
        assert ratios(record) == pytest.approx((1.0, 1.0), rel=0.4)
        assert record.step_noise_1 > 0.5
    single = [record.data_grad_norm_1 / record.decay_grad_norm_1 for record in last]
    assert np.median(single) > 5.0


def test_the_mean_is_that_of_the_gradients_themselves() -> None:
    """The weights' own trace against the plain gradients, weighted with what decay leaves of each."""
    splits, rate, l2 = make_splits(), 0.3, 0.2
    trainer = make_trainer(splits, batch_size=100, learning_rate=rate, l2=l2, epochs=20)
    taken = []
    for record in iter_epochs(trainer):
        if not math.isnan(record.mean_data_grad_norm_1) and taken:
            kept = (1 - 2 * rate * l2) ** np.arange(len(taken))[::-1]
            for name, norm in (("W1", record.mean_data_grad_norm_1), ("W2", record.mean_data_grad_norm_2)):
                mean = sum(k * getattr(g, name) for k, g in zip(kept, taken, strict=True)) / kept.sum()
                assert norm == pytest.approx(np.linalg.norm(mean), rel=1e-9)
            if is_measured(record.epoch):
                taken.clear()
        weights = trainer.parameters.copy_weights()
        taken.append(gradients(weights, splits.X_train, splits.y_train, "tanh", "binary_cross_entropy"))
    assert trainer.epoch == 20


def iter_epochs(trainer: Trainer) -> Any:
    while not trainer.finished:
        end = trainer.advance(seconds=10)
        if end is not None:
            yield end.record


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_noise_is_what_the_batches_take_back(optimizer: str) -> None:
    """At a rate of next to nothing the weights stand still, so that the gradients can be taken beforehand."""
    splits = make_splits(n=40)
    trainer = make_trainer(splits, batch_size=8, learning_rate=1e-9, optimizer=optimizer, epochs=1)
    first = trainer.advance()
    assert math.isnan(first.record.mean_data_grad_norm_1)
    weights = trainer.parameters.copy_weights()
    order = np.random.Generator(np.random.PCG64())
    order.bit_generator.state = trainer.order_generator.bit_generator.state
    rows = order.permutation(40).reshape(5, 8)
    each = [
        gradients(weights, splits.X_train[some], splits.y_train[some], "tanh", "binary_cross_entropy") for some in rows
    ]
    record = trainer.advance(seconds=10).record
    for number, name in ((1, "W1"), (2, "W2")):
        batch = np.array([getattr(gradient, name) for gradient in each])
        mean = batch.mean(0)
        noise = 1 - np.sum(mean**2) / np.mean(np.sum(batch**2, axis=(1, 2)))
        assert getattr(record, f"mean_data_grad_norm_{number}") == pytest.approx(np.linalg.norm(mean), rel=1e-4)
        assert getattr(record, f"step_noise_{number}") == pytest.approx(noise, rel=1e-4)


def test_a_change_of_the_rate_begins_anew_and_mixes_nothing_up() -> None:
    trainer = make_trainer(batch_size=8, epochs=70, learning_rate=0.05, l2=0.01)
    while trainer.epoch < 57:
        trainer.advance(seconds=10)
    trainer.advance(max_steps=2)
    trainer.set("learning_rate", 0.1)
    unknown = trainer.record()
    assert math.isnan(unknown.mean_data_grad_norm_1)
    assert math.isnan(unknown.step_noise_1)
    steady = make_trainer(batch_size=8, epochs=70, learning_rate=0.05, l2=0.01)
    while steady.epoch < 64:
        steady.advance(seconds=10)
    while trainer.epoch < 64:
        trainer.advance(seconds=10)
    # Twice the rate doubles the steps, not the gradient.
    assert not math.isnan(trainer.record().mean_data_grad_norm_1)
    assert trainer.record().mean_data_grad_norm_1 == pytest.approx(steady.record().mean_data_grad_norm_1, rel=0.3)
    assert trainer.record().step_noise_1 == pytest.approx(steady.record().step_noise_1, abs=0.1)


def test_epochs_are_measured_ever_less_often_and_only_where_there_is_a_row() -> None:
    measured = [epoch for epoch in range(200_000) if is_measured(epoch)]
    assert measured[:10] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 192]
    assert all(is_recorded(epoch) for epoch in measured)
    assert max(np.diff([epoch for epoch in measured if epoch <= 16_384])) == 128
    assert sum(epoch <= 1500 for epoch in measured) < 25
