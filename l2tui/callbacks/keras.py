"""Ends a Keras training that overfits, with the weights of its best epoch."""

from typing import Any

try:
    from keras.callbacks import Callback
except ImportError as error:
    raise ImportError(
        f"l2tui.callbacks.keras needs Keras and one of its backends: pip install keras ({error})"
    ) from None

from l2tui.api.assessing import Watch
from l2tui.callbacks import warn_of_absent
from l2tui.overfitting.verdict import Assessment
from l2tui.settings import CriterionName


class StopOnOverfitting(Callback):
    """Ends a training once overfitting is confirmed, and puts the weights of ★ back at the end.

    An epoch without validation is not judged. Each `fit` begins anew.

        stop = StopOnOverfitting()
        model.fit(x, y, validation_data=(xv, yv), epochs=500, callbacks=[stop])
        print(stop.assessment.evidence)

    Args:
        train: Name of the training loss in Keras' logs.
        val: Name of the validation loss.
        criterion: The rule that confirms overfitting: growing, gl, up, pq or patience.
        restore_best: Whether the weights of ★ are put back, however the training ends.

    Attributes:
        watch: What judges, a `l2tui.Watch`.
    """

    def __init__(
        self,
        *,
        train: str = "loss",
        val: str = "val_loss",
        criterion: CriterionName = "growing",
        restore_best: bool = True,
    ) -> None:
        super().__init__()
        self._train, self._val, self._criterion, self._restore = train, val, criterion, restore_best
        self._best: Any = None
        self._logged: set[str] = set()
        self.watch = Watch(criterion)

    @property
    def assessment(self) -> Assessment:
        """The verdict so far."""
        return self.watch.assessment

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begins anew."""
        self.watch, self._best, self._logged = Watch(self._criterion), None, set()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judges the epoch."""
        logs = logs or {}
        self._logged |= logs.keys()
        self.watch.update(logs.get(self._train), logs.get(self._val), epoch)
        if self._restore and self.watch.best_epoch == epoch:
            self._best = self.model.get_weights()
        if self.watch.overfits:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Puts the best weights back."""
        if self._best is not None:
            self.model.set_weights(self._best)
        warn_of_absent((self._train, self._val), self._logged)
