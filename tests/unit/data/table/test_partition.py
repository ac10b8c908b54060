"""Which rows of a table train, and which ones judge."""

import numpy as np
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import PARTS, N, columns, raw, splits_of, write


def test_rows_of_a_group_stay_together(path):
    splits = splits_of(path, group="who")
    assert "who" not in {plan.name for plan in splits.preparation.columns}
    table = columns()
    size_to_groups = {}
    for size, who in zip(table["size"], table["who"], strict=True):
        size_to_groups.setdefault(size, set()).add(who)
    groups = [
        {
            who
            for size in raw(splits, part)["size"].round(3).tolist()
            for who in size_to_groups[size]
            if len(size_to_groups[size]) == 1
        }
        for part in PARTS
    ]
    assert all(groups)
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    sizes = [len(getattr(splits, f"y_{part}")) for part in PARTS]
    assert sum(sizes) == N
    assert sizes[0] == pytest.approx(0.6 * N, abs=0.1 * N)


def test_with_a_time_the_past_is_for_training_and_the_future_for_the_test(path):
    table = {"row": [f"{k / 7:.6f}" for k in range(N)], **columns()}
    splits = splits_of(write(path, table), time="size")
    assert "size" not in splits.feature_names
    times = [[table["size"][round(7 * value)] for value in raw(splits, part)["row"]] for part in PARTS]
    assert max(times[0]) <= min(times[1])
    assert max(times[1]) <= min(times[2])
    assert [len(part) for part in times] == [180, 60, 60]
    fewer = splits_of(path, time="size", train_size=50)
    assert min(table["size"][round(7 * value)] for value in raw(fewer)["row"]) == sorted(table["size"])[130]


@pytest.mark.parametrize(("split", "sizes"), [((60, 20, 20), [180, 60, 60]), ((8, 1, 1), [240, 30, 30])])
def test_classes_are_shared_out_alike(path, split, sizes):
    splits = splits_of(path, split=split)
    whole = np.bincount(np.concatenate([getattr(splits, f"y_{part}") for part in PARTS]))
    for part, size in zip(PARTS, sizes, strict=True):
        counts = np.bincount(getattr(splits, f"y_{part}"), minlength=3)
        assert counts.sum() == size
        assert np.abs(counts - whole * size / N).max() <= 1.5


def test_fewer_training_rows_leave_the_other_parts_as_they_are(path):
    whole, fewer = splits_of(path), splits_of(path, train_size=40)
    assert len(fewer.y_train) == 40
    assert np.array_equal(whole.y_test, fewer.y_test)
    kept = raw(fewer)["size"].round(3)
    assert set(kept.tolist()) <= set(raw(whole)["size"].round(3).tolist())


def test_label_noise_is_for_the_training_part_only(path):
    clean, noisy = splits_of(path), splits_of(path, label_noise=0.25)
    assert np.count_nonzero(clean.y_train != noisy.y_train) == 45
    assert np.array_equal(clean.y_val, noisy.y_val)


def test_a_sample_is_what_its_seed_says(path):
    choice = TableChoice(rows=100)
    first, again = (prepare_table(inspect_table(path, choice).settings) for _ in range(2))
    other = prepare_table(inspect_table(path, choice, seed=3).settings)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert sum(len(getattr(first, f"y_{part}")) for part in PARTS) == 100
