"""Where in a text file a row stands, for messages that name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l2tui.data.table.formats import opened
from l2tui.data.table.reading import read_table
from l2tui.errors import DataError

_ROW = re.compile(r": (column .*?, row (\d+):)", re.DOTALL)


@contextmanager
def naming_lines(path: Path) -> Iterator[None]:
    """Adds its line to an error about a row of a text file: blank lines and line ends within values set them apart."""
    try:
        yield
    except DataError as error:
        found = _ROW.search(str(error))
        line = None if found is None else line_of(path, int(found[2]))
        if found is None or line is None:
            raise
        said = str(error)
        raise DataError(f"{said[: found.start(1)]}line {line}, {said[found.start(1) :]}") from None


def line_of(path: Path, row: int) -> int | None:
    """Returns the line in which a row begins; None for a file without lines, or one that cannot be read again.

    Args:
        path: The file.
        row: The row, from 1; the names of the columns are none.
    """
    try:
        with opened(path) as file:
            return read_table(file, has_target=False).line_of(row)
    except DataError:
        return None
