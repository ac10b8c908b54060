"""Every look at a run's test part, written down, so that one can see how often it was looked at.

A test part that is looked at again and again while λ is chosen becomes a second validation part.
"""

import os

import msgspec
from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, append_line, take_turn
from l2tui.runs.directory import RunDirectory
from l2tui.runs.results import Interval


class Reveal(Struct, frozen=True, kw_only=True):
    """One look at the test part.

    Attributes:
        count: Which look it was, from 1 on.
        at: Local time, ISO 8601 with its offset from UTC.
        epoch: Epoch of the weights.
        l2: λ at that time.
        loss: Mean data loss a row.
        loss_interval: Its 95 % interval.
        score: Accuracy, or R².
        score_interval: Its 95 % interval.
    """

    count: int
    at: str
    epoch: int
    l2: float
    loss: float
    loss_interval: Interval
    score: float
    score_interval: Interval


_decoder = msgspec.json.Decoder(Reveal)


def read_reveals(run: RunDirectory) -> tuple[Reveal, ...]:
    """Returns all looks so far. A line that was cut off or damaged is passed over.

    Raises:
        RunError: The file is there and cannot be read.
    """
    return _decoded(_read(run))


def count_reveals(run: RunDirectory) -> int:
    """Returns how often the test part was looked at, damaged lines included.

    Raises:
        RunError: As `read_reveals`.
    """
    return _count(_read(run))


def add_reveal(run: RunDirectory, reveal: Reveal) -> tuple[Reveal, ...]:
    """Writes down a look, in one write, with the next free count.

    Args:
        run: The run.
        reveal: The look; its `count` is replaced.

    Returns:
        All looks so far, this one as the last.

    Raises:
        RunError: It cannot be written down.
    """
    try:
        with os.fdopen(run.open(run.reveals, os.O_RDWR | os.O_CREAT | os.O_APPEND), "a+b") as file:
            # Held until the file is closed, so that no two looks get the same count.
            take_turn(file.fileno())
            data = _read(run)
            added = msgspec.structs.replace(reveal, count=_count(data) + 1)
            append_line(file.fileno(), msgspec.json.encode(added) + b"\n")
            return (*_decoded(data), added)
    except OSError as error:
        raise RunError(f"{run.reveals}: cannot be written: {error.strerror}; the test part stays hidden") from None


def _read(run: RunDirectory) -> bytes:
    try:
        return run.read(run.reveals)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RunError(f"{run.reveals}: cannot be read: {error.strerror}") from None


def _count(data: bytes) -> int:
    return sum(1 for line in data.splitlines() if line.strip())


def _decoded(data: bytes) -> tuple[Reveal, ...]:
    reveals = []
    for line in data.splitlines():
        try:
            reveals.append(_decoder.decode(line))
        except UNDECODABLE:
            continue
    return tuple(reveals)
