"""Logs with one JSON object a line."""

import json

from l2tui.runs.logs.records import Lines, Row, add_row, numbers_of


class JsonLines:
    """JSON Lines. A line that is no object, such as a message in between, is left out. As `Records`."""

    format = "JSON Lines"
    steady = True

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows: list[Row] = []
        self._lines = Lines()

    def feed(self, data: bytes) -> None:
        """As `Records.feed`."""
        for line in self._lines.whole(data):
            try:
                # Python's own reader takes NaN, which loggers write and JSON does not know.
                row = numbers_of(json.loads(line))
            except (ValueError, RecursionError):
                continue
            if row:
                add_row(self, row)
