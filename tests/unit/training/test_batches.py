import numpy as np
import pytest

import l2tui.training.batches as batches_module
from l2tui.nn.parameters import Parameters, Shape
from l2tui.nn.step import Step
from l2tui.training.batches import Batches


def make_batches(n, batch_size, loss="mse"):
    step = Step(Parameters(Shape(1, 2, 1), "tanh"), "tanh", loss, min(n, batch_size))
    X1 = np.column_stack([np.arange(n, dtype=float), np.ones(n)])
    batches = Batches(step, X1, step.targets(10.0 * np.arange(n), 1), batch_size)
    batches.set_scale(0.5)
    return batches


@pytest.mark.parametrize("limit", [0, 10**9])
@pytest.mark.parametrize(("n", "batch_size"), [(1, 1), (10, 1), (10, 3), (10, 5), (10, 9), (10, 10), (10, 99)])
def test_each_row_comes_once_an_epoch_with_its_own_target(monkeypatch, n, batch_size, limit):
    monkeypatch.setattr(batches_module, "EPOCH_COPY_BYTES", limit)
    batches = make_batches(n, batch_size)
    generator = np.random.default_rng(0)
    orders = []
    for _ in range(3):
        batches.shuffle(generator)
        rows = []
        for index in range(batches.count):
            batch = batches[index]
            assert len(batch.X1) == (
                batch_size if index < batches.count - 1 or n % batch_size == 0 else n % batch_size
            ) or (batch_size > n == len(batch.X1))
            assert batch.scale == 2 * 0.5 / len(batch.X1)
            np.testing.assert_allclose(batch.T[:, 0], 10 * batch.X1[:, 0] * batch.scale)
            rows.extend(batch.X1[:, 0])
        assert sorted(rows) == list(range(n))
        orders.append(rows)
    if n > 1 and batch_size < n:
        assert orders[0] != orders[1] != orders[2]


def test_a_full_batch_is_the_data_itself_and_draws_no_random_number():
    batches = make_batches(10, 10)
    generator = np.random.default_rng(0)
    before = generator.bit_generator.state
    batches.shuffle(generator)
    assert generator.bit_generator.state == before
    assert batches[0].X1[:, 0].tolist() == list(range(10))
