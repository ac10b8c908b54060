"""The part of a run's files that a fork shares with it: every byte up to the end of an epoch."""

import os

from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, BestRestored, Diverged, Failed, Finished, Paused, Resumed, decode_event
from l2tui.runs.recorder import EPOCH_BYTES
from l2tui.training.records import is_recorded

_ENDINGS = (Finished, Diverged, Failed)


class History(Struct, frozen=True):
    """What is shared.

    Attributes:
        metrics: Rows of the recorded epochs, with the header.
        curve: The losses of every epoch.
        lines: What happened, a line each, with the position behind it in the parent's file.
        elapsed: Seconds of training so far.
    """

    metrics: bytes
    curve: bytes
    lines: tuple[tuple[bytes, int, AnyEvent], ...]
    elapsed: float

    def since(self, position: int) -> list[AnyEvent]:
        """Returns what happened behind a position of the parent's file."""
        return [event for _, end, event in self.lines if end > position]

    @property
    def events(self) -> bytes:
        """What happened, as a file."""
        return b"".join(line for line, _, _ in self.lines)

    @property
    def paused(self) -> bool:
        """Whether the run was paused at the end."""
        acts = [event for _, _, event in self.lines if isinstance(event, Paused | Resumed)]
        return bool(acts) and isinstance(acts[-1], Paused)


def read_history(run: RunDirectory, epoch: int, steps_per_epoch: int) -> History:
    """Returns what a fork at the end of an epoch shares with a run.

    All that was done before the first update after that epoch belongs to it. How the run ended does not.

    Args:
        run: The parent; it may be training.
        epoch: The last epoch that is shared, one that the parent has finished.
        steps_per_epoch: Its updates in an epoch.

    Raises:
        RunError: The files do not reach so far, or are damaged.
        OSError: They cannot be read.
    """
    curve = _bytes(run, epoch)
    rows, elapsed = [], 0.0
    for index, line in enumerate(_lines(run.read(run.metrics))):
        if index == 0:
            rows.append(line)
            continue
        number, _, rest = line.partition(b",")
        try:
            at = int(number)
            if at > epoch:
                break
            elapsed = float(rest.split(b",", 2)[1])
        except (ValueError, IndexError):
            raise RunError(f"{run.metrics}: damaged at line {index + 1}") from None
        # A row may be there only because it was the last one.
        if is_recorded(at):
            rows.append(line)
    return History(b"".join(rows), curve, _events(run, epoch, epoch * steps_per_epoch), elapsed)


def _bytes(run: RunDirectory, epoch: int) -> bytes:
    size = EPOCH_BYTES * (epoch + 1)
    try:
        descriptor = run.open(run.curve, os.O_RDONLY)
    except FileNotFoundError:
        raise RunError(f"{run.path}: of an earlier version, without a curve; `l2tui resume` makes one") from None
    try:
        data = os.pread(descriptor, size, 0)
    finally:
        os.close(descriptor)
    if len(data) < size:
        raise RunError(f"{run.curve}: ends before epoch {epoch}")
    return data


def _events(run: RunDirectory, epoch: int, step: int) -> tuple[tuple[bytes, int, AnyEvent], ...]:
    found: list[tuple[bytes, int, AnyEvent]] = []
    position = 0
    for line in _lines(run.read(run.events)):
        position += len(line)
        try:
            event = decode_event(line)
        except UNDECODABLE as error:
            raise RunError(f"{run.events}: damaged, or of a newer version: {error}") from None
        if (event.epoch, event.step) > (epoch, step):
            break
        if isinstance(event, _ENDINGS):
            # A run that ends for overfitting puts its best weights back: that belongs to its end.
            overfitted = isinstance(event, Finished) and event.reason == "overfitting"
            if overfitted and found and isinstance(found[-1][2], BestRestored):
                found.pop()
            break
        found.append((line, position, event))
    return tuple(found)


def _lines(data: bytes) -> list[bytes]:
    # A torn last line is still being written.
    return data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
