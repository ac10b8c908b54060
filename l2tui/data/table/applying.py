"""The preparation of a training part, done again to the rows of another file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l2tui.data.naming import listed
from l2tui.data.preparation import ColumnPlan, Floats, Preparation, far_off, fill_inputs, unseen
from l2tui.data.table.columns import Coder, to_floats
from l2tui.data.table.formats import opened
from l2tui.data.table.lines import naming_lines
from l2tui.data.table.loading import MAX_LABELS
from l2tui.data.table.reading import read_table, silent
from l2tui.data.table.target import matching
from l2tui.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def apply_to_file(preparation: Preparation, path: str | Path) -> tuple[Floats, tuple[str, ...]]:
    """Makes inputs of the rows of another file, as they were made of the training rows.

    Args:
        preparation: What was learnt.
        path: A file with the same columns, in any order; the target need not be among them.

    Returns:
        The standardised inputs, float64 of shape (n, n_inputs), a row for each row of the file in its order, and what
        a person should know about them.

    Raises:
        DataError: The file cannot be read, lacks a column, or has a value that cannot be read as in training.
    """
    path = Path(path)
    with naming_lines(path), opened(path) as file:
        table = read_table(file, has_target=False)
        needed = [plan.name for plan in preparation.columns]
        places = {name: matching(name, table.names) for name in needed}
        absent = [name for name, place in places.items() if place is None]
        if absent:
            what = "columns are missing" if len(absent) > 1 else "a column is missing"
            raise DataError(f"{path}: {what}: {listed(absent)}; there are {listed(table.names)}")
        table.check_usable(filter(None, places.values()))
        known = {name.strip().lower() for name in (*needed, preparation.target, *dict(preparation.dropped))}
        notes = list(table.notes)
        extra = [name for name in table.names if name.strip().lower() not in known]
        if extra:
            notes.append(f"not used: {listed(extra)}")
        pieces, missing, strange, far = [], Counter[str](), Counter[str](), Counter[str]()
        row = 0
        for block in table.blocks(silent):
            piece = np.empty((block.height, preparation.n_inputs))
            at = 0
            for plan in preparation.columns:
                values, labels = _values(path, plan, block.get_column(places[plan.name] or plan.name), row)
                gone = values < 0 if plan.reading.kind == "category" else np.isnan(values)
                missing[plan.name] += int(gone.sum())
                strange[plan.name] += unseen(plan, values, labels)
                try:
                    fill_inputs(plan, values, labels, piece[:, at : at + len(plan.inputs)])
                except DataError as error:
                    raise DataError(f"{path}: {error}") from None
                far[plan.name] += far_off(plan, values)
                at += len(plan.inputs)
            pieces.append(piece)
            row += block.height
        file.check_unchanged()
    if not row:
        raise DataError(f"{path}: no rows, only the names of the columns")
    for plan in preparation.columns:
        if missing[plan.name]:
            instead = "no category" if plan.reading.kind == "category" else "the median of training"
            notes.append(f"{plan.name}: {missing[plan.name]} missing, taken as {instead}")
        if far[plan.name]:
            notes.append(f"{plan.name}: {far[plan.name]} far outside the training part's range")
        if strange[plan.name]:
            instead = "other" if plan.other else "no category"
            notes.append(f"{plan.name}: {strange[plan.name]} never seen in training, taken as {instead}")
    return np.concatenate(pieces), tuple(notes)


def _values(path: Path, plan: ColumnPlan, values: pl.Series, row: int) -> tuple[NDArray[Any], tuple[str, ...]]:
    try:
        if plan.reading.kind == "category":
            coder = Coder(MAX_LABELS)
            return coder.codes(values), coder.labels
        return to_floats(values, plan.reading, row), ()
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
