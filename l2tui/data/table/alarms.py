"""What makes a result look better, or worse, than it is: found before the first epoch, one line each."""

import shlex
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.naming import listed
from l2tui.data.preparation import Floats, Ints
from l2tui.data.table.loading import RawColumn, RawTable
from l2tui.data.table.roles import names_group, names_time
from l2tui.data.table.target import Target
from l2tui.settings import TableChoice

# Chance alone must not explain a column that determines the target, in e-folds of its probability.
_BEYOND_CHANCE = 12.0
_SAME_LINE = 1.0 - 1e-9
_IMBALANCED = 0.8
_RARE = 1e-3
_FEW_COPIES = 0.01
_ROWS_A_CLASS = 5
_ALIKE = 0.5
_MIN_ROWS = 20
_SAMPLE = 5_000


def alarms(raw: RawTable, target: Target, choice: TableChoice, inputs: list[str], parts: list[Ints]) -> tuple[str, ...]:
    """Returns what a person should know before the first epoch. Nothing is left out of the table for it.

    Args:
        raw: The table.
        target: What is predicted.
        choice: Of this, `group` and `time` are used: with them, rows are not split by chance.
        inputs: The columns that become inputs.
        parts: Positions in `target.rows` of each part.
    """
    columns = [raw.columns[name] for name in inputs]
    return tuple(_alarms(raw, target, choice, columns, parts))


def _alarms(
    raw: RawTable, target: Target, choice: TableChoice, columns: list[RawColumn], parts: list[Ints]
) -> Iterator[str]:
    determining = [column.name for column in columns if determines(column, target)]
    if determining:
        verb = "determines" if len(determining) == 1 else "determine, each alone,"
        yield f"{listed(determining)} {verb} the target: known before it, or a copy of it?"
    n_held = len(parts[1]) + len(parts[2])
    copies = _copies(columns, target, parts)
    if copies > max(1, _FEW_COPIES * n_held):
        yield f"{copies:,} of {n_held:,} validation and test rows are copies of training rows"
    if choice.group is None and choice.time is None:
        yield from _leaking(raw, target, determining)
    if target.task == "classification":
        yield from _of_classes(target)


def determines(column: RawColumn, target: Target) -> bool:
    """Returns whether the target follows from a column alone, in every row and not by chance.

    It does where equal values always come with equal targets; for classes also where each class is a stretch of the
    numbers, and for a number where both lie on one line.
    """
    values, y = column.values[target.rows], target.y.astype(np.float64)
    there = values >= 0 if column.reading.kind == "category" else ~np.isnan(values)
    if column.overflow or there.sum() < _MIN_ROWS // 2 or not there.mean() > 0.9:
        return False
    values, y = values[there].astype(np.float64), y[there]
    numbers = column.reading.kind != "category"
    if len(y) > 2 * _SAMPLE:
        some = np.linspace(0, len(y) - 1, _SAMPLE).astype(np.int64)
        found, repeats = _determined(values[some], y[some], target.task, numbers=numbers)
        # Measured numbers that hardly repeat say all in the sample; those of groups may repeat only in all rows.
        if found is False or (not found and not repeats and numbers and (values[some] != np.floor(values[some])).any()):
            return False
    return bool(_determined(values, y, target.task, numbers=numbers)[0])


def _determined(values: Floats, y: Floats, task: Task, *, numbers: bool) -> tuple[bool | None, int]:
    """Returns whether values determine targets, None where that may be chance, and how many values come again."""
    order = np.lexsort((y, values))
    values, y = values[order], y[order]
    same = values[1:] == values[:-1]
    repeats = int(same.sum())
    if (y[1:] != y[:-1])[same].any():
        return False, repeats
    counts = np.unique(y, return_counts=True)[1]
    surprise = -np.log((counts**2).sum() / len(y) ** 2) if len(counts) > 1 else 0.0
    if repeats * surprise > _BEYOND_CHANCE:
        return True, repeats
    if not numbers:
        return None, repeats
    if task == "classification":
        in_stretches = (y[1:] != y[:-1]).sum() == len(counts) - 1
        return bool(in_stretches and len(y) * surprise > _BEYOND_CHANCE) or None, repeats
    return _correlation(values, y) > _SAME_LINE or None, repeats


def _correlation(a: Floats, b: Floats) -> float:
    with np.errstate(all="ignore"):
        a, b = a - a.mean(), b - b.mean()
        found = abs(float((a @ b) / np.sqrt((a @ a) * (b @ b))))
    return found if np.isfinite(found) else 0.0


def _copies(columns: list[RawColumn], target: Target, parts: list[Ints]) -> int:
    """Returns how many validation and test rows have the inputs and the target of a training row, and not by chance.

    Rows of a table with few different values are often alike. So a row counts whose values, were the columns
    independent, would come again in the training part less than once in a thousand times.
    """
    rng = np.random.default_rng(0)
    held, n_train = np.concatenate(parts[1:]), len(parts[0])
    bits = [_bits(values) for values in (target.y, *(column.values[target.rows] for column in columns))]
    # Rows are equal where their hashes are: a sum of random multiples of their values' bits, modulo 2⁶⁴.
    key = np.zeros(len(target.y), np.uint64)
    for values in bits:
        key = key + values * _multiplier(rng)
    copied = held[np.isin(key[held], np.unique(key[parts[0]]))]
    if not len(copied):
        return 0
    different = np.unique(key, return_index=True)[1]
    expected = np.full(len(copied), float(n_train))
    for values in bits:
        known, counts = np.unique(values[different], return_counts=True)
        # How many of the other rows share the value: none where a measured number is the row's own.
        expected *= (counts[np.searchsorted(known, values[copied])] - 1) / max(1, len(different) - 1)
    return int((expected < _RARE).sum())


def _bits(values: NDArray[Any]) -> NDArray[np.uint64]:
    bits = np.ascontiguousarray(values.astype(np.float64) + 0.0).view(np.uint64)
    mixed: NDArray[np.uint64] = bits ^ (bits >> np.uint64(29))
    return mixed


def _multiplier(rng: np.random.Generator) -> np.uint64:
    return np.uint64(int(rng.integers(1 << 62)) * 2 + 1)


def _leaking(raw: RawTable, target: Target, determining: list[str]) -> Iterator[str]:
    """Yields in which column neighbours, or rows of equal values, have much the same target."""
    if len(target.y) < _MIN_ROWS:
        return
    others = [column for column in raw.columns.values() if column.name != target.name]
    for column in others:
        values = column.values[target.rows]
        # A duration has such a name too, but rows are not in its order.
        in_order = column.reading.kind == "number" and names_time(column.name) and bool((np.diff(values) >= 0).all())
        if column.reading.kind == "date" or in_order:
            order = np.argsort(values, kind="stable")
            different = len(np.unique(values[~np.isnan(values)]))
            if different > len(values) / 2 and (alike := _neighbours_alike(target, order)) > _ALIKE:
                yield _leak(f"rows beside each other in {column.name}", alike, "time", column.name)
                break
    for column in others:
        if column.name in determining:
            continue
        if names_group(column.name) and column.reading.kind in ("number", "category") and not column.overflow:
            alike = _groups_alike(target, column.values[target.rows])
            if alike > _ALIKE:
                yield _leak(f"rows of the same {column.name}", alike, "group", column.name)
                break


def _leak(rows: str, alike: float, option: str, name: str) -> str:
    words = f"{rows} have much the same target (correlation {alike:.2f}) and are split by chance"
    return f"{words}; split with --{option} {shlex.quote(name)}"


def _neighbours_alike(target: Target, order: Ints) -> float:
    """Returns the lag-1 correlation of targets in an order; for classes, agreement beyond chance."""
    y = target.y[order].astype(np.float64)
    if target.task == "regression":
        with np.errstate(all="ignore"):
            a, b = y[1:] - y.mean(), y[:-1] - y.mean()
            return float((a @ b) / max(1e-300, float(((y - y.mean()) ** 2).sum())))
    shares = np.bincount(target.y.astype(np.int64)) / len(y)
    chance = float((shares**2).sum())
    return (float((y[1:] == y[:-1]).mean()) - chance) / max(1e-9, 1.0 - chance)


def _groups_alike(target: Target, values: Floats) -> float:
    """Returns the intraclass correlation of targets in groups; 0 where most rows are a group of their own."""
    different, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    n, k = len(values), len(different)
    if k < 5 or k > n / 2:
        return 0.0
    y = target.y.astype(np.float64)
    columns = [y] if target.task == "regression" else [(y == c).astype(np.float64) for c in np.unique(y)]
    within = between = 0.0
    with np.errstate(all="ignore"):
        for column in columns:
            means = np.bincount(group, column) / counts
            within += float(((column - means[group]) ** 2).sum()) / (n - k)
            between += float((counts * (means - column.mean()) ** 2).sum()) / (k - 1)
        size = (n - float((counts**2).sum()) / n) / (k - 1)
        alike = (between - within) / (between + (size - 1) * within)
    return float(alike) if np.isfinite(alike) else 0.0


def _of_classes(target: Target) -> Iterator[str]:
    counts = np.bincount(target.y.astype(np.int64), minlength=len(target.class_names))
    largest, n = int(counts.argmax()), int(counts.sum())
    if counts[largest] >= _IMBALANCED * n:
        share = 100 * counts[largest] / n
        yield f"always saying {target.class_names[largest]} is right in {share:.3g} % of the rows"
    if len(counts) > n / _ROWS_A_CLASS:
        yield f"{len(counts)} classes in {n:,} rows: fewer than {_ROWS_A_CLASS} rows for each"
