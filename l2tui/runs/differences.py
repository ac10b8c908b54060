"""The table of a comparison: what differs in settings and results, which value is best, and how far off a baseline."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import fields

from l2tui.runs.comparison import Apart, Part, Subject
from l2tui.settings import Settings, TableChoice

Better = Literal["", "lower", "higher"]

# What a result is called, and where its better values lie; of the others neither end is better.
RESULTS: dict[str, Better] = {
    "val_loss": "lower",
    "train_loss": "",
    "final_val_loss": "lower",
    "best_val_loss": "lower",
    "best_epoch": "",
    "confirmed_epoch": "",
    "verdict": "",
    "val_accuracy": "higher",
    "epoch": "",
    "state": "",
    "train_accuracy": "",
    "w1_norm": "",
    "w2_norm": "",
    "x": "",
    "group": "",
}
_FIGURES = ("val_accuracy", "train_accuracy", "w1_norm", "w2_norm")
# A difference of these says something only between losses on the same data.
_OF_THE_DATA = ("val_loss", "train_loss", "final_val_loss", "best_val_loss", "val_accuracy", "train_accuracy")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: A setting's name, with "table." before what is chosen of a table; or one of `RESULTS`.
        values: One for each subject, None where there is none. A setting that was changed on the way is a tuple of the
            values that it has had.
        inexact: Positions of losses that are those of the last record before the epoch that was asked for.
        absent: Positions of logs, of which no setting is known.
    """

    name: str
    values: tuple[Any, ...]
    inexact: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()

    @property
    def is_result(self) -> bool:
        """Whether it is a result, not a setting."""
        return self.name in RESULTS

    @property
    def differs(self) -> bool:
        """Whether its values are not all the same, as far as they can be known."""
        known = [value for at, value in enumerate(self.values) if at not in self.absent]
        return any(value != known[0] for value in known)

    def best(self, apart: Apart) -> frozenset[int]:
        """Returns the positions of the best values; none where neither end is better, or the losses do not compare."""
        better = RESULTS.get(self.name, "")
        known = [value for value in self.values if value is not None]
        if not better or not apart.comparable or len(known) < 2 or min(known) == max(known):
            return frozenset()
        best = min(known) if better == "lower" else max(known)
        return frozenset(at for at, value in enumerate(self.values) if value == best)

    def less(self, baseline: int, apart: Apart) -> "Row":
        """Returns the row as differences from one subject; a loss on other data has none.

        Words and settings stay as they are.
        """
        if not self.is_result or self.name == "group":
            return self
        base = self.values[baseline]
        values: list[Any] = []
        for value, group in zip(self.values, apart.groups, strict=True):
            if isinstance(value, str):
                values.append(value)
            elif self.name in _OF_THE_DATA and group != apart.groups[baseline]:
                values.append(None)
            else:
                values.append(None if value is None or base is None else value - base)
        return Row(self.name, tuple(values), self.inexact)


def table_of(subjects: Sequence[Subject], apart: Apart, epoch: int | None = None) -> list[Row]:
    """Returns all rows, the settings first.

    Every number is one that was recorded, or a mean of such; how the curves are drawn has no part in it.

    Args:
        subjects: What is compared.
        apart: Which of them can be.
        epoch: The epoch at which val_loss and train_loss are read; None for the last one of each.
    """
    absent = frozenset(at for at, subject in enumerate(subjects) if subject.settings is None)
    rows = [
        Row(name, tuple(_setting(subject, name) for subject in subjects), absent=absent)
        for name in _setting_names(subjects)
    ]
    for name in RESULTS:
        if name in ("val_loss", "train_loss"):
            part: Part = "val" if name == "val_loss" else "train"
            readings = [subject.at(part, epoch) for subject in subjects]
            inexact = frozenset(at for at, reading in enumerate(readings) if not reading.exact)
            rows.append(Row(name, tuple(reading.value for reading in readings), inexact))
        else:
            rows.append(Row(name, tuple(_result(subject, name) for subject in subjects)))
    rows[-1] = Row("group", apart.groups)
    return rows


def _setting_names(subjects: Sequence[Subject]) -> Iterable[str]:
    has_table = any(subject.settings is not None and subject.settings.table is not None for subject in subjects)
    for info in fields(Settings):
        if info.name != "table":
            yield info.name
        elif has_table:
            yield from (f"table.{choice.name}" for choice in fields(TableChoice))


def _setting(subject: Subject, name: str) -> Any:
    if subject.settings is None:
        return None
    if name == "seed" and subject.kind == "mean":
        return tuple(_setting(member, name) for member in subject.members)
    if name == "fold" and subject.folds:
        return subject.folds
    if name in subject.history:
        return subject.history[name]
    holder, _, choice = name.rpartition(".")
    return getattr(getattr(subject.settings, holder) if holder else subject.settings, choice, None)


def _result(subject: Subject, name: str) -> Any:
    if name == "final_val_loss":
        return subject.final_loss("val")
    if name in _FIGURES:
        value = subject.figures.get(name)
        return value if value is not None and math.isfinite(value) else None
    if name == "group":
        return 0
    value = getattr(subject, name)
    return value if value != "" else None
