"""Same seed, same bits: whatever is asked of the trainer between the steps."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import l2tui.training.batches as batches_module
from tests.unit.training.conftest import make_splits, make_trainer, run_out

SPLITS = make_splits(37, 3, 3)


def bits(trainer):
    return (
        trainer.parameters.theta.tobytes(),
        trainer.best_theta.tobytes(),
        *(losses.tobytes() for losses in trainer.curve.losses()),
        trainer.watch,
        trainer.step,
        trainer.record(),
    )


def trained(changes, cuts, **values):
    """Trains in pieces of the given sizes, and changes settings at the steps given."""
    trainer = make_trainer(SPLITS, **values)
    trainer.advance()
    for size in itertools.cycle(cuts):
        if trainer.finished:
            return trainer
        until = min([step for step in changes if step > trainer.step], default=10**9)
        trainer.advance(max_steps=min(size, until - trainer.step), seconds=10)
        for name, value in changes.get(trainer.step, ()):
            trainer.set(name, value)
    raise AssertionError


@settings(deadline=None, max_examples=60)
@given(
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    changes=st.dictionaries(
        st.integers(1, 29),
        st.lists(
            st.one_of(
                st.tuples(st.just("l2"), st.sampled_from([0.0, 1e-6, 1e-3])),
                st.tuples(st.just("learning_rate"), st.sampled_from([0.05, 0.2])),
                st.tuples(st.just("pace"), st.sampled_from([None, 100.0])),
            ),
            max_size=2,
        ),
        max_size=4,
    ),
    optimizer=st.sampled_from(["sgd", "momentum", "adam", "adamw"]),
    dtype=st.sampled_from(["float64", "float32"]),
)
def test_the_size_of_the_pieces_leaves_no_trace(cuts, changes, optimizer, dtype):
    values = {"optimizer": optimizer, "dtype": dtype, "l2": 1e-4}
    assert bits(trained(changes, cuts, **values)) == bits(trained(changes, [1000], **values))


def test_setting_what_is_already_set_changes_nothing():
    for optimizer in ("sgd", "momentum", "adam", "adamw"):
        plain = make_trainer(SPLITS, optimizer=optimizer, l2=1e-4)
        poked = make_trainer(SPLITS, optimizer=optimizer, l2=1e-4)
        run_out(plain)
        while not poked.finished:
            poked.advance(max_steps=1)
            for name in ("l2", "learning_rate", "criterion", "epochs", "pace"):
                poked.set(name, getattr(poked.settings, name))
        assert bits(plain) == bits(poked)


def test_asking_for_records_changes_nothing():
    plain, watched = make_trainer(SPLITS), make_trainer(SPLITS)
    run_out(plain)
    watched.advance()
    while not watched.finished:
        watched.advance(max_steps=1)
        watched.record()
    assert bits(plain) == bits(watched)


@pytest.mark.parametrize("batch_size", [1, 5, 8, 36, 37, 100])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_gathered_batches_are_those_of_the_epoch_copy(monkeypatch, classes, batch_size):
    splits = make_splits(37, 3, classes)
    copied = make_trainer(splits, batch_size=batch_size, learning_rate=0.02)
    monkeypatch.setattr(batches_module, "EPOCH_COPY_BYTES", 0)
    gathered = make_trainer(splits, batch_size=batch_size, learning_rate=0.02)
    for trainer in (copied, gathered):
        while not trainer.finished:
            trainer.advance(max_steps=3, seconds=10)
            if trainer.step == 12:
                trainer.set("learning_rate", 0.03)
    assert bits(copied) == bits(gathered)


def test_seeds_differ():
    a, b = make_trainer(SPLITS, seed=1), make_trainer(SPLITS, seed=2)
    run_out(a)
    run_out(b)
    assert not np.array_equal(a.parameters.theta, b.parameters.theta)
