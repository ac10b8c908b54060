"""What pictures show besides the weights: names, ranges, and a number of rows that is bounded whatever the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.data.preparation import Floats, Preparation
from l2tui.data.splits import Splits
from l2tui.nn.network import Loss, loss_for
from l2tui.settings import Settings

MOST_ROWS = 2000
_MOST_NUMBERS = 1 << 19
_MARGIN = 0.08


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a part.

    Attributes:
        X: (n, n_in) standardised inputs.
        y: (n,) class indices as they were trained, or standardised targets.
        true: (n,) class indices without label noise; `y` for regression.
    """

    X: Floats
    y: NDArray[Any]
    true: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Sight:
    """What a run's pictures show besides its weights.

    Attributes:
        settings: Those that the run began with.
        preparation: What its inputs and outputs are.
        train: Training rows; none where there are more than two inputs.
        val: Validation rows; none where there is more than one input.
        wrong: Training rows with a wrong label.
        n_train: Rows of the training part.
        n_wrong: Of these, how many have a wrong label.
        low: (n_in,) smallest inputs of the training part and a margin of 8 %, in the data's own units; empty where
            nothing is shown in a plane.
        high: (n_in,) largest inputs and the margin.
    """

    settings: Settings
    preparation: Preparation
    train: Rows
    val: Rows
    wrong: Rows
    n_train: int
    n_wrong: int
    low: Floats
    high: Floats

    @classmethod
    def of(cls, settings: Settings, preparation: Preparation, splits: Splits | None = None) -> "Sight":
        """Takes what is needed of prepared data; without any, pictures of rows are empty."""
        none = _rows(np.empty((0, preparation.n_inputs)), np.empty(0, np.int64))
        if splits is None:
            return cls(settings, preparation, none, none, none, 0, 0, np.empty(0), np.empty(0))
        n_in, y, wrong, n_wrong = splits.X_train.shape[1], splits.y_train, none, 0
        true = y if splits.true_y_train is None else splits.true_y_train
        if splits.true_y_train is not None:
            places = splits.wrong_rows
            n_wrong = len(places)
            places = places[: max(100, _MOST_NUMBERS // n_in)]
            wrong = _rows(splits.X_train, y, true, places)
        some = np.arange(min(len(y), MOST_ROWS))
        train = _rows(splits.X_train, y, true, some) if n_in <= 2 else none
        val = _rows(splits.X_val, splits.y_val, None, np.arange(min(len(splits.y_val), MOST_ROWS)))
        low, high = _range(splits) if n_in <= 2 else (np.empty(0), np.empty(0))
        return cls(settings, preparation, train, val if n_in == 1 else none, wrong, len(y), n_wrong, low, high)

    @property
    def loss(self) -> Loss:
        """The data loss that is trained on."""
        classes = len(self.preparation.class_names)
        return loss_for(self.preparation.task, classes if classes > 2 else 1)

    def standardised(self, values: Floats) -> Floats:
        """Returns inputs (n, n_in) in the data's own units as the network sees them."""
        return np.asarray((values - self.preparation.x_mean) / self.preparation.x_scale)

    def own_units(self, X: Floats) -> Floats:
        """Returns standardised inputs (n, n_in) in the data's own units."""
        return np.asarray(X * self.preparation.x_scale + self.preparation.x_mean)


def _rows(
    X: Floats, y: NDArray[Any], true: NDArray[Any] | None = None, places: NDArray[np.int64] | None = None
) -> Rows:
    true = y if true is None else true
    return Rows(X, y, true) if places is None else Rows(X[places], y[places], true[places])


def _range(splits: Splits) -> tuple[Floats, Floats]:
    own = splits.preparation
    low, high = (end * own.x_scale + own.x_mean for end in (splits.X_train.min(axis=0), splits.X_train.max(axis=0)))
    # An input that is the same in all rows has some width all the same.
    room = np.where(high > low, _MARGIN * (high - low), own.x_scale)
    return low - room, high + room
