"""Folds: every row validates once, nothing leaks, and the test part never moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.data.folds import Fold, fold_parts
from l2tui.data.prepare import prepare
from l2tui.errors import DataError
from l2tui.settings import Settings, changed


@st.composite
def pools(draw):
    n = draw(st.integers(20, 120))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    parts = np.split(rng.permutation(n), [n // 2, n // 2 + n // 4])
    return [part.astype(np.int64) for part in parts], n, rng


@settings(deadline=None, max_examples=100)
@given(pool=pools(), count=st.integers(2, 8), draw=st.integers(0, 3), seed=st.integers(0, 99))
def test_each_row_validates_once_and_never_trains_then(pool, count, draw, seed):
    parts, n, rng = pool
    both = np.sort(np.concatenate(parts[:2]))
    classes = rng.integers(0, 2, n)
    if min(np.bincount(classes[both], minlength=2)) <= count:
        classes[:] = 0
    validated = []
    for number in range(draw * count + 1, (draw + 1) * count + 1):
        train, val, test = fold_parts(parts, Fold(number, count), seed, train_size=None, classes=classes)
        np.testing.assert_array_equal(test, parts[2])
        np.testing.assert_array_equal(np.sort(np.concatenate([train, val])), both)
        shares = np.bincount(classes[val], minlength=2) - np.bincount(classes[both], minlength=2) / count
        assert np.abs(shares).max() <= 1.0
        validated.append(val)
    np.testing.assert_array_equal(np.sort(np.concatenate(validated)), both)


@given(pool=pools(), count=st.integers(2, 5))
def test_groups_stay_together_and_time_stays_in_order(pool, count):
    parts, n, rng = pool
    groups = rng.integers(0, 12, n)
    if len(np.unique(groups[np.concatenate(parts[:2])])) < count:
        return
    for number in range(1, count + 1):
        train, val, _ = fold_parts(parts, Fold(number, count), 0, train_size=None, groups=groups)
        assert not set(groups[train]) & set(groups[val])
        ordered = [np.sort(np.concatenate(parts[:2])), np.empty(0, np.int64), parts[2]]
        _, val, _ = fold_parts(ordered, Fold(number, count), 0, train_size=None, ordered=True)
        assert len(np.setdiff1d(ordered[0][(ordered[0] >= val[0]) & (ordered[0] <= val[-1])], val)) == 0


@pytest.mark.parametrize("data", ["moons", "wine", "diabetes"])
def test_training_parts_keep_their_size_and_draws_differ(data):
    own = prepare(Settings(data=data, train_size=60))
    folds = [prepare(Settings(data=data, train_size=60, fold=fold)) for fold in (1, 2, 6)]
    for fold in folds:
        assert len(fold.X_train) == 60
        assert len(fold.X_test) == len(own.X_test)
    assert len({fold.fingerprint for fold in folds} | {own.fingerprint}) == 4
    again = prepare(changed(Settings(data=data, train_size=60), fold=2))
    assert again.fingerprint == folds[1].fingerprint


def test_what_cannot_be_folded_is_refused_by_name():
    parts = [np.arange(3), np.arange(3, 5), np.arange(5, 8)]
    with pytest.raises(DataError, match="10 folds need 10 rows"):
        fold_parts(parts, Fold(1, 10), 0, train_size=None)
    classes = np.array([0, 0, 0, 0, 1, 0, 0, 0])

    def all_folds():
        for number in range(1, 6):
            fold_parts(parts, Fold(number, 5), 0, train_size=None, classes=classes)

    with pytest.raises(DataError, match="would train without class number 2"):
        all_folds()
