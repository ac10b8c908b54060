"""The training part cut into batches, in a new random order each epoch."""

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.parameters import Array
from l2tui.nn.step import Batch, Step

# Up to this size, each epoch works on one shuffled copy of the data; above it, each batch is gathered by itself.
EPOCH_COPY_BYTES = 32_000_000


class Batches:
    """Hands out the batches of an epoch.

    One shuffled copy an epoch makes every batch a contiguous view that is set up once and for all. Data too large
    for a second copy are gathered batch by batch into one buffer instead. A batch of all rows needs neither.

    Args:
        step: The step that the batches are for.
        X1: (n, n_in + 1) inputs with a column of ones.
        T: (n, n_out) targets as `Step.targets` codes them.
        batch_size: Rows a batch; the last one of an epoch may have fewer.

    Attributes:
        count: Batches an epoch.
    """

    def __init__(self, step: Step, X1: Array, T: Array, batch_size: int) -> None:
        self._step = step
        self._X1, self._T = X1, T
        n = len(X1)
        self._size = min(batch_size, n)
        self.count = -(-n // self._size)
        self._order: NDArray[np.int64] = np.arange(n)
        self._scales = [np.zeros((), X1.dtype), np.zeros((), X1.dtype)]
        self._gathered = self.count > 1 and X1.nbytes > EPOCH_COPY_BYTES
        rows = self._size if self._gathered else n
        self._X_buffer: Array = X1 if self.count == 1 else np.empty((rows, X1.shape[1]), X1.dtype)
        self._T_buffer: Array = np.empty((rows, T.shape[1]), T.dtype)
        if self._gathered:
            self._views = [self._view(0, self._size), self._view(0, n - (self.count - 1) * self._size)]
        else:
            self._views = [self._view(i, min(i + self._size, n)) for i in range(0, n, self._size)]

    def for_step(self, step: Step) -> "Batches":
        """Returns the same rows, in order, for another step."""
        return Batches(step, self._X1, self._T, self._size)

    def shuffle(self, generator: np.random.Generator) -> None:
        """Begins an epoch: draws the order of the rows. A batch of all rows is left in order and draws nothing."""
        if self.count == 1:
            return
        self._order = generator.permutation(len(self._X1))
        if not self._gathered:
            self._X1.take(self._order, 0, self._X_buffer, "clip")
            self._fill_targets()

    def set_scale(self, gradient_scale: float) -> None:
        """Takes a new factor for the gradients, which the targets carry too; it holds for the rest of the epoch."""
        n = len(self._X1)
        last = n - (self.count - 1) * self._size
        self._scales[0][...] = self._step.scale(gradient_scale, self._size)
        self._scales[1][...] = self._step.scale(gradient_scale, last)
        if not self._gathered:
            self._fill_targets()

    def __getitem__(self, index: int) -> Batch:
        """Returns batch `index` of the current epoch; where batches are gathered, it is valid until the next call."""
        if not self._gathered:
            return self._views[index]
        is_last = index == self.count - 1
        batch = self._views[is_last]
        rows = self._order[index * self._size : (index + 1) * self._size]
        self._X1.take(rows, 0, batch.X1, "clip")
        self._T.take(rows, 0, batch.T, "clip")
        np.multiply(batch.T, batch.scale, batch.T)
        return batch

    def _fill_targets(self) -> None:
        self._T.take(self._order, 0, self._T_buffer, "clip")
        full = (self.count - 1) * self._size
        self._T_buffer[:full] *= self._scales[0]
        self._T_buffer[full:] *= self._scales[1]

    def _view(self, start: int, stop: int) -> Batch:
        scale = self._scales[1] if stop - start != self._size or stop == len(self._X1) else self._scales[0]
        return self._step.batch(self._X_buffer[start:stop], self._T_buffer[start:stop], scale)
