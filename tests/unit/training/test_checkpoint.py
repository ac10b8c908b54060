"""Nothing is lost between two processes, and nothing that a file says is believed before it is checked."""

import io
import json
import random
import tracemalloc
import zipfile

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2tui.errors import RunError
from l2tui.runs.curve import CurveFile
from l2tui.runs.directory import RunDirectory
from l2tui.training.checkpoint import load_checkpoint, save_best, save_checkpoint, save_weights
from tests.unit.training.conftest import make_splits, make_trainer, run_out
from tests.unit.training.test_determinism import SPLITS, bits


class Kept(msgspec.Struct):
    note: str = ""


def begun(path, splits=SPLITS, **values):
    """A trainer whose losses go to a file, as a worker's do."""
    trainer = make_trainer(splits, **values)
    trainer.curve = CurveFile(RunDirectory(path))
    return trainer


def save(trainer, path):
    trainer.curve.flush()
    save_checkpoint(trainer, RunDirectory(path), Kept("as it was"))


def load(trainer, path):
    return load_checkpoint(trainer, RunDirectory(path), Kept)[1]


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

    def train(stops):
        trainer = begun(tmp_path, **values)
        trainer.advance()
        ends = []
        while not trainer.finished:
            if trainer.step == change and trainer.settings.l2 == l2[0]:
                trainer.set("l2", l2[1])
                trainer.set("learning_rate", 0.03)
            if trainer.step in stops:
                save(trainer, tmp_path)
                trainer = make_trainer(SPLITS, **values)
                assert load(trainer, tmp_path).note == "as it was"
                stops = [step for step in stops if step != trainer.step]
            end = trainer.advance(max_steps=1)
            if end is not None:
                ends.append(end)
        return bits(trainer), ends

    assert train(stops) == train([])


def test_a_checkpoint_also_brings_back_a_run_that_has_moved_on(tmp_path):
    trainer = begun(tmp_path)
    trainer.advance()
    trainer.advance(max_steps=2)
    save(trainer, tmp_path)
    run_out(trainer)
    end = bits(trainer)
    load(trainer, tmp_path)
    assert trainer.step == 2
    run_out(trainer)
    assert bits(trainer) == end


def test_divergence_after_loading_goes_back_to_the_last_finite_epoch(tmp_path):
    splits = make_splits(37, 3, 0)
    trainer = begun(tmp_path, splits, activation="relu")
    trainer.advance()
    trainer.advance(seconds=10)
    kept = trainer.parameters.theta.copy()
    trainer.advance(max_steps=2)
    save(trainer, tmp_path)
    again = make_trainer(splits, activation="relu")
    load(again, tmp_path)
    again.set("learning_rate", 1e300)
    run_out(again)
    assert again.diverged
    assert np.array_equal(again.parameters.theta, kept)
    save(again, tmp_path)
    third = make_trainer(splits, activation="relu")
    load(third, tmp_path)
    assert third.finished


def test_the_files_hold_the_weights_by_name_without_pickles(tmp_path):
    trainer = make_trainer(make_splits(30, 4, 3), epochs=2)
    run_out(trainer)
    for write, name in ((save_checkpoint, "checkpoint"), (save_best, "best"), (save_weights, "weights")):
        write(trainer, RunDirectory(tmp_path))
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


@pytest.fixture
def saved(tmp_path):
    """The directory of a run that was saved within an epoch."""
    trainer = begun(tmp_path, optimizer="adam")
    trainer.advance()
    trainer.advance(seconds=10)
    trainer.advance(max_steps=2)
    save(trainer, tmp_path)
    return tmp_path


def members(path):
    with zipfile.ZipFile(path / "checkpoint.npz") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, content, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path / "checkpoint.npz", "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def state_of(path):
    with np.load(path / "checkpoint.npz") as file:
        return json.loads(file["state"].tobytes())


def refused(path):
    trainer = make_trainer(SPLITS, optimizer="adam")
    before = trainer.parameters.theta.tobytes()
    with pytest.raises(RunError, match="not a usable checkpoint") as caught:
        load(trainer, path)
    assert "\n" not in str(caught.value)
    assert trainer.parameters.theta.tobytes() == before
    assert trainer.epoch == 0


@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "hidden", "optimizer", "no state"])
def test_an_unusable_checkpoint_is_said_to_be_one(saved, damage):
    path = saved / "checkpoint.npz"
    if damage in ("hidden", "optimizer"):
        save(begun(saved, **{"optimizer": "adam", damage: {"hidden": 6, "optimizer": "sgd"}[damage]}), saved)
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[:-200])
        case "empty":
            path.write_bytes(b"")
        case "no state":
            np.savez(path, W1=np.zeros(3))
    refused(saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", "1"),
        ("epoch", -5),
        ("epoch", 2**400),
        ("epoch", 10**18),
        ("epoch", 2),
        ("step", 8),
        ("step_in_epoch", 10**6),
        ("losses", 10**9),
        ("losses", 0),
        ("gradient_scale", 0.0),
        ("gradient_scale", None),
        ("optimizer_count", 1.5),
        ("changes", [[10**6, "l2", 0.1]]),
        ("changes", [[0, "weights", None], [-2, "rate", None]]),
        ("changes", [[0, "magic", None]]),
        ("changes", "none"),
        ("diverged", True),
        ("order", {"bit_generator": "PCG64", "state": {"state": 2**128, "inc": 1}}),
        ("order", {"bit_generator": "MT19937", "state": {"state": 1, "inc": 1}}),
        ("session", {"note": 7}),
        ("settings", {"epochs": 10**12}),
        ("settings", {"hidden": 6}),
        ("settings", []),
    ],
)
def test_a_state_that_cannot_be_is_refused(saved, name, value):
    state = state_of(saved)
    if name == "settings" and isinstance(value, dict):
        value = {**state["settings"], **value}
    state[name] = value
    content = members(saved)
    content["state.npy"] = npy(np.frombuffer(json.dumps(state).encode(), np.uint8))
    write(saved, content)
    refused(saved)


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"epoch":' + b"9" * 100_000 + b"}", b"null", b"\xff", b""])
def test_a_state_that_is_no_state_is_refused(saved, text):
    content = members(saved)
    content["state.npy"] = npy(np.frombuffer(text, np.uint8))
    write(saved, content)
    refused(saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theta", np.float64(0.5)),
        ("theta", np.zeros((1, 42))),
        ("best_theta", np.zeros(42, np.float32)),
        ("gradient", np.zeros(41)),
        ("optimizer_moment_1", np.array(["a"] * 42)),
        ("watch", np.zeros(5, np.uint8)),
        ("watch", np.frombuffer(b"\x91" * 100_000, np.uint8)),
    ],
)
def test_an_array_of_another_shape_or_type_is_refused(saved, name, value):
    content = members(saved)
    assert f"{name}.npy" in content or name.startswith("optimizer_")
    slots = [key for key in content if key.startswith("optimizer_")]
    content[slots[0] if name.startswith("optimizer_") else f"{name}.npy"] = npy(value)
    write(saved, content)
    refused(saved)


@pytest.mark.parametrize("how", ["stored", "compressed", "in the head alone"])
def test_an_array_that_is_far_too_large_is_refused_without_being_read(saved, how):
    large, content = np.zeros(25_000_000), members(saved)
    if how == "in the head alone":
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (3 * 10**8,)})
        content["theta.npy"] = header.getvalue()
    else:
        content["theta.npy"] = npy(large)
    write(saved, content, zipfile.ZIP_DEFLATED if how == "compressed" else zipfile.ZIP_STORED)
    del large, content
    tracemalloc.start()
    try:
        refused(saved)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_damaged_archive_is_refused_in_one_line_wherever_a_byte_was_changed(saved):
    """Heads of the archive and of the arrays most of all: their damage goes through the most hands."""
    path, chance = saved / "checkpoint.npz", random.Random(11)
    whole = path.read_bytes()
    heads = [at for mark in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06") for at in places(whole, mark)]
    end, refusals = bits(make_loaded(saved)), []
    for attempt in range(1500):
        at = chance.choice(heads) + chance.randrange(150) if attempt % 4 else chance.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[at % len(whole)] ^= chance.randrange(1, 256)
        path.write_bytes(damaged)
        trainer = make_trainer(SPLITS, optimizer="adam")
        try:
            load(trainer, saved)
        except RunError as error:
            refusals.append(str(error))
        else:
            # Bytes that mean nothing, such as the time of a member.
            assert bits(trainer) == end
    assert refusals
    assert all("not a usable checkpoint" in said and "\n" not in said for said in refusals)


def places(data, mark):
    found = [data.find(mark)]
    while found[-1] >= 0:
        found.append(data.find(mark, found[-1] + 1))
    return found[:-1]


def make_loaded(path):
    trainer = make_trainer(SPLITS, optimizer="adam")
    load(trainer, path)
    return trainer


def test_a_checkpoint_of_the_earlier_form_resumes_with_the_same_bits(saved):
    """It held the losses of all epochs, and no file had them."""
    state, content = state_of(saved), members(saved)
    content["train_losses.npy"], content["val_losses.npy"] = (
        npy(np.array(losses)) for losses in make_loaded(saved).curve.losses()
    )
    del state["losses"], state["changes"], state["version"]
    state["rate_changes"] = []
    content["state.npy"] = npy(np.frombuffer(json.dumps(state).encode(), np.uint8))
    whole = make_loaded(saved)
    run_out(whole)
    end = bits(whole)
    write(saved, content)
    (saved / "curve.bin").unlink()
    earlier = make_loaded(saved)
    assert len(earlier.curve) == 2
    run_out(earlier)
    assert bits(earlier) == end


def test_a_checkpoint_of_the_earlier_form_is_refused_where_it_knows_too_little(saved):
    state, content = state_of(saved), members(saved)
    del state["losses"], state["changes"], state["version"]
    state["rate_changes"] = [1]
    content["state.npy"] = npy(np.frombuffer(json.dumps(state).encode(), np.uint8))
    write(saved, content)
    refused(saved)


def test_a_checkpoint_is_no_larger_after_more_epochs(tmp_path):
    sizes = []
    for epochs in (1, 3000):
        trainer = begun(tmp_path, epochs=epochs, batch_size=64)
        run_out(trainer)
        save(trainer, tmp_path)
        sizes.append((tmp_path / "checkpoint.npz").stat().st_size)
        assert (tmp_path / "curve.bin").stat().st_size == 16 * (epochs + 1)
    assert sizes[1] < sizes[0] + 200


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    trainer = begun(tmp_path)
    save(trainer, tmp_path)
    before = (tmp_path / "checkpoint.npz").read_bytes()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(trainer, RunDirectory(tmp_path), Kept())
    assert (tmp_path / "checkpoint.npz").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.npz", "curve.bin"]
