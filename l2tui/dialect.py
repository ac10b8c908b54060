"""How a text file writes a table: what stands between values, whether values are quoted, whether there is a header."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

_SEPARATORS = ",;\t|"
_LINES = 50
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How values are written.

    Attributes:
        separator: Stands between values; empty where there is one column only, a blank where runs of blanks do.
        quoted: Whether a quotation mark begins and ends a value.
        names: Those of the columns, from the first line; None where that line holds values already.
        n_columns: Values in a line.
        short: Whether the first line lacks a name for the first column, as R writes it.
    """

    separator: str
    quoted: bool
    names: tuple[str, ...] | None
    n_columns: int
    short: bool = False


def recognise(head: str, *, tabs: bool) -> Dialect:
    """Finds out how a text file writes a table.

    Args:
        head: Its first lines, whole ones.
        tabs: Whether its name promises tabs.
    """
    quoted = bool(re.search(r'(^|[,;\t|])"', head, re.MULTILINE)) or '"' not in head
    lines = [line for line in head.split("\n", _LINES)[:_LINES] if line.strip()]
    order = "\t,;|" if tabs else _SEPARATORS
    best = max(order, key=lambda separator: _fit(lines, separator, quoted))
    first = _cells(io.StringIO(head.lstrip("\r\n"), newline=""), best, quoted, 1)
    cells = first[0] if first else []
    if len(cells) < 2 and _spaced(lines, quoted):
        best, cells = " ", _cells(lines[:1], " ", quoted, 1)[0]
    elif len(cells) < 2:
        return Dialect("", quoted, tuple(cell.strip() for cell in cells), len(cells))
    below = _cells(lines[1:], best, quoted, _LINES)
    if len(lines) > 2 and all(map(str.strip, cells)) and {len(row) for row in below} == {len(cells) + 1}:
        return Dialect(best, quoted, ("", *(cell.strip() for cell in cells)), len(cells) + 1, short=True)
    values = _are_values(cells, _cells(lines, best, quoted, _LINES)[1:])
    return Dialect(best, quoted, None if values else tuple(cell.strip() for cell in cells), len(cells))


def values_below(head: str, n_first: int, *, quoted: bool) -> int | None:
    """Returns how many values all lines below the first have, if those are more than in the first.

    Args:
        head: The first lines of a file.
        n_first: Values in the first line.
        quoted: Whether a quotation mark begins and ends a value.
    """
    lines = [line for line in head.split("\n", _LINES)[:_LINES] if line.strip()]
    for separator in _SEPARATORS:
        counts = {len(cells) for cells in _cells(lines[1:], separator, quoted, _LINES)}
        if len(lines) > 2 and len(counts) == 1 and (below := counts.pop()) > max(1, n_first):
            return below
    return None


def _are_values(first: list[str], below: list[list[str]]) -> bool:
    """Returns whether the first line holds values already: numbers, or texts that come again in their columns."""
    numbers = [bool(_NUMBER.fullmatch(cell)) for cell in first]
    if all(numbers):
        return True
    texts = [k for k, cell in enumerate(first) if cell.strip() and not numbers[k]]
    # A line of names that stands there once more, as in files put together, makes no values of them.
    others = [cells for cells in below if cells != first and len(cells) == len(first)]
    again = sum(any(cells[k] == first[k] for cells in others) for k in texts)
    return again > 0 and (any(numbers) or 2 * again > len(texts))


def _fit(lines: list[str], separator: str, quoted: bool) -> tuple[float, int]:
    """Returns how many of the lines have as many values as the first, and how many values those are."""
    counts = [len(cells) for cells in _cells(lines, separator, quoted, _LINES)]
    if not counts or counts[0] < 2:
        return (0.0, 0)
    return (sum(count in (counts[0], counts[-1]) for count in counts) / len(counts), counts[0])


def _spaced(lines: list[str], quoted: bool) -> bool:
    """Returns whether runs of blanks part the lines into as many values each; the first may lack one name."""
    counts = [len(cells) for cells in _cells(lines, " ", quoted, _LINES)]
    return len(counts) > 2 and len(set(counts[1:])) == 1 and counts[1] >= 2 and 0 <= counts[1] - counts[0] <= 1


def _cells(lines: Iterable[str], separator: str, quoted: bool, count: int) -> list[list[str]]:
    if separator == " ":
        lines = [" ".join(line.split()) for line in lines]
    reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    try:
        rows = (cells for cells in reader if cells)
        return list(islice(rows, count))
    except csv.Error:
        return []
