"""What is wrong with a command line, in two lines."""

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that names its help instead of printing all options."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and leaves with status 2."""
        print(f"usage: {self.prog} ...  ({self.prog} --help lists all options)", file=sys.stderr)
        self.exit(2, f"{self.prog}: error: {message}\n")
