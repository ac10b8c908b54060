"""From the rows of a log to the points that are judged: what x is, and which losses belong together."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from l2tui.runs.logs.columns import AXES, Choice, plain
from l2tui.runs.logs.records import Row


class Point(NamedTuple):
    """The losses at one value of x; None for one that is not known there."""

    x: int
    train: float | None
    val: float | None


class LogCurve(NamedTuple):
    """What a log says.

    Attributes:
        x: What x counts: epoch, step, iteration, or row (the entries of the file, from 1 on).
        points: The losses wherever there is a val_loss, x growing; before the first, wherever there is a train_loss.
        restarts: The x of the points at which the count began anew.
    """

    x: str
    points: list[Point]
    restarts: tuple[int, ...] = ()


def curve_of(rows: Sequence[Row], names: Sequence[str], choice: Choice) -> LogCurve:
    """Returns the curve of a log.

    A val_loss is joined with the last train_loss of the same x, else with the last one before it.

    Args:
        rows: The entries in their order.
        names: Their columns.
        choice: Which of them are the losses.
    """
    vals = _places(rows, choice.val)
    trains = _places(rows, choice.train)
    places = vals or trains
    if vals and trains and trains[-1] > vals[-1] and not _is_finite(rows[trains[-1]][choice.train or ""]):
        # A training that has blown up may never come to its next validation.
        places = [*vals, trains[-1]]
    x, values, restarts = _axis(rows, names, places)
    points = []
    for order, place in enumerate(places):
        until = place
        if x != "row":
            end = places[order + 1] if order + 1 < len(places) else len(rows)
            column = next(name for name in names if plain(name) in AXES[x])
            same = [at for at in range(place, end) if rows[at].get(column) == values[order]]
            until = same[-1]
        before = bisect_right(trains, until)
        train = rows[trains[before - 1]][choice.train or ""] if before else None
        points.append(Point(values[order], train, rows[place].get(choice.val or "")))
    return LogCurve(x, points, restarts)


def _places(rows: Sequence[Row], name: str | None) -> list[int]:
    return [] if name is None else [place for place, row in enumerate(rows) if name in row]


def _is_finite(value: float) -> bool:
    return value - value == 0


def _axis(rows: Sequence[Row], names: Sequence[str], places: Sequence[int]) -> tuple[str, list[int], tuple[int, ...]]:
    """Returns what x is, its values at some rows, and the values at which the count began anew."""
    restarts: list[int] = []
    for x, known in AXES.items():
        column = next((name for name in names if plain(name) in known), None)
        if column is None:
            continue
        values = [rows[place].get(column) for place in places]
        if _grows(values):
            return x, [int(value) for value in values if value is not None], ()
        if not restarts:
            restarts = _restarts(rows, column)
    firsts = {next((place for place in places if place >= at), None) for at in restarts}
    return "row", [place + 1 for place in places], tuple(sorted(place + 1 for place in firsts if place is not None))


def _grows(values: Sequence[float | None]) -> bool:
    before = float("-inf")
    for value in values:
        if value is None or not _is_finite(value) or value != int(value) or value <= before:
            return False
        before = value
    return True


def _restarts(rows: Sequence[Row], column: str) -> list[int]:
    """Returns the rows at which a count is lower than at the row before that has it."""
    found, before = [], float("-inf")
    for place, row in enumerate(rows):
        if (value := row.get(column)) is not None:
            if value < before:
                found.append(place)
            before = value
    return found
