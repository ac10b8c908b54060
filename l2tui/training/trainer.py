"""Training, one bounded piece at a time: whoever calls decides when, the trainer decides what."""

import math
import time
from array import array
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from l2tui.data.splits import Splits
from l2tui.nn.network import constant_loss, loss_for
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Array
from l2tui.overfitting.phase import Act, Change
from l2tui.overfitting.watch import Watch, evaluate
from l2tui.settings import LIVE_SETTINGS, Settings, changed
from l2tui.training.assembly import assemble
from l2tui.training.records import EpochRecord, is_recorded


class EpochEnd(NamedTuple):
    """The end of an epoch.

    Attributes:
        epoch: Its number; 0 is the untrained network.
        record: Its row of the metrics, or None where the epoch is thinned out.
        improved: Whether its val_loss is the lowest so far.
    """

    epoch: int
    record: EpochRecord | None
    improved: bool


class Trainer:
    """Trains one network; deterministic in its settings, whatever happens between the calls of `advance`.

    Args:
        settings: The run's settings.
        splits: The prepared data.
        elapsed: Tells the seconds of training so far, for the records; nothing else depends on it.

    Attributes:
        settings: The settings now: `set` changes those that can change while training.
        parameters: The network.
        epoch: Finished epochs.
        step: Updates so far.
        step_in_epoch: Updates since the last finished epoch.
        steps_per_epoch: Updates in an epoch.
        watch: What the validation loss has done so far: best epoch, marks.
        train_losses: train_loss of every epoch from 0 on.
        val_losses: val_loss of every epoch from 0 on.
        changes: What was changed from outside, λ, the learning rate or the weights.
        best_theta: The parameters of the best epoch.
        finite_theta: The parameters at the end of the last epoch, or at the start: known to be finite.
        diverged: Whether a loss or a weight has become infinite or undefined. The parameters, `epoch` and `step` are
            then those of the last epoch at which all were finite; `watch.diverged_epoch` is the one at which not.
        gradient: What the last step took for the data gradient, times `gradient_scale`.
        gradient_scale: Its factor.
    """

    def __init__(self, settings: Settings, splits: Splits, elapsed: Callable[[], float] = lambda: 0.0) -> None:
        self.settings = settings
        self._elapsed = elapsed
        parts = assemble(settings, splits)
        self.parameters, self.order_generator = parts.parameters, parts.order
        self._step, self._batches, self._train, self._val = parts.step, parts.batches, parts.train, parts.val
        self.gradient = self._step.gradient
        self.gradient_scale = 1.0
        self.optimizer = make_optimizer(settings.optimizer, self.parameters, self.gradient, momentum=settings.momentum)
        self.steps_per_epoch = self._batches.count
        self.epoch = self.step = self.step_in_epoch = 0
        self._first_l2 = settings.l2
        self._nothing = constant_loss(splits.y_train, loss_for(splits.task, splits.n_outputs))
        self.watch = Watch.start(settings.criterion, settings.l2, self._nothing)
        self.train_losses, self.val_losses = array("d"), array("d")
        self.changes: list[Change] = []
        self.best_theta: Array = self.parameters.theta.copy()
        self.finite_theta: Array = self.parameters.theta.copy()
        self.diverged = False
        self.epoch_start_state: dict[str, Any] = dict(self.order_generator.bit_generator.state)
        self._chunk = 1
        self._evaluated = False
        self._evaluation: Iterator[None] | None = None
        self._set_rates()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.diverged or (self.epoch >= self.settings.epochs and bool(self.val_losses))

    def advance(self, *, max_steps: int | None = None, seconds: float = 0.02) -> EpochEnd | None:
        """Trains on, to the end of the epoch at most.

        The first call evaluates the untrained network, as epoch 0.

        Args:
            max_steps: Updates at most.
            seconds: Return after about this time, by the clock, also within an epoch.

        Returns:
            The end of the epoch, or None where time or steps ran out before it.
        """
        if not self.val_losses:
            return self._end_epoch()
        with np.errstate(all="ignore"):
            if self.step_in_epoch == 0:
                self._begin_epoch()
            deadline = time.perf_counter() + seconds
            if self.step_in_epoch < self.steps_per_epoch:
                self._run_steps(max_steps, deadline)
            if self.step_in_epoch < self.steps_per_epoch:
                if not _is_finite(self.parameters.theta):
                    self._diverge()
                return None
            # Whoever goes step by step waits for the last one's losses.
            if max_steps is None and not self._evaluate_for(seconds / 2):
                return None
            return self._end_epoch()

    def set(self, name: str, value: Any) -> None:
        """Changes a live setting, from the next step on.

        Raises:
            SettingsError: The value is not allowed.
            ValueError: The setting cannot change while training.
        """
        if name not in LIVE_SETTINGS:
            raise ValueError(f"{name} cannot change while training")
        before = getattr(self.settings, name)
        self.settings = changed(self.settings, **{name: value})
        if name in ("l2", "learning_rate"):
            self._set_rates()
            if getattr(self.settings, name) != before:
                self._note_change("l2" if name == "l2" else "rate")
        elif name == "criterion":
            self.watch = self.rebuilt_watch()

    def restore_best(self) -> None:
        """Puts the weights of the best epoch back in; training goes on from them."""
        self._replace_theta(self.best_theta)
        self._note_change("weights")

    def rebuilt_watch(self) -> Watch:
        """Returns the watch that the current criterion gives on the whole curve so far."""
        epochs = range(len(self.val_losses))
        return evaluate(
            self.settings.criterion,
            epochs,
            self.train_losses,
            self.val_losses,
            self.changes,
            l2=self._first_l2,
            nothing=self._nothing,
        )

    def _note_change(self, act: Act) -> None:
        self.changes.append(Change(self.epoch if self.val_losses else -1, act, self.settings.l2))
        self.watch = self.watch.changed(self.changes[-1])

    def resume_epoch(self, step_in_epoch: int) -> None:
        """Takes up an epoch in its middle, with `order_generator` in the state it had at the epoch's start."""
        if step_in_epoch:
            self._begin_epoch()
        self.step_in_epoch = step_in_epoch
        self._forget_losses()

    def _begin_epoch(self) -> None:
        self.epoch_start_state = dict(self.order_generator.bit_generator.state)
        self._batches.shuffle(self.order_generator)

    def _run_steps(self, max_steps: int | None, deadline: float) -> None:
        stop = self.steps_per_epoch if max_steps is None else min(self.steps_per_epoch, self.step_in_epoch + max_steps)
        run, batches, optimizer = self._step.run, self._batches, self.optimizer
        self._forget_losses()
        self.gradient_scale = optimizer.gradient_scale
        began = time.perf_counter()
        while self.step_in_epoch < stop:
            first, last = self.step_in_epoch, min(stop, self.step_in_epoch + self._chunk)
            for index in range(first, last):
                run(batches[index], optimizer)
            self.step_in_epoch = last
            self.step += last - first
            now = time.perf_counter()
            if now - began < 0.001 and last - first == self._chunk:
                self._chunk *= 2
            elif now - began > 0.004:
                self._chunk = max(1, self._chunk // 2)
            if now > deadline:
                return
            began = now

    def _end_epoch(self) -> EpochEnd:
        theta = self.parameters.theta
        epoch = self.epoch + 1 if self.val_losses else 0
        with np.errstate(all="ignore"):
            train_loss, val_loss = self._evaluate()
            # The losses can stay finite over weights that no longer are, where tanh(inf) is 1.
            if not (math.isfinite(train_loss) and math.isfinite(val_loss) and _is_finite(theta)):
                self._diverge()
                return EpochEnd(epoch, None, False)
        self.epoch, self.step_in_epoch = epoch, 0
        self.finite_theta[:] = theta
        self.train_losses.append(train_loss)
        self.val_losses.append(val_loss)
        self.watch = self.watch.update(epoch, train_loss, val_loss)
        improved = self.watch.best_epoch == epoch
        if improved:
            self.best_theta[:] = theta
        is_last = epoch >= self.settings.epochs
        return EpochEnd(epoch, self.record() if is_last or is_recorded(epoch) else None, improved)

    def _evaluate(self) -> tuple[float, float]:
        self._evaluate_for(math.inf)
        return self._losses

    def _evaluate_for(self, seconds: float) -> bool:
        """Goes on with the losses for about that time; returns whether they are known."""
        if self._evaluated:
            return True
        deadline = time.perf_counter() + seconds
        self._evaluation = self._evaluation or chain(self._train.pieces(), self._val.pieces())
        for _ in self._evaluation:
            if time.perf_counter() > deadline:
                return False
        self._losses = self._train.last_loss, self._val.last_loss
        self._evaluated, self._evaluation = True, None
        return True

    def _forget_losses(self) -> None:
        self._evaluated, self._evaluation = False, None

    def record(self) -> EpochRecord:
        """Returns the full record of the present weights, which are those of the epoch that has just ended or later.

        The data gradient is that of the last step, and 0 where none has led to these weights.
        """
        if not self._evaluated:
            self._evaluate()
        train_loss, val_loss = self._losses
        W1, W2 = self.parameters.decayed()
        dW1, dW2 = self.parameters.decayed(self.gradient)
        l2, learning_rate, scale = self.settings.l2, self.settings.learning_rate, self.gradient_scale
        w1_norm, w2_norm = _norm(W1), _norm(W2)
        return EpochRecord(
            epoch=self.epoch,
            step=self.step,
            elapsed=self._elapsed(),
            train_loss=train_loss,
            val_loss=val_loss,
            penalty=l2 * (w1_norm**2 + w2_norm**2),
            train_accuracy=self._train.score(),
            val_accuracy=self._val.score(),
            w1_norm=w1_norm,
            w2_norm=w2_norm,
            w1_max=_largest(W1),
            w2_max=_largest(W2),
            data_grad_norm_1=_norm(dW1) / scale,
            decay_grad_norm_1=2 * l2 * w1_norm,
            data_grad_norm_2=_norm(dW2) / scale,
            decay_grad_norm_2=2 * l2 * w2_norm,
            l2=l2,
            learning_rate=learning_rate,
            best_epoch=self.watch.best_epoch or 0,
            best_val_loss=self.watch.best_val_loss,
        )

    def _set_rates(self) -> None:
        self.optimizer.set(learning_rate=self.settings.learning_rate, l2=self.settings.l2)
        self._batches.set_scale(self.optimizer.gradient_scale)

    def _diverge(self) -> None:
        """Goes back to the last finite epoch, so that the verdict is the same however finely the steps are cut."""
        self.diverged = True
        if self.val_losses:
            self.watch = self.watch.update(self.epoch + 1, math.nan, math.nan)
            self.step = self.epoch * self.steps_per_epoch
        else:
            self.watch = self.watch.update(0, math.nan, math.nan)
        self.step_in_epoch = 0
        self._replace_theta(self.finite_theta)

    def _replace_theta(self, theta: Array) -> None:
        self.parameters.theta[:] = theta
        self.gradient[:] = 0.0
        self.optimizer.reset()
        self._forget_losses()


def _is_finite(theta: Array) -> bool:
    """Tells whether all weights are finite, and their squares as well, so that the penalty is."""
    return math.isfinite(theta.dot(theta))


def _norm(flat: Array) -> float:
    return math.sqrt(float(flat.dot(flat)))


def _largest(flat: Array) -> float:
    return max(float(flat.max()), -float(flat.min()))
