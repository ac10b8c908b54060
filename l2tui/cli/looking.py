"""A look at a table on the command line: how far it is, and what it has found."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from l2tui.cli.printing import one_line
from l2tui.data.table.summary import TableSummary
from l2tui.settings import TableChoice
from l2tui.view.plain import count_of

_SECONDS_BETWEEN_LINES = 0.1


def look_aloud(path: Path, choice: TableChoice, seed: int) -> TableSummary:
    """Looks at a table, and says on standard error what was guessed and done."""
    from l2tui.data.table.inspect import inspect_table

    with bar() as progress:
        summary = inspect_table(path, choice, seed=seed, progress=progress)
    train, val, test = summary.parts
    inputs = count_of(summary.n_inputs, "input")
    say(f"{summary.rows_used:,} rows, {inputs}: {train:,} train + {val:,} val + {test:,} test")
    for note in summary.notes:
        say(note)
    for alarm in summary.alarms:
        say(f"warning: {alarm}")
    return summary


def say(text: str) -> None:
    """Writes a line to standard error, harmless whatever is in it."""
    with suppress(BrokenPipeError):
        print(one_line(text), file=sys.stderr, flush=True)


@contextmanager
def bar() -> Iterator[Callable[[float, str], None] | None]:
    """Yields what shows progress on standard error, if a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, console=Console(file=sys.stderr), refresh_per_second=5, transient=True) as shown:
        task = shown.add_task("reading", total=1.0)
        yield lambda done, doing: shown.update(task, completed=done, description=doing)


def progress_lines() -> Callable[[float, str], None]:
    """Returns what writes progress to standard error as JSON, ten lines a second at most."""
    due = 0.0

    def write(done: float, doing: str) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due or done >= 1.0:
            due = now + _SECONDS_BETWEEN_LINES
            with suppress(BrokenPipeError):
                print(
                    msgspec.json.encode({"done": round(done, 4), "doing": doing}).decode(), file=sys.stderr, flush=True
                )

    return write
