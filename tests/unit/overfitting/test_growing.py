"""The default rule against a second definition of it that looks back over the whole curve, and what it is for."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.overfitting import Watch, evaluate
from l2tui.overfitting.growing import Growing

LOSS = st.floats(0.2, 0.4) | st.sampled_from([0.25, 0.26, 0.3])
Losses = list[tuple[float, float]]


@st.composite
def curves(draw: st.DrawFn) -> tuple[Losses, set[int]]:
    """Curves that fall, turn and rise, with noise and dips, and the positions before which something was changed."""
    length, turn = draw(st.integers(1, 260)), draw(st.integers(0, 60))
    noise = random.Random(draw(st.integers(0, 10**6)))
    size, slope = draw(st.sampled_from([0.0, 0.01, 0.05])), draw(st.sampled_from([-0.001, 0.0, 0.0005, 0.003]))
    drop = draw(st.sampled_from([-0.0002, 0.0, 0.001, 0.004]))
    losses = []
    for t in range(length):
        val = 0.3 + 0.01 * max(0, turn - t) + slope * max(0, t - turn)
        train = max(0.05, 0.6 - drop * t)
        losses.append((train * (1 + size * noise.gauss(0, 1)), max(val, 0.01) * (1 + size * noise.gauss(0, 1))))
    for place, value in draw(st.lists(st.tuples(st.integers(0, length - 1), LOSS), max_size=4)):
        losses[place] = (losses[place][0], value)
    return losses, draw(st.sets(st.integers(1, length), max_size=2))


def follow(losses: Losses, changes: Sequence[int] | set[int] = ()) -> list[Growing]:
    rule, states = Growing(), []
    for t, (train, val) in enumerate(losses):
        if t in changes:
            rule = rule.changed()
        rule = rule.update(t, train, val)
        states.append(rule)
    return states


def running(values: list[float], memories: list[float]) -> float:
    mean = 0.0
    for count, (value, memory) in enumerate(zip(values, memories, strict=True), start=1):
        mean += (value - mean) / min(count, memory)
    return mean


class LookingBack:
    """The definition, from the list of all values each time."""

    def __init__(self, losses: Losses, changes: set[int]) -> None:
        self.train, self.val = [train for train, _ in losses], [val for _, val in losses]
        self.changes, self.marked, self.margins = changes, [False], [math.inf]

    def means(self, t: int, start: int) -> tuple[float, float, float]:
        memories = [max(5.0, (i + 1) / 40) for i in range(start, t + 1)]
        long = [max(memory, 0.1 * (i + 1)) for i, memory in enumerate(memories, start)]
        val, train = self.val[start : t + 1], self.train[start : t + 1]
        return running(val, memories), running(train, memories), running(train, long)

    def flow(self, t: int) -> float:
        return running(self.val[: t + 1], [max(5.0, (i + 1) / 40) for i in range(t + 1)])

    def noise(self, t: int) -> float:
        memories = [max(10.0, (i + 1) / 40) for i in range(t + 1)]
        by = [running([abs(self.val[i] - self.val[max(0, i - k)]) for i in range(t + 1)], memories) for k in (1, 4)]
        return max(by) * math.sqrt(math.pi) / 2

    def best(self, t: int) -> int:
        return self.val.index(min(self.val[: t + 1]))

    def step(self, t: int) -> bool:
        best = self.best(t)
        changed = max((c for c in self.changes if best < c <= t), default=None)
        start = best + 1 if changed is None else changed
        since = t - start + 1
        was = self.marked[-1] and best != t
        if since < 4 or (changed is not None and since <= 10):
            return was
        level, train, long = self.means(t, start)
        E, limit = self.val[best], self.train[best]
        self.margins += [abs(level / E - 1.04), abs(level / E - 1.02), abs(train - limit), abs(long - 0.9995 * limit)]
        if was:
            above = 0
            judged = start if changed is None else start + 10
            while t - above >= judged and self.marked[t - above] and self.means(t - above, start)[1] > limit:
                above += 1
            return level >= 1.02 * E and above <= 8
        if not (level > 1.04 * E and train < limit and long < 0.9995 * limit):
            return False
        last = min(self.val[t - 3 : t + 1])
        self.margins.append(abs(last / E - 1.02))
        if last <= 1.02 * E:
            return False
        lowest = min((self.flow(i) for i in range(10, t + 1)), default=math.inf)
        noise = self.noise(t)
        own = min((self.means(i, start)[0] for i in range(start + 5, t)), default=math.inf)
        self.margins += [abs(level - lowest), abs(level - own), abs(level - E - 4 * noise)]
        if level <= lowest and (t + 1 - since > 20 or level <= own):
            return False
        return (
            (since >= 12 and since >= 0.1 * (t + 1))
            or (since >= 10 and level - E > 4 * noise)
            or self.stood(t, changed)
        )

    def stood(self, t: int, changed: int | None) -> bool:
        run = 0
        found = False
        for i in range(t + 1):
            if i in self.changes:
                found = False
            if self.best(i) == i and i:
                found = found or run >= 15
            run = run + 1 if self.marked[i + 1 : i + 2] == [True] else 0
        return found

    def all(self) -> list[bool]:
        for t in range(len(self.val)):
            self.marked.append(self.step(t))
        return self.marked[1:]


@settings(deadline=None, max_examples=60)
@given(curves())
def test_it_is_what_the_definition_says(case: tuple[Losses, set[int]]) -> None:
    losses, changes = case
    back = LookingBack(losses, changes)
    expected = back.all()
    if min(back.margins) > 1e-12:  # nearer than that, rounding decides
        assert [state.fires for state in follow(losses, changes)] == expected


@given(curves(), st.integers(-8, 8), st.integers(-8, 8))
def test_the_unit_of_the_losses_does_not_matter(case: tuple[Losses, set[int]], train: int, val: int) -> None:
    losses, changes = case
    scaled = [(a * 2.0**train, b * 2.0**val) for a, b in losses]
    for state, other in zip(follow(losses, changes), follow(scaled, changes), strict=True):
        assert (state.fires, state.readout) == (other.fires, other.readout)


def vee(length: int, turn: int = 40, slope: float = 0.005, size: float = 0.0, seed: int = 0) -> Losses:
    """Train falls for ever; val falls up to `turn` and rises from there by `slope` of its minimum an epoch."""
    noise = random.Random(seed)
    return [
        (
            0.99**t * (1 + size * noise.gauss(0, 1)),
            0.2 * (1 + 0.01 * max(0, turn - t) + slope * max(0, t - turn)) * (1 + size * noise.gauss(0, 1)),
        )
        for t in range(length)
    ]


def test_a_clean_turn_is_marked_once_and_for_good() -> None:
    states = follow(vee(400))
    fired = [t for t, state in enumerate(states) if state.fires]
    assert fired == list(range(fired[0], 400))
    assert 50 <= fired[0] <= 60


@pytest.mark.parametrize("first", [0.69, 2.0])
def test_a_log_of_few_values_with_an_early_best_is_marked_however_high_it_began(first: float) -> None:
    found = 0
    for seed in range(20):
        noise = random.Random(seed)
        val = [first, 0.4, 0.3, *(0.37 + 0.004 * noise.gauss(0, 1) for _ in range(24))]
        found += follow([(0.6 * 0.9**t, loss) for t, loss in enumerate(val)])[-1].fires
    assert found >= 19


def test_a_train_loss_at_rest_confirms_no_overfitting() -> None:
    rest = [(0.3 - 1e-7 * t, loss) for t, (_, loss) in enumerate(vee(400))]
    states = follow(rest)
    assert not any(state.fires for state in states)
    assert states[-1].readout.endswith("%, train flat")


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_make_the_mark_come_and_go(seed: int) -> None:
    losses = vee(1000, slope=0.002, size=0.03, seed=seed)
    watch = evaluate("growing", range(1000), [a for a, _ in losses], [b for _, b in losses])
    assert watch.confirmed_epoch is not None
    assert watch.withdrawn <= 2
    assert evaluate("gl", range(1000), [a for a, _ in losses], [b for _, b in losses]).withdrawn > watch.withdrawn


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0.0, 0.003, 0.006])
def test_a_level_val_loss_is_not_marked(seed: int, size: float) -> None:
    assert not any(state.fires for state in follow(vee(1500, slope=0.0, size=size, seed=seed)[40:]))


@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_fall_is_not_marked(seed: int) -> None:
    noise = random.Random(seed)
    losses = [(math.exp(-t / 300), 0.2 + math.exp(-t / 300) * (1 + 0.01 * noise.gauss(0, 1))) for t in range(600)]
    assert not any(state.fires for state in follow(losses))


def test_single_high_values_are_not_a_rise() -> None:
    losses = [(a, 0.3 if t % 25 == 24 else 0.2 + 1e-5 * max(0, 40 - t)) for t, (a, _) in enumerate(vee(600))]
    assert sum(state.fires for state in follow(losses)) == 0


def test_a_dip_withdraws_a_mark_that_stood_and_it_is_back_after_four_values() -> None:
    losses = vee(120)
    losses[100] = (losses[100][0], 0.19)
    fires = [state.fires for state in follow(losses)]
    assert fires[99:106] == [True, False, False, False, False, True, True]


def test_a_mark_that_hardly_stood_needs_its_whole_proof_again() -> None:
    losses = vee(120)
    first = [state.fires for state in follow(losses)].index(True)
    losses[first + 5] = (losses[first + 5][0], 0.199)
    fires = [state.fires for state in follow(losses)]
    assert fires[first : first + 5] == [True] * 5
    assert not any(fires[first + 5 : first + 15])


def test_the_mark_ends_when_train_stays_above_for_more_than_eight_values() -> None:
    losses = vee(200)
    limit = losses[40][0]
    losses[100:] = [(2 * limit, val) for _, val in losses[100:]]
    states = follow(losses)
    above = next(t for t in range(100, 200) if states[t].train > limit)
    assert [state.fires for state in states[above : above + 9]] == [True] * 8 + [False]


def test_after_a_change_the_reference_stays_and_nothing_is_decided_for_ten_values() -> None:
    quiet = [(0.99**t, 0.2) for t in range(100)]
    jump = [(0.99**t, 0.3) for t in range(100, 200)]
    states = follow(quiet + jump, [100])
    assert not any(state.fires for state in states[:110])
    assert all(state.fires for state in states[111:])
    assert states[199].best == 0.2
    assert [state.readout for state in states[100:110]] == [f"settling, {n}/10" for n in range(1, 11)]


def test_a_change_does_not_bring_the_rise_down_to_nothing() -> None:
    risen = follow(vee(200))[-1]
    assert risen.readout.endswith(" %, alarm")
    assert risen.changed().readout == "settling, 0/10"


def test_a_mark_stays_through_a_change_and_goes_when_the_new_level_is_low() -> None:
    losses = vee(150)
    lowered = losses + [(0.5, 0.202)] * 50
    states = follow(lowered, [150])
    assert all(state.fires for state in states[149:160])
    assert not any(state.fires for state in states[161:])
    assert states[-1].best == 0.2


def test_a_change_before_the_first_epoch_is_none() -> None:
    assert Growing().changed() == Growing()


def test_readouts() -> None:
    states = follow(vee(400))
    level = (0.5 + 1.0 + 1.5) / 3  # per cent, the mean of the values since the minimum
    assert states[43].readout == f"+{level:.1f} %, alarm at 4 %"
    jump = [*vee(41), *((0.99**t, 0.24) for t in range(41, 52))]
    readouts = [state.readout for state in follow(jump)[41:]]
    assert readouts == [*(f"+20.0 %, proof {n} %" for n in range(10, 100, 10)), *["+20.0 %, alarm"] * 2]
    assert states[399].readout == "+175 %, alarm"
    up = [(0.5 + 0.001 * t, 0.2 + 0.001 * t) for t in range(60)]
    assert follow(up)[-1].readout.endswith(", train up")


def test_one_value_in_ten_epochs_finds_the_same_onset() -> None:
    losses = vee(800, turn=200)[::10]
    watch = evaluate("growing", range(0, 800, 10), [a for a, _ in losses], [b for _, b in losses])
    assert (watch.onset_epoch, watch.withdrawn) == (200, 0)


def test_a_val_loss_that_hits_zero() -> None:
    falling = [(0.9**t, max(0.0, 1 - t / 50)) for t in range(200)]
    assert not any(state.fires for state in follow(falling))
    rising = [(train, val if t < 100 else 1e-3 * (t - 99)) for t, (train, val) in enumerate(falling)]
    assert follow(rising)[-1].fires


def test_a_hundred_thousand_epochs_take_no_more_room_than_a_hundred() -> None:
    watch = Watch.start("growing")
    sizes = {}
    for t in range(20_001):
        watch = watch.update(t, 1 / (t + 1), 0.3 + 1e-6 * t)
        sizes[t] = len(watch.dump()) if t in (100, 20_000) else 0
    assert sizes[20_000] <= sizes[100] + 40
