"""What a list shows of a run's curve, from a few places of its metrics file: reading the whole takes too long."""

import math
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from l2tui.files import UNDECODABLE, read_plain, replace_file
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import SettingChanged, decode_event

POINTS = 12
# The last part of the epochs that is called final.
FINAL = 0.05
# More than the longest two rows of a metrics file.
_TWO_ROWS = 2048
_STORE = ".curves"

Row = tuple[float, float, float]


class CurveSummary(Struct, frozen=True, gc=False):
    """A run's curve at a glance.

    Attributes:
        stamp: Size and time of the metrics file, and size of the events, from which this was read.
        final_val_loss: Mean of val_loss over the last 5 % of the epochs; None where it is not finite.
        final_val_accuracy: The same of the accuracy, or of R².
        points: val_loss at `POINTS` evenly spaced epochs from 0 to the last.
        l2_changes: The finished epochs at each change of λ, the value before it and the one after it.
    """

    stamp: tuple[int, int, int]
    final_val_loss: float | None
    final_val_accuracy: float | None
    points: tuple[float, ...]
    l2_changes: tuple[tuple[int, float, float], ...]

    def l2_at(self, epoch: int, now: float) -> float:
        """Returns λ during an epoch; `now` is the present one."""
        earlier = [new for when, _, new in self.l2_changes if when < epoch]
        first = self.l2_changes[0][1] if self.l2_changes else now
        return earlier[-1] if earlier else first


def read_curves(root: Path, runs: Iterable[RunDirectory]) -> dict[str, CurveSummary]:
    """Returns the curves of runs by name; a run without a readable row has none.

    What was read of files that have not changed since is remembered in a file beside the runs.

    Args:
        root: The folder of the runs.
        runs: All that are in it.
    """
    store = root / _STORE
    known = _remembered(store)
    curves = {}
    for run in runs:
        with suppress(OSError, ValueError):
            metrics, events = run.metrics.stat(), run.events.stat()
            stamp = (metrics.st_size, metrics.st_mtime_ns, events.st_size)
            curve = known.get(run.name)
            curves[run.name] = curve if curve is not None and curve.stamp == stamp else _read(run, stamp)
    if curves != known:
        with suppress(OSError):
            replace_file(store, msgspec.msgpack.encode(curves))
    return curves


def _remembered(store: Path) -> dict[str, CurveSummary]:
    try:
        return msgspec.msgpack.decode(read_plain(store), type=dict[str, CurveSummary])
    except (OSError, *UNDECODABLE):
        return {}


def _read(run: RunDirectory, stamp: tuple[int, int, int]) -> CurveSummary:
    """Reads a run's curve.

    Raises:
        OSError: A file cannot be read.
        ValueError: There is no row, or it is damaged.
    """
    with os.fdopen(run.open(run.metrics, os.O_RDONLY), "rb", buffering=0) as file:
        metrics = _Metrics(file.fileno(), stamp[0])
        ending = metrics.final_rows()
        sampled = [row for i in range(POINTS) for row in metrics.rows(metrics.size * i // POINTS, _TWO_ROWS, most=1)]
    last = ending[-1][0]
    final = [row for row in ending if row[0] > (1 - FINAL) * last] or ending[-1:]
    return CurveSummary(
        stamp,
        _mean(row[1] for row in final),
        _mean(row[2] for row in final),
        _spread([*sampled, ending[-1]], last),
        tuple(_l2_changes(run)),
    )


class _Metrics:
    """An open metrics file, read in pieces."""

    def __init__(self, descriptor: int, size: int) -> None:
        names = os.pread(descriptor, _TWO_ROWS, 0).partition(b"\n")[0]
        self._descriptor, self._start = descriptor, len(names) + 1
        self.size = size - self._start
        self._columns = [names.split(b",").index(name) for name in (b"epoch", b"val_loss", b"val_accuracy")]

    def rows(self, offset: int, length: int, most: int | None = None) -> list[Row]:
        """Returns the rows that lie whole in a piece of the file, at most `most` of them."""
        position = self._start + max(0, offset)
        # One byte more in front tells whether the piece begins with a row.
        ahead = position > self._start
        lines = os.pread(self._descriptor, length + ahead, position - ahead).split(b"\n")[ahead:-1]
        epoch, loss, accuracy = self._columns
        cells = (line.split(b",", accuracy + 1) for line in lines[:most])
        return [(float(row[epoch]), float(row[loss]), float(row[accuracy])) for row in cells if len(row) > accuracy]

    def final_rows(self) -> list[Row]:
        """Returns the last rows, those of the final epochs among them."""
        length = max(_TWO_ROWS, int(self.size * 1.2 * FINAL))
        while True:
            rows = self.rows(self.size - length, length)
            if length >= self.size or (rows and rows[0][0] <= (1 - FINAL) * rows[-1][0]):
                if not rows:
                    raise ValueError("there is no row")
                return rows
            length *= 2


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    mean = math.fsum(known) / len(known) if all(map(math.isfinite, known)) else math.nan
    return mean if math.isfinite(mean) else None


def _spread(rows: list[Row], last: float) -> tuple[float, ...]:
    """Returns the losses nearest to evenly spaced epochs."""
    points, nearest = [], 0
    for i in range(POINTS):
        wanted = last * i / (POINTS - 1)
        while nearest + 1 < len(rows) and abs(rows[nearest + 1][0] - wanted) <= abs(rows[nearest][0] - wanted):
            nearest += 1
        points.append(rows[nearest][1])
    return tuple(points)


def _l2_changes(run: RunDirectory) -> Iterable[tuple[int, float, float]]:
    for line in run.read(run.events).splitlines():
        if b'"l2"' in line:
            with suppress(msgspec.DecodeError):
                event = decode_event(line)
                if isinstance(event, SettingChanged) and event.name == "l2":
                    yield event.epoch, float(event.old or 0), float(event.new or 0)
