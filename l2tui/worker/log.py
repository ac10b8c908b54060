"""The worker's log, which is its standard output."""


def say(text: object) -> None:
    """Adds a line to the log."""
    print(text, flush=True)  # noqa: T201
