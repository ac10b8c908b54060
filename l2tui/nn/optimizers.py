"""The optimisers by name."""

from l2tui.nn.adam import Adam, AdamW
from l2tui.nn.optimizer import Optimizer
from l2tui.nn.parameters import Array, Parameters
from l2tui.nn.sgd import SGD, Momentum
from l2tui.settings import OptimizerName


def make_optimizer(name: OptimizerName, parameters: Parameters, gradient: Array, *, momentum: float = 0.9) -> Optimizer:
    """Returns a fresh optimiser; it wants `set` before its first `update`.

    Args:
        name: Which.
        parameters: The weights that it changes.
        gradient: The vector, laid out like `parameters.theta`, that it finds the gradient in.
        momentum: Share of the last change that momentum carries on; the others have no use for it.
    """
    if name == "momentum":
        return Momentum(parameters, gradient, momentum)
    kinds: dict[OptimizerName, type[SGD | Adam]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW}
    return kinds[name](parameters, gradient)
