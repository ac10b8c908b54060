"""From weights to the numbers of a picture, in pieces, so that training can continue in between."""

import math
import re
from collections.abc import Generator
from itertools import pairwise
from typing import TypeVar

import numpy as np
from msgspec import Struct

from l2tui.data.builtin.datasets import TRUTHS
from l2tui.data.preparation import Floats, Ints
from l2tui.errors import DataError
from l2tui.nn.network import forward, sigmoid, softmax
from l2tui.nn.parameters import Weights
from l2tui.runs.pictures import (
    DOUBT,
    LEANING,
    FieldNumbers,
    FitNumbers,
    InputNumbers,
    LabelCounts,
    LabelNumbers,
    Numbers,
    Pairs,
    PictureRequest,
    PixelNumbers,
    WeightNumbers,
)
from l2tui.training.pictures.sight import Rows, Sight

T = TypeVar("T")
Pieces = Generator[None, None, T]

# Numbers of the hidden layer to work on in one go: well below a millisecond.
_PIECE_NUMBERS = 1 << 15
_MOST_SHOWN, _MOST_COLUMNS = 500, 200
_SIDES = {64: 8, 256: 16, 784: 28}
_LAST_CLASS = 84


class Scale(Struct, frozen=True):
    """A scale that several pictures share, each None for a picture's own.

    Attributes:
        low: Lower ends of the inputs' ranges, in the data's own units.
        high: Upper ends.
        limit: The largest weight that the axis of a histogram reaches to.
    """

    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    limit: float | None = None


def compute(request: PictureRequest, weights: Weights, sight: Sight, scale: Scale | None = None) -> Pieces[Numbers]:
    """Computes the numbers of a picture; yields between pieces of below a millisecond.

    Args:
        request: Which picture.
        weights: Of which network.
        sight: Its data.
        scale: The scale, if others share it.

    Raises:
        DataError: These data have no such picture.
    """
    preparation, scale = sight.preparation, scale or Scale()
    n_in, classes = len(weights.W1), len(preparation.class_names)
    if request.kind == "weights":
        return _histograms(request, weights, scale.limit)
    if request.kind == "inputs":
        return _uses(weights, sight)
    if request.kind == "field" and n_in == 2 and classes:
        return _field(request, weights, sight, scale)
    if request.kind == "fit" and n_in == 1 and classes <= 2:
        return _fit(request, weights, sight, scale)
    if request.kind == "labels" and sight.n_wrong:
        return _field(request, weights, sight, scale) if n_in == 2 else _labels(weights, sight)
    needs = {
        "field": "two inputs and classes",
        "fit": "one input, and a number or two classes to predict",
        "labels": "classes and a label noise above 0",
    }
    raise DataError(f"no picture {request.kind} of these data: it needs {needs[request.kind]}")


def finish(pieces: Pieces[T]) -> T:
    """Returns the result of a computation, done in one go."""
    while True:
        try:
            next(pieces)
        except StopIteration as done:
            result: T = done.value
            return result


def outputs(weights: Weights, X: Floats, sight: Sight) -> Pieces[Floats]:
    """Computes Z2 (n, n_out) for standardised inputs (n, n_in)."""
    Z2 = np.empty((len(X), weights.W2.shape[1]))
    rows = max(16, _PIECE_NUMBERS // weights.W1.shape[1])
    for start in range(0, len(X), rows):
        Z2[start : start + rows] = forward(weights, X[start : start + rows], sight.settings.activation)[1]
        yield
    return Z2


def likeliest(Z2: Floats) -> tuple[Ints, Floats]:
    """Returns the likeliest class of each row of outputs (n, n_out), and its probability."""
    if Z2.shape[1] == 1:
        return (Z2[:, 0] > 0).astype(np.int64), np.asarray(sigmoid(np.abs(Z2[:, 0])), np.float64)
    P = softmax(Z2)
    return np.asarray(P.argmax(axis=1), np.int64), np.asarray(P.max(axis=1), np.float64)


def _field(request: PictureRequest, weights: Weights, sight: Sight, scale: Scale) -> Pieces[Numbers]:
    low, high = _ends(sight, scale)
    across = low[0] + (np.arange(request.columns) + 0.5) / request.columns * (high[0] - low[0])
    down = high[1] - (np.arange(request.rows) + 0.5) / request.rows * (high[1] - low[1])
    places = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    chosen, sure = likeliest((yield from outputs(weights, sight.standardised(places), sight)))
    doubt = (sure < LEANING).astype(np.int64) + (sure < DOUBT)
    rows = sight.train
    named, _ = likeliest((yield from outputs(weights, rows.X, sight)))
    other = named != rows.y
    is_wrong = rows.true != rows.y
    counts = None
    if request.kind == "labels":
        counts = yield from _counts(weights, sight)
    shown = (sight.own_units(rows.X[:_MOST_SHOWN]) - low) / (high - low)
    names = [_axis_name(sight, k) for k in range(2)]
    return FieldNumbers(
        columns=request.columns,
        rows=request.rows,
        classes=(3 * np.minimum(chosen, _LAST_CLASS) + doubt).astype(np.uint8).tobytes(),
        low=(float(low[0]), float(low[1])),
        high=(float(high[0]), float(high[1])),
        names=(names[0], names[1]),
        class_names=sight.preparation.class_names,
        across=_rounded(shown[:, 0]),
        up=_rounded(shown[:, 1]),
        labels=np.minimum(rows.y[:_MOST_SHOWN], _LAST_CLASS).astype(np.uint8).tobytes(),
        marked=(other if counts is None else is_wrong)[:_MOST_SHOWN].astype(np.uint8).tobytes(),
        wrong_side=int(np.count_nonzero(other)),
        looked_at=len(rows.y),
        total=sight.n_train,
        counts=counts,
    )


def _fit(request: PictureRequest, weights: Weights, sight: Sight, scale: Scale) -> Pieces[Numbers]:
    low, high = (float(end[0]) for end in _ends(sight, scale))
    x = low + (np.arange(request.columns) + 0.5) / request.columns * (high - low)
    Z2 = yield from outputs(weights, sight.standardised(x[:, None]), sight)
    preparation, truth = sight.preparation, TRUTHS.get(sight.settings.data)
    of_classes = preparation.task == "classification"

    def said(values: Floats) -> Floats:
        return np.asarray(values * preparation.y_scale + preparation.y_mean, np.float64)

    def pairs(rows: Rows) -> Pairs:
        inputs = sight.own_units(rows.X[:_MOST_SHOWN])[:, 0]
        return tuple(zip(inputs.tolist(), said(rows.y[:_MOST_SHOWN]).tolist(), strict=True))

    return FitNumbers(
        low=low,
        high=high,
        curve=tuple((sigmoid(Z2[:, 0]) if of_classes else said(Z2[:, 0])).tolist()),
        truth=tuple(truth(x).tolist()) if truth is not None and sight.settings.table is None else (),
        train=pairs(sight.train),
        val=pairs(sight.val),
        name=_axis_name(sight, 0),
        target=f"probability of {preparation.class_names[1]}" if of_classes else preparation.target,
    )


def _uses(weights: Weights, sight: Sight) -> Pieces[Numbers]:
    """Computes how much each input is used: sqrt(sum over h of (W1[j, h]·‖W2[h]‖)²), over all inputs j of a column."""
    yield
    squares = weights.W1**2 @ np.sum(weights.W2**2, axis=1)
    side = _side(sight)
    if side is not None:
        return PixelNumbers(side=side, uses=tuple(np.sqrt(squares).tolist()))
    columns = sight.preparation.columns
    ends = np.cumsum([0, *(len(column.inputs) for column in columns)])
    uses = np.array([math.sqrt(squares[start:end].sum()) for start, end in pairwise(ends)])
    order = np.argsort(-uses, kind="stable")[:_MOST_COLUMNS]
    return InputNumbers(
        names=tuple(columns[place].name for place in order.tolist()),
        uses=tuple(uses[order].tolist()),
        total=len(columns),
    )


def _histograms(request: PictureRequest, weights: Weights, limit: float | None) -> Pieces[Numbers]:
    largest = largest_weights(weights)
    limit = axis_limit(*largest) if limit is None else limit
    counts = []
    for layer in (weights.W1, weights.W2):
        flat, count = np.clip(layer, -limit, limit).ravel(), np.zeros(request.columns, np.int64)
        for start in range(0, len(flat), _PIECE_NUMBERS):
            count += np.histogram(flat[start : start + _PIECE_NUMBERS], request.columns, (-limit, limit))[0]
            yield
        counts.append(tuple(count.tolist()))
    return WeightNumbers(limit=limit, counts=(counts[0], counts[1]), largest=largest)


def largest_weights(weights: Weights) -> tuple[float, float]:
    """Returns the largest absolute value in W1 and in W2."""
    return float(np.abs(weights.W1).max()), float(np.abs(weights.W2).max())


def axis_limit(*largest: float) -> float:
    """Returns the smallest power of two that reaches to all weights, so that the axis moves seldom."""
    top = max(largest)
    return 2.0 ** math.ceil(math.log2(top)) if 0 < top < math.inf else 1.0


def _labels(weights: Weights, sight: Sight) -> Pieces[Numbers]:
    counts = yield from _counts(weights, sight)
    return LabelNumbers(counts=counts)


def _counts(weights: Weights, sight: Sight) -> Pieces[LabelCounts]:
    wrong = sight.wrong
    named, _ = likeliest((yield from outputs(weights, wrong.X, sight)))
    return LabelCounts(
        wrong=sight.n_wrong,
        looked_at=len(wrong.y),
        memorised=int(np.count_nonzero(named == wrong.y)),
        true=int(np.count_nonzero(named == wrong.true)),
    )


def _ends(sight: Sight, scale: Scale) -> tuple[Floats, Floats]:
    low = sight.low if scale.low is None else np.array(scale.low)
    return low, sight.high if scale.high is None else np.array(scale.high)


def _axis_name(sight: Sight, place: int) -> str:
    for column in sight.preparation.columns:
        if place < len(column.inputs):
            return column.inputs[place] + {"none": "", "log": " (log)", "rank": " (rank)"}[column.transform]
        place -= len(column.inputs)
    return ""


def _side(sight: Sight) -> int | None:
    """Returns the pixels across where the inputs are a square image: as many as one has, all named alike."""
    names = sight.preparation.input_names
    if len(names) not in _SIDES or any(len(column.inputs) != 1 for column in sight.preparation.columns):
        return None
    stems = {re.sub(r"\d+", "#", name) for name in names}
    return _SIDES[len(names)] if len(stems) == 1 and "#" in stems.pop() else None


def _rounded(shares: Floats) -> tuple[float, ...]:
    return tuple(shares.round(4).tolist())
