"""What simpler rules score on the same rows: the floors that give the network's own score a meaning."""

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.splits import Splits
from l2tui.nn.network import loss_for, row_losses
from l2tui.results.linear import fit_linear
from l2tui.results.predict import chosen_classes
from l2tui.runs.results import Floor

Floats = NDArray[np.float64]


class Shortfall(NamedTuple):
    """How far answers fall short of a full score, which is 1 - Σlost / Σpossible.

    Attributes:
        lost: (n,) 1 for a wrong class and 0 for a right one; the squared error of a number.
        possible: (n,) 1 for a class; the squared distance of a number from the part's mean.
    """

    lost: Floats
    possible: Floats

    @property
    def share(self) -> float:
        """Σlost / Σpossible; where nothing is possible, 1 for any loss and 0 for none."""
        possible = float(self.possible.mean())
        # The square of a rounding error is no variance.
        if possible <= 1e-28:
            return float(np.any(self.lost))
        return float(self.lost.mean()) / possible

    @property
    def error(self) -> float | None:
        """The standard error of `share`, by the delta method; None where it is not known.

            SE = deviation of (lost - share·possible) / (mean possible · √n)

        Source:
            Cochran, *Sampling Techniques* (1977), section 2.11.
        """
        n, possible = len(self.lost), float(self.possible.mean())
        if n < 2 or possible <= 1e-28:
            return None
        return float(np.std(self.lost - self.share * self.possible, ddof=1)) / (possible * math.sqrt(n))


def shortfall(Z2: Floats, y: NDArray[Any], task: Literal["classification", "regression"]) -> Shortfall:
    """Returns how far outputs (n, n_outputs) fall short of the truth (n,)."""
    if task == "regression":
        return Shortfall((Z2[:, 0] - y) ** 2, (y - y.mean()) ** 2)
    return Shortfall((chosen_classes(Z2) != y).astype(np.float64), np.ones(len(y)))


def find_floors(splits: Splits, X: Floats, y: NDArray[Any], Z2: Floats, seed: int) -> tuple[Floor, ...]:
    """Scores a constant and a linear rule, both fitted on the training part.

    Args:
        splits: The prepared data.
        X: (n, n_inputs) inputs of the part to score on.
        y: (n,) its classes or targets.
        Z2: (n, n_outputs) the network's outputs for it.
        seed: The run's seed.
    """
    loss = loss_for(splits.task, splits.n_outputs)
    network = shortfall(Z2, y, splits.task)

    def floor(rule: Any, outputs: Floats, **how: Any) -> Floor:
        own = shortfall(outputs, y, splits.task)
        gain = Shortfall(own.lost - network.lost, own.possible)
        return Floor(
            rule=rule,
            loss=float(row_losses(outputs, y, loss).mean()),
            score=1.0 - own.share,
            score_error=own.error,
            gain=own.share - network.share,
            gain_error=gain.error,
            **how,
        )

    constant = _constant(splits)
    linear = fit_linear(splits, seed)
    classes = splits.class_names
    return (
        floor(
            "largest class" if classes else "mean",
            np.tile(constant, (len(y), 1)),
            answer=classes[int(chosen_classes(constant[None])[0])] if classes else "",
            train_rows=len(splits.y_train),
        ),
        floor(
            "logistic regression" if classes else "ridge regression",
            linear.outputs(X),
            l2=linear.l2,
            train_rows=linear.rows,
        ),
    )


def _constant(splits: Splits) -> Floats:
    """Returns the outputs, (n_outputs,), of the best rule without inputs: class frequencies, or the mean target."""
    if splits.task == "regression":
        return np.array([splits.y_train.mean()])
    # Half a row for each class: one without training rows is improbable, not impossible.
    log = np.log(np.bincount(splits.y_train, minlength=splits.n_classes) + 0.5)
    return np.asarray(log[1:] - log[:1] if splits.n_outputs == 1 else log)
