"""Measures time spent training, and its speed."""

from collections import deque
from collections.abc import Callable

# The speed shown is that of about the last second.
_WINDOW_SECONDS = 1.0


class Meter:
    """A stopwatch that stands still while training is paused.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._elapsed = 0.0
        self._since: float | None = None
        self._samples: deque[tuple[float, int]] = deque()

    def go_on_from(self, elapsed: float) -> None:
        """Takes over the seconds that the run was trained for before this process."""
        self._elapsed = elapsed

    def start(self, step: int) -> None:
        """Lets time run, from `step` updates on."""
        if self._since is None:
            self._since = self._clock()
            self._samples.clear()
            self._samples.append((self._since, step))

    def stop(self, step: int) -> None:
        """Stops time."""
        if self._since is not None:
            self._elapsed += self._clock() - self._since
            self._since = None
            self._samples.clear()

    def elapsed(self) -> float:
        """Returns the seconds of training so far."""
        return self._elapsed + (0.0 if self._since is None else self._clock() - self._since)

    def rate(self, step: int) -> float:
        """Returns updates a second of late, 0 while time stands still. Called about ten times a second."""
        if self._since is None:
            return 0.0
        now = self._clock()
        self._samples.append((now, step))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_SECONDS:
            self._samples.popleft()
        then, before = self._samples[0]
        return (step - before) / (now - then) if now > then else 0.0
