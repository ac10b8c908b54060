"""Signals that end a command in good order."""

import signal
from types import FrameType
from typing import Protocol


class Stoppable(Protocol):
    """Work that ends soon after it is asked to, keeping what it has."""

    def stop(self) -> None:
        """Asks it to end; called in a signal handler."""


class CaughtSignals:
    """Lets a signal end the work in good order, and remembers which one.

    Attributes:
        number: The signal that came, 0 before any.
    """

    def __init__(self) -> None:
        self.number = 0
        self._work: Stoppable | None = None

    def end(self, work: Stoppable) -> None:
        """Ends this work from now on; a signal that is ignored stays so."""
        self._work = work
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if self._work is not None:
            self._work.stop()
