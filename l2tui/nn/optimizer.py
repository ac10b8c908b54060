"""What all optimisers have in common: one flat vector, the decay of the weights, and no decay too small to count."""

from abc import ABC, abstractmethod

import numpy as np

from l2tui.nn.parameters import Array, Parameters

# Below this much decay a step, multiplying by 1 - decay is not exact enough in float32: see `Optimizer`.
_FLOAT32_SMALL_DECAY = 1e-2


def decay_kind(learning_rate: float, l2: float) -> int:
    """Returns which way of applying the decay a λ may need: 0 none, 1 a small decay, 2 a large one.

    Lanes of one kind share an optimiser; between kinds it takes other steps, so that their bits would differ.
    """
    return 0 if l2 == 0.0 else 1 if 2.0 * learning_rate * l2 < _FLOAT32_SMALL_DECAY else 2


class Optimizer(ABC):
    """Changes the weights, all of them in one flat vector, from a gradient in a vector of the same layout.

    `_decay` holds the decay of a step at W1 and W2 and 0 elsewhere, `_keep` holds 1 - `_decay`, so biases need no case
    of their own.

    In float32, 1 - 1e-7 is off by a fifth of the decay and 1 - 2e-8 is 1. There a decay below 1e-2 a step is
    subtracted on its own, and what the subtraction rounds away is kept and subtracted next time, so that no decay is
    too small to add up.

    Attributes:
        gradient_scale: What the gradient must have been multiplied by when `update` is called.
        slots: Named arrays that belong to the optimiser's state, for checkpoints.
        count: Updates since the start or the last `reset`; with `slots`, all there is to the state.

    Source:
        Kahan, *Further remarks on reducing truncation errors* (1965) for the compensated sum.
    """

    def __init__(self, parameters: Parameters, gradient: Array) -> None:
        self._parameters = parameters
        self._theta = parameters.theta
        self._gradient = gradient
        self._keep = np.ones_like(self._theta)
        self._decay = np.zeros_like(self._theta)
        self._scratch = np.empty_like(self._theta)
        self._decays = self._compensates = False
        self.gradient_scale = 1.0
        self.slots: dict[str, Array] = {}
        self.count = 0
        if self._theta.dtype == np.float32:
            self._new_slot("rounded_away")

    @abstractmethod
    def set(self, *, learning_rate: float, l2: float | Array) -> None:
        """Takes new values for the learning rate and λ; the next step uses them.

        Args:
            learning_rate: Factor of the gradient.
            l2: λ, or in a stack one λ for each lane, all of one `decay_kind`.
        """

    @abstractmethod
    def update(self) -> None:
        """Changes the weights by one step, from the gradient (times `gradient_scale`), which stays as it is."""

    def move_to(self, gradient: Array) -> None:
        """Finds the gradient in other memory from now on, and the weights where their parameters have moved."""
        self._theta, self._gradient = self._parameters.theta, gradient

    def reset(self) -> None:
        """Forgets what belongs to the weights so far, when they are replaced by others."""
        self.count = 0
        for slot in self.slots.values():
            slot[:] = 0

    def _new_slot(self, name: str) -> Array:
        self.slots[name] = np.zeros_like(self._theta)
        return self.slots[name]

    def _set_decay(self, weights: float | Array, a_step: float | Array) -> None:
        """Takes the decay, in the units in which `update` applies it, and as a share of the weights in one step."""
        self._decays = bool(np.any(weights))
        small = np.greater(a_step, 0.0) & np.less(a_step, _FLOAT32_SMALL_DECAY)
        self._compensates = self._theta.dtype == np.float32 and bool(np.any(small))
        self._keep[:] = self._parameters.per_parameter(1.0 - weights, 1.0)
        self._decay[:] = self._parameters.per_parameter(weights, 0.0)

    def _subtract_compensated(self, change: Array, moved: Array) -> None:
        """Computes the weights less `change` into `moved`, which may be the same memory.

        What is rounded away is kept for the next time. `theta` itself is used up: the caller writes it anew.
        """
        theta, rest = self._theta, self.slots["rounded_away"]
        np.add(rest, change, rest)
        np.subtract(theta, rest, moved)
        np.subtract(theta, moved, theta)
        np.subtract(rest, theta, rest)
