"""A second lane beside a trainer: the same batches in lock-step, at another λ."""

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Array, Parameters
from l2tui.training.assembly import Assembly
from l2tui.training.losses import Losses

if TYPE_CHECKING:
    from l2tui.nn.optimizer import Optimizer
    from l2tui.settings import Settings


class TwinState(Struct, frozen=True):
    """What a twin has of its own.

    Attributes:
        l2: Its λ.
        count: Updates since its optimiser began.
        theta: Its weights.
        slots: Arrays of its optimiser.
    """

    l2: float
    count: int
    theta: Array
    slots: dict[str, Array]


# The losses of a twin are taken at every such epoch: a curve has points enough, and the run is held up less.
EVERY = 2


class Twin:
    """A stack of two lanes, the run and its twin; each has the bits that it has alone.

    The learning rate and the optimiser are those of the run at any time. λ is the twin's own.

    Args:
        settings: The settings of the run.
        parts: The parts of the run's trainer.
        run: The run's optimiser, whose state the twin begins with.
        l2: λ of the twin.

    Attributes:
        l2: λ of the twin.
        step: One update of both lanes.
        batches: The training part, cut up for both.
        losses: Losses of the twin.
        lanes: The parameters of the run and of the twin, in the memory of the stack.
        optimizer: The twin's optimiser.
    """

    def __init__(self, settings: "Settings", parts: Assembly, run: "Optimizer", l2: float) -> None:
        own = parts.parameters
        stack = Parameters(own.shape, settings.activation, own.theta.dtype, lanes=2)
        stack.theta[:] = own.theta
        self.l2 = l2
        self.step = parts.step.for_stack(stack)
        self.step.gradient[:] = parts.step.gradient
        self.batches = parts.batches.for_step(self.step)
        self.lanes = (stack.part(0), stack.part(1))
        self.losses = Losses(parts.train.for_network(self.lanes[1]), parts.val.for_network(self.lanes[1]))
        self._run = run
        self.optimizer = make_optimizer(
            settings.optimizer, self.lanes[1], self.step.gradient[1], momentum=settings.momentum
        )
        self.set_rate(settings.learning_rate)
        self.load(TwinState(l2, run.count, own.theta, run.slots))

    def update(self) -> None:
        """Changes the weights of both lanes by one step."""
        self._run.update()
        self.optimizer.update()

    def set_rate(self, learning_rate: float) -> None:
        """Takes the learning rate of the run, and λ of the twin."""
        self.optimizer.set(learning_rate=learning_rate, l2=self.l2)

    def state(self) -> TwinState:
        """Returns what the twin has of its own; the arrays stay its own."""
        return TwinState(self.l2, self.optimizer.count, self.lanes[1].theta, self.optimizer.slots)

    def load(self, state: TwinState) -> None:
        """Takes up a state. The rates are set already."""
        self.lanes[1].theta[:] = state.theta
        self.losses.forget()
        self.optimizer.count = state.count
        for name, slot in self.optimizer.slots.items():
            slot[:] = state.slots[name]

    def exchange(self) -> None:
        """Gives the run the weights and the optimiser's state of the twin, and the twin those of the run."""
        _exchange(self.lanes[0].theta, self.lanes[1].theta)
        # No step has led from the run's last weights to these.
        self.step.gradient[:] = 0.0
        for name, slot in self.optimizer.slots.items():
            _exchange(slot, self._run.slots[name])
        self.optimizer.count, self._run.count = self._run.count, self.optimizer.count
        self.losses.forget()

    @property
    def diverged(self) -> bool:
        """Whether its losses or weights are no longer finite."""
        theta = self.lanes[1].theta
        with np.errstate(all="ignore"):
            return not np.isfinite([*self.losses.values(), float(theta.dot(theta))]).all()


def _exchange(one: Any, other: Any) -> None:
    one[:], other[:] = other.copy(), one.copy()
