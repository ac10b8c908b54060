import hashlib
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings, split_sizes
from l2tui.data.builtin.datasets import Dataset, generate, load_table
from l2tui.data.builtin.prepare import split
from l2tui.data.prepare import prepare
from l2tui.data.splits import ARRAYS, export_npz
from l2tui.errors import DataError, SettingsError
from l2tui.settings import Settings, changed

PARTS = ("train", "val", "test")
CLASSES = [name for name, info in CATALOGUE.items() if info.n_classes]
NUMBERS = [name for name, info in CATALOGUE.items() if not info.n_classes]


def arrays(splits):
    return [getattr(splits, name) for name in ARRAYS]


def same(first, second):
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(arrays(first), arrays(second), strict=True))


def rows_of(dataset):
    return sorted(zip(map(tuple, dataset.X.tolist()), dataset.y.tolist(), strict=True))


def dataset_of(X, y, n_classes):
    names = tuple(f"x{i}" for i in range(X.shape[1]))
    task = "classification" if n_classes else "regression"
    return Dataset(X, y, task, names, tuple(map(str, range(n_classes))), "y")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_set_is_prepared_for_training(name):
    info, settings = CATALOGUE[name], recommended_settings(name)
    splits = prepare(settings)
    for part, size in zip(PARTS, split_sizes(info, settings.train_size), strict=True):
        X, y = getattr(splits, f"X_{part}"), getattr(splits, f"y_{part}")
        assert X.shape == (size, info.n_inputs)
        assert X.dtype == np.float64
        assert X.flags.c_contiguous
        assert np.isfinite(X).all()
        assert y.shape == (size,)
        assert y.dtype == (np.int64 if info.n_classes else np.float64)
    assert splits.n_classes == info.n_classes
    assert splits.n_outputs == (info.n_classes if info.n_classes > 2 else 1)
    assert splits.task == info.task


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_parts_hold_each_row_once(name):
    settings = changed(recommended_settings(name), label_noise=0)
    splits = prepare(settings)
    sizes = split_sizes(CATALOGUE[name], settings.train_size)
    source = load_table(name) if settings.noise is None else generate(name, sum(sizes), settings.noise, settings.seed)
    X = np.concatenate([getattr(splits, f"X_{part}") for part in PARTS]) * splits.x_scale + splits.x_mean
    y = np.concatenate([getattr(splits, f"y_{part}") for part in PARTS]) * splits.y_scale + splits.y_mean
    got = rows_of(dataset_of(X.round(6), y.round(6), 0))
    assert got == rows_of(dataset_of(source.X.round(6), source.y.astype(float).round(6), 0))


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_training_part_has_mean_0_and_deviation_1(name):
    splits = prepare(changed(recommended_settings(name), label_noise=0))
    varies = np.ptp(splits.X_train, axis=0) > 0
    assert np.allclose(splits.X_train.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(splits.X_train[:, varies].std(axis=0), 1)
    assert (splits.x_scale[~varies] == 1).all()
    if not splits.n_classes:
        assert splits.y_train.mean() == pytest.approx(0, abs=1e-12)
        assert splits.y_train.std() == pytest.approx(1)
    else:
        assert (splits.y_mean, splits.y_scale) == (0, 1)


def test_scaling_looks_at_the_training_part_only():
    rng = np.random.default_rng(0)
    X, y = rng.normal(3, 2, (60, 3)), rng.normal(5, 2, 60)
    before = split(dataset_of(X, y, 0), (30, 15, 15), 7, 0.0)
    raw = before.X_val[4] * before.x_scale + before.x_mean
    row = np.flatnonzero(np.isclose(X, raw).all(axis=1))[0]
    X[row], y[row] = 1e6, -1e6
    after = split(dataset_of(X, y, 0), (30, 15, 15), 7, 0.0)
    assert np.array_equal(before.x_mean, after.x_mean)
    assert np.array_equal(before.x_scale, after.x_scale)
    assert (before.y_mean, before.y_scale) == (after.y_mean, after.y_scale)
    assert np.array_equal(before.X_train, after.X_train)
    assert np.flatnonzero(before.X_val[:, 0] != after.X_val[:, 0]).tolist() == [4]


def test_a_constant_feature_is_left_in_its_own_unit():
    X = np.column_stack([np.full(40, 0.1), np.arange(40.0)])
    splits = split(dataset_of(X, np.full(40, 2.5), 0), (20, 10, 10), 0, 0.0)
    assert splits.x_scale[0] == 1
    assert np.allclose(splits.X_train[:, 0], 0, atol=1e-15)
    assert splits.y_scale == 1


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("train_size", [10, 33, 100])
def test_each_class_has_its_share_of_each_part_within_one_row(name, train_size):
    settings = recommended_settings(name, train_size=train_size, label_noise=0, seed=3)
    splits = prepare(settings)
    counts = np.array([np.bincount(getattr(splits, f"y_{part}"), minlength=splits.n_classes) for part in PARTS])
    sizes = counts.sum(axis=1, keepdims=True)
    shares = sizes * counts.sum(axis=0) / counts.sum()
    assert sizes.ravel().tolist() == list(split_sizes(CATALOGUE[name], train_size))
    assert np.abs(counts - shares).max() <= 1
    assert (counts[0] > 0).all()


@given(
    counts=st.lists(st.integers(1, 60), min_size=2, max_size=12),
    share=st.floats(0.05, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_class_is_trained_on_however_rare_it_is(counts, share, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    n_train = min(max(len(counts), round(share * len(y))), len(y))
    n_val = (len(y) - n_train) // 2
    data = dataset_of(np.arange(float(len(y)))[:, None], y, len(counts))
    splits = split(data, (n_train, n_val, len(y) - n_train - n_val), seed, 0.0) if n_val else None
    if splits is not None:
        assert set(splits.y_train.tolist()) == set(range(len(counts)))
        together = np.concatenate([splits.y_train, splits.y_val, splits.y_test])
        assert np.bincount(together).tolist() == counts


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_same_settings_give_the_same_bytes(name):
    settings = recommended_settings(name, label_noise=0.1, seed=11)
    first, again = prepare(settings), prepare(settings)
    assert [a.tobytes() for a in arrays(first)] == [a.tobytes() for a in arrays(again)]
    assert first.fingerprint == again.fingerprint
    assert len(first.fingerprint) == len(hashlib.sha256().hexdigest())


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_fingerprint_tells_other_data_apart(name):
    settings = recommended_settings(name, label_noise=0.1)
    different = [
        settings,
        changed(settings, seed=1),
        changed(settings, label_noise=0.2),
        changed(settings, train_size=51),
    ]
    if settings.noise is not None:
        different.append(changed(settings, noise=0.123))
    assert len({prepare(each).fingerprint for each in different}) == len(different)


@pytest.mark.parametrize("name", CATALOGUE)
def test_model_and_training_settings_leave_the_data_alone(name):
    settings = recommended_settings(name)
    other = changed(settings, hidden=3, l2=0.5, learning_rate=0.9, batch_size=2, epochs=7, dtype="float32")
    assert same(prepare(settings), prepare(other))


@pytest.mark.parametrize("name", CATALOGUE)
def test_label_noise_changes_training_labels_and_nothing_else(name):
    settings = recommended_settings(name, label_noise=0)
    clean, noisy = prepare(settings), prepare(changed(settings, label_noise=0.3))
    for array in set(ARRAYS) - {"y_train"}:
        assert np.array_equal(getattr(clean, array), getattr(noisy, array))
    assert not np.array_equal(clean.y_train, noisy.y_train)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("share", [0.0, 0.05, 0.25, 1.0])
def test_exactly_that_share_of_labels_is_flipped_to_real_classes(name, share):
    settings = recommended_settings(name, label_noise=0)
    clean, noisy = prepare(settings).y_train, prepare(changed(settings, label_noise=share)).y_train
    assert np.count_nonzero(clean != noisy) == round(share * len(clean))
    assert noisy.min() >= 0
    assert noisy.max() < CATALOGUE[name].n_classes


def test_flipped_labels_go_to_the_other_classes_evenly():
    settings = recommended_settings("digits", train_size=1700, label_noise=0)
    clean, noisy = prepare(settings).y_train, prepare(changed(settings, label_noise=1)).y_train
    steps = np.bincount((noisy - clean) % 10, minlength=10)
    assert steps[0] == 0
    expected = len(clean) / 9
    chi_square = ((steps[1:] - expected) ** 2 / expected).sum()
    assert chi_square < 26.1  # 99.9 % point for 8 degrees of freedom


def test_more_label_noise_keeps_the_labels_that_were_wrong():
    settings = recommended_settings("moons", label_noise=0)
    clean, few, many = (prepare(changed(settings, label_noise=share)).y_train for share in (0, 0.1, 0.3))
    assert set(np.flatnonzero(few != clean)) < set(np.flatnonzero(many != clean))


@pytest.mark.parametrize("name", NUMBERS)
def test_label_noise_on_numbers_is_in_units_of_the_targets_deviation(name):
    size = 400
    settings = recommended_settings(name, train_size=size, label_noise=0)
    clean = prepare(settings)
    added = prepare(changed(settings, label_noise=0.5)).y_train - clean.y_train
    assert added.std() == pytest.approx(0.5, rel=4 / np.sqrt(2 * size))
    assert abs(added.mean()) < 4 * 0.5 / np.sqrt(size)


def test_settings_that_do_not_fit_the_data_are_refused():
    with pytest.raises(SettingsError, match="real table"):
        prepare(Settings(data="iris", noise=0.1))
    with pytest.raises(SettingsError, match="to 130 for iris"):
        prepare(Settings(data="iris", train_size=131))
    with pytest.raises(DataError, match="no such data set"):
        prepare(Settings(data="roses"))


def test_noise_left_open_is_the_default_noise():
    settings = recommended_settings("moons")
    assert prepare(changed(settings, noise=None)).fingerprint == prepare(settings).fingerprint


@pytest.mark.parametrize("name", ["xor", "diabetes"])
def test_an_export_reads_back_as_the_same_arrays(name, tmp_path):
    splits, path = prepare(recommended_settings(name)), tmp_path / "splits.data"
    path.write_text("old")
    export_npz(splits, path)
    with np.load(path, allow_pickle=False) as archive:
        assert set(archive.files) == set(ARRAYS)
        for array in ARRAYS:
            assert archive[array].dtype == getattr(splits, array).dtype
            assert np.array_equal(archive[array], getattr(splits, array))
    assert [entry.name for entry in tmp_path.iterdir()] == ["splits.data"]


def test_an_export_that_cannot_be_written_is_one_clear_line(tmp_path):
    splits = prepare(recommended_settings("moons"))
    (tmp_path / "file").write_text("kept")
    for path in (tmp_path / "none" / "x.npz", tmp_path / "file" / "x.npz", tmp_path):
        with pytest.raises(DataError, match="cannot be written") as caught:
            export_npz(splits, path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "kept"


def test_an_export_that_fails_half_way_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "x.npz"
    path.write_text("old")

    def full(file, **_):
        file.write(b"half")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(DataError, match="No space left"):
        export_npz(prepare(recommended_settings("moons")), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
