"""Other programs' training logs: CSV files of Keras and PyTorch Lightning, or any with the columns named."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from l2tui.errors import RunError
from l2tui.overfitting.verdict import assess
from l2tui.overfitting.watch import Watch
from l2tui.runs.events import Status
from l2tui.runs.reader import LineFollower, Snapshot
from l2tui.settings import CriterionName, Settings

# Names that loggers give the losses, the most telling first; Lightning writes some for a step and for an epoch.
_TRAIN_NAMES = ("train_loss_epoch", "train_loss", "train/loss", "train/loss_epoch", "training_loss", "loss")
_VAL_NAMES = ("val_loss_epoch", "val_loss", "val/loss", "val/loss_epoch", "valid_loss", "validation_loss")


class LogReader:
    """Follows a CSV log as it grows. Each `poll` reads what is new and returns a fresh snapshot.

    Rows of one epoch are joined, as Lightning writes train and val in rows of their own, with gaps; where a column
    has several values in an epoch, the last one counts. A file that was truncated or replaced is read anew.

    Args:
        path: The file.
        train_column: Name of the training loss, guessed by default.
        val_column: Name of the validation loss, guessed by default.
        criterion: The rule that confirms overfitting.
    """

    def __init__(
        self,
        path: Path,
        *,
        train_column: str | None = None,
        val_column: str | None = None,
        criterion: CriterionName | None = None,
    ) -> None:
        self.path = path
        self._criterion: CriterionName = criterion or Settings().criterion
        self._wanted = (train_column, val_column)
        self._follower = LineFollower(path, links=True)
        self._header: list[str] | None = None
        self._reset()

    def _reset(self) -> None:
        self._header = None
        self._losses: dict[int, list[float | None]] = {}
        self._folded = -1
        self._watch = Watch.start(self._criterion)

    def poll(self) -> Snapshot:
        """Returns the log as it is now.

        Raises:
            RunError: The file cannot be read, or the columns are not found in it.
        """
        data, anew = self._follower.read()
        if anew:
            self._reset()
        lines = data.decode("utf-8-sig", errors="replace").splitlines()
        try:
            self._take(list(csv.reader(lines, strict=True)))
        except csv.Error as error:
            raise RunError(f"{self.path}: not a CSV log: {error}") from None
        return self._snapshot()

    def _take(self, rows: list[list[str]]) -> None:
        for row in rows:
            if not row:
                continue
            if self._header is None:
                self._header = [name.strip() for name in row]
                self._train, self._val = (
                    self._column(wanted, names, option)
                    for wanted, names, option in zip(
                        self._wanted, (_TRAIN_NAMES, _VAL_NAMES), ("--train-column", "--val-column"), strict=True
                    )
                )
                self._epoch = self._header.index("epoch") if "epoch" in self._header else None
                continue
            epoch = len(self._losses) if self._epoch is None else _number(row, self._epoch)
            if not math.isfinite(epoch):
                continue
            losses = self._losses.setdefault(int(epoch), [None, None])
            for index, column in enumerate((self._train, self._val)):
                if column < len(row) and row[column].strip():
                    losses[index] = _number(row, column)

    def _column(self, wanted: str | None, names: Sequence[str], option: str) -> int:
        header = self._header or []
        for name in (wanted,) if wanted else names:
            if name in header:
                return header.index(name)
        what = f"no column {wanted!r}" if wanted else f"no column of a known name for {option.strip('-')}"
        raise RunError(f"{self.path}: {what}; there are {', '.join(header)}; name it with {option}")

    def _snapshot(self) -> Snapshot:
        if not self._losses:
            return Snapshot()
        epochs = sorted(self._losses)
        # The last epoch may still get its other half; those before it are settled. An epoch with a gap is no evidence.
        complete = [
            (epoch, train, val)
            for epoch in epochs
            for train, val in [self._losses[epoch]]
            if train is not None and val is not None
        ]
        for epoch, train, val in complete[:-1]:
            if epoch > self._folded:
                self._watch = self._watch.update(epoch, train, val)
                self._folded = epoch
        watch = self._watch
        if complete and complete[-1][0] > self._folded:
            watch = watch.update(*complete[-1])
        settings = Settings(data=self.path.name, epochs=epochs[-1], criterion=self._criterion)
        status = Status(
            state="running", pid=0, heartbeat=0.0, settings=settings, epoch=epochs[-1], assessment=assess(watch, 0.0)
        )
        values = np.array([self._losses[epoch] for epoch in epochs], float)
        columns = {"epoch": np.array(epochs, float), "train_loss": values[:, 0], "val_loss": values[:, 1]}
        return Snapshot(status=status, columns=columns)


def _number(row: list[str], column: int) -> float:
    try:
        return float(row[column])
    except (ValueError, IndexError):
        return math.nan
