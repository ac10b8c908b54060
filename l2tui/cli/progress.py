"""Progress of headless training: a bar where a person looks at it, a few plain lines where a file or a pipe does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TextIO

from l2tui.training.records import EpochEnd

_LINES = 10


class Progress(Protocol):
    """Receives each epoch."""

    def __call__(self, end: EpochEnd) -> None:
        """Notes the end of an epoch."""


@contextmanager
def progress_for(stream: TextIO, epochs: int) -> Iterator[Progress]:
    """Yields the progress display that fits a stream.

    Args:
        stream: Where it goes, standard error as a rule.
        epochs: Epochs of the run.
    """
    if not stream.isatty():
        yield _plain(stream, epochs)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"))
    with Bar(
        *columns, TimeRemainingColumn(), console=Console(file=stream), refresh_per_second=5, transient=True
    ) as bar:
        task = bar.add_task("", total=epochs)

        def show(end: EpochEnd) -> None:
            if end.record is not None:
                text = f"train {end.record.train_loss:.4g}  val {end.record.val_loss:.4g}"
                bar.update(task, completed=end.epoch, description=text)

        yield show


def _plain(stream: TextIO, epochs: int) -> Progress:
    every = max(1, epochs // _LINES)
    due = 0

    def show(end: EpochEnd) -> None:
        nonlocal due
        record = end.record
        if record is None or (end.epoch < due and end.epoch != epochs):
            return
        due = (end.epoch // every + 1) * every
        # Nobody may be reading any more; that is no reason to end the training.
        with suppress(BrokenPipeError):
            stream.write(f"epoch {end.epoch}/{epochs}  train {record.train_loss:.4g}  val {record.val_loss:.4g}\n")
            stream.flush()

    return show
