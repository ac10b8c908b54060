"""When the mark is set, when it goes away, and what survives a checkpoint."""

import math
import subprocess
import sys
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.overfitting import CRITERIA, Change, Watch, evaluate, evaluate_all
from l2tui.settings import CriterionName

NAMES: list[CriterionName] = sorted(CRITERIA)
LOSS = st.floats(0.01, 10.0) | st.sampled_from([0.25, 0.5, 1.0])
LOSSES = st.lists(st.tuples(LOSS, LOSS), max_size=80)


def turning(turn: int, end: int) -> tuple[range, list[float], list[float]]:
    """A curve that overfits: train falls for ever, val falls up to `turn` and rises from there by 2 % an epoch."""
    epochs = range(end)
    return epochs, [0.97**t for t in epochs], [1.0 + 0.02 * abs(t - turn) for t in epochs]


def watches(name: CriterionName, losses: list[tuple[float, float]]) -> list[Watch]:
    history = [Watch.start(name)]
    for epoch, (train, val) in enumerate(losses):
        history.append(history[-1].update(epoch, train, val))
    return history


def train_losses_since_best(watch: Watch, losses: list[tuple[float, float]]) -> list[float]:
    assert watch.best_epoch is not None
    return [train for train, _ in losses[watch.best_epoch : watch.seen]]


@given(st.sampled_from(NAMES), LOSSES)
def test_the_best_epoch_is_the_exact_first_minimum(name: CriterionName, losses: list[tuple[float, float]]) -> None:
    for n, watch in enumerate(watches(name, losses)[1:], start=1):
        val = [loss for _, loss in losses[:n]]
        best = val.index(min(val))
        assert (watch.best_epoch, watch.best_val_loss) == (best, val[best])
        assert watch.best_train_loss == losses[best][0]
        assert watch.seen == n


@given(st.sampled_from(NAMES), LOSSES)
def test_a_mark_needs_both_halves_of_the_definition(name: CriterionName, losses: list[tuple[float, float]]) -> None:
    history = watches(name, losses)
    for before, watch in pairwise(history):
        since = train_losses_since_best(watch, losses)
        if watch.confirmed_epoch is not None:
            assert watch.criterion.fires
            assert watch.val_loss > watch.best_val_loss or before.confirmed_epoch is not None
            assert watch.val_loss >= watch.best_val_loss
            assert watch.onset_epoch == watch.best_epoch
            assert min(since[1:]) < since[0]
        else:
            assert watch.onset_epoch is None
        if watch.best_epoch == watch.epoch:
            assert watch.confirmed_epoch is None
        went = before.confirmed_epoch is not None and watch.confirmed_epoch is None
        assert watch.withdrawn == before.withdrawn + went


@given(LOSSES)
def test_the_mean_of_train_loss_since_the_best_epoch(losses: list[tuple[float, float]]) -> None:
    for watch in watches("gl", losses)[1:]:
        since = train_losses_since_best(watch, losses)
        mean = sum(since[:10]) / len(since[:10])
        for train in since[10:]:
            mean = 0.9 * mean + 0.1 * train
        assert watch.train_since == pytest.approx(mean)


def test_a_turning_curve_by_hand() -> None:
    watch = evaluate("gl", *turning(20, 24))
    assert (watch.best_epoch, watch.onset_epoch, watch.confirmed_epoch) == (20, 20, 23)
    assert evaluate("gl", *turning(20, 23)).confirmed_epoch is None
    assert evaluate("gl", *turning(20, 60)).confirmed_epoch == 23
    assert evaluate("patience", *turning(20, 60)).confirmed_epoch == 30
    assert evaluate("up", *turning(20, 60)).confirmed_epoch == 35
    assert evaluate("pq", *turning(20, 200)).onset_epoch == 20
    assert evaluate("growing", *turning(20, 60)).onset_epoch == 20


def test_epoch_zero_can_be_the_best() -> None:
    watch = evaluate("gl", *turning(0, 10))
    assert (watch.best_epoch, watch.onset_epoch, watch.confirmed_epoch) == (0, 0, 3)


def test_a_new_minimum_withdraws_the_mark() -> None:
    watch = evaluate("gl", *turning(20, 40))
    lower = watch.update(40, 0.1, 0.99)
    assert (watch.onset_epoch, watch.withdrawn) == (20, 0)
    assert (lower.onset_epoch, lower.confirmed_epoch, lower.withdrawn) == (None, None, 1)
    assert (lower.best_epoch, lower.best_val_loss, lower.best_train_loss) == (40, 0.99, 0.1)
    again = lower.update(41, 0.05, 1.2)
    assert (again.onset_epoch, again.confirmed_epoch, again.withdrawn) == (40, 41, 1)


def test_the_mark_goes_when_the_criterion_ends_and_comes_back_with_the_same_onset() -> None:
    watch = evaluate("gl", *turning(20, 40)).update(40, 0.1, 1.01)
    assert (watch.onset_epoch, watch.withdrawn, watch.best_epoch) == (None, 1, 20)
    watch = watch.update(41, 0.1, 1.2)
    assert (watch.onset_epoch, watch.confirmed_epoch, watch.withdrawn) == (20, 41, 1)


def test_the_mark_goes_when_train_loss_rises_as_well() -> None:
    watch = evaluate("gl", *turning(20, 40))
    for epoch in range(40, 80):
        watch = watch.update(epoch, 1.0, 1.5)
    assert (watch.onset_epoch, watch.withdrawn, watch.criterion.fires) == (None, 1, True)


def test_a_mark_survives_a_training_loss_that_wanders_about_its_value_at_the_best_epoch() -> None:
    watch = evaluate("gl", *turning(20, 40))
    level = watch.best_train_loss
    for epoch in range(40, 140):
        watch = watch.update(epoch, 1.005 * level, 1.5)
    assert watch.train_since > level
    assert (watch.onset_epoch, watch.withdrawn) == (20, 0)


def test_one_training_value_out_of_line_changes_nothing() -> None:
    watch = evaluate("gl", *turning(20, 60))
    assert watch.update(60, 0.9, 1.8).onset_epoch == 20
    epochs, train, val = turning(20, 60)
    both = [2.0 - loss for loss in train]
    both[40] = 0.5
    assert evaluate("gl", epochs, both, val).onset_epoch is None


@pytest.mark.parametrize("name", NAMES)
def test_both_rising_is_never_marked(name: CriterionName) -> None:
    watch = Watch.start(name)
    for epoch in range(300):
        watch = watch.update(epoch, 0.4 + 0.001 * epoch, 0.38 + 0.001 * epoch)
        assert watch.confirmed_epoch is None
    assert watch.criterion.fires != watch.criterion.judges_train


@given(st.sampled_from(NAMES), st.integers(1, 20))
def test_falling_curves_are_never_marked(name: CriterionName, gap: int) -> None:
    watch = Watch.start(name)
    for i in range(100):
        watch = watch.update(i * gap, 1 / (i + 1), 1 / (i + 1))
        assert (watch.confirmed_epoch, watch.withdrawn, watch.best_epoch) == (None, 0, i * gap)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gap", [2, 5, 10])
def test_gaps_between_epochs_leave_the_onset_where_it_is(name: CriterionName, gap: int) -> None:
    epochs, train, val = turning(100, 401)
    sparse = evaluate(name, epochs[::gap], train[::gap], val[::gap])
    assert sparse.onset_epoch == evaluate(name, epochs, train, val).onset_epoch == 100


def test_a_validation_loss_that_stays_at_zero_is_no_rise() -> None:
    losses = [0.0] * 40
    watch = evaluate("patience", range(40), [0.9**t for t in range(40)], losses)
    assert watch.criterion.fires
    assert watch.confirmed_epoch is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_ends_the_watch(bad: float) -> None:
    watch = evaluate("gl", *turning(20, 40))
    for lost in (watch.update(40, bad, 1.0), watch.update(40, 1.0, bad)):
        assert (lost.diverged_epoch, lost.epoch, lost.seen) == (40, 40, 41)
        assert (lost.best_epoch, lost.best_val_loss) == (20, 1.0)
        assert lost.update(41, 0.1, 0.1) is lost
    assert Watch.start("gl").update(0, bad, bad).best_epoch is None


@given(st.sampled_from(NAMES), LOSSES, LOSSES)
def test_a_restored_watch_goes_on_exactly(
    name: CriterionName, first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    watch = watches(name, first)[-1]
    restored = Watch.load(watch.dump())
    assert restored == watch
    for epoch, (train, val) in enumerate(second, start=len(first)):
        watch, restored = watch.update(epoch, train, val), restored.update(epoch, train, val)
    assert restored == watch


@given(st.sampled_from(NAMES), LOSSES)
def test_watches_do_not_change(name: CriterionName, losses: list[tuple[float, float]]) -> None:
    history = watches(name, losses)
    before = [watch.dump() for watch in history]
    for watch in history:
        watch.update(1000, 0.1, 5.0)
    assert [watch.dump() for watch in history] == before
    with pytest.raises(AttributeError):
        history[-1].confirmed_epoch = 3


@pytest.mark.parametrize("name", NAMES)
def test_the_size_does_not_grow_with_the_run(name: CriterionName) -> None:
    sizes = [len(evaluate(name, *turning(50, end)).dump()) for end in (200, 2000)]
    assert sizes[1] <= sizes[0] + 20


def test_bytes_that_are_no_watch_are_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        Watch.load(b"nothing")
    with pytest.raises(msgspec.DecodeError):
        Watch.load(msgspec.msgpack.encode({"criterion": {"type": "none such"}}))


def test_epochs_must_grow() -> None:
    with pytest.raises(ValueError, match="epoch 3 after epoch 3"):
        evaluate("gl", [0, 3, 3], [1, 1, 1], [1, 1, 1])
    with pytest.raises(ValueError, match="shorter"):
        evaluate("gl", [0, 1], [1, 1], [1])


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, l2tui.overfitting; print(sorted({'numpy', 'textual', 'rich', 'plotext'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@given(LOSSES, st.sets(st.integers(0, 90), max_size=3))
def test_all_criteria_at_once_are_each_by_itself(losses: list[tuple[float, float]], places: set[int]) -> None:
    changes = [Change(place) for place in sorted(places)]
    epochs, train, val = range(len(losses)), [a for a, _ in losses], [b for _, b in losses]
    together = evaluate_all(epochs, train, val, changes)
    assert list(together) == list(CRITERIA)
    for name, watch in together.items():
        assert watch == evaluate(name, epochs, train, val, changes)
        assert watch.best_epoch == together["gl"].best_epoch


@pytest.mark.parametrize("name", NAMES)
def test_a_rise_right_after_a_change_is_not_called_overfitting_for_ten_epochs(name: CriterionName) -> None:
    epochs, train, val = turning(100, 400)
    level = [min(loss, 1.0) for loss in val]
    jump = level[:150] + [1.5 + 0.02 * t for t in range(250)]
    falling = [loss - 0.001 * t for t, loss in enumerate(level[:150])] + jump[150:]
    plain = evaluate(name, epochs, train, falling)
    watch = evaluate(name, epochs[:160], train[:160], falling[:160], [Change(149)])
    assert (watch.confirmed_epoch, watch.changed_epoch, watch.settling) == (None, 149, 0)
    assert watch.best_epoch == plain.best_epoch == 149
    later = evaluate(name, epochs, train, falling, [Change(149)])
    assert later.onset_epoch == 149
    assert later.confirmed_epoch is not None
    assert later.confirmed_epoch >= 160


@pytest.mark.parametrize("name", NAMES)
def test_a_mark_that_is_up_survives_a_change_while_the_rise_lasts(name: CriterionName) -> None:
    epochs, train, val = turning(20, 300)
    watch = evaluate(name, epochs[:200], train[:200], val[:200])
    changed = watch.changed(Change(199))
    assert changed.onset_epoch == watch.onset_epoch == 20
    for epoch in range(200, 300):
        changed = changed.update(epoch, train[epoch], val[epoch])
        assert (changed.onset_epoch, changed.confirmed_epoch) == (20, watch.confirmed_epoch)


@given(st.sampled_from(NAMES), LOSSES, LOSSES)
def test_a_change_is_remembered_by_a_checkpoint(
    name: CriterionName, first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    watch = watches(name, first)[-1].changed(Change(len(first) - 1))
    restored = Watch.load(watch.dump())
    for epoch, (train, val) in enumerate(second, start=len(first)):
        watch, restored = watch.update(epoch, train, val), restored.update(epoch, train, val)
    assert restored == watch


def test_a_change_after_a_loss_that_is_not_finite_is_nothing() -> None:
    lost = evaluate("growing", *turning(20, 40)).update(40, math.nan, 1.0)
    assert lost.changed(Change(40)) is lost
    fresh = Watch.start("growing")
    assert fresh.changed(Change(0)) == fresh
