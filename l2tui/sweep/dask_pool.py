"""Trains stretches on a Dask cluster: one task a stretch, the data of a fold sent once."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

import l2tui
from l2tui.data.memory import available_bytes
from l2tui.data.prepare import prepare
from l2tui.errors import L2tuiError, RunError
from l2tui.settings import Settings, changed
from l2tui.sweep.memory import LaneTooLargeError
from l2tui.sweep.pool import LESS
from l2tui.sweep.stretch import Stretch, TrainedStretch, train

if TYPE_CHECKING:
    from distributed import Client, Future

    from l2tui.data.splits import Splits

# Seconds in which a cluster answers, or counts as not there; with the start of the program, 5.
_PATIENCE = 4
# How often a stretch may lose its worker before the sweep fails.
_TRIES = 3


class DaskPool:
    """Trains on the workers of a cluster that others have started; as `sweep.pool.Pool`.

    The data are prepared here, so that a table need not lie on any of the machines. A stretch whose worker is gone goes
    to another one and begins again from the state that this process holds.

    Args:
        settings: Those of the sweep.
        address: The scheduler's, such as tcp://host:8786.

    Raises:
        L2tuiError: The library is missing, no cluster answers, it has no workers, or they run other versions.
    """

    def __init__(self, settings: Settings, address: str) -> None:
        self._settings, self._client = settings, _connected(address)
        self._address = address
        try:
            self._check_versions()
        except BaseException:
            self._client.close(timeout=1)
            raise
        threads = self._client.nthreads()
        self.size = max(1, sum(threads.values()))
        self._folds: dict[int, Future] = {}
        self._busy: dict[Future, tuple[int, Stretch, int]] = {}
        self._ended: SimpleQueue[Future] = SimpleQueue()

    def submit(self, fold: int, stretch: Stretch) -> None:
        """As `Pool.submit`."""
        self._send(fold, stretch, 1)

    def results(self, seconds: float) -> Iterator[tuple[int, TrainedStretch]]:
        """As `Pool.results`."""
        ended = []
        with suppress(Empty):
            ended.append(self._ended.get(timeout=seconds))
            while True:
                ended.append(self._ended.get_nowait())
        if not ended:
            self._check_alive()
        for future in ended:
            if future not in self._busy:
                continue
            fold, stretch, tries = self._busy.pop(future)
            if future.status == "finished":
                outcome = future.result()
                if isinstance(outcome, str):
                    raise RunError(outcome)
                yield fold, outcome
            elif tries == _TRIES:
                lost = f"a stretch of fold {fold} lost its worker {_TRIES} times: {_why(future)}"
                raise RunError(f"{self._address}: {lost}")
            else:
                # The data of the fold may have gone with the worker.
                self._folds.pop(fold, None)
                self._send(fold, stretch, tries + 1)

    def close(self) -> None:
        """As `Pool.close`."""
        if self._busy:
            self._client.cancel(list(self._busy), force=True)
        self._busy, self._folds = {}, {}
        self._client.close(timeout=2)

    def _send(self, fold: int, stretch: Stretch, tries: int) -> None:
        if fold not in self._folds:
            splits = prepare(changed(self._settings, fold=fold))
            (self._folds[fold],) = self._client.scatter([splits], hash=False)
        future = self._client.submit(_train, self._folds[fold], stretch, pure=False, retries=_TRIES)
        self._busy[future] = (fold, stretch, tries)
        # Called in a thread of the client.
        future.add_done_callback(self._ended.put)

    def _check_alive(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise RunError(f"{self._address}: the cluster is gone; `l2tui sweep --resume` resumes where it was")

    def _check_versions(self) -> None:
        found: dict[str, dict[str, str]] = self._client.run(versions)
        if not found:
            start = f"`dask worker {self._address}` starts one"
            raise L2tuiError(f"{self._address}: the cluster has no workers; {start}")
        here = versions()
        for worker, there in found.items():
            for name, version in here.items():
                if there.get(name) != version:
                    raise L2tuiError(
                        f"{worker}: has {name} {there.get(name)}, this machine has {version}; "
                        "the results would not be the same: install one version everywhere"
                    )


def versions() -> dict[str, str]:
    """Returns the versions on which the bits of a result depend."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"l2tui": l2tui.__version__, "NumPy": np.__version__, "Python": python}


def _train(splits: Splits, stretch: Stretch) -> TrainedStretch | str:
    """Trains a stretch in a worker of the cluster; a user's mistake comes back as a message."""
    try:
        try:
            # A machine may have as many workers as cores.
            return train(splits, stretch, memory=available_bytes() // (os.cpu_count() or 1))
        except LaneTooLargeError as error:
            # Nobody here knows who else needs the memory: one lane at a time is worth a try.
            return train(splits, stretch, memory=error.needed)
    except L2tuiError as error:
        return str(error)
    except MemoryError:
        return f"not enough memory for the lanes of a fold; {LESS}"


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise L2tuiError("--dask needs the library distributed: pip install 'l2tui[dask]'") from None
    _silence()
    try:
        # A client of a cluster that is not there outlives its error and reports it once more at the end.
        asyncio.run(asyncio.wait_for(_greet(address), _PATIENCE))
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except TimeoutError:
        raise L2tuiError(f"{address}: no Dask cluster answers there within {_PATIENCE} s") from None
    except MemoryError:
        # The library takes any first bytes for the size of what follows.
        raise L2tuiError(f"{address}: no Dask cluster answers there, but something else") from None
    except Exception as error:  # whatever else the library stumbles over
        why = str(error).partition("\n")[0] or type(error).__name__
        raise L2tuiError(f"{address}: no Dask cluster answers there: {why}") from None


async def _greet(address: str) -> None:
    from distributed import Security
    from distributed.comm import connect

    comm = await connect(address, timeout=_PATIENCE, **Security().get_connection_args("client"))
    await comm.close()


def _silence() -> None:
    """Keeps the library's log off the terminal: what matters comes as an error."""
    import logging

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    logging.getLogger("tornado").setLevel(logging.CRITICAL)


def _why(future: Any) -> str:
    error = future.exception(timeout=1) if future.status == "error" else None
    return str(error or future.status)
