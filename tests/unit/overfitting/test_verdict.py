"""What a run is said to be, why, and what to try."""

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.overfitting import CRITERIA, Assessment, Change, Watch, assess, evaluate
from l2tui.overfitting.trend import Trend
from l2tui.settings import CriterionName

NAMES: list[CriterionName] = sorted(CRITERIA)


def overfitting(length: int = 120) -> tuple[range, list[float], list[float]]:
    epochs = range(length)
    return epochs, [0.99**t for t in epochs], [0.25 + 0.0024 * abs(t - 40) for t in epochs]


def both_rising(length: int = 400) -> tuple[range, list[float], list[float]]:
    """Falls in the first epoch, then both rise and settle higher."""
    up = [0.1 * (1 - math.exp(-t / 30)) for t in range(length - 1)]
    return range(length), [0.69] + [0.38 + x for x in up], [0.69] + [0.384 + x for x in up]


def test_waiting_up_to_ten_epochs() -> None:
    falling = [1 / (t + 1) for t in range(10)]
    assert assess(Watch.start("gl"), 0.0).verdict == "waiting"
    nine = assess(evaluate("gl", range(9), falling[:9], falling[:9]), 0.0)
    assert (nine.verdict, nine.evidence) == ("waiting", "1 more epoch needed for a verdict")
    assert assess(evaluate("gl", range(10), falling, falling), 0.0).verdict == "learning"


def test_overfitting_with_its_numbers() -> None:
    found = assess(evaluate("gl", *overfitting(85)), 0.0)
    assert found.verdict == "overfitting"
    assert found.evidence == (
        "val 42 % above its best of 0.25 at epoch 40; train still falling; confirmed 6 epochs later"
    )
    assert found.advice == "raise λ"
    assert (found.best_epoch, found.onset_epoch, found.confirmed_epoch) == (40, 40, 46)
    assert found.readout == "+42.2 %, alarm"


def test_what_to_try_depends_on_the_penalty_and_the_rise() -> None:
    watch = evaluate("gl", *overfitting())
    assert assess(watch, 0.0).advice == "raise λ"
    assert assess(watch, 1e-3).advice == "raise λ"
    assert assess(watch, 0.1).advice == "raise λ"
    assert assess(watch, 1.0).advice == "more data, as λ is high already"
    epochs, train, val = overfitting(90)
    slight = evaluate("gl", epochs, train, [min(loss, 0.265) for loss in val])
    assert assess(slight, 0.0).advice == "raise λ"
    assert assess(slight, 1e-2).advice == "stop here, the best weights are kept"
    epochs, train, val = range(60), [0.9**t for t in range(60)], [0.5 + 0.01 * t for t in range(60)]
    assert assess(evaluate("gl", epochs, train, val), 0.0).advice == "lower the learning rate"


def test_training_that_has_come_to_a_halt_below_is_not_called_falling() -> None:
    epochs, train, val = overfitting(200)
    found = assess(evaluate("gl", epochs, [max(loss, 0.6) for loss in train], val), 0.0)
    assert found.verdict == "overfitting"
    assert "; train 10 % lower than then; " in found.evidence


def test_a_rise_without_proof_is_said_to_have_none() -> None:
    epochs, train, val = overfitting(54)
    jump = val[:42] + [0.28] * 12
    found = assess(evaluate("growing", epochs[:49], train[:49], jump[:49]), 0.0)
    assert (found.verdict, found.advice, found.onset_epoch) == ("learning", "train longer", None)
    assert found.evidence == (
        "val 12 % above its best of 0.25 at epoch 40; not enough evidence yet that this is a rise"
    )


@pytest.mark.parametrize("name", NAMES)
def test_waiting_for_ten_epochs_after_a_change(name: CriterionName) -> None:
    loss = [1 / (t + 1) for t in range(80)]
    watch = evaluate(name, range(60), loss[:60], loss[:60]).changed(Change(59, "l2", 0.1))
    for epoch in range(60, 70):
        found = assess(watch, 0.1)
        assert (found.verdict, found.onset_epoch) == ("waiting", None)
        more = 70 - epoch
        assert found.evidence == (
            f"λ 0 -> 0.1 after epoch 59; {more} more epoch{'s' * (more != 1)} needed for a verdict"
        )
        watch = watch.update(epoch, loss[epoch], loss[epoch])
    assert assess(watch, 0.1).verdict == "learning"


@pytest.mark.parametrize("name", NAMES)
def test_both_rising_is_a_penalty_too_strong(name: CriterionName) -> None:
    found = assess(evaluate(name, *both_rising(), l2=0.1), 0.1)
    assert (found.verdict, found.advice, found.onset_epoch) == ("l2_too_strong", "lower λ", None)
    assert found.evidence == "val 15 % and train 15 % above where they were when val was lowest with this λ"


def test_both_rising_without_a_penalty_is_not_blamed_on_it() -> None:
    for l2 in (0.0, 1e-5):
        found = assess(evaluate("gl", *both_rising(), l2=l2), l2)
        assert (found.verdict, found.advice) == ("plateau", "lower the learning rate")


@pytest.mark.parametrize("name", NAMES)
def test_falling_curves_are_learning(name: CriterionName) -> None:
    watch = Watch.start(name)
    for epoch in range(2000):
        watch = watch.update(epoch, 1 / (epoch + 1) ** 0.3, 0.1 + 1 / (epoch + 1) ** 0.3)
        if epoch >= 9:
            assert assess(watch, 0.0).verdict == "learning"
    assert assess(watch, 0.0).advice == "train longer"


def test_curves_that_settle_are_a_plateau() -> None:
    loss = [0.3 + 0.7 * 0.9**t for t in range(300)]
    found = assess(evaluate("gl", range(300), loss, loss), 0.0)
    assert (found.verdict, found.advice) == ("plateau", "stop here, or raise the learning rate")
    found = assess(evaluate("gl", range(300), loss, loss, l2=1e-3), 1e-3)
    assert (found.advice, found.direction) == ("sweep λ to compare others", None)
    assert found.evidence.endswith("; whether another λ is better, one run cannot tell")


def test_a_high_l2_that_leaves_no_gap_is_not_a_plateau_but_a_hint_to_try_less() -> None:
    train = [0.3 + 0.4 * 0.9**t for t in range(300)]
    val = [1.1 * loss for loss in train]
    found = assess(evaluate("growing", range(300), train, val, l2=0.01), 0.01)
    assert (found.verdict, found.headline, found.advice) == ("small_gap", "Small gap, high λ", "try a lower λ")
    assert found.direction == "down"
    assert found.evidence == "val 0.33, 10 % above train; λ curbs the gap but holds up train, the larger part of val"
    half = [1.7 * loss for loss in train]
    assert assess(evaluate("growing", range(300), train, half, l2=0.01), 0.01).verdict == "small_gap"
    wide = [2 * loss for loss in train]
    assert assess(evaluate("growing", range(300), train, wide, l2=0.01), 0.01).verdict == "plateau"
    smaller = evaluate("growing", range(300), train, val).changed(Change(299, "l2", 0.01))
    for epoch in range(300, 600):
        smaller = smaller.update(epoch, 0.3, 0.33)
    assert assess(smaller, 0.01).verdict == "plateau", "the smaller λ was no better"


def test_a_high_l2_at_the_end_of_losses_that_still_fall_is_held_against_the_gap_as_well() -> None:
    train = [0.3 + 0.4 * 0.99**t for t in range(200)]
    watch = evaluate("growing", range(200), train, [1.5 * loss for loss in train], l2=0.01)
    assert (assess(watch, 0.01).verdict, assess(watch, 0.01, ended=True).verdict) == ("learning", "small_gap")
    wide = evaluate("growing", range(200), train, [3 * loss for loss in train], l2=0.01)
    assert assess(wide, 0.01, ended=True).verdict == "learning"
    smaller = evaluate("growing", range(200), train, [1.5 * loss for loss in train], l2=1e-3)
    assert assess(smaller, 1e-3, ended=True).verdict == "learning"


def test_a_run_that_has_ended_names_what_can_tell_where_its_curve_cannot() -> None:
    falling = [0.3 + 0.4 * 0.99**t for t in range(200)]
    watch = evaluate("growing", range(200), falling, falling, l2=1e-3)
    assert assess(watch, 1e-3).advice == "train longer"
    ended = assess(watch, 1e-3, ended=True)
    assert (ended.advice, ended.direction) == ("train longer, or sweep λ", None)
    epochs, train, val = overfitting(90)
    slight = evaluate("gl", epochs, train, [min(loss, 0.265) for loss in val])
    ended = assess(slight, 1e-2, ended=True)
    assert (ended.verdict, ended.advice, ended.direction) == (
        "overfitting",
        "the best weights are kept; or sweep λ",
        None,
    )
    early = evaluate("growing", range(5), falling[:5], falling[:5])
    assert assess(early, 0.0, ended=True).advice == "train longer"


def test_a_plateau_that_moves_a_little_says_by_how_much() -> None:
    watch = evaluate("gl", range(100), [0.5] * 100, [0.5] * 100)
    for epoch in range(100, 110):
        watch = watch.update(epoch, 0.5, 0.47)
    found = assess(watch, 0.0)
    assert found.verdict == "plateau"
    # The recent mean is one with a memory of ten; the last full window holds the epochs 77 to 95.
    assert found.evidence == f"val moved by {6 * (1 - 0.9**10):.1f} % and train by 0.0 % since epoch 77"


def test_a_mark_that_is_up_is_not_said_to_lack_evidence() -> None:
    watch = Watch.start("growing")
    for epoch in range(200):
        watch = watch.update(epoch, 0.99**epoch, 0.25 + 0.0024 * abs(epoch - 100))
        found = assess(watch, 0.0)
        if found.verdict == "learning" and found.confirmed_epoch is not None:
            assert found.evidence.endswith(f"; alarm since epoch {found.confirmed_epoch}; overfitting if it lasts")
            return
    raise AssertionError("the mark never stood before the verdict")


def test_noise_does_not_hide_a_plateau_in_a_long_run() -> None:
    noise = random.Random(3)
    train = [0.3 * (1 + 0.01 * noise.gauss(0, 1)) for _ in range(3000)]
    val = [0.4 * (1 + 0.01 * noise.gauss(0, 1)) for _ in range(3000)]
    assert assess(evaluate("gl", range(3000), train, val), 0.0).verdict == "plateau"


def test_a_plateau_ends_soon_after_the_losses_move_again() -> None:
    flat = [0.5] * 1000
    watch = evaluate("gl", range(1000), flat, flat)
    assert assess(watch, 0.0).verdict == "plateau"
    for epoch in range(1000, 1100):
        watch = watch.update(epoch, 0.4, 0.4)
    assert assess(watch, 0.0).verdict == "learning"


@pytest.mark.parametrize("moving", ["train", "val"])
@pytest.mark.parametrize("fall", ["slow", "sudden"])
def test_one_loss_that_moves_is_enough_to_be_no_plateau(moving: str, fall: str) -> None:
    level = [0.5] * 1000
    falls = [0.5 - 1e-4 * t for t in range(1000)] if fall == "slow" else [0.5] * 950 + [0.4] * 50
    train, val = (falls, level) if moving == "train" else (level, falls)
    assert assess(evaluate("gl", range(1000), train, val), 0.0).verdict == "learning"


def test_val_rising_over_a_level_train_is_neither_overfitting_nor_a_penalty_too_strong() -> None:
    found = assess(evaluate("gl", range(100), [0.5] * 100, [0.5 + 0.01 * t for t in range(100)]), 0.1)
    assert (found.verdict, found.onset_epoch) == ("learning", None)
    assert found.evidence == "val 198 % above its best of 0.5 at epoch 0; train not falling"


def test_windows_grow_with_the_run() -> None:
    trend, closed = Trend(), []
    for epoch in range(160):
        before, trend = trend, trend.update(epoch, 1.0, 1.0)
        if trend.opened > before.opened:
            closed.append(trend.opened)
    assert closed == [10, 20, 30, 40, 50, 62, 77, 96, 120, 150]


@given(st.lists(st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)), min_size=1, max_size=150))
def test_the_windows_of_the_trend_cover_the_run(losses: list[tuple[float, float]]) -> None:
    trend, ends = Trend(), [0]
    for n, (train, val) in enumerate(losses, start=1):
        trend = trend.update(n - 1, train, val)
        if n >= max(ends[-1] + 10, int(ends[-1] * 1.25)):
            ends.append(n)
        if len(ends) > 1:
            window = losses[ends[-2] : ends[-1]]
            assert trend.last_train == pytest.approx(sum(train for train, _ in window) / len(window))
            assert trend.last_val == pytest.approx(sum(val for _, val in window) / len(window))
            assert trend.last_start == ends[-2]
        if len(ends) > 2:
            window = losses[ends[-3] : ends[-2]]
            assert trend.before_train == pytest.approx(sum(train for train, _ in window) / len(window))
            assert trend.before_start == ends[-3]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_diverged_at_once(bad: float) -> None:
    found = assess(Watch.start("gl").update(0, 1.0, 1.0).update(1, bad, 1.0), 0.1)
    assert (found.verdict, found.train_loss, found.val_loss) == ("diverged", None, 1.0)
    assert (found.evidence, found.advice) == ("loss no longer finite at epoch 1", "lower the learning rate")
    assert assess(evaluate("gl", *overfitting()).update(120, 1.0, bad), 0.0).verdict == "diverged"


ANY = st.floats(0, 10) | st.sampled_from([math.nan, math.inf, 0.0, 1e-300, 1e300])


@given(st.sampled_from(NAMES), st.lists(st.tuples(ANY, ANY), max_size=60), st.sampled_from([0.0, 0.1]))
def test_assessments_survive_json_whatever_the_losses(
    name: CriterionName, losses: list[tuple[float, float]], l2: float
) -> None:
    watch = Watch.start(name)
    for epoch, (train, val) in enumerate(losses):
        watch = watch.update(epoch, train, val)
        found = assess(watch, l2)
        assert msgspec.json.decode(msgspec.json.encode(found), type=Assessment) == found
        assert 0 < len(found.evidence) <= 104
        assert 0 < len(found.advice) <= 44
        assert len(found.readout) <= 20
        assert found.headline
        assert found.level is None or math.isfinite(found.level)


def test_a_train_loss_that_falls_all_the_time_is_said_to_fall_at_every_epoch() -> None:
    trend = Trend()
    falls = []
    for epoch in range(400):
        trend = trend.update(epoch, 0.99**epoch, 0.5)
        falls.append(trend.train_falls)
    assert all(falls[20:])


def test_a_train_loss_that_rises_all_the_time_is_never_said_to_fall() -> None:
    trend = Trend()
    for epoch in range(400):
        trend = trend.update(epoch, 1.01**epoch, 0.5)
        assert not trend.train_falls
