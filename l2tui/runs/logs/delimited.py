"""CSV and TSV logs, whatever stands between the values."""

import csv

from l2tui.dialect import Dialect, recognise
from l2tui.runs.logs.records import Lines, Row, number


class Delimited:
    """A text file with a line of names and a line for each entry. As `Records`."""

    format = "CSV"
    steady = True

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows: list[Row] = []
        self._lines = Lines()
        self._dialect: Dialect | None = None

    def feed(self, data: bytes) -> None:
        """As `Records.feed`."""
        lines = [line for line in self._lines.whole(data) if line.strip()]
        if not lines:
            return
        if self._dialect is None:
            self._dialect = recognise("\n".join(lines), tabs="\t" in lines[0])
            if self._dialect.names is None:
                raise ValueError("its first line holds values where the names of the columns are expected")
        separator = self._dialect.separator or ","
        try:
            for cells in csv.reader(
                lines,
                delimiter=separator,
                quoting=csv.QUOTE_MINIMAL if self._dialect.quoted else csv.QUOTE_NONE,
                strict=True,
            ):
                self._take([cell.strip() for cell in cells])
        except csv.Error as error:
            raise ValueError(str(error)) from None

    def _take(self, cells: list[str]) -> None:
        if not self.names:
            self.names = cells
        elif cells != self.names and len(cells) <= len(self.names):
            # A line with more values than there are names belongs to another header: whose are they?
            values = ((name, number(cell)) for name, cell in zip(self.names, cells, strict=False))
            self.rows.append({name: value for name, value in values if value is not None})
