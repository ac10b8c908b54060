"""A table from its file into memory: once over all rows to see what the columns are, once more to take the values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.data.memory import check_memory
from l2tui.data.naming import listed
from l2tui.data.preparation import Reading
from l2tui.data.seeds import generator
from l2tui.data.table.columns import Coder, to_floats
from l2tui.data.table.formats import Format, OpenFile
from l2tui.data.table.reading import Report, Table, read_table
from l2tui.data.table.survey import Survey
from l2tui.errors import DataError
from l2tui.settings import MIN_ROWS, TableChoice

# More different values than this are no categories, so they need no number each.
MAX_LABELS = 10_000


@dataclass
class RawColumn:
    """A column in memory, before anything is learnt from it.

    Attributes:
        name: Its name.
        reading: How it was read.
        values: float64 of shape (n,), NaN for none; of a category int64 indices in `labels`, -1 for none.
        labels: The category's different values.
        overflow: Whether there were too many to keep.
        missing: Rows without a value.
    """

    name: str
    reading: Reading
    values: NDArray[Any]
    labels: tuple[str, ...] = ()
    overflow: bool = False
    missing: int = 0


@dataclass
class RawTable:
    """A table in memory.

    Attributes:
        path: The file.
        format: Its format.
        bytes: Its size.
        names: All its columns.
        rows: Rows in the file.
        n: Rows in memory.
        row_numbers: Where in the file each row in memory stands, from 0.
        unnamed_first: Whether the file has no name for its first column.
        columns: Those of the columns that were not left out, by name.
        notes: How it was read.
    """

    path: str
    format: Format
    bytes: int
    names: tuple[str, ...]
    rows: int
    n: int
    row_numbers: NDArray[np.int64]
    unnamed_first: bool = False
    columns: dict[str, RawColumn] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def load(file: OpenFile, seed: int, report: Report, resolve: Callable[[Table], TableChoice]) -> RawTable:
    """Reads a table.

    Args:
        file: The file.
        seed: Seed of the sample of rows.
        report: Receives the progress, from 0 to 1.
        resolve: Is called with the table before its rows are read, and returns how it is to be read, with the columns
            by their exact names. Of this, `drop`, `rows` and `group` are used.

    Raises:
        DataError: The file holds no table that can be used.
    """
    table = read_table(file)
    choice = resolve(table)
    file.sampled = choice.rows is not None
    names = [name for name in table.names if name not in choice.drop]
    table.check_usable(names)
    surveys = _surveyed(table, names, choice, lambda done, doing: report(0.5 * done, doing))
    rows = next(iter(surveys.values())).rows
    if not rows:
        raise DataError(f"{file.path}: no rows, only the names of the columns")
    if rows < MIN_ROWS:
        raise DataError(f"{file.path}: {rows} row{'s' * (rows > 1)}; at least {MIN_ROWS} are needed")
    readings = _readings(table, surveys)
    n = min(rows, choice.rows or rows)
    check_memory(file.path, 8 * n * len(names), n)
    chosen = None if n == rows else np.sort(generator(seed, "rows").choice(rows, n, replace=False, shuffle=False))
    places = np.arange(n) if chosen is None else chosen
    unnamed = table.unnamed_first
    raw = RawTable(str(file.path), file.format, file.bytes, table.names, rows, n, places, unnamed)
    _take(table, readings, raw, chosen, choice, lambda done, doing: report(0.5 + 0.5 * done, doing))
    file.check_unchanged()
    raw.notes = (*table.notes, *_notes(readings, surveys))
    return raw


def _notes(readings: dict[str, Reading], surveys: dict[str, Survey]) -> Iterator[str]:
    commas = [name for name, reading in readings.items() if reading.decimal_comma]
    if commas:
        yield f"read with decimal commas: {listed(commas)}"
    for name, survey in surveys.items():
        yield from survey.remarks(readings[name])


def _surveyed(table: Table, names: list[str], choice: TableChoice, report: Report) -> dict[str, Survey]:
    surveys = {name: Survey(name, table.separator) for name in names}
    rows, share = 0, 1.0

    def reported(done: float, doing: str) -> None:
        nonlocal share
        share = done
        report(done, doing)

    for block in table.blocks(reported):
        for name in names:
            surveys[name].see(block.get_column(name))
        rows += block.height
        if choice.rows is None:
            # A table that does not fit is refused before all of it is read.
            check_memory(table.path, 8 * rows * len(names), round(rows / max(share, 1e-9)))
    return surveys


def _readings(table: Table, surveys: dict[str, Survey]) -> dict[str, Reading]:
    readings = {}
    decimal_commas = any(survey.has_decimal_commas for survey in surveys.values())
    for name, survey in surveys.items():
        try:
            readings[name] = survey.reading(decimal_commas=decimal_commas)
        except DataError as error:
            raise DataError(f"{table.path}: {error}") from None
        if survey.infinite is not None and readings[name].kind == "number":
            raise DataError(
                f"{table.path}: column {name!r}, row {survey.infinite}: an infinite value; "
                "mend it, empty it, or leave the column out with --drop"
            )
    return readings


def _take(
    table: Table,
    readings: dict[str, Reading],
    raw: RawTable,
    chosen: NDArray[np.int64] | None,
    choice: TableChoice,
    report: Report,
) -> None:
    n = raw.n
    coders = {
        name: Coder(max(n, 1) if name == choice.group else MAX_LABELS)
        for name, reading in readings.items()
        if reading.kind == "category"
    }
    for name, reading in readings.items():
        values: NDArray[Any] = np.empty(n, np.int64 if name in coders else np.float64)
        raw.columns[name] = RawColumn(name, reading, values)
    row = at = 0
    for block in table.blocks(report):
        height = block.height
        if chosen is not None:
            first, last = np.searchsorted(chosen, (row, row + height))
            block = block[(chosen[first:last] - row).tolist()]
        if at + block.height > n:
            raise DataError(f"{raw.path}: the file has changed while it was read; wait until it is complete")
        for name, column in raw.columns.items():
            series, place, coder = block.get_column(name), slice(at, at + block.height), coders.get(name)
            try:
                column.values[place] = to_floats(series, column.reading, row) if coder is None else coder.codes(series)
            except DataError as error:
                raise DataError(f"{raw.path}: {error}") from None
        row, at = row + height, at + block.height
    if at != n:
        raise DataError(f"{raw.path}: the file has changed while it was read; wait until it is complete")
    for name, column in raw.columns.items():
        if name in coders:
            column.labels, column.overflow = coders[name].labels, coders[name].overflow
            column.missing = int((column.values < 0).sum()) if not column.overflow else 0
        else:
            column.missing = int(np.isnan(column.values).sum())
