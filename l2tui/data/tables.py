"""A table of a user's own: what a look at it finds, its splits, and the same preparation for new rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l2tui.data.applying import apply_to_file
from l2tui.data.describe import column_summaries, histogram
from l2tui.data.loading import RawTable
from l2tui.data.look import look_at
from l2tui.data.preparation import ColumnPlan, Floats, Preparation, fill_inputs
from l2tui.data.reading import silent
from l2tui.data.recommend import recommended_for
from l2tui.data.splits import Splits, joined
from l2tui.data.summary import TableSummary
from l2tui.data.target import Target
from l2tui.errors import DataError, SettingsError
from l2tui.settings import Settings, TableChoice

__all__ = ["apply_to_file", "inspect_table", "prepare_table"]


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
    look = look_at(Path(path), choice or TableChoice(), seed, None, report)
    report(0.95, "looking at the columns")
    raw, target = look.raw, look.target
    n_train, n_val, n_test = (len(part) for part in look.parts)
    recommended = recommended_for(target.task, n_train)
    summary = TableSummary(
        path=raw.path,
        format=raw.format,
        bytes=raw.bytes,
        rows=raw.rows,
        rows_used=len(target.y),
        task=target.task,
        target=target.name,
        target_reason=look.target_reason,
        classes=_classes(target),
        histogram=histogram(target.y.astype(np.float64)) if target.task == "regression" else (),
        target_low=float(target.y.min()) if target.task == "regression" else None,
        target_high=float(target.y.max()) if target.task == "regression" else None,
        columns=column_summaries(raw, look.choice, target.name, look.plans, look.remarks, look.skewed),
        n_inputs=sum(len(plan.inputs) for plan in look.plans),
        parts=(n_train, n_val, n_test),
        notes=look.notes,
        settings=Settings(data=raw.path, table=look.choice, seed=seed, **recommended),
    )
    report(1.0, "done")
    return summary


def prepare_table(settings: Settings) -> Splits:
    """Makes the splits of a table. The same settings and file give the same bytes.

    Args:
        settings: Of these, `data`, `table`, `label_noise`, `train_size` and `seed` are used; the training part has
            `train_size` rows at most.

    Raises:
        DataError: The file holds no table that can be used so.
        SettingsError: The choice contradicts itself.
    """
    if settings.table is None:
        raise SettingsError(f"{settings.data}: not said how the table is to be read", "table")
    path = Path(settings.data)
    if settings.noise is not None:
        raise SettingsError(f"noise: {path.name} is a real table and has no noise setting; try label_noise", "noise")
    try:
        look = look_at(path, settings.table, settings.seed, settings.train_size, silent)
        raw, target = look.raw, look.target
        preparation = Preparation(
            task=target.task,
            target=target.name,
            class_names=target.class_names,
            input_names=tuple(name for plan in look.plans for name in plan.inputs),
            columns=tuple(look.plans),
            dropped=tuple((name, remark) for name, remark in look.remarks.items() if remark.startswith("dropped")),
            notes=look.notes,
            source=raw.path,
            source_format=raw.format,
            source_rows=raw.rows,
        )
        X = _inputs(raw, look.plans, [target.rows[part] for part in look.parts])
        return joined(preparation, X, [target.y[part] for part in look.parts], settings.seed, settings.label_noise)
    except MemoryError:
        raise DataError(f"{path}: not enough memory for its rows; take a sample with --rows N") from None


def _inputs(raw: RawTable, plans: list[ColumnPlan], parts: list[NDArray[np.int64]]) -> list[Floats]:
    """Returns the standardised inputs of each part. The table's columns are let go one by one on the way."""
    n_inputs = sum(len(plan.inputs) for plan in plans)
    X = [np.empty((len(part), n_inputs)) for part in parts]
    at = 0
    for plan in plans:
        column = raw.columns.pop(plan.name)
        for part, out in zip(parts, X, strict=True):
            try:
                fill_inputs(plan, column.values[part], column.labels, out[:, at : at + len(plan.inputs)])
            except DataError as error:
                raise DataError(f"{raw.path}: {error}; mend them, or leave the column out with --drop") from None
        at += len(plan.inputs)
        del column
    return X


def _classes(target: Target) -> tuple[tuple[str, int], ...]:
    if target.task == "regression":
        return ()
    counts = np.bincount(target.y.astype(np.int64), minlength=len(target.class_names))
    return tuple(zip(target.class_names, counts.tolist(), strict=True))
