"""The losses of a network at its present weights, taken in pieces."""

import math
import time
from collections.abc import Iterator
from itertools import chain

from l2tui.nn.evaluate import Evaluator


class Losses:
    """Takes the losses of both parts once for each state of the weights.

    Args:
        train: Evaluates the training part.
        val: Evaluates the validation part.
    """

    def __init__(self, train: Evaluator, val: Evaluator) -> None:
        self._train, self._val = train, val
        self._known = False
        self._pieces: Iterator[None] | None = None

    def forget(self) -> None:
        """Drops what was taken: the weights are others now."""
        self._known, self._pieces = False, None

    def take(self, seconds: float = math.inf) -> bool:
        """Takes the losses for about that time; returns whether they are known."""
        if self._known:
            return True
        deadline = time.perf_counter() + seconds
        self._pieces = self._pieces or chain(self._train.pieces(), self._val.pieces())
        for _ in self._pieces:
            if time.perf_counter() > deadline:
                return False
        self._known, self._pieces = True, None
        return True

    def values(self) -> tuple[float, float]:
        """Returns train_loss and val_loss."""
        self.take()
        return self._train.last_loss, self._val.last_loss

    def scores(self) -> tuple[float, float]:
        """Returns accuracy or R² on both parts."""
        self.take()
        return self._train.score(), self._val.score()
