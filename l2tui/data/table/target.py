"""Which column of a table is predicted, and whether as a class or as a number."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.naming import natural_key
from l2tui.data.table.columns import number_label, shown
from l2tui.data.table.loading import RawColumn
from l2tui.errors import DataError, did_you_mean
from l2tui.settings import MIN_ROWS

MAX_CLASSES = 100
_FEW_NUMBERS = 20
_ROWS_A_NUMBER = 5


@dataclass(frozen=True)
class Target:
    """What is to be predicted.

    Attributes:
        name: The column.
        task: As a class or a number.
        rows: Which rows have a target, ascending.
        y: Of those rows, class indices (int64) or values (float64).
        class_names: In natural order; empty for regression.
        note: Why that task.
    """

    name: str
    task: Task
    rows: NDArray[np.int64]
    y: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...]
    note: str


def matching(name: str, names: tuple[str, ...]) -> str | None:
    """Returns a name among others, whatever its capitals where only one is meant then; None for none."""
    same = [there for there in names if there.strip().lower() == name.strip().lower()]
    return name if name in names else same[0] if len(same) == 1 else None


def find_column(path: str, name: str, names: tuple[str, ...], what: str) -> str:
    """Returns the column that a person means, who may have mistaken capitals for small letters.

    Raises:
        DataError: There is none.
    """
    same = matching(name, names)
    if same is not None:
        return same
    some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    hint = did_you_mean(name, names, otherwise=f"there are {some}")
    raise DataError(f"{path}: no column {name!r} ({what}); {hint}")


def make_target(path: str, column: RawColumn, task: Literal["auto", "classification", "regression"]) -> Target:
    """Returns the target in numbers.

    Args:
        path: The file, for messages.
        column: The column.
        task: What was asked for.

    Raises:
        DataError: The column cannot be predicted in that way, or at all.
    """
    name, kind = column.name, column.reading.kind
    at = f"{path}: target {name!r}"
    other = "choose another with --target"
    if kind == "date":
        raise DataError(f"{at} holds dates; {other}")
    if column.overflow:
        raise DataError(f"{at} has more than {len(column.labels):,} different values, too many classes; {other}")
    missing = column.values < 0 if kind == "category" else np.isnan(column.values)
    rows = np.flatnonzero(~missing)
    if not len(rows):
        raise DataError(f"{at} has no value in any row; {other}")
    values = column.values[rows]
    different = np.unique(values)
    if len(different) < 2:
        what = _label(column, different[0])
        raise DataError(f"{at} is {shown(what)} in every row, so there is nothing to learn; {other}")
    if len(rows) < MIN_ROWS:
        raise DataError(f"{path}: {len(rows)} rows with a target; at least {MIN_ROWS} are needed")
    if kind == "category" and task == "regression":
        example = _label(column, different[0])
        raise DataError(f"{at} holds text such as {shown(example)}, no numbers; use --task classification")
    as_class, why = _is_class(kind, different, len(rows))
    if task not in ("auto", "classification" if as_class else "regression"):
        as_class, why = not as_class, "as asked"
    if not as_class:
        with np.errstate(all="ignore"):
            if not np.isfinite(values.std()) or values.std() == 0:
                raise DataError(f"{at} has numbers too large or too close to each other to reckon with; {other}")
        return Target(name, "regression", rows, values.astype(np.float64), (), why)
    if len(different) > MAX_CLASSES:
        more = "or --task regression" if kind == "number" else "or make fewer of them"
        raise DataError(f"{at} has {len(different):,} classes, at most {MAX_CLASSES} are possible; {other} {more}")
    names = [_label(column, value) for value in different]
    order = sorted(range(len(names)), key=lambda k: natural_key(names[k]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    y = place[np.searchsorted(different, values)]
    return Target(name, "classification", rows, y, tuple(names[k] for k in order), why)


def _is_class(kind: str, different: NDArray[np.float64], n: int) -> tuple[bool, str]:
    if kind in ("category", "boolean"):
        return True, "its values are names" if kind == "category" else "two values"
    if len(different) == 2:
        return True, "two values"
    whole = bool((different == np.round(different)).all())
    if whole and len(different) <= _FEW_NUMBERS and n >= _ROWS_A_NUMBER * len(different):
        return True, f"{len(different)} whole numbers"
    return False, f"{len(different):,} different numbers"


def _label(column: RawColumn, value: float) -> str:
    if column.reading.kind == "category":
        return column.labels[int(value)]
    if column.reading.words is not None:
        return column.reading.words[int(value)]
    return str(number_label(float(value)))
