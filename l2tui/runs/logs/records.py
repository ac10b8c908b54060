"""What every reader of a format does: bytes in, rows of named numbers out."""

import math
from typing import Protocol

Row = dict[str, float]
"""One entry of a log: the values that it has, by the name of their column or tag. What is missing is not in it."""

TIME = "\0time"
"""The name under which a row carries the Unix time (s) at which it was written, where the format knows it."""


class LogRecords(Protocol):
    """A log of one format, read so far.

    Attributes:
        format: What people call the format.
        names: Columns or tags in the order in which they came.
        rows: The entries so far.
        steady: Whether `rows` is all that the bytes so far say; not so in the middle of a document.
    """

    format: str
    names: list[str]
    rows: list[Row]
    steady: bool

    def feed(self, data: bytes) -> None:
        """Takes the bytes that follow those before. What is incomplete at their end waits for the rest.

        Raises:
            ValueError: They are not of this format; the text says what is wrong.
        """


class Lines:
    """The rest of a line whose end has not come yet."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> list[str]:
        """Returns the lines that are complete now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8-sig", errors="replace").rstrip("\r") for line in lines]


def number(text: str) -> float | None:
    """Returns the number that a cell holds, None where it holds none. "NA" is none, "nan" is a loss that was lost."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def numbers_of(entry: object) -> Row | None:
    """Returns the numbers in an object of JSON, those of nested objects as "outer/inner"; None for anything else."""
    if not isinstance(entry, dict):
        return None
    row: Row = {}
    for name, value in entry.items():
        if isinstance(value, dict):
            row.update({f"{name}/{inner}": found for inner, found in (numbers_of(value) or {}).items()})
        elif isinstance(value, int | float) and not isinstance(value, bool):
            row[name] = _as_float(value)
        elif isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
            row[name] = float(value)
    return row


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def add_row(records: LogRecords, row: Row) -> None:
    """Appends a row, and the names that are new with it."""
    records.names.extend(name for name in row if name not in records.names and name != TIME)
    records.rows.append(row)
