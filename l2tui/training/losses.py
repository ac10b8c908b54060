"""The losses of a network at its present weights, and what is measured of it, taken in pieces."""

import math
import time
from collections.abc import Iterator
from itertools import chain

from l2tui.nn.evaluate import Evaluator
from l2tui.training.measures import Measured, Measures


class Losses:
    """Takes the losses of both parts, and measures where asked to, once for each state of the weights.

    Args:
        train: Evaluates the training part.
        val: Evaluates the validation part.
        measures: Measures the network, None where nothing is to be measured.
    """

    def __init__(self, train: Evaluator, val: Evaluator, measures: Measures | None = None) -> None:
        self._train, self._val, self._measures = train, val, measures
        self._measuring = False
        self.forget()

    def forget(self) -> None:
        """Drops what was taken: the weights are others now."""
        self._known = self._measured = False
        self._pieces: Iterator[None] | None = None

    def take(self, seconds: float = math.inf, *, measure: bool = False) -> bool:
        """Takes the losses for about that time; returns whether they are known.

        Args:
            seconds: Return after about this time.
            measure: Whether to measure as well.
        """
        if self._known and (self._measured or not measure):
            return True
        deadline = time.perf_counter() + seconds
        while not self._known or (measure and not self._measured):
            if self._pieces is None:
                train = () if self._known else self._train.pieces()
                val = self._val if self._measures is None or not measure else self._measures
                self._pieces, self._measuring = chain(train, val.pieces()), measure
            for _ in self._pieces:
                if time.perf_counter() > deadline:
                    return False
            self._known, self._measured, self._pieces = True, self._measured or self._measuring, None
        return True

    def measured(self) -> Measured:
        """Measures at the present weights, if that is not done, and returns what came of it."""
        if self._measures is None:
            return Measured()
        self.take(measure=True)
        return self._measures.values()

    def values(self) -> tuple[float, float]:
        """Returns train_loss and val_loss."""
        self.take()
        return self._train.last_loss, self._val.last_loss

    def scores(self) -> tuple[float, float]:
        """Returns accuracy or R² on both parts."""
        self.take()
        return self._train.score(), self._val.score()
