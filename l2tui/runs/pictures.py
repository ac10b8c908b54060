"""What a picture of the network is drawn from: who asks for it, and the numbers in it. Loads no number library.

A worker hands pictures out of a run that trains; `l2tui plot` computes them of one that has ended. Both hand out these
same numbers, and what draws them needs neither the weights nor the data.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from l2tui.files import UNDECODABLE
from l2tui.runs.directory import RunDirectory

Kind = Literal["field", "fit", "inputs", "weights", "labels"]
KINDS: tuple[Kind, ...] = ("field", "fit", "inputs", "weights", "labels")

Moment = Literal["live", "best"] | int
"""Which weights: those that train, or the last ones of a run that has ended; those of the best epoch; or those of an
epoch whose state is kept."""

Points = Annotated[int, Meta(ge=1, le=2000)]
Count = Annotated[int, Meta(ge=0, le=1 << 53)]
Use = Annotated[float, Meta(ge=0)]
Pairs = tuple[tuple[float, float], ...]

DOUBT, LEANING = 0.65, 0.95
"""Up to the first probability of its likeliest class a place is in doubt, up to the second one it leans."""


def _check(fits: bool) -> None:
    """Refuses numbers that do not fit together, as a decoder does what is not of its type."""
    if not fits:
        raise ValueError("the numbers of a picture do not fit together")


class PictureRequest(Struct, frozen=True, kw_only=True):
    """Which picture somebody wants to see.

    Attributes:
        kind: Which one.
        moment: Of which weights.
        columns: Points across: of the field, of the curve, or bins of a histogram.
        rows: Points down, of the field.
        ghost: Whether that of the ghost is wanted too, if one trains along and its weights of that moment are kept.
    """

    kind: Kind
    moment: Moment = "live"
    columns: Points = 48
    rows: Points = 48
    ghost: bool = False


class LabelCounts(Struct, frozen=True, kw_only=True):
    """What a network says of the training rows with a wrong label.

    Attributes:
        wrong: How many there are.
        looked_at: Of how many of them the rest is counted.
        memorised: Rows for which it names the wrong label.
        true: Rows for which it names the class that the row really has.
    """

    wrong: Count
    looked_at: Count
    memorised: Count
    true: Count


class FieldNumbers(Struct, frozen=True, kw_only=True, tag="field"):
    """The likeliest class in each place of a plane, and the training rows in it.

    Attributes:
        columns: Places across.
        rows: Places down.
        classes: A byte a place, row by row from the top: 3·class + 0 where it is sure, 1 where it leans, 2 in doubt.
        low: The lower ends of both axes, in the data's own units.
        high: The upper ends.
        names: What the axes are.
        class_names: The classes.
        across: Of each training row that is shown, its place from the left edge (0) to the right one (1).
        up: From the lower edge (0) to the upper one (1).
        labels: A byte a row, its class as it was trained.
        marked: A byte a row: 1 where the network names another class, or, of `labels`, where the label is wrong.
        wrong_side: Rows for which the network names another class than their label, of all that were looked at.
        looked_at: Training rows that were looked at.
        total: Training rows.
        counts: Of a picture of wrong labels.
    """

    columns: Points
    rows: Points
    classes: bytes
    low: tuple[float, float]
    high: tuple[float, float]
    names: tuple[str, str]
    class_names: tuple[str, ...]
    across: tuple[float, ...]
    up: tuple[float, ...]
    labels: bytes
    marked: bytes
    wrong_side: Count
    looked_at: Count
    total: Count
    counts: LabelCounts | None = None

    def __post_init__(self) -> None:
        rows = len(self.across)
        _check(len(self.classes) == self.columns * self.rows)
        _check(len(self.up) == len(self.labels) == len(self.marked) == rows)


class FitNumbers(Struct, frozen=True, kw_only=True, tag="fit"):
    """The curve that the network draws over one input, and the rows that it is fitted to.

    Attributes:
        low: Left end of the curve, in the data's own units.
        high: Its right end.
        curve: What the network says at evenly spaced places: a value, or the probability of the second class.
        truth: What the data were made of, at the same places; empty where nobody knows.
        train: Training rows: input and target.
        val: Validation rows.
        name: What the input is.
        target: What the network says.
    """

    low: float
    high: float
    curve: tuple[float, ...]
    truth: tuple[float, ...]
    train: Pairs
    val: Pairs
    name: str
    target: str

    def __post_init__(self) -> None:
        _check(self.low <= self.high)


class InputNumbers(Struct, frozen=True, kw_only=True, tag="inputs"):
    """How much the network uses each column of a table.

    Attributes:
        names: The columns, most used first.
        uses: How much each is used.
        total: Columns that there are.
    """

    names: tuple[str, ...]
    uses: tuple[Use, ...]
    total: Count

    def __post_init__(self) -> None:
        _check(len(self.names) == len(self.uses) <= self.total)


class PixelNumbers(Struct, frozen=True, kw_only=True, tag="pixels"):
    """How much the network uses each pixel of a square image.

    Attributes:
        side: Pixels across, and down.
        uses: How much each is used, row by row from the top.
    """

    side: Points
    uses: tuple[Use, ...]

    def __post_init__(self) -> None:
        _check(len(self.uses) == self.side**2)


class WeightNumbers(Struct, frozen=True, kw_only=True, tag="weights"):
    """Histograms of the weights of both layers.

    Attributes:
        limit: The bins divide -limit to limit evenly; whatever lies beyond is counted in the outermost ones.
        counts: Weights in each bin, of W1 and of W2.
        largest: The largest absolute value, of W1 and of W2.
    """

    limit: float
    counts: tuple[tuple[Count, ...], tuple[Count, ...]]
    largest: tuple[float, float]


class LabelNumbers(Struct, frozen=True, kw_only=True, tag="labels"):
    """What has become of the wrong labels, where rows cannot be shown in a plane.

    Attributes:
        counts: How many rows are named how.
    """

    counts: LabelCounts


Numbers = FieldNumbers | FitNumbers | InputNumbers | PixelNumbers | WeightNumbers | LabelNumbers


class Picture(Struct, frozen=True, kw_only=True):
    """The numbers of one picture.

    Attributes:
        request: What was asked for.
        epoch: Finished epochs at these weights.
        step: Updates since the start at these weights; None where that is not kept.
        l2: λ in force at that epoch.
        numbers: What is to be drawn.
        ghost: Whether the weights are those of the run's ghost.
    """

    request: PictureRequest
    epoch: Count
    step: Count | None = None
    l2: float
    numbers: Numbers
    ghost: bool = False


class Pictures(Struct, frozen=True):
    """Pictures on one scale: one of each run, and that of its ghost behind it where it was asked for."""

    pictures: tuple[Picture, ...]


def file_of(run: RunDirectory, moment: Moment) -> Path:
    """Returns the file that holds the weights of a moment; "live" are those of the last checkpoint."""
    return {"best": run.best, "live": run.checkpoint}[moment] if isinstance(moment, str) else run.state(moment)


_decoder = msgspec.json.Decoder(tuple[Picture, ...])


def read_pictures(run: RunDirectory) -> tuple[Picture, ...]:
    """Returns the pictures that a worker has handed out last; none where it has not, or where they are damaged."""
    try:
        return _decoder.decode(run.read(run.pictures))
    except (OSError, *UNDECODABLE):
        return ()
