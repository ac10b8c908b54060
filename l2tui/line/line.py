"""What the line to the terminal can carry, found out from the terminal's answers, and when to send the next frame."""

from collections import deque

ASK = "\x1b[6n"
"""Asks the terminal for the position of its cursor. The answer has passed whatever lies between, in both directions."""

_FIRST_TIMEOUT = 0.5
_TIMEOUT = 5.0
_GIVE_UP_ASKING = 5
_GUESSED_BANDWIDTH = 20_000
_SLICE_SECONDS = 0.05
_SMALLEST_SLICE = 192
_ENOUGH_TO_MEASURE = 400
_NOISE = 0.02
_RATES = 6
_TRIP_GROWTH = 1.02
# How far ahead of a budget the answer to a key may go (s).
_AHEAD_SECONDS = 2.0


class Line:
    """Flow control of one line.

    A terminal that answers has one frame in flight: the next one is sent when the answer to the last has come. One
    that does not gets a number of bytes a second. Times are those of any clock (s).

    Args:
        max_bandwidth: Bytes a second, at most; None for as many as there is room for.
    """

    def __init__(self, max_bandwidth: int | None = None) -> None:
        self._max = max_bandwidth
        self._asked: deque[tuple[float, int]] = deque()
        self._unanswered = 0
        self._free_at = 0.0
        self._round_trip: float | None = None
        # What holds an answer up besides the line makes it look slower than it is, never faster.
        self._rates: deque[float] = deque(maxlen=_RATES)
        self.answers = False

    def forget(self) -> None:
        """Forgets what is in flight, for a terminal that has been given back to its shell in between."""
        self._asked.clear()

    @property
    def is_answer_due(self) -> bool:
        """Whether a terminal that is known to answer has not yet done so."""
        return self.answers and bool(self._asked)

    @property
    def asks(self) -> bool:
        """Whether the next frame should ask for an answer."""
        return not self._asked and (self.answers or self._unanswered < _GIVE_UP_ASKING)

    @property
    def bandwidth(self) -> float:
        """What is taken to be the bytes a second that the line carries; infinite where nothing holds it up."""
        known = max(self._rates, default=float("inf"))
        return min(known, self._max or known)

    @property
    def slice(self) -> float:
        """Bytes of a frame, about: on a slow line a large one goes in several, so that nothing waits long behind it."""
        return max(_SMALLEST_SLICE, self.bandwidth * _SLICE_SECONDS)

    def wait(self, now: float, *, urgent: bool = False) -> float:
        """Returns the seconds until a frame may be sent, unless an answer comes before; 0 for at once.

        What is urgent goes ahead of the budget, and what follows waits the longer.
        """
        until = self._free_at - (_AHEAD_SECONDS if urgent else 0.0)
        if self._asked:
            asked = self._asked[0][0]
            timeout = _TIMEOUT if self.answers else _FIRST_TIMEOUT
            if now - asked >= timeout:
                self._asked.popleft()
                self._unanswered += 1
            elif self.answers or not self._unanswered:
                until = max(until, asked + timeout)
        return max(0.0, until - now)

    def sent(self, now: float, size: int, *, asked: bool) -> None:
        """Takes note of a frame of so many bytes."""
        if asked:
            self._asked.append((now, size))
        rate = self._max
        if not self.answers:
            rate = min(rate or _GUESSED_BANDWIDTH, _GUESSED_BANDWIDTH)
        if rate is not None:
            self._free_at = max(now, self._free_at) + size / rate

    def answered(self, now: float) -> None:
        """Takes note of an answer."""
        if not self.answers:
            self.answers, self._free_at = True, now if self._max is None else self._free_at
        self._unanswered = 0
        if not self._asked:
            return
        asked, size = self._asked.popleft()
        self._measure(size, max(now - asked, 1e-4))

    def _measure(self, size: int, taken: float) -> None:
        if size >= _ENOUGH_TO_MEASURE:
            carrying = taken - (self._round_trip or 0.0)
            self._rates.append(size / carrying if carrying >= _NOISE else float("inf"))
        # The way there and back may become longer; a large frame says little about it.
        if size < _ENOUGH_TO_MEASURE or self._round_trip is not None:
            self._round_trip = min(taken, (self._round_trip or taken) * _TRIP_GROWTH)
