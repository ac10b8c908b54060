import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.worker.meter import Meter
from l2tui.worker.pacing import Pacer


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("pace", [0.5, 1.0, 100.0, 5000.0])
def test_epochs_keep_their_pace_over_any_time(pace: float) -> None:
    clock = Clock()
    pacer = Pacer(clock)
    epochs = 0
    while epochs < 200:
        clock.now += pacer.wait()
        pacer.epoch_done(pace)
        epochs += 1
    clock.now += pacer.wait()
    assert clock.now - 1000.0 == pytest.approx(200 / pace)


@given(st.lists(st.floats(0, 0.009), min_size=50, max_size=50))
def test_work_that_is_shorter_than_its_time_does_not_slow_the_pace(works: list[float]) -> None:
    clock = Clock()
    pacer = Pacer(clock)
    for work in works:
        clock.now += pacer.wait()
        clock.now += work
        pacer.epoch_done(100.0)
    assert clock.now + pacer.wait() - 1000.0 == pytest.approx(0.5)


def test_without_a_pace_there_is_nothing_to_wait_for() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.epoch_done(0.01)
    assert pacer.wait() == pytest.approx(100.0)
    pacer.epoch_done(None)
    assert pacer.wait() == 0.0


def test_after_a_stand_still_no_more_than_a_tenth_of_a_second_is_caught_up() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.epoch_done(100.0)
    clock.now += 60.0
    burst = 0
    while pacer.wait() == 0.0:
        pacer.epoch_done(100.0)
        burst += 1
    assert 1 <= burst <= 12


def test_after_a_restart_the_next_epoch_begins_at_once() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.epoch_done(0.1)
    assert pacer.wait() == pytest.approx(10.0)
    pacer.restart()
    assert pacer.wait() == 0.0


def test_the_stopwatch_stands_still_in_pauses() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.go_on_from(5.0)
    assert meter.elapsed() == 5.0
    clock.now += 1.0
    assert meter.elapsed() == 5.0
    meter.start(0)
    clock.now += 2.0
    meter.start(0)
    assert meter.elapsed() == 7.0
    meter.stop(10)
    clock.now += 100.0
    meter.stop(10)
    assert meter.elapsed() == 7.0
    meter.start(10)
    clock.now += 0.5
    assert meter.elapsed() == 7.5


def test_the_rate_is_that_of_about_the_last_second() -> None:
    clock = Clock()
    meter = Meter(clock)
    assert meter.rate(0) == 0.0
    meter.start(0)
    assert meter.rate(0) == 0.0
    step = 0
    for _ in range(50):
        clock.now += 0.1
        step += 100
        assert meter.rate(step) == pytest.approx(1000.0)
    for _ in range(12):
        clock.now += 0.1
        step += 1
        rate = meter.rate(step)
    assert rate == pytest.approx(10.0)
    meter.stop(step)
    assert meter.rate(step) == 0.0
    clock.now += 10.0
    meter.start(step)
    clock.now += 0.1
    assert meter.rate(step + 5) == pytest.approx(50.0)
