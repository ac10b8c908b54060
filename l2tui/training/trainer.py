"""Training, one bounded piece at a time: the caller decides when, the trainer decides what."""

import math
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from l2tui.data.splits import Splits
from l2tui.nn.network import constant_loss, loss_for
from l2tui.nn.parameters import Array
from l2tui.overfitting.phase import Act, Change
from l2tui.overfitting.watch import Watch
from l2tui.runs.curve import CurveStore, MemoryCurve
from l2tui.settings import LIVE_SETTINGS, CriterionName, Settings, changed
from l2tui.training.forces import NO_PULLS
from l2tui.training.machine import Machine, is_finite
from l2tui.training.records import EpochEnd, EpochRecord, is_recorded, make_record
from l2tui.training.reevaluation import Reevaluation
from l2tui.training.state import VERSION, Progress, RunState, TwinProgress, generator_state
from l2tui.training.twin import EVERY, TwinState


class Trainer(Machine):
    """Trains one network; deterministic in its settings, whatever happens between the calls of `advance`.

    Args:
        settings: The run's settings.
        splits: The prepared data.
        elapsed: Returns the seconds of training so far, for the records; nothing else depends on it.
        curve: Where the losses of every epoch go; by default into memory.

    Attributes:
        watch: What the validation loss has done so far: best epoch, marks.
        curve: train_loss and val_loss of every epoch from 0 on.
        changes: What was changed from outside, λ, the learning rate or the weights.
        best_theta: The parameters of the best epoch.
        finite_theta: The parameters at the end of the last epoch, or at the start: known to be finite.
        diverged: Whether a loss or a weight has become infinite or undefined. The parameters, `epoch` and `step` are
            then those of the last epoch at which all were finite; `watch.diverged_epoch` is the one at which not.
    """

    def __init__(
        self,
        settings: Settings,
        splits: Splits,
        elapsed: Callable[[], float] = lambda: 0.0,
        *,
        curve: CurveStore | None = None,
    ) -> None:
        super().__init__(settings, splits)
        self.curve: CurveStore = MemoryCurve() if curve is None else curve
        self._elapsed = elapsed
        nothing = constant_loss(splits.y_train, loss_for(splits.task, splits.n_outputs))
        self._first_watch = (settings.l2, nothing)
        self.watch = Watch.start(settings.criterion, *self._first_watch)
        self.changes: list[Change] = []
        self.best_theta: Array = self.parameters.theta.copy()
        self.finite_theta: Array = self.parameters.theta.copy()
        self.diverged = False

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.diverged or (self.epoch >= self.settings.epochs and len(self.curve) > 0)

    def advance(self, *, max_steps: int | None = None, seconds: float = 0.02) -> EpochEnd | None:
        """Trains on, to the end of the epoch at most.

        The first call evaluates the untrained network, as epoch 0.

        Args:
            max_steps: Updates at most.
            seconds: Return after about this time, by the clock, also within an epoch.

        Returns:
            The end of the epoch, or None where time or steps ran out before it.
        """
        with np.errstate(all="ignore"):
            if not self.curve:
                return self._end_epoch()
            if self.step_in_epoch == 0:
                self._begin_epoch()
                self._begin_measuring()
            deadline = time.perf_counter() + seconds
            if self.step_in_epoch < self.steps_per_epoch:
                self._run_steps(max_steps, deadline)
            if self.step_in_epoch < self.steps_per_epoch:
                if not is_finite(self.parameters.theta):
                    self._diverge()
                return None
            # A caller that steps one by one waits for the losses of the last step.
            if max_steps is None and not self._losses.take(seconds / 2, measure=self._measured):
                return None
            if max_steps is None and self.twin and self.twin_due and not self.twin.losses.take(seconds / 2):
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
                self.note_change("l2" if name == "l2" else "rate")
        elif name == "criterion":
            reevaluation = self.reevaluation(self.settings.criterion)
            while not reevaluation.advance():
                pass
            self.take(reevaluation)

    def take(self, reevaluation: Reevaluation) -> None:
        """Takes another criterion that has come to the end of the curve."""
        self.settings = msgspec.structs.replace(self.settings, criterion=reevaluation.criterion)
        self.watch = reevaluation.watch
        if self.diverged:
            self.watch = self.watch.update(len(self.curve), math.nan, math.nan)

    def restore_best(self, *, to_train: bool = True) -> None:
        """Puts the weights of the best epoch back in.

        Args:
            to_train: Whether training continues from them, which begins a phase. At the end of a run it does not, and
                the verdict stays that on the epochs that were trained.
        """
        self._replace_theta(self.best_theta)
        if to_train:
            self.note_change("weights")

    def reevaluation(self, criterion: CriterionName) -> Reevaluation:
        """Returns what takes another criterion over the curve so far."""
        return Reevaluation(Watch.start(criterion, *self._first_watch), criterion, self.curve, self.changes)

    def note_change(self, act: Act) -> None:
        """Begins a phase: something was changed from outside."""
        self.changes.append(Change(self.epoch if self.curve else -1, act, self.settings.l2))
        self.watch = self.watch.changed(self.changes[-1])
        self._forces.begin_window(self.step)

    def swap_twin(self) -> None:
        """Goes on with the weights, λ and optimiser's state of the twin, and the twin with those of the run."""
        if self.twin is not None:
            self._swap_twin(self.twin)
            self.note_change("weights")

    @property
    def twin_due(self) -> bool:
        """Whether the epoch that ends next is one at which the losses of a twin are taken."""
        return (self.epoch + 1) % EVERY == 0

    def state(self) -> RunState:
        """Returns everything that is needed to resume exactly; its arrays stay the trainer's own."""
        twin = None if self.twin is None else self.twin.state()
        order = self.epoch_start_state if self.step_in_epoch else self.order_generator.bit_generator.state
        return RunState(
            progress=Progress(
                settings=self.settings,
                order=generator_state(order),
                epoch=self.epoch,
                step=self.step,
                step_in_epoch=self.step_in_epoch,
                losses=len(self.curve),
                diverged=self.diverged,
                optimizer_count=self.optimizer.count,
                gradient_scale=self.gradient_scale,
                measured=self._measured,
                summed_rows=self._forces.rows,
                summed_scale=self._forces.scale,
                summed_squares=self._forces.finite_squares,
                window_step=self._forces.start_step,
                changes=tuple(self.changes),
                version=VERSION,
                twin=None if twin is None else TwinProgress(twin.l2, twin.count),
            ),
            watch=self.watch,
            theta=self.parameters.theta,
            best_theta=self.best_theta,
            finite_theta=self.finite_theta,
            gradient=self.gradient,
            gradient_sum=self._forces.sum,
            window_start=self._forces.start,
            slots=self.optimizer.slots,
            twin={} if twin is None else {"theta": twin.theta, **twin.slots},
        )

    def restore(self, state: RunState, curve: CurveStore | None = None) -> None:
        """Resumes where a trainer with the same settings and data was.

        Args:
            state: Its state.
            curve: Its curve, as long as `state` says; by default the present one.

        Raises:
            ValueError: The state is of another run, or its parts do not belong together.
        """
        progress = state.progress
        state.check(self.steps_per_epoch, self.settings)
        self.end_twin()
        self.settings = progress.settings
        # A new learning rate changes what the optimiser has stored, so the rates come before the arrays.
        self._set_rates()
        saved = state.arrays()
        for name, mine in self.state().arrays().items():
            mine[:] = saved[name]
        self.optimizer.count = progress.optimizer_count
        self.gradient_scale = progress.gradient_scale
        forces = self._forces
        forces.rows, forces.scale, forces.squares = progress.summed_rows, progress.summed_scale, progress.summed_squares
        forces.start_step = progress.step if progress.window_step is None else progress.window_step
        self.epoch, self.step, self.diverged = progress.epoch, progress.step, progress.diverged
        self.changes[:] = progress.changes
        self.watch = state.watch
        self.curve = self.curve if curve is None else curve
        self.order_generator.bit_generator.state = msgspec.to_builtins(progress.order)
        self._measured = progress.measured
        if progress.step_in_epoch:
            self._begin_epoch()
        self.step_in_epoch = progress.step_in_epoch
        self._losses.forget()
        if progress.twin is not None:
            slots = {name: array for name, array in state.twin.items() if name != "theta"}
            twin = TwinState(progress.twin.l2, progress.twin.count, state.twin["theta"], slots)
            self.begin_twin(twin.l2, twin)

    def _end_epoch(self) -> EpochEnd:
        theta = self.parameters.theta
        epoch = self.epoch + 1 if self.curve else 0
        train_loss, val_loss = self._losses.values()
        # The losses can stay finite over weights that no longer are, where tanh(inf) is 1.
        if not (math.isfinite(train_loss) and math.isfinite(val_loss) and is_finite(theta)):
            self._diverge()
            return EpochEnd(epoch, None, False)
        self.epoch, self.step_in_epoch = epoch, 0
        self.finite_theta[:] = theta
        self.curve.append(train_loss, val_loss)
        self.watch = self.watch.update(epoch, train_loss, val_loss)
        improved = self.watch.best_epoch == epoch
        if improved:
            self.best_theta[:] = theta
        is_last = epoch >= self.settings.epochs
        record = self._record(measure=is_last or self._measured) if is_last or is_recorded(epoch) else None
        return EpochEnd(epoch, record, improved)

    def record(self) -> EpochRecord:
        """Returns the full record of the present weights, which are those of the epoch that has just ended or later.

        The data gradient is that of the last step, and 0 where none has led to these weights.
        """
        with np.errstate(all="ignore"):
            return self._record(measure=True)

    def _record(self, *, measure: bool) -> EpochRecord:
        settings = self.settings
        (train_loss, val_loss), (train_score, val_score) = self._losses.values(), self._losses.scores()
        return make_record(
            self.parameters,
            self.gradient,
            gradient_scale=self.gradient_scale,
            settings=settings,
            watch=self.watch,
            epoch=self.epoch,
            step=self.step,
            elapsed=self._elapsed(),
            train=(train_loss, train_score),
            val=(val_loss, val_score),
            measured=self._losses.measured() if measure else None,
            pulls=self._forces.pulls(self.step, learning_rate=settings.learning_rate, l2=settings.l2)
            if measure
            else NO_PULLS,
        )

    def _diverge(self) -> None:
        """Goes back to the last finite epoch, so that the verdict is the same however finely the steps are cut."""
        self.diverged = True
        if self.curve:
            self.watch = self.watch.update(self.epoch + 1, math.nan, math.nan)
            self.step = self.epoch * self.steps_per_epoch
        else:
            self.watch = self.watch.update(0, math.nan, math.nan)
        self.step_in_epoch = 0
        self._replace_theta(self.finite_theta)
