"""Callbacks for other trainers: `l2tui.callbacks.keras` and `l2tui.callbacks.lightning`, each with its library."""

import warnings
from collections.abc import Collection


def warn_of_absent(wanted: Collection[str], logged: Collection[str]) -> None:
    """Warns of losses that a training never logged: without both of them nothing was judged."""
    absent = [name for name in wanted if name not in logged]
    if absent:
        text = f"{' and '.join(absent)} never logged, so nothing was judged; there are {', '.join(sorted(logged))}"
        warnings.warn(text, stacklevel=3)
