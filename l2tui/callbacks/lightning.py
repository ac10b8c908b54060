"""Ends a Lightning training that overfits, with the weights of its best epoch."""

from typing import Any

try:
    from lightning.pytorch.callbacks import Callback
except ImportError as error:
    raise ImportError(f"l2tui.callbacks.lightning needs Lightning: pip install lightning ({error})") from None

from l2tui.api.assessing import Watch
from l2tui.callbacks import warn_of_absent
from l2tui.overfitting.verdict import Assessment
from l2tui.settings import CriterionName


class StopOnOverfitting(Callback):
    """Ends a training once overfitting is confirmed, and puts the weights of ★ back at the end.

    An epoch is judged at its end, by its last validation; one without validation is not judged. On several devices, log
    the losses with `sync_dist=True`, so that all of them judge alike. Each `fit` begins anew.

        stop = StopOnOverfitting()
        Trainer(max_epochs=500, callbacks=[stop]).fit(model, train_loader, val_loader)
        print(stop.assessment.evidence)

    Args:
        train: Name under which the module logs the training loss; log it with `on_epoch=True` for the epoch's mean.
        val: Name of the validation loss.
        criterion: The rule that confirms overfitting: growing, gl, up, pq or patience.
        restore_best: Whether the weights of ★ are put back, however the training ends.

    Attributes:
        watch: What judges, a `l2tui.Watch`.
    """

    def __init__(
        self,
        *,
        train: str = "train_loss",
        val: str = "val_loss",
        criterion: CriterionName = "growing",
        restore_best: bool = True,
    ) -> None:
        super().__init__()
        self._train, self._val, self._criterion, self._restore = train, val, criterion, restore_best
        self._begin()

    def _begin(self) -> None:
        self.watch = Watch(self._criterion)
        self._val_loss: float | None = None
        self._candidate: Any = None
        self._best: Any = None
        self._logged: set[str] = set()

    @property
    def assessment(self) -> Assessment:
        """The verdict so far."""
        return self.watch.assessment

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins anew."""
        self._begin()

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Keeps the weights that were validated, where they are the best so far."""
        if trainer.sanity_checking or self._val not in trainer.callback_metrics:
            return
        self._val_loss = float(trainer.callback_metrics[self._val])
        best = self.assessment.best_val_loss
        if self._restore and (best is None or self._val_loss < best):
            self._candidate = {name: value.detach().clone() for name, value in pl_module.state_dict().items()}

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Judges the epoch."""
        metrics, epoch = trainer.callback_metrics, trainer.current_epoch
        self._logged |= metrics.keys()
        train_loss = float(metrics[self._train]) if self._train in metrics else None
        self.watch.update(train_loss, self._val_loss, epoch)
        if self._val_loss is not None and self.watch.best_epoch == epoch:
            self._best = self._candidate
        # The losses of this validation are no other epoch's.
        self._val_loss = None
        if trainer.strategy.reduce_boolean_decision(self.watch.overfits, all=False):
            trainer.should_stop = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Puts the best weights back."""
        if self._best is not None:
            pl_module.load_state_dict(self._best)
        warn_of_absent((self._train, self._val), self._logged)
