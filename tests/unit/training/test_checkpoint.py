import resource

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2tui.errors import RunError
from l2tui.training.checkpoint import load_checkpoint, save_best, save_checkpoint, save_weights
from tests.unit.training.conftest import make_splits, make_trainer, run_out
from tests.unit.training.test_determinism import SPLITS, bits


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stops=st.lists(st.integers(0, 29), max_size=3, unique=True),
    change=st.integers(1, 29),
    l2=st.sampled_from([(0.0, 1e-3), (1e-6, 0.0), (1e-5, 1e-4)]),
    optimizer=st.sampled_from(["sgd", "momentum", "adam", "adamw"]),
    dtype=st.sampled_from(["float64", "float32"]),
)
def test_a_run_taken_up_again_is_the_run_that_never_stopped(tmp_path, stops, change, l2, optimizer, dtype):
    """λ and the learning rate change at a step of their own, the run is saved and loaded at others."""
    values = {"optimizer": optimizer, "dtype": dtype, "l2": l2[0]}
    path = tmp_path / "checkpoint.npz"

    def train(stops):
        trainer = make_trainer(SPLITS, **values)
        trainer.advance()
        ends = []
        while not trainer.finished:
            if trainer.step == change and trainer.settings.l2 == l2[0]:
                trainer.set("l2", l2[1])
                trainer.set("learning_rate", 0.03)
            if trainer.step in stops:
                save_checkpoint(trainer, path)
                trainer = make_trainer(SPLITS, **values)
                load_checkpoint(trainer, path)
                stops = [step for step in stops if step != trainer.step]
            end = trainer.advance(max_steps=1)
            if end is not None:
                ends.append(end)
        return bits(trainer), ends

    assert train(stops) == train([])


def test_a_checkpoint_also_brings_back_a_run_that_has_moved_on(tmp_path):
    trainer = make_trainer(SPLITS)
    trainer.advance()
    trainer.advance(max_steps=2)
    save_checkpoint(trainer, tmp_path / "c.npz")
    run_out(trainer)
    end = bits(trainer)
    load_checkpoint(trainer, tmp_path / "c.npz")
    assert trainer.step == 2
    run_out(trainer)
    assert bits(trainer) == end


def test_divergence_after_loading_goes_back_to_the_last_finite_epoch(tmp_path):
    splits = make_splits(37, 3, 0)
    trainer = make_trainer(splits, activation="relu")
    trainer.advance()
    trainer.advance(seconds=10)
    kept = trainer.parameters.theta.copy()
    trainer.advance(max_steps=2)
    save_checkpoint(trainer, tmp_path / "c.npz")
    again = make_trainer(splits, activation="relu")
    load_checkpoint(again, tmp_path / "c.npz")
    again.set("learning_rate", 1e300)
    run_out(again)
    assert again.diverged
    assert np.array_equal(again.parameters.theta, kept)
    save_checkpoint(again, tmp_path / "c.npz")
    third = make_trainer(splits, activation="relu")
    load_checkpoint(third, tmp_path / "c.npz")
    assert third.finished


def test_the_files_hold_the_weights_by_name_without_pickles(tmp_path):
    trainer = make_trainer(make_splits(30, 4, 3), epochs=2)
    run_out(trainer)
    for write, name in ((save_checkpoint, "checkpoint"), (save_best, "best"), (save_weights, "weights")):
        write(trainer, tmp_path / f"{name}.npz")
        with np.load(tmp_path / f"{name}.npz", allow_pickle=False) as file:
            assert [file[key].shape for key in ("W1", "b1", "W2", "b2")] == [(4, 5), (5,), (5, 3), (3,)]
            source = trainer.best_theta if name == "best" else trainer.parameters.theta
            assert np.array_equal(file["W1"], trainer.parameters.views(source).W1)
    with np.load(tmp_path / "best.npz") as file:
        assert file["epoch"] == trainer.watch.best_epoch
        assert file["val_loss"] == trainer.watch.best_val_loss
    with np.load(tmp_path / "weights.npz") as file:
        assert (file["epoch"], file["step"]) == (2, trainer.step)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.npz", "checkpoint.npz", "weights.npz"]


@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "other network", "other optimizer", "no state"])
def test_an_unusable_checkpoint_is_said_to_be_one(tmp_path, damage):
    path = tmp_path / "checkpoint.npz"
    trainer = make_trainer(SPLITS, optimizer="adam")
    trainer.advance()
    options = {"other network": {"hidden": 6}, "other optimizer": {"optimizer": "sgd"}}.get(damage, {})
    if damage != "missing":
        save_checkpoint(make_trainer(SPLITS, **{"optimizer": "adam", **options}), path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    if damage == "empty":
        path.write_bytes(b"")
    if damage == "no state":
        np.savez(path, W1=np.zeros(3))
    with pytest.raises(RunError, match="not a usable checkpoint"):
        load_checkpoint(trainer, path)


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    trainer = make_trainer(SPLITS)
    path = tmp_path / "checkpoint.npz"
    save_checkpoint(trainer, path)
    before = path.read_bytes()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, most))
    try:
        with pytest.raises(OSError, match="too large"):
            save_checkpoint(trainer, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
