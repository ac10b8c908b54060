"""How the values of a column become numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l2tui.data.preparation import Reading
from l2tui.data.table.dates import DAY_MICROSECONDS, days
from l2tui.data.table.reading import MISSING
from l2tui.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

_ISO_DATE = "%Y-%m-%d"


def is_text(values: pl.Series) -> bool:
    """Returns whether a column's values are text."""
    import polars as pl

    return values.dtype in (pl.String, pl.Categorical, pl.Enum)


def cleaned(texts: pl.Series, gaps: tuple[str, ...] = ()) -> pl.Series:
    """Returns texts without blanks around them, and no value where a word for that, or one of `gaps`, stands."""
    stripped = texts.str.strip_chars()
    return stripped.set(stripped.str.to_lowercase().is_in([*MISSING, *gaps]).fill_null(False), None)


def _plain(texts: pl.Series, reading: Reading) -> pl.Series:
    """Returns numbers without their unit, and with a decimal point."""
    if reading.decimal_comma:
        texts = texts.str.replace(",", ".", literal=True)
    if reading.unit:
        texts = texts.str.replace(reading.unit, "", literal=True).str.replace_all(",", "").str.strip_chars()
    return texts


def to_floats(values: pl.Series, reading: Reading, row: int) -> Floats:
    """Returns the values of a number, boolean or date column, NaN where there is none.

    Args:
        values: A block of the column.
        reading: How it is read.
        row: Rows before the block, for messages.

    Raises:
        DataError: A value is not of that kind, or infinite.
    """
    import polars as pl

    original = values
    if not is_text(values):
        numbers = _typed_floats(values, reading)
    elif reading.kind == "number" and not (reading.decimal_comma or reading.unit or reading.gaps):
        values = values.cast(pl.String)
        numbers = values.cast(pl.Float64, strict=False)
        if numbers.null_count() != values.null_count():
            values = original = cleaned(values)
            numbers = values.cast(pl.Float64, strict=False)
        found = as_array(numbers)
        if numbers.null_count() == values.null_count() and not np.isinf(found).any():
            return found
    else:
        values = original = cleaned(values.cast(pl.String), reading.gaps)
        if reading.kind == "number":
            numbers = _plain(values, reading).cast(pl.Float64, strict=False)
        elif reading.words is not None:
            lower = values.str.to_lowercase()
            numbers = pl.select(
                pl.when(lower == reading.words[1]).then(1.0).when(lower == reading.words[0]).then(0.0)
            ).to_series()
        else:
            numbers = days(values, reading.date_format or _ISO_DATE)
    wrong = numbers.is_null() & original.is_not_null()
    if wrong.any() or numbers.is_infinite().any():
        at = int((wrong | numbers.is_infinite().fill_null(False)).arg_true()[0])
        kind = {"number": "a finite number", "boolean": f"{' or '.join(reading.words or ())}", "date": "such a date"}
        raise DataError(
            f"column {values.name!r}, row {row + at + 1}: {shown(str(original[at]))} is not {kind[reading.kind]}"
        )
    return numbers.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def as_array(numbers: pl.Series) -> Floats:
    """Returns numbers, NaN where there is none."""
    found: Floats = numbers.to_numpy()
    return found


def _typed_floats(values: pl.Series, reading: Reading) -> pl.Series:
    import polars as pl

    is_date = values.dtype in (pl.Date, pl.Datetime)
    if values.dtype != pl.Null and is_date != (reading.kind == "date"):
        wanted = {"number": "numbers", "boolean": "yes or no", "date": "dates"}[reading.kind]
        raise DataError(
            f"column {values.name!r} holds {values.dtype.base_type()} values; it must hold {wanted}, as in training"
        )
    if reading.kind == "boolean" and values.dtype != pl.Boolean:
        numbers = values.cast(pl.Float64, strict=False)
        return numbers.set(~numbers.is_in([0.0, 1.0]).fill_null(True), None)
    if is_date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone(None).cast(pl.Int64) / DAY_MICROSECONDS
    return values.cast(pl.Float64, strict=False)


class Coder:
    """Numbers the different values of a column in the order in which they come.

    Args:
        limit: Different values at most; with more, `overflow` is set and the rest gets no number.

    Attributes:
        labels: The values.
        overflow: Whether there are more.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers: dict[str, int] = {}
        self.overflow = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The values in the order of their numbers."""
        return tuple(self._numbers)

    def codes(self, values: pl.Series) -> NDArray[np.int64]:
        """Returns a number for each value of a block, -1 where there is none."""
        import polars as pl

        texts = cleaned(values.cast(pl.String)) if is_text(values) else _labels(values)
        if self.overflow:
            return np.full(len(texts), -1)
        different = texts.unique(maintain_order=True).drop_nulls()
        for text in different.to_list():
            if len(self._numbers) >= self._limit:
                self.overflow = True
                break
            self._numbers.setdefault(text, len(self._numbers))
        known = pl.Series(list(self._numbers), dtype=pl.String)
        numbers = pl.Series(range(len(self._numbers)), dtype=pl.Int64)
        coded = texts.replace_strict(known, numbers, default=None, return_dtype=pl.Int64)
        result: NDArray[np.int64] = coded.fill_null(-1).to_numpy()
        return result


def _labels(values: pl.Series) -> pl.Series:
    """Returns typed values as they would stand in a text file: 1, not 1.0."""
    import polars as pl

    if values.dtype.is_float():
        return pl.Series([number_label(value) for value in values.to_list()], dtype=pl.String)
    return values.cast(pl.String)


def number_label(value: float | None) -> Any:
    """Returns the name of a class that is a number; None for none."""
    if value is None or value != value:
        return None
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def shown(text: str) -> str:
    """Returns a value for a message, in quotation marks and not too long."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
