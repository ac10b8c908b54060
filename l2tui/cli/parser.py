"""The parser of a command's arguments."""

import argparse
import sys
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that takes options by their full names, and names its help instead of printing all options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def add_json(self) -> None:
        """Adds `--json`."""
        self.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and leaves with status 2."""
        print(f"usage: {self.prog} ...  ({self.prog} --help lists all options)", file=sys.stderr)
        self.exit(2, f"{self.prog}: error: {message}\n")
