"""What the lanes of a sweep take of the memory, and how many of them fit into what there is."""

from typing import NamedTuple

import numpy as np

from l2tui.data.splits import ARRAYS, Splits
from l2tui.nn.evaluate import CHUNK_NUMBERS
from l2tui.nn.network import loss_for
from l2tui.settings import OptimizerName, Settings
from l2tui.training.assembly import TRAIN_LOSS_ROWS
from l2tui.training.batches import EPOCH_COPY_BYTES

# The interpreter and the number library in a process that trains.
PROCESS_BYTES = 60_000_000

# Vectors as long as the weights in a stack in training: the weights, their gradient, and the decay in three forms.
_VECTORS = 5
# Vectors more that an optimiser keeps, and those that it works in.
_SLOTS: dict[OptimizerName, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
_WORK: dict[OptimizerName, int] = {"sgd": 0, "momentum": 0, "adam": 1, "adamw": 1}
# How often the state of a lane is there between two stretches where it trained: as it came, as it leaves, and packed.
_COPIES = 3


class LaneTooLargeError(MemoryError):
    """There is not enough memory for a single lane.

    Args:
        needed: Bytes that it takes.
    """

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


class Need(NamedTuple):
    """Bytes that the lanes of one fold take in the process that trains them.

    Attributes:
        fold: What they share: the rows and the batches.
        lane: Each lane that trains.
        waiting: The state of a lane, wherever it waits for its turn.
    """

    fold: int
    lane: int
    waiting: int

    def fits(self, kept: int, available: int) -> int:
        """Returns how many lanes train at a time within given bytes, beside the states of those kept; 0 for none."""
        return max(0, available - self.fold - kept * self.waiting) // self.lane


def need_of(splits: Splits, settings: Settings) -> Need:
    """Returns what lanes take, from the sizes of the network and of the data.

    With P parameters of b bytes, s of them kept by the optimiser for each, and n rows that a loss is taken on, a lane
    takes about (6 + 2s)·P·b for the weights and 8·n·(outputs + 2) for the losses.

    Args:
        splits: The data of a fold.
        settings: The settings of its lanes.
    """
    n_train, n_in = splits.X_train.shape
    n_val, n_out, hidden = len(splits.X_val), splits.n_outputs, settings.hidden + 1
    size = np.dtype(settings.dtype).itemsize
    parameters = size * ((n_in + 1) * hidden + hidden * n_out)
    slots = _SLOTS[settings.optimizer] + (settings.dtype == "float32")
    state = (1 + slots) * parameters
    batch = min(settings.batch_size, n_train)
    judged = min(n_train, TRAIN_LOSS_ROWS) + n_val
    outputs = n_out * (2 if loss_for(splits.task, n_out) == "cross_entropy" else 1)
    # While λ is set, the decay is there once more in float64; a state is copied when that is over.
    transient = max(state, 8 * parameters // size)
    lane = (
        (_VECTORS + slots + _WORK[settings.optimizer]) * parameters
        + transient
        + size * batch * (2 * hidden + n_out + 1)
        + 8 * judged * (outputs + 2)
    )
    inputs = size * (n_in + 1 + n_out)
    copied = n_train * inputs if n_train * inputs <= EPOCH_COPY_BYTES else batch * inputs
    pieces = 4 * 8 * max(CHUNK_NUMBERS, 16 * max(hidden, n_in + 1))
    return Need((n_train + n_val) * inputs + copied + pieces, lane, _COPIES * state)


def bytes_of(splits: Splits) -> int:
    """Returns the size of prepared data."""
    return sum(getattr(splits, name).nbytes for name in ARRAYS)
