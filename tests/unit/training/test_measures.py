"""Wrong labels that are memorised, and the sensitivity in the records of a run."""

import math

import numpy as np
import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.nn.network import forward
from l2tui.settings import changed
from l2tui.training.trainer import Trainer
from tests.unit.training.conftest import make_trainer, run_out


@pytest.mark.parametrize("data", ["moons", "digits"])
def test_wrong_labels_are_counted_as_the_plain_network_says(data: str) -> None:
    settings = recommended_settings(data, label_noise=0.2, epochs=30)
    splits, clean = prepare(settings), prepare(changed(settings, label_noise=0.0))
    wrong = np.flatnonzero(splits.y_train != clean.y_train)
    assert len(wrong) == len(splits.wrong_rows) == round(0.2 * len(splits.y_train))
    trainer = Trainer(settings, splits)
    record = run_out(trainer)[-1].record
    Z2 = forward(trainer.parameters.copy_weights(), splits.X_train[wrong], "tanh")[1]
    said = Z2.argmax(1) if Z2.shape[1] > 1 else (Z2[:, 0] > 0).astype(int)
    assert record.wrong_memorised == np.sum(said == splits.y_train[wrong])
    assert record.wrong_right == np.sum(said == clean.y_train[wrong])


def test_without_wrong_labels_nothing_is_counted() -> None:
    splits = prepare(recommended_settings("moons", label_noise=0.0))
    assert len(splits.wrong_rows) == 0
    assert math.isnan(make_trainer(splits).record().wrong_memorised)
    # The noise on the target of a regression makes no label wrong.
    noisy = prepare(recommended_settings("sine"))
    assert len(noisy.wrong_rows) == 0


def test_decay_keeps_wrong_labels_from_being_memorised() -> None:
    memorised, right = [], []
    for l2 in (0.0, 3e-2):
        settings = recommended_settings("digits", l2=l2, label_noise=0.2, learning_rate=0.05, batch_size=10, epochs=200)
        record = run_out(Trainer(settings, prepare(settings)))[-1].record
        memorised.append(record.wrong_memorised)
        right.append(record.wrong_right)
    assert memorised[0] == 40
    assert memorised[1] < 12
    assert right[1] > 24


@pytest.mark.parametrize(("data", "l2"), [("moons", 1e-3), ("wine", 3e-2), ("circles", 1e-3)])
def test_decay_makes_the_network_less_sensitive(data: str, l2: float) -> None:
    found = []
    for each in (0.0, l2):
        settings = recommended_settings(data, l2=each, epochs=1000)
        found.append(run_out(Trainer(settings, prepare(settings)))[-1].record.sensitivity)
    assert found[1] < 0.6 * found[0]


def test_the_last_epoch_is_measured_and_others_as_the_schedule_says() -> None:
    ends = run_out(make_trainer(epochs=150))
    known = [end.epoch for end in ends if not math.isnan(end.record.sensitivity)]
    assert known[-3:] == [64, 128, 150]
    assert 140 not in known


def test_measuring_changes_no_bit_of_the_training() -> None:
    watched, unwatched = make_trainer(epochs=40), make_trainer(epochs=40)
    while not watched.finished:
        watched.advance(seconds=10)
        watched.record()
    run_out(unwatched)
    np.testing.assert_array_equal(watched.parameters.theta, unwatched.parameters.theta)
