"""What is done to a table before a network sees it: learnt on the training rows, stored, and done again to new rows.

This module reads no file and needs no table library.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.data.kinds import Kind, Task
from l2tui.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FORMAT_VERSION = 1
_FAR = 100.0


class Reading(Struct, frozen=True, kw_only=True):
    """How the values of a column are read.

    Attributes:
        kind: What they are.
        date_format: How dates are written, with strftime's codes; empty where they have a type of their own.
        decimal_comma: Whether numbers have a comma where others have a point.
        words: What stands for 0 and for 1, in lower case.
        unit: What stands before or after each number: "$", "%" or "kg".
        gaps: Texts that stand for no value in this column, in lower case.
    """

    kind: Kind
    date_format: str = ""
    decimal_comma: bool = False
    words: tuple[str, str] | None = None
    unit: str = ""
    gaps: tuple[str, ...] = ()


class ColumnPlan(Struct, frozen=True, kw_only=True):
    """How one column becomes inputs of the network.

    A number, boolean (0 or 1) or date (days since 1970) x becomes one input: a missing x is replaced by `fill`, then
    transformed, then standardised. A category becomes one input a value, 1 or 0, standardised as well.

    Attributes:
        name: The column.
        reading: How its values are read.
        fill: What stands in for a missing value: the training part's median.
        transform: "log": sign(d)·log(1 + |d|) of d = x - shift; "rank": the normal score, by interpolation.
        shift: Smallest value of the training part, for "log".
        knots: Values whose normal score is known, rising, for "rank".
        scores: Their normal scores.
        categories: The values that have an input of their own.
        joined: Rare values, which share the input "other".
        other: Whether there is such an input; values never seen in training go there too.
        missing_input: Whether the last input marks a missing value.
        inputs: Names of the inputs.
        means: What is taken off each input.
        scales: What each is divided by then.
    """

    name: str
    reading: Reading
    fill: float = 0.0
    transform: Literal["none", "log", "rank"] = "none"
    shift: float = 0.0
    knots: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    other: bool = False
    missing_input: bool = False
    inputs: tuple[str, ...] = ()
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()


class Preparation(Struct, frozen=True, kw_only=True):
    """Everything needed to turn new rows into inputs, and outputs into answers.

    Attributes:
        task: Whether a class or a number is predicted.
        target: The column to predict.
        class_names: Classes in the order of their numbers; empty for regression.
        y_mean: What was taken off the targets; 0 for classes.
        y_scale: What they were divided by then; 1 for classes.
        input_names: A name for each input of the network.
        columns: How each column becomes inputs, in the order of the inputs.
        dropped: Columns that are left out, and why.
        notes: What was done, a line each.
        alarms: What makes a result look better or worse than it is, a line each.
        source: The file, or the built-in set.
        source_format: Its format; empty for a built-in set.
        source_rows: Its rows.
        version: Of this form.
    """

    task: Task
    target: str
    class_names: tuple[str, ...] = ()
    y_mean: float = 0.0
    y_scale: float = 1.0
    input_names: tuple[str, ...]
    columns: tuple[ColumnPlan, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    source: str = ""
    source_format: str = ""
    source_rows: int = 0
    version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        for plan in self.columns:
            count = len(plan.categories) + plan.other if plan.reading.kind == "category" else 1
            if not count + plan.missing_input == len(plan.inputs) == len(plan.means) == len(plan.scales):
                raise ValueError(f"column {plan.name!r} does not say how each of its inputs is made")
            if len(plan.knots) != len(plan.scores):
                raise ValueError(f"column {plan.name!r} has not one normal score for each value")
        if sum(len(plan.inputs) for plan in self.columns) != self.n_inputs:
            raise ValueError("the columns make other inputs than those that are named")

    @property
    def n_inputs(self) -> int:
        """Inputs of the network."""
        return len(self.input_names)

    @property
    def x_mean(self) -> Floats:
        """What is taken off each input, (n_inputs,)."""
        return np.array([mean for column in self.columns for mean in column.means])

    @property
    def x_scale(self) -> Floats:
        """What each input is divided by then, (n_inputs,)."""
        return np.array([scale for column in self.columns for scale in column.scales])


def plain_preparation(names: tuple[str, ...], means: Floats, scales: Floats, **facts: Any) -> Preparation:
    """Returns the preparation of a built-in set: every column is a number, and is only standardised."""
    columns = tuple(
        ColumnPlan(
            name=name,
            reading=Reading(kind="number"),
            fill=float(mean),
            inputs=(name,),
            means=(float(mean),),
            scales=(float(scale),),
        )
        for name, mean, scale in zip(names, means, scales, strict=True)
    )
    return Preparation(input_names=names, columns=columns, **facts)


def raw_inputs(plan: ColumnPlan, values: NDArray[Any], labels: tuple[str, ...] = ()) -> Iterator[Floats]:
    """Yields the inputs that are made of a column, before they are standardised.

    Args:
        plan: The column's plan; its `means` and `scales` do not matter.
        values: Of a number, boolean or date: float64 of shape (n,), NaN where there is none. Of a category: the index
            in `labels`, -1 where there is none.
        labels: The category's values.
    """
    if plan.reading.kind == "category":
        place = _places(plan, labels)[values]
        for k in range(len(plan.categories) + plan.other + plan.missing_input):
            yield (place == k).astype(np.float64)
        return
    missing = np.isnan(values)
    filled: Floats = np.where(missing, plan.fill, values)
    if plan.transform == "log":
        filled -= plan.shift
        filled = np.copysign(np.log1p(np.abs(filled)), filled)
    elif plan.transform == "rank":
        filled = np.interp(filled, plan.knots, plan.scores)
    yield filled
    if plan.missing_input:
        yield missing.astype(np.float64)


def fill_inputs(plan: ColumnPlan, values: NDArray[Any], labels: tuple[str, ...], out: Floats) -> None:
    """Writes the standardised inputs of a column.

    Args:
        plan: The column's plan.
        values: As for `raw_inputs`.
        labels: As for `raw_inputs`.
        out: (n, inputs of the column), written to.

    Raises:
        DataError: A number is so far from those of training that no floating point number can say how far.
    """
    with np.errstate(all="ignore"):
        for k, column in enumerate(raw_inputs(plan, values, labels)):
            np.subtract(column, plan.means[k], column)
            np.divide(column, plan.scales[k], out[:, k])
            if not np.isfinite(out[:, k]).all():
                raise DataError(f"column {plan.name!r} has numbers too far from those of the training part")


def unseen(plan: ColumnPlan, values: NDArray[Any], labels: tuple[str, ...]) -> int:
    """Returns how many values of a category did not occur in training."""
    if plan.reading.kind != "category":
        return 0
    known = {*plan.categories, *plan.joined}
    strange = np.array([*(label not in known for label in labels), False])
    return int(strange[values].sum())


def far_off(plan: ColumnPlan, values: NDArray[Any]) -> int:
    """Returns how many numbers or dates are more than 100 deviations off the training part's mean.

    With a transformation, the values are measured after it; ranks by the range of the training part instead.
    """
    if plan.reading.kind == "category":
        return 0
    with np.errstate(all="ignore"):
        if plan.transform == "rank":
            low, high = plan.knots[0], plan.knots[-1]
            off = (values - low) / max(high - low, 1e-300)
        else:
            off = (next(raw_inputs(plan, values)) - plan.means[0]) / plan.scales[0]
        return int((np.abs(off) > _FAR).sum())


def standard(values: Floats) -> tuple[Floats, Floats]:
    """Returns mean and deviation down the rows; 1 for what is constant, so that it can be divided by."""
    constant = values.max(axis=0) == values.min(axis=0)
    return np.asarray(values.mean(axis=0)), np.where(constant, 1.0, values.std(axis=0))


def _places(plan: ColumnPlan, labels: tuple[str, ...]) -> Ints:
    own = {name: k for k, name in enumerate(plan.categories)}
    rest = len(own) if plan.other else -1
    places = [own.get(label, rest) for label in labels]
    # The last one is found by the index -1.
    return np.array([*places, len(own) + plan.other if plan.missing_input else -1])


def encode_preparation(preparation: Preparation) -> bytes:
    """Returns it as JSON, from which the same numbers can be read again, bit for bit."""
    return msgspec.json.format(msgspec.json.encode(preparation), indent=1) + b"\n"
