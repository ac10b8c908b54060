"""Each rule against a second definition of it that looks at the whole curve at once."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.overfitting.criteria import CRITERIA, GL, PQ, UP, Patience, make_criterion
from l2tui.overfitting.rule import Criterion
from l2tui.settings import CriterionName

LOSS = st.floats(0.01, 100.0)
Curve = list[tuple[int, float, float]]


@st.composite
def curves(draw: st.DrawFn, min_size: int = 1) -> Curve:
    """Curves of epoch, train_loss, val_loss with any start and any gaps; values repeat often, so that ties occur."""
    loss = LOSS | st.sampled_from([0.25, 0.5, 1.0, 2.0])
    steps = draw(st.lists(st.tuples(st.integers(1, 4), loss, loss), min_size=min_size, max_size=80))
    epoch = draw(st.integers(-1, 3))
    curve = []
    for gap, train, val in steps:
        epoch += gap
        curve.append((epoch, train, val))
    return curve


def follow(criterion: Criterion, curve: Curve) -> list[Criterion]:
    states = []
    for epoch, train, val in curve:
        criterion = criterion.update(epoch, train, val)
        states.append(criterion)
    return states


def dense(val: Sequence[float], train: Sequence[float] | None = None) -> Curve:
    return [(t, train[t] if train else 1.0, loss) for t, loss in enumerate(val)]


def strip_ends(curve: Curve, length: int) -> list[int]:
    """Positions at which a strip ends, the first position included."""
    ends = [0]
    for i, (epoch, _, _) in enumerate(curve):
        if epoch - curve[ends[-1]][0] >= length:
            ends.append(i)
    return ends


@given(curves())
def test_gl_is_the_rise_above_the_minimum_with_hysteresis(curve: Curve) -> None:
    val = [loss for _, _, loss in curve]
    losses = [100 * (loss / min(val[: i + 1]) - 1) for i, loss in enumerate(val)]
    states = follow(GL(), curve)
    assert [state.loss for state in states] == pytest.approx(losses, abs=1e-9)
    for i, state in enumerate(states):
        if any(abs(loss - limit) < 1e-9 for loss in losses for limit in (5, 2.5)):
            return
        above = [j for j in range(i + 1) if losses[j] > 5]
        assert state.fires == bool(above and min(losses[above[-1] : i + 1]) > 2.5)


@given(curves())
def test_up_at_the_end_of_a_strip_is_the_chain_of_rises(curve: Curve) -> None:
    val = [loss for _, _, loss in curve]
    states = follow(UP(3, 5), curve)
    ends = strip_ends(curve, 5)
    for n, end in enumerate(ends):
        rose = n >= 3 and val[ends[n - 3]] < val[ends[n - 2]] < val[ends[n - 1]] < val[end]
        assert states[end].fires == rose


@given(curves())
def test_up_between_ends_holds_while_the_rise_is_not_undone(curve: Curve) -> None:
    val = [loss for _, _, loss in curve]
    states = follow(UP(3, 5), curve)
    ends = strip_ends(curve, 5)
    for i, state in enumerate(states):
        n = max(n for n, end in enumerate(ends) if end <= i)
        first = n
        while first > 0 and val[ends[first - 1]] < val[ends[first]]:
            first -= 1
        assert state.fires == (n - first >= 3 and val[i] > val[ends[first]])


@given(curves())
def test_pq_at_the_end_of_a_strip_is_loss_by_progress(curve: Curve) -> None:
    states = follow(PQ(0.75, 5), curve)
    ends = strip_ends(curve, 5)
    for before, end in pairwise(ends):
        strip = [train for _, train, _ in curve[before + 1 : end + 1]]
        loss = 100 * (curve[end][2] / min(val for _, _, val in curve[: end + 1]) - 1)
        progress = 1000 * (sum(strip) / (len(strip) * min(strip)) - 1)
        quotient = loss / max(progress, 1e-3)
        state = states[end]
        assert state.quotient == pytest.approx(quotient, rel=1e-6, abs=1e-6)
        if abs(quotient - 0.75) > 1e-5:
            assert state.fires == (quotient > 0.75)


@given(curves())
def test_pq_between_ends_stays_until_a_new_minimum(curve: Curve) -> None:
    states = follow(PQ(0.75, 5), curve)
    ends = strip_ends(curve, 5)
    for i, state in enumerate(states):
        end = max(end for end in ends if end <= i)
        lower = i > end and min(val for _, _, val in curve[end + 1 : i + 1]) < min(
            val for _, _, val in curve[: end + 1]
        )
        assert state.fires == (states[end].fires and not lower)


class KerasRule:
    """The rule as a callback states it: count the epochs that bring nothing, start again at each improvement."""

    def __init__(self, patience: int, min_delta: float) -> None:
        self.patience, self.min_delta, self.best, self.wait = patience, min_delta, math.inf, 0

    def stops(self, loss: float) -> bool:
        self.wait += 1
        if loss < self.best - self.min_delta:
            self.best, self.wait = loss, 0
        return self.wait >= self.patience and self.wait > 0


@given(st.lists(LOSS | st.just(1.0), max_size=60), st.integers(0, 12), st.sampled_from([0.0, 0.5]))
def test_patience_is_the_rule_of_keras(val: list[float], patience: int, min_delta: float) -> None:
    rule = KerasRule(patience, min_delta)
    states = follow(Patience(patience, min_delta), dense(val))
    assert [state.fires for state in states] == [rule.stops(loss) for loss in val]


@given(curves())
def test_patience_counts_epochs_where_values_have_gaps(curve: Curve) -> None:
    states = follow(Patience(), curve)
    for i, (epoch, _, _) in enumerate(curve):
        val = [loss for _, _, loss in curve[: i + 1]]
        assert states[i].fires == (epoch - curve[val.index(min(val))][0] >= 10)


def test_gl_by_hand() -> None:
    states = follow(GL(), dense([1.0, 0.8, 0.82, 0.848, 0.83, 0.816, 0.79]))
    assert [state.fires for state in states] == [False, False, False, True, True, False, False]
    assert [state.readout for state in states[1:5]] == [
        "+0.0 %, alarm at 5 %",
        "+2.5 %, alarm at 5 %",
        "+6.0 %, alarm",
        "+3.7 %, alarm",
    ]


def test_up_by_hand() -> None:
    val = [0.5] * 5 + [0.4] + [0.5] * 4 + [0.6] + [0.5] * 4 + [0.7] + [0.5] * 4 + [0.8, 0.41, 0.39, 0.41]
    states = follow(UP(), dense(val))
    assert [t for t, state in enumerate(states) if state.fires] == [20, 21, 23]
    assert [states[t].readout for t in (0, 5, 10, 15, 20)] == ["UP 0/3", "UP 0/3", "UP 1/3", "UP 2/3", "UP 3/3"]


@pytest.mark.parametrize("name", sorted(CRITERIA.keys() - {"patience"}))
def test_a_level_curve_does_not_rise(name: CriterionName) -> None:
    assert not any(state.fires for state in follow(make_criterion(name), dense([0.5] * 60)))


def test_pq_by_hand() -> None:
    train = [2.0, 1.04, 1.03, 1.02, 1.01, 1.0]  # mean 1.02, lowest 1: P = 20
    state = follow(PQ(), dense([1.0, 1.0, 1.0, 1.0, 1.0, 1.1], train))[-1]  # GL = 10
    assert (state.fires, state.readout) == (False, "PQ 0.5 of 0.75")
    state = follow(PQ(), dense([1.0, 1.0, 1.0, 1.0, 1.0, 1.2], train))[-1]  # GL = 20
    assert (state.fires, state.readout) == (True, "PQ 1.0 of 0.75")
    assert not state.update(6, 1.0, 0.9).fires


@pytest.mark.parametrize("train", [1.0, 0.0])
def test_pq_with_a_training_loss_that_stands_still(train: float) -> None:
    flat = [train] * 6
    assert not follow(PQ(), dense([1.0] * 6, flat))[-1].fires
    state = follow(PQ(), dense([1.0] * 5 + [1.5], flat))[-1]
    assert (state.fires, state.readout) == (True, "PQ >9999 of 0.75")


def test_patience_by_hand() -> None:
    states = follow(Patience(3), dense([1.0, 0.9, 0.9, 0.95, 0.92, 0.89]))
    assert [state.fires for state in states] == [False, False, False, False, True, False]
    assert [state.readout for state in states][2:] == ["patience 1/3", "patience 2/3", "patience 3/3", "patience 0/3"]


@given(curves(), st.integers(-8, 8))
def test_gl_does_not_depend_on_the_unit_of_the_loss(curve: Curve, power: int) -> None:
    scaled = [(epoch, train, val * 2.0**power) for epoch, train, val in curve]
    for state, other in zip(follow(GL(), curve), follow(GL(), scaled), strict=True):
        assert (state.fires, state.readout) == (other.fires, other.readout)


def test_a_loss_that_hits_zero_has_a_finite_rise() -> None:
    states = follow(GL(), dense([1.0, 0.0, 0.0, 1e-15, 0.5]))
    assert [state.fires for state in states] == [False, False, False, False, True]
    assert states[-1].readout == "+>9999 %, alarm"


def test_a_negative_loss_rises_towards_zero() -> None:
    states = follow(GL(), dense([-1.0, -2.0, -1.96, -1.8]))
    assert [state.readout for state in states] == [
        "+0.0 %, alarm at 5 %",
        "+0.0 %, alarm at 5 %",
        "+2.0 %, alarm at 5 %",
        "+10.0 %, alarm",
    ]
    assert states[-1].fires


@given(st.sampled_from(sorted(CRITERIA)), curves())
def test_an_update_leaves_the_old_value_as_it_was(name: CriterionName, curve: Curve) -> None:
    states = follow(make_criterion(name), curve)
    before = [msgspec.msgpack.encode(state) for state in states]
    for state in states:
        state.update(10_000, 0.5, 0.5)
    assert [msgspec.msgpack.encode(state) for state in states] == before
    assert follow(make_criterion(name), curve) == states


@pytest.mark.parametrize("name", sorted(CRITERIA))
def test_criteria_are_frozen(name: CriterionName) -> None:
    with pytest.raises(AttributeError):
        make_criterion(name).best = 0.0


@given(st.sampled_from(sorted(CRITERIA)), st.integers(1, 12), st.integers(0, 5))
def test_a_falling_curve_never_fires(name: CriterionName, gap: int, start: int) -> None:
    curve = [(start + gap * i, 1 / (i + 1), 2 / (i + 1)) for i in range(60)]
    assert not any(state.fires for state in follow(make_criterion(name), curve))


def test_every_setting_has_its_criterion_and_words() -> None:
    assert set(CRITERIA) == set(get_args(CriterionName))
    for name, words in CRITERIA.items():
        assert words
        assert not make_criterion(name).fires
