"""Flow control: one frame in flight, a budget where nobody answers, slices where the line is slow."""

from collections import deque

import pytest

from l2tui.line.line import Line


class SlowTerminal:
    """A line of some bandwidth and a terminal that answers, on a clock of its own."""

    def __init__(self, bandwidth: float, there_and_back: float) -> None:
        self.bandwidth, self.there_and_back = bandwidth, there_and_back
        self.now, self.free_at = 0.0, 0.0
        self.answers: deque[float] = deque()

    def take(self, line: Line, size: int) -> None:
        asked = line.asks
        line.sent(self.now, size, asked=asked)
        self.free_at = max(self.free_at, self.now) + size / self.bandwidth
        if asked:
            self.answers.append(self.free_at + self.there_and_back)

    def wait(self, line: Line) -> None:
        while (wait := line.wait(self.now)) > 0:
            if self.answers and self.answers[0] <= self.now + wait:
                self.now = max(self.now, self.answers.popleft())
                line.answered(self.now)
            else:
                self.now += wait


@pytest.mark.parametrize("bandwidth", [1_000, 10_000, 100_000])
@pytest.mark.parametrize("there_and_back", [0.002, 0.2])
def test_no_more_than_one_frame_is_on_the_way(bandwidth: float, there_and_back: float) -> None:
    line, terminal = Line(), SlowTerminal(bandwidth, there_and_back)
    terminal.take(line, 300)
    for _ in range(100):
        terminal.wait(line)
        if line.answers:
            assert terminal.free_at <= terminal.now
        terminal.take(line, 300)
    assert line.answers


def test_the_bandwidth_is_found_out_and_frames_are_cut_to_it() -> None:
    line, terminal = Line(), SlowTerminal(10_000, 0.05)
    for size in (4000, 60, 60, 900, 900, 60, 900, 900, 900, 900):
        terminal.take(line, size)
        terminal.wait(line)
    assert line.bandwidth == pytest.approx(10_000, rel=0.3)
    assert 300 < line.slice < 800


def test_a_fast_line_is_not_held_up() -> None:
    line, terminal = Line(), SlowTerminal(5e6, 0.001)
    for size in (4000, 100, 3000, 3000):
        terminal.take(line, size)
        terminal.wait(line)
    assert line.slice == float("inf")
    assert terminal.now < 0.1


def test_whoever_never_answers_gets_a_budget() -> None:
    line, now = Line(), 0.0
    sent = 0
    while now < 60.0:
        wait = line.wait(now)
        if wait == 0:
            line.sent(now, 1000, asked=line.asks)
            sent += 1000
        now += max(wait, 0.001)
    assert 10_000 < sent / 60 <= 20_100
    assert not line.asks


def test_whoever_answers_late_is_asked_again() -> None:
    line = Line()
    line.sent(0.0, 1000, asked=True)
    assert line.wait(0.1) > 0
    assert line.wait(3.0) == 0
    line.answered(4.0)
    assert line.answers
    assert line.asks


@pytest.mark.parametrize("answers", [True, False])
def test_the_bandwidth_asked_for_is_kept(answers: bool) -> None:
    line, now, sent = Line(max_bandwidth=500), 0.0, 0
    while now < 20.0:
        if line.wait(now) == 0:
            asked = line.asks
            line.sent(now, 100, asked=asked)
            sent += 100
            if asked and answers:
                line.answered(now)
        now += 0.01
    assert sent <= 500 * 20 + 100
    assert sent > 500 * 15
    assert line.slice < 1000


def test_what_is_urgent_goes_ahead_of_the_budget_and_is_paid_for_later() -> None:
    line = Line(max_bandwidth=500)
    line.sent(0.0, 600, asked=False)
    assert line.wait(0.1) > 1.0
    assert line.wait(0.1, urgent=True) == 0
    line.sent(0.1, 100, asked=False)
    assert line.wait(0.1) == pytest.approx(1.3)
    line.sent(0.1, 1000, asked=False)
    assert line.wait(0.1, urgent=True) == pytest.approx(1.3)


def test_what_is_urgent_waits_for_the_frame_before_it_all_the_same() -> None:
    line = Line()
    line.sent(0.0, 600, asked=True)
    line.answered(0.01)
    line.sent(0.1, 600, asked=True)
    assert line.wait(0.2, urgent=True) > 1.0


def test_a_lost_answer_stops_nothing_for_ever() -> None:
    line = Line()
    line.sent(0.0, 100, asked=True)
    line.answered(0.01)
    line.sent(1.0, 100, asked=line.asks)
    assert 1.0 < line.wait(1.5) < 10.0
    assert line.wait(11.0) == 0
