"""The weights of the network: one flat vector, and views into it that carry their usual names."""

import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.settings import Activation

Array = NDArray[np.floating]

# The input at which each activation gives exactly 1 in float64 and float32: tanh(40) and 1/(1 + exp(-40)) round to 1.
_CONSTANT_UNIT_INPUT: dict[Activation, float] = {"tanh": 40.0, "sigmoid": 40.0, "relu": 1.0}


class Weights(NamedTuple):
    """Weights and biases of both layers, as a learner knows them.

    Attributes:
        W1: (n_in, hidden) weights from the inputs to the hidden units.
        b1: (hidden,) biases of the hidden units.
        W2: (hidden, n_out) weights from the hidden units to the outputs.
        b2: (n_out,) biases of the outputs.
    """

    W1: Array
    b1: Array
    W2: Array
    b2: Array


@dataclass(frozen=True)
class Shape:
    """Sizes of a two-layer network.

    Attributes:
        n_in: Number of inputs.
        hidden: Number of hidden units.
        n_out: Number of outputs.
    """

    n_in: int
    hidden: int
    n_out: int

    @property
    def count(self) -> int:
        """Number of weights and biases that are learnt."""
        return (self.n_in + 1) * self.hidden + (self.hidden + 1) * self.n_out


class Parameters:
    """All parameters in one flat vector, laid out so that a layer with its bias is one matrix product.

    The first layer is stored as A1 (n_in + 1, hidden + 1) and the second as A2 (hidden + 1, n_out):

        A1 = [ W1 0 ]      A2 = [ W2 ]
             [ b1 c ]           [ b2 ]

    With a column of ones behind the inputs, `X1 @ A1` adds b1 by itself. Its last column is the *constant unit*: it
    sees the bias input alone, times a constant c at which the activation is exactly 1. So the hidden layer H comes
    out with a column of ones of its own, and `H @ A2` adds b2 by itself too, without a copy or a call more.
    The constant unit is not a parameter: its column receives no gradient and no decay.

    A stack of lanes, networks of one shape that train in lock-step, puts one such vector below the other. Every array
    then has a leading axis of lanes.

    Args:
        shape: Sizes of the network.
        activation: The hidden units' non-linearity.
        dtype: Type of the weights.
        lanes: Networks in the stack; None for a single one, without the axis.

    Attributes:
        theta: (A1.size + A2.size,) the flat vector; everything below is a view into it.
        A1: (n_in + 1, hidden + 1) first layer with bias and constant unit.
        A2: (hidden + 1, n_out) second layer with bias.
    """

    def __init__(
        self,
        shape: Shape,
        activation: Activation,
        dtype: np.dtype | type = np.float64,
        *,
        lanes: int | None = None,
    ) -> None:
        self.shape = shape
        n_in, hidden, n_out = shape.n_in, shape.hidden, shape.n_out
        self._split = (n_in + 1) * (hidden + 1)
        self._bias_1 = slice(n_in * (hidden + 1), self._split)
        self._bias_2 = slice(self._split + hidden * n_out, None)
        size = self._split + (hidden + 1) * n_out
        self.theta: Array = np.zeros(size if lanes is None else (lanes, size), dtype)
        self.A1, self.A2 = self.matrices(self.theta)
        self.A1[..., n_in, hidden] = _CONSTANT_UNIT_INPUT[activation]

    @property
    def lanes(self) -> tuple[int, ...]:
        """The leading axis: () for a single network, (lanes,) for a stack."""
        return self.theta.shape[:-1]

    def part(self, lanes: slice | int) -> "Parameters":
        """Returns some lanes of a stack, or one as a single network, as parameters of their own in the same memory."""
        part = copy.copy(self)
        part.move_to(self.theta[lanes])
        return part

    def move_to(self, theta: Array) -> None:
        """Lives in other memory from now on, with what is in it."""
        self.theta = theta
        self.A1, self.A2 = self.matrices(theta)

    def matrices(self, flat: Array) -> tuple[Array, Array]:
        """Returns views of a vector laid out like `theta` (a gradient, say) in the shapes of A1 and A2."""
        shape = self.shape
        lanes = flat.shape[:-1]
        return (
            flat[..., : self._split].reshape(*lanes, shape.n_in + 1, shape.hidden + 1),
            flat[..., self._split :].reshape(*lanes, shape.hidden + 1, shape.n_out),
        )

    def views(self, flat: Array | None = None) -> Weights:
        """Returns W1, b1, W2 and b2 as views into `theta`, or into another vector laid out like it."""
        A1, A2 = self.matrices(self.theta if flat is None else flat)
        n_in, hidden = self.shape.n_in, self.shape.hidden
        return Weights(A1[..., :n_in, :hidden], A1[..., n_in, :hidden], A2[..., :hidden, :], A2[..., hidden, :])

    def decayed(self, flat: Array | None = None) -> tuple[Array, Array]:
        """Returns the contiguous flat parts that hold W1 and W2: what the penalty acts on.

        The part of W1 has the zeros of the constant unit among its weights; they add nothing to a norm.
        """
        flat = self.theta if flat is None else flat
        return flat[..., : self._bias_1.start], flat[..., self._split : self._bias_2.start]

    def per_parameter(self, weights: float | Array, others: float) -> Array:
        """Returns a vector laid out like `theta` that holds one value at W1 and W2 and another everywhere else.

        Args:
            weights: The value at W1 and W2, or one for each lane.
            others: The value elsewhere.
        """
        flat: Array = np.full(self.theta.shape, others, np.float64)
        views = self.views(flat)
        of_lane = np.asarray(weights)[..., None, None]
        views.W1[...] = of_lane
        views.W2[...] = of_lane
        return flat

    def copy_weights(self) -> Weights:
        """Returns copies of W1, b1, W2 and b2 that do not change as training goes on."""
        return Weights(*(np.array(view) for view in self.views()))

    def load(self, weights: Weights) -> None:
        """Overwrites the parameters with copies of `weights`."""
        for view, source in zip(self.views(), weights, strict=True):
            view[...] = source


def initialise(parameters: Parameters, activation: Activation, generator: np.random.Generator) -> None:
    """Draws initial weights: W ~ N(0, g / fan_in) with zero biases. All lanes of a stack begin with the same ones.

    g = 1 for tanh and sigmoid, so that the sum into a unit has about the variance of its inputs, and g = 2 for relu,
    which drops half of it.

    Source:
        LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), section 4.6; He, Zhang, Ren, Sun, *Delving Deep into
        Rectifiers* (2015), equation 10.
    """
    gain = 2.0 if activation == "relu" else 1.0
    weights = parameters.views()
    shape = parameters.shape
    weights.W1[...] = generator.normal(0.0, np.sqrt(gain / shape.n_in), (shape.n_in, shape.hidden))
    weights.b1[...] = 0.0
    weights.W2[...] = generator.normal(0.0, np.sqrt(1.0 / shape.hidden), (shape.hidden, shape.n_out))
    weights.b2[...] = 0.0
