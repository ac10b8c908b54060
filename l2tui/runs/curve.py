"""train_loss and val_loss of every epoch: of a run of any length, for a criterion that is chosen later."""

import os
from array import array
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from l2tui.runs.directory import RunDirectory
from l2tui.runs.recorder import EPOCH_BYTES

Floats = NDArray[np.float64]


class CurveStore(Protocol):
    """Where a trainer puts the losses of each epoch, from epoch 0 on, and has them back from."""

    def __len__(self) -> int:
        """Returns the number of epochs."""

    def append(self, train_loss: float, val_loss: float) -> None:
        """Adds the next epoch."""

    def losses(self, start: int = 0, stop: int | None = None) -> tuple[Floats, Floats]:
        """Returns train_loss and val_loss of epochs `start` to `stop`, the latter left out.

        Raises:
            OSError: They cannot be read.
            EOFError: They are no longer there.
        """


class MemoryCurve:
    """A curve that is kept in memory, for runs that leave no files."""

    def __init__(self) -> None:
        self._losses = array("d")

    def __len__(self) -> int:
        """Returns the number of epochs."""
        return len(self._losses) // 2

    def append(self, train_loss: float, val_loss: float) -> None:
        """Adds the next epoch."""
        self._losses.append(train_loss)
        self._losses.append(val_loss)

    def losses(self, start: int = 0, stop: int | None = None) -> tuple[Floats, Floats]:
        """Returns train_loss and val_loss of epochs `start` to `stop`, the latter left out."""
        pairs = np.array(self._losses[2 * start : None if stop is None else 2 * stop]).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


class CurveFile:
    """A curve that is appended to `curve.bin` of a run; only epochs that are not written yet take memory.

    Args:
        run: The run's directory.
        epochs: Epochs that are in the file and count; whatever comes behind them is overwritten.
    """

    def __init__(self, run: RunDirectory, epochs: int = 0) -> None:
        self._descriptor = run.open(run.curve, os.O_RDWR | os.O_CREAT)
        self._written = epochs
        self._pending = MemoryCurve()

    def __len__(self) -> int:
        """Returns the number of epochs, written or not."""
        return self._written + len(self._pending)

    def append(self, train_loss: float, val_loss: float) -> None:
        """Adds the next epoch; `flush` writes it."""
        self._pending.append(train_loss, val_loss)

    def losses(self, start: int = 0, stop: int | None = None) -> tuple[Floats, Floats]:
        """Returns train_loss and val_loss of epochs `start` to `stop`, the latter left out.

        Raises:
            OSError: They cannot be read, or those before cannot be written.
            EOFError: The file was cut.
        """
        self.flush()
        stop = len(self) if stop is None else min(stop, len(self))
        wanted = EPOCH_BYTES * max(0, stop - start)
        data = os.pread(self._descriptor, wanted, EPOCH_BYTES * start)
        if len(data) < wanted:
            raise EOFError("curve.bin was cut: the losses of some epochs are gone")
        pairs = np.frombuffer(data, "<f8").astype(np.float64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def flush(self) -> None:
        """Writes what is not written yet.

        Raises:
            OSError: It cannot be written. It is kept, and the next call writes it again from its start.
        """
        if len(self._pending):
            self.extend(*self._pending.losses())
            self._pending = MemoryCurve()

    def extend(self, train: Floats, val: Floats) -> None:
        """Writes epochs behind those that are written.

        Raises:
            OSError: They cannot be written; those that were there before are unharmed.
        """
        data = memoryview(np.column_stack((train, val)).astype("<f8").tobytes())
        offset = EPOCH_BYTES * self._written
        while data:
            count = os.pwrite(self._descriptor, data, offset)
            data, offset = data[count:], offset + count
        self._written += len(train)

    def sync(self) -> None:
        """Writes the rest, and makes sure that all of it is on the disk.

        Raises:
            OSError: As `flush`.
        """
        self.flush()
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Closes the file; what `flush` has not written is lost."""
        os.close(self._descriptor)


def write_losses(run: RunDirectory, pieces: Iterable[tuple[Floats, ...]]) -> None:
    """Writes a whole curve anew, from train_loss and val_loss in pieces.

    Raises:
        OSError: It cannot be written.
    """
    curve = CurveFile(run)
    try:
        for train, val in pieces:
            curve.extend(train, val)
        curve.sync()
    finally:
        curve.close()
