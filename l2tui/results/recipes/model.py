"""The input and the output of a recipe."""

from dataclasses import dataclass

from l2tui.nn.network import Loss
from l2tui.settings import Activation, Dtype, OptimizerName


@dataclass(frozen=True)
class Ingredients:
    """Everything about a run that another library needs.

    Attributes:
        n_in: Inputs.
        hidden: Hidden units.
        n_out: Outputs.
        activation: The hidden units' non-linearity.
        loss: The data loss.
        optimizer: How a gradient changes the weights.
        momentum: Share of the last change that momentum carries on.
        l2: λ.
        learning_rate: Factor of the gradient.
        batch_size: Rows in one step.
        dtype: Type of the weights.
    """

    n_in: int
    hidden: int
    n_out: int
    activation: Activation
    loss: Loss
    optimizer: OptimizerName
    momentum: float
    l2: float
    learning_rate: float
    batch_size: int
    dtype: Dtype


@dataclass(frozen=True)
class Recipe:
    """The lines for one library.

    Attributes:
        library: Its name.
        remarks: What to know, a sentence each.
        code: Python lines; empty where the library has no equivalent.
        exact: Whether these lines give the same weights as the run, up to rounding.
    """

    library: str
    remarks: tuple[str, ...]
    code: str = ""
    exact: bool = True


EPSILON_REMARK = (
    "It adds Adam's ε = 1e-8 before the correction of the first steps instead of after it, so the weights are nearly, "
    "not exactly, the same."
)
L2_IN_ADAM_REMARK = (
    "λ is in the gradient, which Adam rescales: it is not decoupled, and weights with large gradients hardly decay."
)
DECOUPLED_REMARK = "Decoupled: each step takes lr·weight_decay = 2·lr·λ of itself off every weight. No penalty is left."
