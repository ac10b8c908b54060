"""Keeps training at a number of epochs a second."""

from collections.abc import Callable


class Pacer:
    """Decides how long to wait before the next epoch.

    Epochs that come late are caught up with, but by no more than a tenth of a second, so that a pause or a busy
    machine is not followed by a burst.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due = clock()

    def epoch_done(self, pace: float | None) -> None:
        """Notes the end of an epoch, at `pace` epochs a second or None for no limit."""
        now = self._clock()
        self._due = now if pace is None else max(self._due + 1.0 / pace, now - 0.1)

    def wait(self) -> float:
        """Returns the seconds until the next epoch may begin, 0 if it may at once."""
        return max(0.0, self._due - self._clock())

    def restart(self) -> None:
        """Lets the next epoch begin at once: after a pause, or when the pace has changed."""
        self._due = self._clock()
