"""How good a run's best weights are on one part of its data, in a form that can be shown, stored and sent."""

from typing import Literal

from msgspec import Struct

Interval = tuple[float, float]


class Floor(Struct, frozen=True, kw_only=True):
    """What a rule far simpler than a network scores on the same rows.

    Attributes:
        rule: Which rule, fitted on the training part.
        answer: What it always answers, for the largest class.
        loss: Mean data loss a row.
        score: Accuracy, or R².
        score_error: Its standard error; None where that is not known.
        gain: The network's score less this one.
        gain_error: The standard error of that difference, row by row.
        l2: λ of a regression, chosen on the validation part.
        train_rows: Training rows that it was fitted on: all, or a sample of them.
    """

    rule: Literal["largest class", "mean", "logistic regression", "ridge regression"]
    answer: str = ""
    loss: float
    score: float
    score_error: float | None
    gain: float
    gain_error: float | None
    l2: float | None = None
    train_rows: int


class PartResult(Struct, frozen=True, kw_only=True):
    """Loss and score on one part of the data.

    Attributes:
        part: Which part.
        rows: Its rows.
        epoch: Epoch of the weights.
        l2: λ at that time.
        looks: How often the test part of this run has been looked at, this time included; for validation, so far.
        loss: Mean data loss a row.
        loss_interval: Its 95 % interval, by bootstrap over rows.
        score: Accuracy, or R².
        score_interval: Its 95 % interval.
        class_names: Names of the classes; empty for regression.
        confusion: Rows of true class i that were taken for class j, for classification.
        pairs: True and predicted values in the target's own units, of at most 500 rows, for regression.
        target_name: What is predicted.
        looks_l2: λ at each look at the test part, in their order; this one, if it is one, is the last.
        rmse: Root of the mean squared error in the target's own units, for regression.
        rmse_interval: Its 95 % interval.
        score_error: The standard error of the score; None where that is not known.
        floors: What simpler rules score on the same rows: a constant one, then a linear one.
    """

    part: Literal["val", "test"]
    rows: int
    epoch: int
    l2: float
    looks: int
    loss: float
    loss_interval: Interval
    score: float
    score_interval: Interval
    class_names: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[tuple[float, float], ...] = ()
    target_name: str = ""
    looks_l2: tuple[float, ...] = ()
    rmse: float | None = None
    rmse_interval: Interval | None = None
    score_error: float | None = None
    floors: tuple[Floor, ...] = ()
