"""The verdict on any training, from its losses alone."""

import math
from collections.abc import Iterable
from itertools import count

from l2tui.overfitting.verdict import Assessment
from l2tui.overfitting.verdict import assess as assess_watch
from l2tui.overfitting.watch import Watch as LossWatch
from l2tui.runs.logs.words import foreign
from l2tui.settings import CriterionName, parse_value


class Watch:
    """Judges a training as it goes, in constant memory.

    >>> watch = Watch("patience")
    >>> for epoch in range(60):
    ...     train_loss, val_loss = 1 / (epoch + 1), 0.5 + abs(epoch - 20) / 100
    ...     if watch.update(train_loss, val_loss).onset_epoch is not None:
    ...         break
    >>> epoch, watch.best_epoch, watch.overfits
    (30, 20, True)

    Args:
        criterion: The rule that confirms overfitting: growing, gl, up, pq or patience.

    Raises:
        SettingsError: There is no such rule.
    """

    def __init__(self, criterion: CriterionName = "growing") -> None:
        self._watch = LossWatch.start(parse_value("criterion", criterion))
        self._train: float | None = None
        self._epoch = -1

    def update(self, train_loss: float | None, val_loss: float | None, epoch: int | None = None) -> Assessment:
        """Takes the losses of one more epoch.

        Args:
            train_loss: Mean loss on the training part; None where it was not computed, which keeps the one before.
            val_loss: Mean loss on the validation part; None where there was no validation. Such an epoch is not judged.
            epoch: Its number, larger than the one before; by default the next one, beginning with 0.

        Returns:
            The verdict so far.

        Raises:
            ValueError: The epoch is not larger than the one before.
        """
        number = self._epoch + 1 if epoch is None else int(epoch)
        if number <= self._epoch:
            raise ValueError(f"epoch: expected a number above {self._epoch}, the epoch before, got {number}")
        self._epoch = number
        if train_loss is not None:
            self._train = float(train_loss)
        if val_loss is None and self._train is not None and not math.isfinite(self._train):
            # A training that has blown up may never come to its next validation.
            val_loss = math.nan
        if val_loss is not None and self._train is not None:
            self._watch = self._watch.update(number, self._train, float(val_loss))
        return self.assessment

    @property
    def assessment(self) -> Assessment:
        """The verdict so far."""
        # Any epoch may be the last one: a mark that is up counts at once.
        return foreign(assess_watch(self._watch, 0.0, ended=True), "epoch")

    @property
    def overfits(self) -> bool:
        """Whether the mark is up: val_loss rises from its best while train_loss is below its value there."""
        return self._watch.confirmed_epoch is not None

    @property
    def best_epoch(self) -> int | None:
        """★, the epoch with the lowest val_loss; None before the first."""
        return self._watch.best_epoch


def assess(
    train: Iterable[float | None],
    val: Iterable[float | None],
    *,
    epochs: Iterable[int] | None = None,
    criterion: CriterionName = "growing",
) -> Assessment:
    """Returns the verdict on a training, from its two loss curves.

    >>> train = [2.0 * 0.95**epoch for epoch in range(100)]
    >>> val = [0.5 + (epoch - 30) ** 2 / 2000 for epoch in range(100)]
    >>> found = assess(train, val)
    >>> found.verdict, found.best_epoch, found.advice
    ('overfitting', 30, 'more decay or fewer epochs; the best weights are those of epoch 30')

    Args:
        train: Mean loss on the training part, a value for each epoch; None where it was not computed.
        val: Mean loss on the validation part, as many; None where there was no validation.
        epochs: Their numbers, growing; by default 0, 1, 2 and so on.
        criterion: The rule that confirms overfitting: growing, gl, up, pq or patience.

    Raises:
        ValueError: The lengths differ, or the epochs do not grow.
        SettingsError: There is no such rule.
    """
    watch = Watch(criterion)
    pairs = zip(train, val, strict=True)
    numbered = zip(count(), pairs, strict=False) if epochs is None else zip(epochs, pairs, strict=True)
    for epoch, (train_loss, val_loss) in numbered:
        watch.update(train_loss, val_loss, epoch)
    return watch.assessment
