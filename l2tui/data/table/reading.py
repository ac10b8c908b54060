"""Tables from files, whatever the format: their columns' names, and their rows in blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from l2tui.data.memory import check_address_space
from l2tui.data.table.arrays import read_arrays
from l2tui.data.table.formats import Format, OpenFile
from l2tui.data.table.polars_errors import polars_errors, quiet
from l2tui.data.table.records import WholeRecords, records
from l2tui.dialect import Dialect, recognise, values_below
from l2tui.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Report = Callable[[float, str], None]

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?", "-", "."})
_BLOCK_ROWS = 1 << 16
_MAX_COLUMNS = 20_000


def silent(done: float, doing: str) -> None:
    """Reports to nobody."""


class Table:
    """A table in a file.

    Attributes:
        path: The file.
        format: How it is written.
        separator: What stands between the values of a text file.
        names: Those of its columns.
        notes: What a person should know about how it was read.
        unnamed_first: Whether the first column has no name, as the row numbers of pandas and R have none.
        unusable: What is wrong with columns whose values are neither numbers nor text, by name.
    """

    def __init__(self, path: Path, format: Format, names: tuple[str, ...], notes: tuple[str, ...] = ()) -> None:
        self.path, self.format, self.notes = path, format, notes
        self.names = tuple(name if name.strip() else f"column_{i}" for i, name in enumerate(names, 1))
        self.separator = ""
        self.unnamed_first = False
        self.unusable: dict[str, str] = {}
        _check_names(path, self.names)

    def check_usable(self, names: Iterable[str]) -> None:
        """Checks that columns hold values that can be used.

        Args:
            names: Those that are needed.

        Raises:
            DataError: One of them does not.
        """
        for name in names:
            if name in self.unusable:
                raise DataError(f"{self.path}: column {name!r} {self.unusable[name]}")

    def blocks(self, report: Report) -> Iterator[pl.DataFrame]:
        """Yields the rows from the first to the last, each time anew.

        Values of a text file are text, without a value where there is none; those of other files have their types.

        Args:
            report: Receives the share of the rows read so far.

        Raises:
            DataError: The file cannot be read on.
        """
        raise NotImplementedError

    def line_of(self, row: int) -> int | None:
        """Returns the line of a text file in which a row begins, counted from 1; None for other files."""
        return None


def read_table(file: OpenFile, *, has_target: bool = True) -> Table:
    """Recognises the table in a file.

    Args:
        file: The file.
        has_target: Whether arrays must come with a target.

    Raises:
        DataError: There is none, or none that can be used.
    """
    check_address_space(file.path)
    if file.format == "Parquet":
        return _Parquet(file)
    return _Npz(file, has_target=has_target) if file.format == "NPZ" else _Text(file)


class _Text(Table):
    def __init__(self, file: OpenFile) -> None:
        first, _ = next(file.text(), (b"", 0.0))
        # A Mac of the last century ends lines like this.
        self._returns = b"\n" not in first and b"\r" in first
        self._file = file
        head = self._lines(first)
        if b"\0" not in head[:4096] and len(head) > (1 << 20) and b"\n" not in head:
            raise DataError(f"{file.path}: line 1: longer than 1 MB; this is no table, or it is damaged")
        if not head.strip():
            raise DataError(f"{file.path}: the file is empty")
        self._first_line = 1 + head[: len(head) - len(head.lstrip(b"\r\n"))].count(b"\n")
        text = head[: 1 << 20].decode("utf-8", "replace")
        self._dialect = recognise(text, tabs=file.format == "TSV")
        n = self._dialect.n_columns
        below = None if self._dialect.short else values_below(text, n, quoted=self._dialect.quoted)
        if below is not None:
            raise DataError(
                f"{file.path}: line 1: {n} value{'s' * (n > 1)}, but the lines below it have {below}; "
                "the first line must be that with the names of the columns"
            )
        if n > _MAX_COLUMNS:
            raise DataError(f"{file.path}: {n} columns; at most {_MAX_COLUMNS} can be used")
        names = self._dialect.names
        notes = () if names else (f"no line with names: columns are called column_1 to column_{n}",)
        super().__init__(file.path, file.format, names or ("",) * n, notes)
        self.unnamed_first = names is not None and not names[0].strip()
        self.separator = self._dialect.separator

    def blocks(self, report: Report) -> Iterator[pl.DataFrame]:
        import polars as pl

        dialect, first = self._parsed_dialect, True
        for part in self._records():
            frame = _parsed(part.text, dialect, self.names)
            if frame is None or frame.height != part.count:
                raise DataError(
                    f"{self.path}: line {_first_bad(part, dialect, self.names)}: a quotation mark within a value, "
                    "or text after one; put the value into quotation marks and double those in it"
                )
            if part.blank is not None:
                frame = frame.filter(pl.Series(~part.blank))
            if first and dialect.names is not None and frame.height:
                frame, first = frame[1:], False
            report(part.share, "reading")
            yield frame
        if self._file.is_latin and not any("Latin-1" in note for note in self.notes):
            self.notes = (*self.notes, "the text is not UTF-8: read as Latin-1")

    def line_of(self, row: int) -> int | None:
        """As for all tables."""
        place = row if self._dialect.names is not None else row - 1
        for part in self._records():
            places = np.arange(part.count) if part.blank is None else np.flatnonzero(~part.blank)
            if place < len(places):
                return part.line_of(int(places[place]))
            place -= len(places)
        return None

    @property
    def _parsed_dialect(self) -> Dialect:
        return replace(self._dialect, separator="\t") if self._dialect.separator == " " else self._dialect

    def _records(self) -> Iterator[WholeRecords]:
        return records(self.path, self._records_text(), self._parsed_dialect, self._first_line)

    def _records_text(self) -> Iterator[tuple[bytes, float]]:
        """Yields the text without blank first lines, with one separator between values and as many names as values."""
        first, rest = True, b""
        for raw, share in self._file.text():
            block = rest + self._lines(raw)
            if first:
                block = block.lstrip(b"\r\n")
            if self._dialect.separator == " ":
                # A run of blanks must not be cut in two.
                end = block.rfind(b"\n") + 1
                block, rest = _parted(block[:end]), block[end:]
            if first and block and self._dialect.short:
                block = (b"\t" if self._dialect.separator == " " else self._dialect.separator.encode()) + block
            first = first and not block
            if block:
                yield block, share
        if rest:
            yield _parted(rest), 1.0

    def _lines(self, block: bytes) -> bytes:
        # DOS ends a text with this character.
        block = block.replace(b"\x1a", b"")
        return block.replace(b"\r", b"\n") if self._returns else block


def _parted(text: bytes) -> bytes:
    """Returns lines with a tab for each run of blanks outside quotation marks."""
    text = re.sub(rb"(?m)^[ \t]+|[ \t\r]+$", b"", text)
    return re.sub(rb'("[^"\n]*")|[ \t]+', lambda found: found[1] or b"\t", text)


def _parsed(text: bytes, dialect: Dialect, names: tuple[str, ...]) -> pl.DataFrame | None:
    """Returns records as a table of text; None where they cannot be parsed."""
    import polars as pl

    try:
        with quiet():
            frame = pl.read_csv(
                text,
                has_header=False,
                schema=dict.fromkeys(_safe(names), pl.String),
                separator=dialect.separator or "\x1f",
                quote_char='"' if dialect.quoted else None,
                null_values=["", "NA", "NaN", "nan", "null", "NULL", "?", "-", "N/A", "n/a"],
            )
        return frame.rename(dict(zip(_safe(names), names, strict=True)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def _first_bad(part: WholeRecords, dialect: Dialect, names: tuple[str, ...]) -> int:
    """Returns the line of the first record that cannot be parsed, by halving."""
    first, last = 0, part.count
    while last - first > 1:
        middle = (first + last) // 2
        frame = _parsed(part.some(first, middle), dialect, names)
        if frame is None or frame.height != middle - first:
            last = middle
        else:
            first = middle
    return part.line_of(first)


def _safe(names: tuple[str, ...]) -> list[str]:
    return [f"column_{i + 1}" for i in range(len(names))]


class _Parquet(Table):
    def __init__(self, file: OpenFile) -> None:
        import polars as pl

        with polars_errors(file.path):
            frame = pl.scan_parquet(file.path, glob=False)
            schema = frame.collect_schema()
            self._rows = int(frame.select(pl.len()).collect().item())
        super().__init__(file.path, file.format, tuple(schema.names()))
        self.unusable = {name: why for name, dtype in schema.items() if (why := _why_unusable(dtype))}

    def blocks(self, report: Report) -> Iterator[pl.DataFrame]:
        import polars as pl

        step = max(1024, min(_BLOCK_ROWS, (1 << 23) // (8 * max(1, len(self.names)))))
        for start in range(0, self._rows, step):
            with polars_errors(self.path):
                frame = pl.scan_parquet(self.path, glob=False).drop(*self.unusable).slice(start, step).collect()
            report(min(1.0, (start + step) / self._rows), "reading")
            yield frame


def _why_unusable(dtype: pl.DataType) -> str:
    import polars as pl

    if dtype.is_nested() or dtype in (pl.Object, pl.Binary):
        instead = "each cell must be one number or text, so take it apart or leave it out"
        return f"holds {dtype.base_type()} values; {instead}"
    if dtype.is_temporal() and dtype not in (pl.Date, pl.Datetime):
        return f"holds {dtype.base_type()} values; make numbers of them or leave it out"
    return ""


class _Npz(Table):
    def __init__(self, file: OpenFile, *, has_target: bool) -> None:
        self._X, self._y = read_arrays(file, has_target=has_target)
        names = (*(f"x{i + 1}" for i in range(self._X.shape[1])), *(("y",) if self._y is not None else ()))
        if len(names) > _MAX_COLUMNS:
            raise DataError(f"{file.path}: {len(names)} columns; at most {_MAX_COLUMNS} can be used")
        super().__init__(file.path, file.format, names)

    def blocks(self, report: Report) -> Iterator[pl.DataFrame]:
        import polars as pl

        rows = len(self._X)
        for start in range(0, rows, _BLOCK_ROWS):
            stop = min(rows, start + _BLOCK_ROWS)
            columns = {name: self._X[start:stop, i] for i, name in enumerate(self.names[: self._X.shape[1]])}
            if self._y is not None:
                columns["y"] = self._y[start:stop]
            report(stop / rows, "reading")
            yield pl.DataFrame(columns)


def _check_names(path: Path, names: tuple[str, ...]) -> None:
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        first = names.index(name)
        raise DataError(
            f"{path}: columns {first + 1} and {names.index(name, first + 1) + 1} are both called {name!r}; rename one"
        )
