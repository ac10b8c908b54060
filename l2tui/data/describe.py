"""A table's columns in figures, for a person to look at."""

import numpy as np
from numpy.typing import NDArray

from l2tui.data.columns import number_label
from l2tui.data.loading import RawColumn, RawTable
from l2tui.data.naming import natural_key
from l2tui.data.preparation import ColumnPlan, Floats
from l2tui.data.summary import ColumnSummary, Role
from l2tui.settings import TableChoice

_BINS = 20
_EXAMPLES = 3
_EPOCH = np.datetime64("1970-01-01T00:00:00", "s")


def column_summaries(
    raw: RawTable,
    choice: TableChoice,
    target: str,
    plans: list[ColumnPlan],
    remarks: dict[str, str],
    skewed: tuple[str, ...],
) -> tuple[ColumnSummary, ...]:
    """Returns what there is to say of each column, in the file's order.

    Args:
        raw: The table.
        choice: What each column is for.
        target: The column to predict.
        plans: Those that become inputs.
        remarks: What was done, by column.
        skewed: Columns worth a transformation.
    """
    inputs = {plan.name: len(plan.inputs) for plan in plans}
    roles: dict[str | None, Role] = {choice.group: "group", choice.time: "time", target: "target"}
    found = []
    for name in raw.names:
        role = roles.get(name, "input" if name in inputs else "dropped")
        note = remarks.get(name, "").removeprefix("dropped: ") if role in ("input", "dropped") else ""
        column = raw.columns.get(name)
        if column is None:
            found.append(ColumnSummary(name=name, kind="-", role=role, note=note))
        else:
            found.append(_summary(column, role, note, inputs.get(name, 0), name in skewed))
    return tuple(found)


def histogram(values: NDArray[np.float64]) -> tuple[int, ...]:
    """Returns how many values are in each of equal bins from the smallest to the largest."""
    with np.errstate(all="ignore"):
        low, high = float(values.min()), float(values.max())
        if not np.isfinite(high - low):
            values, low, high = values / 4, low / 4, high / 4
        return tuple(np.histogram(values, bins=_BINS, range=(low, high))[0].tolist())


def _summary(column: RawColumn, role: Role, note: str, n_inputs: int, skewed: bool) -> ColumnSummary:
    kind = column.reading.kind
    if kind == "category":
        there = np.bincount(column.values[column.values >= 0], minlength=len(column.labels))
        often = sorted(range(len(column.labels)), key=lambda k: (-there[k], natural_key(column.labels[k])))
        return ColumnSummary(
            name=column.name,
            kind=kind,
            role=role,
            note=note,
            missing=column.missing,
            distinct=len(column.labels),
            examples=tuple(column.labels[k] for k in often[:_EXAMPLES]),
            n_inputs=n_inputs,
        )
    with np.errstate(all="ignore"):
        return _number_summary(column, role, note, n_inputs, skewed)


def _number_summary(column: RawColumn, role: Role, note: str, n_inputs: int, skewed: bool) -> ColumnSummary:
    kind = column.reading.kind
    values: Floats = column.values[~np.isnan(column.values)]
    if not len(values):
        return ColumnSummary(name=column.name, kind=kind, role=role, note=note, missing=column.missing)
    different = np.unique(values)
    numbers_01 = kind == "number" and len(different) == 2 and set(different.tolist()) == {0.0, 1.0}
    return ColumnSummary(
        name=column.name,
        kind="boolean" if numbers_01 else kind,
        role=role,
        note=note,
        missing=column.missing,
        distinct=len(different),
        examples=tuple(_text(column, float(value)) for value in _first_different(values)),
        low=float(different[0]),
        median=float(np.median(values)),
        high=float(different[-1]),
        skewed=skewed,
        n_inputs=n_inputs,
    )


def _first_different(values: Floats) -> Floats:
    """Returns the first few different values, in the order in which they come."""
    # They nearly always come early; a look at all rows would take a sort for each column.
    different, first = np.unique(values[:1000], return_index=True)
    return different[np.argsort(first)[:_EXAMPLES]]


def _text(column: RawColumn, value: float) -> str:
    if column.reading.words is not None:
        return column.reading.words[int(value)]
    if column.reading.kind == "date":
        return str(_EPOCH + np.timedelta64(round(value * 86_400), "s")).removesuffix("T00:00:00")
    # A measured number is told by its first figures, as everywhere.
    return str(number_label(value)) if value == round(value) else f"{value:.6g}"
