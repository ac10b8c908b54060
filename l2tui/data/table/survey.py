"""What the values of a column are, found out over all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from l2tui.data.naming import listed
from l2tui.data.preparation import Reading
from l2tui.data.table.columns import as_array, cleaned, is_text, shown
from l2tui.data.table.dates import FORMS, fitting, other_reading
from l2tui.data.table.number_forms import NumberForms

if TYPE_CHECKING:
    import polars as pl

_WORDS = (("false", "true"), ("no", "yes"))
# So many different numbers beside a few other texts are a column of numbers with something wrong in it.
_MANY_NUMBERS = 20
_RARE = 0.02
_MANY_ODDS = 20
# Texts that stand for no value in a column of numbers or dates, besides those that do so everywhere.
_GAPS = frozenset(
    """unknown|unk|none|missing|nil|n.a.|na.|n.d.|n/d|nd|*|**|..|...|--|---|(missing)|(unknown)|not available
    |not applicable|no data|#value!|#div/0!|#ref!|#name?|#num!""".replace("\n    ", "").split("|")
)
_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_BEFORE = r"^[+-]?(?P<unit>[$€£¥])\s*" + _NUMBER + "$"
_AFTER = "^" + _NUMBER + r"(?P<unit>\s*%|\s*[€£¥]|\s+[A-Za-zµ°²³/]{1,8}|kg|g|mg|lbs?|cm|mm|km|m|ms|s|min|h|°C|°F)$"


class Survey:
    """What is known of a column after some of its blocks.

    Args:
        name: The column's name.
        separator: What stands between the values of its file.

    Attributes:
        rows: Rows so far.
        missing: Those without a value.
        infinite: The first row with an infinite number, counted from 1; None for none.
        escape: The first row with an ESC character in its text; None for none.
    """

    def __init__(self, name: str, separator: str) -> None:
        self.name = name
        self.rows = self.missing = 0
        self.infinite: int | None = None
        self._numbers = 0
        self._odd: tuple[int, str] | None = None
        self._odds: Counter[str] = Counter()
        self._gaps: Counter[str] = Counter()
        self._units: set[str] = set()
        self._n_units = 0
        self.escape: int | None = None
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
        n_odd = self._n_odd
        if decimal_commas and not n_odd:
            self._forms.check_points(self.name)
        if not n_odd or self._odd is None:
            return Reading(kind="number")
        if not self._numbers and self._words:
            return Reading(kind="boolean", words=self._words[0])
        if not self._numbers and self._formats and n_odd > self._gaps.total():
            return Reading(kind="date", date_format=self._formats[0], gaps=tuple(sorted(self._gaps)))
        if self._forms.decimal_comma(n_odd, certain=decimal_commas):
            return Reading(kind="number", decimal_comma=True)
        self._forms.check(self.name, n_odd)
        unit = next(iter(self._units)) if len(self._units) == 1 else ""
        n_numbers = self._numbers + (self._n_units if unit else 0)
        if n_numbers and self._are_gaps(n_numbers, n_odd - (self._n_units if unit else 0)):
            return Reading(kind="number", unit=unit, gaps=tuple(sorted(self._gaps | self._odds)))
        return Reading(kind="category")

    def remarks(self, reading: Reading) -> Iterator[str]:
        """Yields what a person should know of how the column is read, a line each."""
        if self.escape is not None:
            yield f"{self.name}, row {self.escape}: the text holds ESC, a control character"
        if reading.unit and self._odd is not None:
            yield f"{self.name}: numbers with {reading.unit!r}, read without it"
        if reading.gaps:
            n = self._gaps.total() + self._odds.total() * (reading.kind == "number")
            words = listed([shown(text) for text in reading.gaps])
            yield f"{self.name}: {words} in {n:,} row{'s' * (n > 1)}, taken as missing"
        if reading.kind == "category" and self._numbers >= self._n_odd and self._odd is not None:
            row, text = self._odd
            yield f"{self.name}: {shown(text)} (row {row}) and others among numbers, so its values are names"
        if reading.kind == "date" and (dates := self.other_dates) is not None:
            yield f"{self.name}: dates read {dates[0]}; {dates[1]} would be possible too"

    def _are_gaps(self, n_numbers: int, n_others: int) -> bool:
        """Returns whether what is no number stands for no value: by its words, or since it is rare."""
        n_odds = n_others - self._gaps.total()
        rare = len(self._different) > _MANY_NUMBERS and n_odds <= _RARE * n_numbers
        return not n_odds or (rare and len(self._odds) <= _MANY_ODDS)

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
            self._see_odd(values.filter(odd))
            escapes = values.str.contains("\x1b", literal=True).fill_null(False)
            if self.escape is None and escapes.any():
                self.escape = start + int(escapes.arg_true()[0]) + 1

    def _see_odd(self, texts: pl.Series) -> None:
        lower = texts.str.to_lowercase()
        gaps = lower.is_in(list(_GAPS))
        self._gaps.update(lower.filter(gaps).to_list())
        all_texts, texts = texts, texts.filter(~gaps)
        self._narrow(all_texts, texts)
        if len(self._odds) > _MANY_ODDS and len(self._units) != 1:
            return
        units = texts.str.extract(_BEFORE).fill_null("") + texts.str.extract(_AFTER).fill_null("").str.strip_chars()
        with_unit = units != ""
        self._units.update(units.filter(with_unit).unique().head(2).to_list())
        self._n_units += int(with_unit.sum())
        if len(self._different) <= _MANY_NUMBERS:
            self._different.update(texts.filter(with_unit).head(1000).to_list())
        if len(self._odds) <= _MANY_ODDS:
            self._odds.update(texts.filter(~with_unit).str.to_lowercase().to_list())

    def _narrow(self, texts: pl.Series, dates: pl.Series) -> None:
        if self._words:
            few = set(texts.str.to_lowercase().unique().head(10).to_list())
            self._words = [words for words in self._words if few <= set(words)]
        self._formats = fitting(self._formats, dates)

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
