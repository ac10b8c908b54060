"""A table in three parts, ready to train on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l2tui.data.preparation import ColumnPlan, Floats, Preparation, fill_inputs
from l2tui.data.splits import Splits, joined
from l2tui.data.table.decide import inspected
from l2tui.data.table.loading import RawTable
from l2tui.data.table.reading import silent
from l2tui.errors import DataError, SettingsError
from l2tui.settings import Settings


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
        look = inspected(path, settings.table, settings.seed, settings.train_size, silent)
        raw, target = look.raw, look.target
        preparation = Preparation(
            task=target.task,
            target=target.name,
            class_names=target.class_names,
            input_names=tuple(name for plan in look.plans for name in plan.inputs),
            columns=tuple(look.plans),
            dropped=tuple((name, remark) for name, remark in look.remarks.items() if remark.startswith("dropped")),
            notes=look.notes,
            alarms=look.alarms,
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
