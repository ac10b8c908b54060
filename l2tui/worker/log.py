"""The worker's log, which is its standard output."""

import contextlib


def say(text: object) -> None:
    """Adds a line to the log, now or, on a disk that is full, with the next line for which there is room."""
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201
