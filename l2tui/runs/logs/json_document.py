"""Logs that are one JSON document: `trainer_state.json` of Hugging Face, or a list of entries."""

import json

from l2tui.runs.logs.records import Row, add_row, numbers_of


class JsonDocument:
    """One document, which says nothing before its end has come. As `Records`."""

    format = "trainer_state.json"

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows: list[Row] = []
        self.steady = False
        self._text = b""

    def feed(self, data: bytes) -> None:
        """As `Records.feed`."""
        self._text += data
        try:
            document = json.loads(self._text)
        except (ValueError, RecursionError):
            self.steady, self.rows = False, []
            return
        entries = document.get("log_history") if isinstance(document, dict) else document
        if not isinstance(entries, list):
            raise ValueError('a JSON document without "log_history", the list of entries that Hugging Face writes')
        self.steady, self.rows = True, []
        for entry in entries:
            if row := numbers_of(entry):
                add_row(self, row)
