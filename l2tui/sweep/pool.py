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

from l2tui.data.memory import available_bytes
from l2tui.data.splits import Splits
from l2tui.errors import L2tuiError, RunError
from l2tui.settings import Settings, changed
from l2tui.sweep.stretch import Stretch, TrainedStretch

# How often a stretch may lose its process before the sweep fails.
_TRIES = 3
# Share of its memory in which a process keeps the data of several folds.
_KEPT_DATA = 0.25
# What to do where there is not enough memory.
LESS = "use fewer rows, λ or hidden units"


class Pool(Protocol):
    """Trains stretches.

    Attributes:
        size: Stretches that are trained at the same time.
    """

    size: int

    def submit(self, fold: int, stretch: Stretch) -> None:
        """Takes a stretch to train."""

    def results(self, seconds: float) -> Iterator[tuple[int, TrainedStretch]]:
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
        size: Processes; fewer train where memory does not hold a lane in each.
        memory: Bytes that all of them may take together; None for what there is.
    """

    def __init__(self, settings: Settings, size: int, memory: int | None = None) -> None:
        self.size, self._memory = size, available_bytes() if memory is None else memory
        self._settings = settings
        self._waiting: deque[tuple[int, Stretch, int]] = deque()
        self._idle: list[tuple[BaseProcess, Connection]] = []
        self._busy: dict[Connection, tuple[BaseProcess, tuple[int, Stretch, int]]] = {}

    def submit(self, fold: int, stretch: Stretch) -> None:
        """As `Pool.submit`."""
        self._waiting.append((fold, stretch, 1))
        self._hand_out()

    def results(self, seconds: float) -> Iterator[tuple[int, TrainedStretch]]:
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
            if isinstance(outcome, int):
                self._make_room(outcome)
                self._waiting.appendleft((fold, stretch, tries))
                continue
            yield fold, outcome
        self._hand_out()

    def close(self) -> None:
        """As `Pool.close`."""
        for process, connection in [*self._idle, *((process, one) for one, (process, _) in self._busy.items())]:
            _end(process, connection)
        self._idle, self._busy = [], {}
        self._waiting.clear()

    def _hand_out(self) -> None:
        while self._waiting and len(self._busy) < self.size:
            process, connection = self._idle.pop() if self._idle else self._start()
            fold, stretch, tries = self._waiting.popleft()
            with contextlib.suppress(OSError):
                connection.send((fold, stretch, self._memory // self.size))
            self._busy[connection] = (process, (fold, stretch, tries))

    def _make_room(self, needed: int) -> None:
        """Trains in fewer processes, each of which may take more."""
        size = min(self.size, self._memory // needed)
        if size < 1:
            have = f"it takes about {needed / 1e9:.3g} GB, and {self._memory / 1e9:.3g} GB are free"
            raise RunError(f"not enough memory for the data and the network of one lane: {have}; {LESS}")
        self.size = size
        while len(self._idle) + len(self._busy) > size and self._idle:
            _end(*self._idle.pop())

    def _start(self) -> tuple[BaseProcess, Connection]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._settings), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def _end(process: BaseProcess, connection: Connection) -> None:
    connection.close()
    process.terminate()
    process.join()


def serve(connection: Connection, settings: Settings) -> None:
    """Trains the stretches that arrive on a connection until its other end closes. A pool process runs this."""
    from l2tui.data.prepare import prepare
    from l2tui.sweep.memory import PROCESS_BYTES, LaneTooLargeError, bytes_of
    from l2tui.sweep.stretch import train

    # Keys at the terminal are for the parent process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepared: dict[int, Splits] = {}
    with contextlib.suppress(EOFError, OSError):
        while True:
            fold, stretch, memory = connection.recv()
            outcome: TrainedStretch | str | int
            try:
                if fold not in prepared:
                    # To prepare a fold again takes less than to have no room for its lanes.
                    if sum(map(bytes_of, prepared.values())) > memory * _KEPT_DATA:
                        prepared.clear()
                    prepared[fold] = prepare(changed(settings, fold=fold))
                others = PROCESS_BYTES + sum(map(bytes_of, prepared.values()))
                outcome = train(prepared[fold], stretch, memory=memory - others)
            except LaneTooLargeError as error:
                outcome = others + error.needed
            except L2tuiError as error:
                outcome = str(error)
            except MemoryError:
                outcome = f"not enough memory for the lanes of a fold; {LESS}"
            connection.send(outcome)


def _end_with_parent() -> None:
    """Ends this process with the one that made it: nobody waits any more for a stretch that may take minutes."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
