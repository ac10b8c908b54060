"""Folds of a user's table: each row validates once, and nothing of it reaches what was learnt for training."""

from collections import Counter

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.errors import DataError
from l2tui.settings import TableChoice, changed
from tests.unit.data.table.mixed_table import columns, raw, write


def folds_of(path, numbers=range(1, 6), train_size=None, folds=5, **choice):
    settings = inspect_table(path, TableChoice(**choice)).settings
    values = {} if train_size is None else {"train_size": train_size}
    return [prepare_table(changed(settings, fold=number, folds=folds, **values)) for number in numbers]


def sizes(splits, part):
    return sorted(raw(splits, part)["size"].round(3).tolist())


def test_each_row_validates_once_and_the_test_part_stays(path):
    own, *folds = folds_of(path, range(6))
    pool = sorted(sizes(own, "train") + sizes(own, "val"))
    assert sorted(size for fold in folds for size in sizes(fold, "val")) == pool
    for fold in folds:
        # The training part is as large as the run's own.
        assert len(fold.y_train) == len(own.y_train)
        assert not Counter(sizes(fold, "train") + sizes(fold, "val")) - Counter(pool)
        np.testing.assert_array_equal(fold.y_test, own.y_test)
        shares = [np.bincount(fold.y_val.astype(int), minlength=3), np.bincount(own.y_train.astype(int), minlength=3)]
        np.testing.assert_allclose(shares[0] / shares[0].sum(), shares[1] / shares[1].sum(), atol=0.05)


def test_a_fold_is_prepared_on_its_own_training_part(path):
    for fold in folds_of(path, drop=("gap", "firm")):
        np.testing.assert_allclose(fold.X_train.mean(axis=0), 0, atol=1e-9)
    means = {float(fold.x_mean[0]) for fold in folds_of(path)}
    assert len(means) == 5


def test_training_rows_are_limited_but_all_rows_validate(path):
    folds = folds_of(path, train_size=50)
    assert [len(fold.y_train) for fold in folds] == [50] * 5
    assert sum(len(fold.y_val) for fold in folds) == 240


def test_groups_stay_together_in_every_fold(path):
    table = {"row": [k / 7 for k in range(300)], **columns()}
    for fold in folds_of(write(path, table), group="who"):
        train, val = ({table["who"][round(7 * value)] for value in raw(fold, part)["row"]} for part in ("train", "val"))
        assert not train & val


def test_with_a_time_each_fold_validates_on_one_stretch_of_it(path):
    table = {"row": [k / 7 for k in range(300)], **columns()}
    own, *folds = folds_of(write(path, table), range(6), time="size")
    times = sorted(table["size"])
    for position, fold in enumerate(folds):
        found = [table["size"][round(7 * value)] for value in raw(fold, "val")["row"]]
        assert sorted(found) == times[48 * position : 48 * (position + 1)]
        assert min(table["size"][round(7 * value)] for value in raw(fold, "test")["row"]) >= times[239]
    np.testing.assert_array_equal(folds[0].y_test, own.y_test)


def test_a_class_that_a_fold_would_lose_is_named_with_its_file(path):
    table = columns(100)
    table["kind"] = ["rare" if k < 2 else "a" if k % 2 else "b" for k in range(100)]
    with pytest.raises(DataError, match=r"mine.csv: fold \d would train without class 'rare'"):
        folds_of(write(path, table), split=(40, 10, 50))


def test_too_few_rows_or_groups_for_the_folds_are_counted(path):
    with pytest.raises(DataError, match=r"mine.csv: 30 folds need 30 rows .*; there are 16"):
        folds_of(write(path, columns(20)), [1], folds=30)
    table = columns(200)
    table["who"] = [f"p{k % 4}" for k in range(200)]
    with pytest.raises(DataError, match=r"5 folds need 5 groups .*; there are 3"):
        folds_of(write(path, table), [1], group="who")
