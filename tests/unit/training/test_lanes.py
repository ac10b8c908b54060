"""A lane of a stack is the ordinary run with its λ, bit for bit."""

import numpy as np
import pytest

from l2tui.data.prepare import prepare
from l2tui.settings import Settings, changed
from l2tui.training.lanes import LaneStack
from l2tui.training.trainer import Trainer

GRID = (0.0, 1e-7, 1e-5, 1e-3, 3e-2, 0.1, 1.0)
RATES = {"sgd": 0.1, "momentum": 0.03, "adam": 0.01, "adamw": 0.01}


def curves_alone(settings, splits):
    trainer = Trainer(settings, splits)
    losses = []
    while not trainer.finished:
        end = trainer.advance(seconds=1.0)
        if end is not None and not trainer.diverged:
            losses.append((end.record.train_loss, end.record.val_loss))
    return np.array(losses).T, trainer


def curves_of_stack(stack):
    curves = {lane: [] for lane in range(len(GRID))}
    while not stack.finished:
        if stack.advance(1.0):
            for lane, pair in zip(stack.lanes, stack.losses.T, strict=True):
                curves[int(lane)].append(pair)
    return {lane: np.array(pairs).T for lane, pairs in curves.items()}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("data", ["moons", "wine", "diabetes"])
def test_a_lane_has_the_bits_of_the_run_alone(data, optimizer, activation, dtype):
    settings = Settings(
        data=data,
        optimizer=optimizer,
        activation=activation,
        dtype=dtype,
        learning_rate=RATES[optimizer],
        hidden=9,
        train_size=70,
        batch_size=16,
        epochs=12,
        seed=3,
    )
    splits = prepare(settings)
    stack = LaneStack(settings, splits, GRID)
    curves = curves_of_stack(stack)
    for lane, l2 in enumerate(GRID):
        alone, trainer = curves_alone(changed(settings, l2=l2), splits)
        np.testing.assert_array_equal(curves[lane], alone)
        if lane in stack.lanes:
            row = list(stack.lanes).index(lane)
            np.testing.assert_array_equal(stack.parameters.theta[row], trainer.parameters.theta)
            assert stack.best_epoch[row] == trainer.watch.best_epoch
            assert stack.best[1, row] == trainer.watch.best_val_loss
            assert stack.scores()[1, row] == trainer.record().val_accuracy


def test_larger_networks_and_more_rows_keep_the_bits():
    settings = Settings(data="digits", hidden=200, train_size=700, batch_size=64, epochs=3, learning_rate=0.05)
    splits = prepare(settings)
    stack = LaneStack(settings, splits, GRID)
    curves = curves_of_stack(stack)
    for lane, l2 in enumerate(GRID):
        alone, _ = curves_alone(changed(settings, l2=l2), splits)
        np.testing.assert_array_equal(curves[lane], alone)


def test_a_lane_that_diverges_leaves_the_others_as_they_are():
    # 2·lr·λ > 2: decay alone makes the weights grow without end.
    settings = Settings(data="diabetes", hidden=8, train_size=80, learning_rate=0.05, epochs=600)
    splits = prepare(settings)
    grid = (0.0, 1e-3, 30.0, 60.0)
    stack = LaneStack(settings, splits, grid)
    while not stack.finished:
        stack.advance(1.0)
    alone = LaneStack(settings, splits, grid[:2])
    while not alone.finished:
        alone.advance(1.0)
    assert set(stack.diverged) == {2, 3}
    assert list(stack.lanes) == [0, 1]
    np.testing.assert_array_equal(stack.parameters.theta, alone.parameters.theta)
    for lane in (2, 3):
        _, trainer = curves_alone(changed(settings, l2=grid[lane]), splits)
        assert trainer.watch.diverged_epoch == stack.diverged[lane]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_dropping_lanes_and_going_on_from_a_state_change_nothing(optimizer, dtype):
    settings = Settings(
        hidden=6, epochs=20, optimizer=optimizer, dtype=dtype, learning_rate=RATES[optimizer], batch_size=16
    )
    splits = prepare(settings)
    whole = LaneStack(settings, splits, GRID)
    cut = LaneStack(settings, splits, GRID)
    for epoch in range(21):
        while not whole.advance(1.0):
            pass
        while not cut.advance(0.0):
            pass
        if epoch == 7:
            cut.keep(np.array([0, 2, 3, 5]))
        if epoch == 13:
            cut = LaneStack(settings, splits, GRID, state=cut.state())
    rows = [0, 2, 3, 5]
    np.testing.assert_array_equal(cut.parameters.theta, whole.parameters.theta[rows])
    np.testing.assert_array_equal(cut.best, whole.best[:, rows])
    np.testing.assert_array_equal(cut.losses, whole.losses[:, rows])
