"""Names: their natural order, and short lists of them for messages."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

_NAMED = 6


def listed(names: Sequence[str]) -> str:
    """Returns names in a row, the first few of them."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def option_name(name: str) -> str:
    """Returns a name as it stands among others in an option, where a comma would part it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([name])
    return line.getvalue()


def natural_key(text: str) -> tuple[Any, ...]:
    """Returns a key that sorts 2 before 10 and a2 before a10."""
    number = _as_float(text)
    if number is not None:
        return (0, number, text)
    pieces: list[tuple[int, int | str]] = []
    digits, run = False, ""
    for character in text + "\0":
        is_digit = character in "0123456789"
        if is_digit != digits or character == "\0":
            if run:
                pieces.append((0, int(run[:18])) if digits else (1, run))
            digits, run = is_digit, ""
        run += character
    return (1, tuple(pieces), text)


def _as_float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
