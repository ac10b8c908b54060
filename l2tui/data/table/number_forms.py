"""Numbers that are written in other ways than with digits and a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.data.table.columns import shown
from l2tui.errors import DataError

if TYPE_CHECKING:
    import polars as pl

_COMMA = r"^[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$"
_THOUSANDS = r"^[+-]?[1-9][0-9]{0,2}([,'. \x{a0}\x{202f}][0-9]{3})+([.,][0-9]+)?$"
_THOUSANDS_APART = "thousands apart; write such numbers without"


class NumberForms:
    """Keeps count of a column's numbers that are written with commas or with thousands apart.

    Args:
        separator: What stands between the values of its file.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._commas = self._sure = self._grouped = 0
        self._points = self._plain_points = False
        self._example: tuple[int, str] | None = None
        self._pointed: tuple[int, str] | None = None

    @property
    def content(self) -> bool:
        """Whether more numbers in the common form would change nothing."""
        return self._separator == "," or self._plain_points

    def see(self, values: pl.Series, odd: pl.Series, start: int) -> None:
        """Takes in the next block.

        Args:
            values: Its texts.
            odd: Which of them are no number in the common form.
            start: Rows before the block.
        """
        if self._separator != "," and not self._plain_points:
            self._see_points(values, start)
        if not odd.any():
            return
        texts = values.filter(odd)
        commas, grouped = texts.str.contains(_COMMA), texts.str.contains(_THOUSANDS)
        self._commas += int(commas.sum())
        self._grouped += int(grouped.sum())
        self._sure += int((commas & ~grouped).sum())
        if self._example is None and (commas | grouped).any():
            first = int((commas | grouped).arg_true()[0])
            self._example = start + int(odd.arg_true()[first]) + 1, str(texts[first])

    def _see_points(self, values: pl.Series, start: int) -> None:
        pointed = values.str.contains(r"^[+-]?[0-9]*\.").fill_null(False)
        if not pointed.any():
            return
        self._points = True
        self._plain_points = not values.filter(pointed).str.contains(_THOUSANDS).all()
        if self._pointed is None:
            first = int(pointed.arg_true()[0])
            self._pointed = start + first + 1, str(values[first])

    def decimal_comma(self, n_odd: int, *, certain: bool) -> bool:
        """Whether the commas can be nothing else, for lack of points and of thousands.

        Args:
            n_odd: Values that are no number in the common form.
            certain: Whether that is known of the file; else one of the values must not be three digits after one to
                three others.
        """
        if not n_odd or self._commas != n_odd or self._separator == "," or self._points:
            return False
        return certain or self._sure > 0

    def check_points(self, name: str) -> None:
        """Checks that points do not stand between thousands, in a file with decimal commas.

        Raises:
            DataError: They do.
        """
        if self._pointed is not None and not self._plain_points:
            row, text = self._pointed
            raise DataError(f"column {name!r}, row {row}: {shown(text)} has {_THOUSANDS_APART}")

    def check(self, name: str, n_odd: int) -> None:
        """Checks that most of what is no number in the common form is not one in another.

        Raises:
            DataError: It is.
        """
        if self._example is None or 2 * (self._grouped + self._sure) < n_odd:
            return
        row, text = self._example
        what = "a decimal comma; write such numbers with a point" if self._sure else _THOUSANDS_APART
        raise DataError(f"column {name!r}, row {row}: {shown(text)} has {what}")
