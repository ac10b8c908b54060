"""What a look at a table finds: its target, its parts, and its columns in figures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l2tui.data.naming import natural_key
from l2tui.data.preparation import ColumnPlan, Floats
from l2tui.data.table.columns import number_label
from l2tui.data.table.decide import inspected
from l2tui.data.table.loading import RawColumn, RawTable
from l2tui.data.table.reading import silent
from l2tui.data.table.recommend import recommended_for
from l2tui.data.table.summary import ColumnSummary, Role, TableSummary
from l2tui.data.table.target import Target
from l2tui.settings import Settings, TableChoice

_BINS = 20
_EXAMPLES = 3
_EPOCH = np.datetime64("1970-01-01T00:00:00", "s")


def inspect_table(
    path: str | Path,
    choice: TableChoice | None = None,
    *,
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
) -> TableSummary:
    """Looks at a table and tells what would become of it.

    Args:
        path: The file.
        choice: What a person has decided; the rest is guessed.
        seed: Seed of the split.
        progress: Is told how far the look is, from 0 to 1, and what it does.

    Returns:
        The look, with settings to train the table with.

    Raises:
        DataError: The file holds no table that can be used so.
        SettingsError: The choice contradicts itself.
    """
    report = progress or silent
    look = inspected(Path(path), choice or TableChoice(), seed, None, report)
    report(0.95, "looking at the columns")
    raw, target = look.raw, look.target
    n_train, n_val, n_test = (len(part) for part in look.parts)
    n_inputs = sum(len(plan.inputs) for plan in look.plans)
    recommended = recommended_for(target.task, n_train, n_inputs)
    summary = TableSummary(
        path=raw.path,
        format=raw.format,
        bytes=raw.bytes,
        rows=raw.rows,
        rows_used=len(target.y),
        task=target.task,
        target=target.name,
        target_reason=look.target_reason,
        candidates=look.candidates,
        classes=_classes(target),
        histogram=histogram(target.y.astype(np.float64)) if target.task == "regression" else (),
        target_low=float(target.y.min()) if target.task == "regression" else None,
        target_high=float(target.y.max()) if target.task == "regression" else None,
        columns=column_summaries(raw, look.choice, target.name, look.plans, look.remarks, look.skewed),
        n_inputs=n_inputs,
        parts=(n_train, n_val, n_test),
        notes=look.notes,
        alarms=look.alarms,
        settings=Settings(data=raw.path, table=look.choice, seed=seed, **recommended),
    )
    report(1.0, "done")
    return summary


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
    # Measured numbers show their leading digits, as everywhere.
    return str(number_label(value)) if value == round(value) else f"{value:.6g}"


def _classes(target: Target) -> tuple[tuple[str, int], ...]:
    if target.task == "regression":
        return ()
    counts = np.bincount(target.y.astype(np.int64), minlength=len(target.class_names))
    return tuple(zip(target.class_names, counts.tolist(), strict=True))
