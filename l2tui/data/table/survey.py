"""What the values of a column are, found out over all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2tui.data.preparation import Reading
from l2tui.data.table.columns import as_array, cleaned, is_text, shown
from l2tui.data.table.dates import FORMS, fitting, other_reading
from l2tui.data.table.number_forms import NumberForms
from l2tui.errors import DataError

if TYPE_CHECKING:
    import polars as pl

_WORDS = (("false", "true"), ("no", "yes"))
# So many different numbers beside a few words are a column of numbers with something wrong in it, not classes.
_MANY_NUMBERS, _FEW_NUMBERS = 20, 5


class Survey:
    """What is known of a column after some of its blocks.

    Args:
        name: The column's name.
        separator: What stands between the values of its file.

    Attributes:
        rows: Rows so far.
        missing: Those without a value.
        infinite: The first row with an infinite number, counted from 1; None for none.
    """

    def __init__(self, name: str, separator: str) -> None:
        self.name = name
        self.rows = self.missing = 0
        self.infinite: int | None = None
        self._numbers = 0
        self._odd: tuple[int, str] | None = None
        self._typed: Reading | None = None
        self._words, self._formats = list(_WORDS), list(FORMS)
        self._different: set[str] = set()
        self._forms = NumberForms(separator)

    def see(self, values: pl.Series) -> None:
        """Takes in the next block."""
        start = self.rows
        self.rows += len(values)
        if is_text(values):
            self._see_text(values, start)
        else:
            self._see_typed(values, start)

    @property
    def has_decimal_commas(self) -> bool:
        """Whether its values are numbers that are certainly written with a decimal comma."""
        return self._forms.decimal_comma(self._n_odd, certain=False)

    @property
    def other_dates(self) -> tuple[str, str] | None:
        """In words, how its dates are read and how else they could be; None for what is no date or plain."""
        return other_reading(self._formats) if not self._numbers else None

    @property
    def _n_odd(self) -> int:
        return self.rows - self.missing - self._numbers

    def reading(self, *, decimal_commas: bool = False) -> Reading:
        """Returns how the column is to be read.

        Args:
            decimal_commas: Whether other columns of the file certainly have decimal commas.

        Raises:
            DataError: Its values are of mixed kinds, or numbers in a form that could mean two things.
        """
        if self._typed is not None:
            return self._typed
        there = self.rows - self.missing
        n_odd = self._n_odd
        if decimal_commas and not n_odd:
            self._forms.check_points(self.name)
        if not n_odd or self._odd is None:
            return Reading(kind="number")
        if not self._numbers and self._words:
            return Reading(kind="boolean", words=self._words[0])
        if not self._numbers and self._formats:
            return Reading(kind="date", date_format=self._formats[0])
        if self._forms.decimal_comma(n_odd, certain=decimal_commas):
            return Reading(kind="number", decimal_comma=True)
        self._forms.check(self.name, n_odd)
        if self._is_mixed(there, n_odd):
            row, text = self._odd
            raise DataError(
                f"column {self.name!r}, row {row}: {shown(text)} among numbers; "
                "mend it, empty it, or leave the column out with --drop"
            )
        return Reading(kind="category")

    def _is_mixed(self, there: int, n_odd: int) -> bool:
        """Tells whether this is a column of numbers with a few words in it: not what names of classes look like."""
        different = len(self._different)
        if 2 * n_odd > there or different <= _FEW_NUMBERS:
            return False
        return different > _MANY_NUMBERS or 2 * different > there or 10 * n_odd <= there

    def _see_text(self, values: pl.Series, start: int) -> None:
        import polars as pl

        values = values.cast(pl.String)
        numbers = values.cast(pl.Float64, strict=False)
        if numbers.null_count() != values.null_count():
            values = cleaned(values)
            numbers = values.cast(pl.Float64, strict=False)
        n_odd = numbers.null_count() - values.null_count()
        missing = int(np.isnan(as_array(numbers)).sum()) - n_odd
        self._note_infinite(numbers, start)
        self.missing += missing
        self._numbers += len(values) - missing - n_odd
        if not n_odd and len(self._different) > _MANY_NUMBERS and self._forms.content:
            return
        odd = numbers.is_null() & values.is_not_null()
        if len(self._different) <= _MANY_NUMBERS:
            self._different.update(values.filter(~odd).drop_nulls().head(1000).to_list())
        self._forms.see(values, odd, start)
        if n_odd:
            first = int(odd.arg_true()[0])
            self._odd = self._odd or (start + first + 1, str(values[first]))
            self._narrow(values.filter(odd))

    def _narrow(self, texts: pl.Series) -> None:
        if self._words:
            few = set(texts.str.to_lowercase().unique().head(10).to_list())
            self._words = [words for words in self._words if few <= set(words)]
        self._formats = fitting(self._formats, texts)

    def _see_typed(self, values: pl.Series, start: int) -> None:
        import polars as pl

        if values.dtype == pl.Boolean:
            self._typed = Reading(kind="boolean", words=_WORDS[0])
        elif values.dtype in (pl.Date, pl.Datetime):
            self._typed = Reading(kind="date")
        else:
            values = values.cast(pl.Float64, strict=False).fill_nan(None)
            self._note_infinite(values, start)
            self._typed = Reading(kind="number")
        self.missing += values.null_count()

    def _note_infinite(self, numbers: pl.Series, start: int) -> None:
        if self.infinite is None:
            found = np.flatnonzero(np.isinf(as_array(numbers)))
            self.infinite = start + int(found[0]) + 1 if len(found) else None
