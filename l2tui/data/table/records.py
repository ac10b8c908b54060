"""Text cut into blocks of whole records, with what is wrong with its lines found out before it is parsed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l2tui.dialect import Dialect
from l2tui.errors import DataError

MAX_RECORD_BYTES = 1 << 23
_NEWLINE, _RETURN, _QUOTE = b"\n"[0], b"\r"[0], b'"'[0]


@dataclass(frozen=True)
class WholeRecords:
    """Some whole records.

    Attributes:
        text: Their bytes.
        blank: Which of them are blank lines, shape (count,); None for none.
        share: How much of the file has been read.
        line: The line in the file where they begin.
        ends: Where in `text` each one ends, shape (count,).
    """

    text: bytes
    blank: NDArray[np.bool_] | None
    share: float
    line: int
    ends: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ends)

    def some(self, first: int, last: int) -> bytes:
        """Returns the text of records `first` up to `last`, without that one."""
        return self.text[self._start(first) : self._start(last)]

    def line_of(self, index: int) -> int:
        """Returns the line of the file in which a record begins."""
        return self.line + self.text.count(b"\n", 0, self._start(index))

    def _start(self, index: int) -> int:
        return int(self.ends[index - 1]) + 1 if index else 0


def records(path: Path, text: Iterator[tuple[bytes, float]], dialect: Dialect, line: int = 1) -> Iterator[WholeRecords]:
    """Yields records in blocks, each with the number of values that the first one has.

    A quotation mark switches between text within a value and text between values, so a line ends only where an even
    number of them has come before.

    Args:
        path: The file, for messages.
        text: Its content in blocks, and the share of the file read so far.
        dialect: How it writes values.
        line: The line of the file in which the text begins.

    Raises:
        DataError: A line has more or fewer values, is endless, or holds a byte that no text holds.
    """
    rest, share = b"", 0.0
    row = 1 if dialect.names is None else 0
    for block, share in text:
        if b"\0" in block:
            at = line + rest.count(b"\n") + block.count(b"\n", 0, block.index(b"\0"))
            raise DataError(f"{path}: line {at}: a NUL byte; this is not a text file, or it is damaged")
        rest += block
        found = _cut(path, rest, dialect, line, row)
        if found is None:
            if len(rest) > 2 * MAX_RECORD_BYTES:
                raise _endless(path, rest, dialect, line)
            continue
        ends, blank = found
        end = int(ends[-1]) + 1
        yield WholeRecords(rest[:end], blank, share, line, ends)
        line += rest.count(b"\n", 0, end)
        row += len(ends) - (0 if blank is None else int(blank.sum()))
        rest = rest[end:]
        if len(rest) > MAX_RECORD_BYTES:
            raise _endless(path, rest, dialect, line)
    if rest:
        found = _cut(path, rest + b"\n", dialect, line, row)
        if found is None or found[0][-1] != len(rest):
            skipped = int(found[0][-1]) + 1 if found else 0
            raise _unclosed(path, rest[skipped:], line + rest.count(b"\n", 0, skipped))
        yield WholeRecords(rest + b"\n", found[1], share, line, found[0])


def _cut(
    path: Path, text: bytes, dialect: Dialect, line: int, row: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None] | None:
    """Returns where whole records end and which are blank; None if there is none."""
    a = np.frombuffer(text, np.uint8)
    newline = a == _NEWLINE
    separators = a == ord(dialect.separator or "\0")
    if dialect.quoted and _QUOTE in text:
        outside = (np.cumsum(a == _QUOTE, dtype=np.uint8) & 1) == 0
        newline &= outside
        separators &= outside
    ends = np.flatnonzero(newline)
    if not len(ends):
        return None
    starts = np.concatenate([[0], ends[:-1] + 1])
    length = ends - starts
    blank = (length == 0) | ((length == 1) & (a[starts] == _RETURN))
    wanted = dialect.n_columns - 1
    have = np.diff(np.searchsorted(np.flatnonzero(separators), ends), prepend=0)
    wrong = (have != wanted) & ~blank
    if wrong.any():
        first = int(wrong.argmax())
        at = line + text.count(b"\n", 0, int(starts[first]))
        header = "the first line has" if dialect.names is None else "the header has"
        more = ""
        if _QUOTE in text[starts[first] : ends[first]] and b"\n" in text[starts[first] : ends[first]]:
            more = "; is a quotation mark left open?"
        here = row + first - (int(blank[:first].sum()) if wanted else 0)
        values = f"{have[first] + 1} value{'s' * int(have[first] > 0)}"
        raise DataError(f"{path}: line {at}, row {here}: {values}, but {header} {wanted + 1}{more}")
    return ends, blank if wanted and blank.any() else None


def _endless(path: Path, rest: bytes, dialect: Dialect, line: int) -> DataError:
    if dialect.quoted and b"\n" in rest:
        return _unclosed(path, rest, line)
    return DataError(
        f"{path}: line {line}: longer than {MAX_RECORD_BYTES >> 20} MB; this is no table, or it is damaged"
    )


def _unclosed(path: Path, rest: bytes, line: int) -> DataError:
    at = line + rest.count(b"\n", 0, max(rest.rfind(b'"'), 0))
    return DataError(f"{path}: line {at}: a quotation mark is opened and never closed")
