"""The network and what changes it, step by step: the part of a trainer that knows nothing of losses over epochs."""

import math
import time
from typing import Any

from l2tui.data.splits import Splits
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Array
from l2tui.settings import Settings, changed
from l2tui.training.assembly import assemble
from l2tui.training.forces import Forces
from l2tui.training.losses import Losses
from l2tui.training.measures import Measures
from l2tui.training.records import is_measured
from l2tui.training.twin import Twin, TwinState


class Machine:
    """Takes the steps of an epoch, with or without a twin, in one memory or another; the bits are the same.

    Args:
        settings: The run's settings.
        splits: The prepared data.

    Attributes:
        settings: The settings in force.
        parameters: The network.
        epoch: Finished epochs.
        step: Updates so far.
        step_in_epoch: Updates since the last finished epoch.
        steps_per_epoch: Updates in an epoch.
        gradient: What the last step took for the data gradient, times `gradient_scale`.
        gradient_scale: Its factor.
        optimizer: What changes the weights.
        order_generator: Draws the order of the rows.
        epoch_start_state: Its state as the present epoch began.
        twin: The ghost that trains along, None without one.
    """

    def __init__(self, settings: Settings, splits: Splits) -> None:
        self.settings = settings
        self.twin: Twin | None = None
        self._parts = parts = assemble(settings, splits)
        self.parameters, self.order_generator = parts.parameters, parts.order
        self._step, self._batches = parts.step, parts.batches
        self._losses = Losses(parts.train, parts.val, Measures(settings, splits, parts))
        self._forces = Forces(parts.step, self.parameters, len(splits.y_train), plain=settings.optimizer == "sgd")
        self.gradient, self._home = self._step.gradient, self.parameters.theta
        self.gradient_scale = 1.0
        self.optimizer = make_optimizer(settings.optimizer, self.parameters, self.gradient, momentum=settings.momentum)
        self.steps_per_epoch = self._batches.count
        self.epoch = self.step = self.step_in_epoch = 0
        self.epoch_start_state: dict[str, Any] = dict(self.order_generator.bit_generator.state)
        self._chunk = 1
        # The untrained network is measured.
        self._measured = True
        self._set_rates()

    def begin_twin(self, l2: float, state: TwinState | None = None) -> None:
        """Has a twin train along from the present weights on, at another λ; the run keeps its bits.

        Args:
            l2: Its λ.
            state: Where the twin is, if not where the run is.
        """
        self.end_twin()
        self.twin = Twin(self.settings, self._parts, self.optimizer, l2)
        if state is not None:
            self.twin.load(state)
        self._step, self._batches = self.twin.step, self.twin.batches
        self._move(self.twin.lanes[0].theta, self.twin.step.gradient[0])

    def end_twin(self) -> None:
        """Goes on without the twin, if there is one."""
        if self.twin is None:
            return
        self.twin = None
        parts = self._parts
        self._step, self._batches = parts.step, parts.batches
        self._home[:] = self.parameters.theta
        parts.step.gradient[:] = self.gradient
        self._move(self._home, parts.step.gradient)

    def _swap_twin(self, twin: Twin) -> None:
        twin.exchange()
        twin.l2, l2 = self.settings.l2, twin.l2
        self.settings = changed(self.settings, l2=l2)
        self._set_rates()
        self._losses.forget()
        self._forces.begin_epoch()

    def _move(self, theta: Array, gradient: Array) -> None:
        """Trains in other memory, which holds the same weights and gradient, on the same batches."""
        self.parameters.move_to(theta)
        self.gradient = gradient
        self._forces.move_to(self._step, gradient)
        self.optimizer.move_to(gradient)
        self._batches.set_scale(self.optimizer.gradient_scale)
        if self.step_in_epoch:
            self.order_generator.bit_generator.state = self.epoch_start_state
            self._begin_epoch()

    def _begin_epoch(self) -> None:
        self.epoch_start_state = dict(self.order_generator.bit_generator.state)
        self._batches.shuffle(self.order_generator)

    def _begin_measuring(self) -> None:
        """Finds out whether the epoch that begins is measured at its end, as the last one always is."""
        if self._measured:
            self._forces.begin_epoch()
            if is_measured(self.epoch):
                self._forces.begin_window(self.step)
        self._measured = is_measured(self.epoch + 1) or self.epoch + 1 >= self.settings.epochs

    def _run_steps(self, max_steps: int | None, deadline: float) -> None:
        stop = self.steps_per_epoch if max_steps is None else min(self.steps_per_epoch, self.step_in_epoch + max_steps)
        batches, optimizer = self._batches, self.twin or self.optimizer
        run = self._forces.run if self._measured else self._step.run
        self._losses.forget()
        if self.twin is not None:
            self.twin.losses.forget()
        self.gradient_scale = self.optimizer.gradient_scale
        if self.gradient_scale != self._forces.scale:
            self._forces.rescale(self.gradient_scale)
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

    def _set_rates(self) -> None:
        self.optimizer.set(learning_rate=self.settings.learning_rate, l2=self.settings.l2)
        if self.twin is not None:
            self.twin.set_rate(self.settings.learning_rate)
        self._batches.set_scale(self.optimizer.gradient_scale)

    def _replace_theta(self, theta: Array) -> None:
        self.parameters.theta[:] = theta
        self.gradient[:] = 0.0
        self._forces.begin_epoch()
        self._forces.begin_window(self.step)
        self.optimizer.reset()
        self._losses.forget()


def is_finite(theta: Array) -> bool:
    """Returns whether all weights are finite, and their squares as well, so that the penalty is."""
    return math.isfinite(theta.dot(theta))
