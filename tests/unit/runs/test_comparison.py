"""Whose losses compare, what differs, which is best, and seeds folded into one."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.runs.comparison import Subject, fold_seeds, told_apart
from l2tui.runs.differences import Row, table_of
from l2tui.settings import TableChoice, changed
from tests.subjects import MOONS, made_up, made_up_log


def rows_of(subjects: list[Subject], epoch: int | None = None) -> dict[str, Row]:
    return {row.name: row for row in table_of(subjects, told_apart(subjects), epoch)}


def differing(subjects: list[Subject]) -> set[str]:
    return {name for name, row in rows_of(subjects).items() if row.differs and not row.is_result}


def test_runs_on_the_same_rows_compare_and_only_what_differs_is_told() -> None:
    subjects = [made_up(0.0), made_up(1e-3), made_up(1e-2)]
    apart = told_apart(subjects)
    assert apart.comparable
    assert apart.groups == (1, 1, 1)
    assert differing(subjects) == {"l2"}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"noise": 0.2}, "noise"),
        ({"data": "circles"}, "data"),
        ({"train_size": 50}, "train rows"),
        ({"label_noise": 0.1}, "label noise"),
        ({"fold": 2}, "fold"),
        ({"table": TableChoice(split=(50.0, 25.0, 25.0))}, "table"),
    ],
)
def test_other_data_or_splits_are_told_apart_and_nothing_is_best(other: dict[str, object], words: str) -> None:
    elsewhere = made_up(1e-2, settings=msgspec.structs.replace(MOONS, **other), fingerprint="other")
    subjects = [made_up(0.0), made_up(1e-3), elsewhere]
    apart = told_apart(subjects)
    assert not apart.comparable
    assert apart.groups == (1, 1, 2)
    assert words in apart.reason
    rows = table_of(subjects, apart)
    assert all(not row.best(apart) for row in rows)


def test_before_the_data_are_prepared_their_settings_tell_them_apart() -> None:
    starting = made_up(1e-3, fingerprint="")
    assert told_apart([made_up(), starting]).comparable
    assert not told_apart([made_up(), made_up(seed=1, fingerprint="")]).comparable


def test_a_file_that_has_changed_between_two_runs_is_noticed() -> None:
    apart = told_apart([made_up(), made_up(1e-3, fingerprint="of other rows")])
    assert apart.reason == "the data have changed from run to run"


def test_logs_of_other_programs_never_compare() -> None:
    for subjects in ([made_up_log("a.csv"), made_up_log("b.csv")], [made_up_log(), made_up()]):
        apart = told_apart(subjects)
        assert "other programs" in apart.reason
        assert len(set(apart.groups)) == 2
        assert not any(row.best(apart) for row in table_of(subjects, apart))


def test_a_log_has_no_settings_that_could_differ() -> None:
    assert differing([made_up(), made_up_log()]) == set()
    assert differing([made_up(), made_up(1e-3), made_up_log()]) == {"l2"}


def test_means_over_the_folds_of_a_sweep_compare_with_each_other_alone() -> None:
    lanes = [made_up(l2, kind="lane", folds=(0, 1, 2), fingerprint="") for l2 in (0.0, 1e-3)]
    assert told_apart(lanes).comparable
    assert not told_apart([*lanes, made_up(1e-2)]).comparable
    assert not told_apart([lanes[0], made_up(1e-3, kind="lane", folds=(0, 1), fingerprint="")]).comparable


def test_seeds_alone_are_folded_and_then_compare_if_all_have_the_same() -> None:
    subjects = [made_up(l2, seed=seed) for l2 in (0.0, 1e-3) for seed in (0, 1, 2)]
    assert told_apart(subjects).seeds_alone
    folded = fold_seeds(subjects)
    assert [subject.kind for subject in folded] == ["mean", "mean"]
    assert told_apart(folded).comparable
    assert rows_of(folded)["seed"].values == ((0, 1, 2), (0, 1, 2))
    assert not told_apart(fold_seeds(subjects[:-1])).comparable


def test_what_was_steered_or_differs_otherwise_is_not_folded() -> None:
    apart = [made_up(), made_up(seed=1, steered=True), made_up(1e-3, seed=2), made_up(seed=3, epochs=300)]
    assert fold_seeds([*apart, made_up_log()])[:4] == apart
    # The pace changes no loss.
    slow = made_up(seed=1, settings=changed(MOONS, seed=1, pace=10))
    assert [subject.kind for subject in fold_seeds([made_up(), slow])] == ["mean"]


@given(st.lists(st.lists(st.floats(0.01, 10), min_size=3, max_size=20), min_size=2, max_size=5))
def test_the_mean_and_its_band_are_those_of_the_epochs_that_all_have(values: list[list[float]]) -> None:
    runs = [
        replace(made_up(seed=seed), epochs=np.arange(float(len(losses))), train=np.array(losses), val=np.array(losses))
        for seed, losses in enumerate(values)
    ]
    (mean,) = fold_seeds(runs)
    length = min(map(len, values))
    for epoch in range(length):
        there = [losses[epoch] for losses in values]
        assert mean.val[epoch] == pytest.approx(sum(there) / len(there))
        assert mean.band is not None
        assert (mean.band[2][epoch], mean.band[3][epoch]) == (min(there), max(there))
    assert len(mean.val) == length
    assert mean.best_val_loss == min(mean.val)


def test_the_best_of_a_row_is_the_lowest_loss_and_the_highest_score() -> None:
    subjects = [made_up(0.0), made_up(1e-3), made_up(1e-2)]
    rows, apart = rows_of(subjects), told_apart(subjects)
    assert rows["final_val_loss"].best(apart) == {int(np.argmin([s.final_loss("val") for s in subjects]))}
    assert rows["val_accuracy"].best(apart) == {2}
    # Less training loss is not better, and neither is a later ★.
    assert not rows["train_loss"].best(apart)
    assert not rows["best_epoch"].best(apart)
    same = [made_up(), made_up(name="again")]
    assert not rows_of(same)["val_loss"].best(told_apart(same))


def test_differences_are_from_the_baseline_and_only_within_its_data() -> None:
    subjects = [made_up(0.0), made_up(1e-2), made_up(1e-3, seed=1)]
    apart = told_apart(subjects)
    row = rows_of(subjects)["final_val_loss"]
    less = row.less(1, apart)
    assert less.values == (row.values[0] - row.values[1], 0.0, None)
    assert rows_of(subjects)["best_epoch"].less(1, apart).values[2] is not None
    assert rows_of(subjects)["l2"].less(1, apart).values == (0.0, 1e-2, 1e-3)


def test_the_cursor_reads_the_record_of_its_epoch_or_says_that_it_is_an_earlier_one() -> None:
    run, log, short = made_up(), made_up_log(), made_up(epochs=100)
    row = rows_of([run, log, short], 137)["val_loss"]
    assert row.values == (run.val[137], run.val[130], None)
    assert row.inexact == {1}
    assert rows_of([run, log, short])["val_loss"].values == (run.val[400], run.val[400], short.val[100])


def test_a_run_that_diverged_has_no_last_loss_and_is_never_best() -> None:
    val = made_up().val.copy()
    val[300:] = np.inf
    broken = made_up(1e-2, val=val, state="diverged", best_val_loss=None)
    subjects = [broken, made_up(), made_up(1e-3)]
    rows, apart = rows_of(subjects), told_apart(subjects)
    assert rows["val_loss"].values[0] is None
    assert rows["final_val_loss"].values[0] is None
    assert 0 not in rows["val_loss"].best(apart) | rows["final_val_loss"].best(apart)
    assert rows_of(subjects, 299)["val_loss"].values[0] == val[299]


def test_the_final_loss_is_the_mean_of_the_last_twentieth_of_the_epochs() -> None:
    run = made_up()
    assert run.final_loss("val") == pytest.approx(run.val[381:].mean())
    assert made_up(state="diverged").final_loss("val") is None
    assert made_up(epochs=0).final_loss("val") == made_up(epochs=0).val[0]
