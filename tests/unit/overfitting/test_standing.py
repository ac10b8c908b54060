"""A verdict keeps its place for a hundred epochs, and is true at each of them."""

import math
import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.overfitting import Assessment, Change, Known, Watch, assess
from l2tui.overfitting.phase import Act
from l2tui.overfitting.standing import HOLD

KNOWN = [Known(0.0, 0.3), Known(1e-3, 0.25), Known(1.0, 0.6)]
ACTS: tuple[Act, ...] = ("l2", "rate", "weights")


class Told:
    """A made-up run: what was said after each epoch, and the losses."""

    def __init__(self, seed: int, *, acts: bool, known: bool, epochs: int = 700) -> None:
        self.chance = random.Random(seed)
        self.l2 = self.chance.choice([0.0, 1e-3, 1e-2, 0.1])
        self.watch = Watch.start("growing", self.l2, 0.69)
        self.known = KNOWN if known else []
        self.train, self.val = [], []
        self.before_act: tuple[float, float] | None = None
        self.acted = 0
        self._share = 0.01 if acts else 0.0
        self._epochs = epochs

    def __iter__(self) -> Iterator[Assessment]:
        size, level, fit, slope, fall = self.chance.choice([0.0, 0.02, 0.1]), 0.5, 0.5, 0.0, 0.0
        for epoch in range(self._epochs):
            if epoch % 40 == 0:
                slope, fall = self.chance.choice([-0.004, 0.0, 0.0, 0.004]), self.chance.choice([-0.01, 0.0, 0.003])
            level, fit = max(0.05, level * (1 + slope)), max(0.01, fit * (1 + fall))
            if self.chance.random() < self._share:
                self.act(epoch)
            self.train.append(fit * (1 + size / 2 * self.chance.gauss(0, 1)))
            self.val.append(level * (1 + size * self.chance.gauss(0, 1)))
            self.watch = self.watch.update(epoch, self.train[-1], self.val[-1])
            yield assess(self.watch, self.l2, self.known)

    def act(self, epoch: int) -> None:
        kind = self.chance.choice(ACTS)
        self.l2 = self.chance.choice([0.0, 1e-3, 1e-2, 0.1]) if kind == "l2" else self.l2
        self.watch = self.watch.changed(Change(epoch - 1, kind, self.l2))
        self.acted = epoch


@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_the_verdict_changes_at_most_once_in_a_hundred_epochs_without_an_act(
    seed: int, acts: bool, known: bool
) -> None:
    told, changes, last, acted = Told(seed, acts=acts, known=known), [], "waiting", 0
    for epoch, said in enumerate(told):
        if told.acted != acted:
            acted, changes, last = told.acted, [], "waiting"
        if said.verdict != last:
            # The first word after "too early to tell" is free.
            changes += [epoch] if last != "waiting" else []
            last = said.verdict
        assert all(later - one >= HOLD for one, later in pairwise(changes))


@given(st.integers(0, 10**6), st.booleans())
def test_what_is_said_is_true_at_every_epoch(seed: int, known: bool) -> None:
    told = Told(seed, acts=True, known=known)
    for epoch, said in enumerate(told):
        recent = told.watch.trend
        if said.until is not None:
            assert said.until <= epoch
            assert said.headline.endswith(f" until {said.until}")
            assert said.direction is None
        if said.headline.startswith("Overfitting since"):
            assert said.confirmed_epoch is not None
            assert said.headline == f"Overfitting since {min(range(epoch + 1), key=told.val.__getitem__)}"
        if "not enough evidence" in said.evidence or "until" in said.headline:
            assert "alarm since" in said.evidence or said.confirmed_epoch is None
        if said.headline.endswith(" is working"):
            assert recent.val < told.watch.phase.val_before
        if "val has settled there" in said.evidence:
            window = told.val[recent.before_start : recent.last_start], told.val[recent.last_start : recent.start]
            assert mean(window[1]) == pytest.approx(mean(window[0]), rel=0.021)
        if "neither loss moves since" in said.evidence:
            since = int(said.evidence.split("epoch ")[1].split(";")[0])
            for losses in (told.train, told.val):
                assert mean(losses[-10:]) == pytest.approx(mean(losses[since:]), rel=0.2)
        if said.headline == "Small gap, high λ":
            assert recent.val < 2 * recent.train
        if said.verdict == "l2_too_strong" and said.until is None:
            assert told.l2 > 0


def test_a_mark_that_is_withdrawn_early_leaves_what_was_true_until_then() -> None:
    watch = Watch.start("growing")
    for epoch in range(160):
        watch = watch.update(epoch, 0.99**epoch, 0.25 + 0.0024 * abs(epoch - 100))
    marked = [assess(watch, 0.0)]
    for epoch in range(160, 300):
        watch = watch.update(epoch, 0.99**epoch, 0.2)
        marked.append(assess(watch, 0.0))
    assert (marked[0].headline, marked[0].direction, marked[0].until) == ("Overfitting since 100", "up", None)
    assert (marked[5].headline, marked[5].direction) == ("Overfitting until 160", None)
    assert marked[5].evidence.startswith("val ")
    assert marked[-1].headline == "Learning"


def test_the_same_evidence_again_brings_the_verdict_back_at_once() -> None:
    watch = Watch.start("growing")
    losses = [(0.99**t, 0.25 + 0.0024 * abs(t - 100)) for t in range(160)]
    losses += [(0.19, 0.2)] + [(0.18, 0.2 + 0.01 * min(t, 10)) for t in range(60)]
    said = []
    for epoch, (train, val) in enumerate(losses):
        watch = watch.update(epoch, train, val)
        said.append(assess(watch, 0.0))
    words = [one.headline for one in said]
    assert "Overfitting until 160" in words
    assert words[-1] == "Overfitting since 160"
    assert {one.verdict for one in said[155:]} == {"overfitting"}


def test_the_end_holds_nothing_back() -> None:
    watch = Watch.start("growing")
    for epoch in range(170):
        watch = watch.update(epoch, 0.99**epoch, 0.25 + 0.0024 * abs(epoch - 100) if epoch < 160 else 0.2)
    assert assess(watch, 0.0).headline == "Overfitting until 160"
    assert assess(watch, 0.0, ended=True).headline == "Learning"


def test_divergence_does_not_wait() -> None:
    watch = Watch.start("growing")
    for epoch in range(120):
        watch = watch.update(epoch, 0.5, 0.5)
    assert assess(watch, 0.0).verdict == "plateau"
    for epoch in range(120, 131):
        watch = watch.update(epoch, 9e9, 9e9)
    assert assess(watch, 0.0).verdict == "diverged"
    assert assess(watch.update(131, math.nan, 1.0), 0.0).verdict == "diverged"


def mean(losses: list[float]) -> float:
    return sum(losses) / len(losses)
