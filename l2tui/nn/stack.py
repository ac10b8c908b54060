"""The optimisers of a stack: one for each way in which a λ is applied, so that each lane takes its own steps."""

from itertools import groupby

import numpy as np

from l2tui.nn.optimizer import Optimizer, decay_kind
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Array, Parameters
from l2tui.settings import OptimizerName


class StackOptimizer:
    """Changes the weights of all lanes, each by its own λ.

    Lanes next to each other that apply their λ in the same way share one ordinary optimiser, which works on their rows
    of the stack. Each lane so takes exactly the operations, and has the bits, that it has alone.

    Args:
        name: Which optimiser.
        parameters: The weights of the stack.
        gradient: What the step writes, laid out like them.
        momentum: Share of the last change that momentum carries on.
        learning_rate: The same for all lanes.
        l2: λ of each lane, ascending.

    Raises:
        ValueError: The λ are not ascending, or not one a lane.
    """

    def __init__(
        self,
        name: OptimizerName,
        parameters: Parameters,
        gradient: Array,
        *,
        momentum: float,
        learning_rate: float,
        l2: tuple[float, ...],
    ) -> None:
        if list(l2) != sorted(l2) or parameters.lanes != (len(l2),):
            raise ValueError(f"expected one ascending λ for each of the lanes {parameters.lanes}, got {l2}")
        self._parts: list[tuple[slice, Optimizer]] = []
        first = 0
        # In float64 a small decay is applied like a large one. With these two optimisers λ = 0 has the bits of any
        # decay that is 0: the weights times exactly 1, or less exactly 0.
        least, most = int(name in ("sgd", "adamw")), 1 if gradient.dtype == np.float64 else 2
        for _, group in groupby(l2, lambda one: min(max(decay_kind(learning_rate, one), least), most)):
            values = np.array(list(group))
            lanes = slice(first, first + len(values))
            optimizer = make_optimizer(name, parameters.part(lanes), gradient[lanes], momentum=momentum)
            optimizer.set(learning_rate=learning_rate, l2=values)
            self._parts.append((lanes, optimizer))
            first = lanes.stop
        self.gradient_scale = self._parts[0][1].gradient_scale

    def update(self) -> None:
        """Changes the weights of every lane by one step."""
        for _, optimizer in self._parts:
            optimizer.update()

    @property
    def count(self) -> int:
        """Updates so far."""
        return self._parts[0][1].count

    @property
    def slots(self) -> dict[str, Array]:
        """Copies of the named arrays of the state, (lanes, parameters) each."""
        names = self._parts[0][1].slots
        return {name: np.concatenate([part.slots[name] for _, part in self._parts]) for name in names}

    def load(self, slots: dict[str, Array], count: int) -> None:
        """Restores the state that `slots` and `count` returned."""
        for lanes, optimizer in self._parts:
            optimizer.count = count
            for name, slot in optimizer.slots.items():
                slot[:] = slots[name][lanes]
