"""Processes that train stretches on this machine. Another one replaces a process that is killed."""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from l2tui.errors import L2tuiError, RunError
from l2tui.settings import Settings, changed
from l2tui.sweep.stretch import Stretch, Trained

# How often a stretch may lose its process before the sweep fails.
_TRIES = 3


class Pool(Protocol):
    """Trains stretches.

    Attributes:
        size: Stretches that are trained at the same time.
    """

    size: int

    def submit(self, fold: int, stretch: Stretch) -> None:
        """Takes a stretch to train."""

    def results(self, seconds: float) -> Iterator[tuple[int, Trained]]:
        """Yields what has been trained, with its fold; waits for it for some seconds at most.

        Raises:
            L2tuiError: A stretch cannot be trained.
        """

    def close(self) -> None:
        """Ends all training at once."""


class LocalPool:
    """Trains in processes of this machine.

    They are spawned, not forked, and end by themselves when the process that made them is gone.

    Args:
        settings: Those of the sweep; each process prepares the data of the folds that it trains.
        size: Processes.
    """

    def __init__(self, settings: Settings, size: int) -> None:
        self.size = size
        self._settings = settings
        self._waiting: deque[tuple[int, Stretch, int]] = deque()
        self._idle: list[tuple[BaseProcess, Connection]] = []
        self._busy: dict[Connection, tuple[BaseProcess, tuple[int, Stretch, int]]] = {}

    def submit(self, fold: int, stretch: Stretch) -> None:
        """As `Pool.submit`."""
        self._waiting.append((fold, stretch, 1))
        self._hand_out()

    def results(self, seconds: float) -> Iterator[tuple[int, Trained]]:
        """As `Pool.results`."""
        for connection in wait(list(self._busy), seconds):
            if not isinstance(connection, Connection):
                continue
            process, (fold, stretch, tries) = self._busy.pop(connection)
            try:
                outcome = connection.recv()
            except (EOFError, OSError):
                # It was killed, by a person or for want of memory.
                connection.close()
                process.join()
                if tries == _TRIES:
                    raise RunError(f"training process ended {_TRIES} times; there may be too little memory") from None
                self._waiting.appendleft((fold, stretch, tries + 1))
                continue
            self._idle.append((process, connection))
            if isinstance(outcome, str):
                raise RunError(outcome)
            yield fold, outcome
        self._hand_out()

    def close(self) -> None:
        """As `Pool.close`."""
        for process, connection in [*self._idle, *((process, one) for one, (process, _) in self._busy.items())]:
            connection.close()
            process.terminate()
            process.join()
        self._idle, self._busy = [], {}
        self._waiting.clear()

    def _hand_out(self) -> None:
        while self._waiting and len(self._busy) < self.size:
            process, connection = self._idle.pop() if self._idle else self._start()
            fold, stretch, tries = self._waiting.popleft()
            with contextlib.suppress(OSError):
                connection.send((fold, stretch))
            self._busy[connection] = (process, (fold, stretch, tries))

    def _start(self) -> tuple[BaseProcess, Connection]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._settings), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def serve(connection: Connection, settings: Settings) -> None:
    """Trains the stretches that arrive on a connection until its other end closes. A pool process runs this."""
    from l2tui.data.prepare import prepare
    from l2tui.sweep.stretch import train

    # Keys at the terminal are for the parent process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepared = {}
    with contextlib.suppress(EOFError, OSError):
        while True:
            fold, stretch = connection.recv()
            outcome: Trained | str
            try:
                if fold not in prepared:
                    prepared[fold] = prepare(changed(settings, fold=fold))
                outcome = train(prepared[fold], stretch)
            except L2tuiError as error:
                outcome = str(error)
            except MemoryError:
                outcome = "not enough memory for the lanes of a fold; use fewer λ or hidden units"
            connection.send(outcome)


def _end_with_parent() -> None:
    """Ends this process with the one that made it: nobody waits any more for a stretch that may take minutes."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
