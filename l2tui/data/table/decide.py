"""A table with everything that is decided about it and learnt from it."""

import shlex
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.data.folds import OWN_SPLIT, Fold
from l2tui.data.memory import check_memory
from l2tui.data.naming import listed, option_name
from l2tui.data.preparation import ColumnPlan
from l2tui.data.table.alarms import alarms
from l2tui.data.table.formats import opened
from l2tui.data.table.guess import USUAL_NAMES, ranked
from l2tui.data.table.learning import HEAVY_SKEW, learn, skewness
from l2tui.data.table.lines import naming_lines
from l2tui.data.table.loading import RawTable, load
from l2tui.data.table.partition import partition
from l2tui.data.table.reading import Report, Table
from l2tui.data.table.roles import why_dropped
from l2tui.data.table.summary import ROW_NUMBERS
from l2tui.data.table.target import Target, find_column, make_target
from l2tui.errors import DataError, SettingsError
from l2tui.settings import TableChoice

_FEW_ROWS = 3
_CANDIDATES = 3


@dataclass
class InspectedTable:
    """A table, its target, its parts and what was learnt from the training part.

    Attributes:
        raw: The table in memory.
        choice: How it is read, with target and task decided.
        target: What is predicted.
        target_reason: Why that column.
        candidates: The columns that are likeliest to be predicted, the likeliest first.
        parts: Positions in `target.rows` of the training, validation and test part.
        plans: How columns become inputs, in the file's order.
        remarks: What was done to a column, by name.
        skewed: Columns whose numbers are so skewed that a transformation is worth a try.
        notes: What a person should know, a line each.
        alarms: What makes a result look better or worse than it is, a line each.
    """

    raw: RawTable
    choice: TableChoice
    target: Target
    target_reason: str
    candidates: tuple[str, ...]
    parts: list[NDArray[np.int64]]
    plans: list[ColumnPlan]
    remarks: dict[str, str]
    skewed: tuple[str, ...]
    notes: tuple[str, ...]
    alarms: tuple[str, ...]


def inspected(
    path: Path, choice: TableChoice, seed: int, train_size: int | None, report: Report, fold: Fold = OWN_SPLIT
) -> InspectedTable:
    """Reads a table, splits it and learns from its training part.

    Args:
        path: The file.
        choice: What a person has decided.
        seed: Seed of the sample and the split.
        train_size: Rows in the training part at most.
        report: Receives the progress, from 0 to 1.
        fold: Which fold of the rows.

    Raises:
        DataError: The file holds no table that can be used so.
        SettingsError: The choice contradicts itself.
    """
    path = _lasting(path.absolute())
    resolved: list[TableChoice] = []

    def resolve(table: Table) -> TableChoice:
        resolved.append(_resolved(table, choice))
        return resolved[0]

    try:
        with naming_lines(path), opened(path) as file:
            raw = load(file, seed, lambda done, doing: report(0.9 * done, doing), resolve)
    except MemoryError:
        raise DataError(f"{path}: not enough memory for its rows; take a sample with --rows N") from None
    with np.errstate(all="ignore"), naming_lines(path):
        return _decided(raw, resolved[0], seed, train_size, report, fold)


def _lasting(path: Path) -> Path:
    """Returns the name by which a file can be opened again by another process; /dev/stdin is another one there."""
    if path.parts[1:2] not in (("dev",), ("proc",)):
        return path
    with suppress(OSError, RuntimeError):
        real = path.resolve()
        return real if real.is_file() else path
    return path


def _decided(
    raw: RawTable, choice: TableChoice, seed: int, train_size: int | None, report: Report, fold: Fold
) -> InspectedTable:
    path = Path(raw.path)
    report(0.9, "looking for the target")
    target, reason, candidates = _chosen_target(raw, choice)
    choice = msgspec.structs.replace(choice, target=target.name, task=target.task)
    report(0.9, "splitting")
    parts = partition(raw, target, choice, seed, train_size, fold)
    plans, remarks = _learnt(raw, choice, target, target.rows[parts[0]])
    n_inputs = sum(len(plan.inputs) for plan in plans)
    check_memory(path, 8 * len(target.y) * n_inputs, raw.n)
    skewed = _skewed(raw, plans, target.rows[parts[0]])
    notes = (*raw.notes, *_notes(raw, choice, target, reason, candidates, plans, remarks, parts, skewed))
    found = alarms(raw, target, choice, [plan.name for plan in plans], parts)
    return InspectedTable(raw, choice, target, reason, candidates, parts, plans, remarks, skewed, notes, found)


def _chosen_target(raw: RawTable, choice: TableChoice) -> tuple[Target, str, tuple[str, ...]]:
    """Returns the target, why that column, and the likeliest columns. A guess that is of no use gives way to the next.

    Raises:
        DataError: The column that was asked for cannot be predicted, or none can.
    """
    names = [name for name in raw.columns if name not in (choice.group, choice.time)]
    usable: list[Target] = []
    first: DataError | None = None
    for name in ranked(raw, names):
        try:
            task = choice.task if choice.target in (None, name) else "auto"
            usable.append(make_target(raw.path, raw.columns[name], task))
        except DataError as error:
            first = first or error
        if len(usable) == _CANDIDATES:
            break
    candidates = tuple(target.name for target in usable)
    if choice.target is None:
        if not usable:
            raise first or DataError(f"{raw.path}: no column is left to predict; drop fewer")
        return usable[0], _reason(candidates[0]), candidates
    target = make_target(raw.path, raw.columns[choice.target], choice.task)
    # A run keeps what was guessed as if it had been asked for, and still says why.
    return target, _reason(target.name) if candidates[:1] == (target.name,) else "as asked", candidates


def _reason(name: str) -> str:
    return f"named {name}" if name.strip().lower() in USUAL_NAMES else "guessed"


def _resolved(table: Table, choice: TableChoice) -> TableChoice:
    """Returns the choice with all columns by their exact names."""
    path, names = str(table.path), table.names
    if len(names) < 2:
        how = "; values must be apart by a comma, semicolon, tab or |" if table.format in ("CSV", "TSV") else ""
        raise DataError(f"{path}: one column only{how}; one to learn from and one to predict are needed")
    drop = tuple(dict.fromkeys(find_column(path, name, names, "--drop") for name in choice.drop))
    group = choice.group and find_column(path, choice.group, names, "--group")
    time = choice.time and find_column(path, choice.time, names, "--time")
    transform = tuple((find_column(path, name, names, "--transform"), how) for name, how in choice.transform)
    target = choice.target and find_column(path, choice.target, names, "--target")
    choice = msgspec.structs.replace(choice, target=target, drop=drop, group=group, time=time, transform=transform)
    if not {*names} - {*drop, group, time}:
        raise DataError(f"{path}: no column is left to predict; drop fewer")
    if group and time:
        raise SettingsError("--group and --time cannot go together; choose one way to split", "table")
    for role, name in (
        ("--group", group),
        ("--time", time),
        ("--transform", target if target in dict(transform) else None),
    ):
        if name is not None and name == target:
            raise SettingsError(f"{name!r} is the target and cannot be named by {role} as well", "table")
    for name in drop:
        if name in (target, group, time):
            raise SettingsError(f"{name!r} is needed and cannot be left out by --drop", "table")
    return choice


def _learnt(
    raw: RawTable, choice: TableChoice, target: Target, train: NDArray[np.int64], *, keep_index: bool = False
) -> tuple[list[ColumnPlan], dict[str, str]]:
    transforms, taken = dict(choice.transform), {target.name, choice.group, choice.time}
    plans, remarks = [], dict.fromkeys(choice.drop, "dropped: as asked")
    for name, column in raw.columns.items():
        if name in taken:
            continue
        why = "" if name in transforms else why_dropped(raw, column)
        if why and not (keep_index and why == ROW_NUMBERS and column.reading.kind == "number"):
            remarks[name] = f"dropped: {why}"
            continue
        try:
            plan, remarks[name] = learn(column, train, transforms.get(name, "none"))
        except DataError as error:
            raise DataError(f"{raw.path}: {error}") from None
        if plan is not None:
            plans.append(plan)
    if not plans and not keep_index:
        # What looks like row numbers may still be all that there is.
        return _learnt(raw, choice, target, train, keep_index=True)
    if not plans:
        why = "; ".join(f"{name} {remark}" for name, remark in list(remarks.items())[:3])
        why = why or "the others only say how to split"
        raise DataError(f"{raw.path}: no column is left to predict {target.name!r} from: {why}")
    return plans, remarks


def _notes(
    raw: RawTable,
    choice: TableChoice,
    target: Target,
    reason: str,
    candidates: tuple[str, ...],
    plans: list[ColumnPlan],
    remarks: dict[str, str],
    parts: list[NDArray[np.int64]],
    skewed: tuple[str, ...],
) -> list[str]:
    others = [name for name in candidates if name != target.name][: _CANDIDATES - 1]
    next_best = f" (next: {', '.join(others)}; choose with --target NAME)" if others and reason != "as asked" else ""
    notes = [f"target: {target.name}, {reason}{next_best}; {target.task}, {target.note}"]
    if raw.n < raw.rows:
        notes.append(f"a sample of {raw.n:,} of {raw.rows:,} rows")
    if len(target.rows) < raw.n:
        notes.append(f"{raw.n - len(target.rows):,} rows without a target left out")
    notes += [_dropped(name, remark) for name, remark in remarks.items() if remark.startswith("dropped")]
    gaps = [(plan.name, raw.columns[plan.name].missing) for plan in plans if raw.columns[plan.name].missing]
    if gaps:
        notes.append("missing: " + listed([f"{name} {count:,}" for name, count in gaps]))
    notes += [
        f"{plan.name}: {len(plan.joined)} rare value{'s' * (len(plan.joined) > 1)} joined"
        for plan in plans
        if plan.joined
    ]
    if target.task == "classification":
        notes += _class_notes(target, parts)
    if skewed:
        notes.append(f"heavily skewed: {listed(skewed)}; try --transform {_as_option(skewed[0], 'log')} or =rank")
    if choice.group:
        notes.append(f"no group of {choice.group} is in two parts")
    if choice.time:
        notes.append(f"split in the order of {choice.time}: the latest rows are the test part")
        times = raw.columns[choice.time].values[target.rows]
        if any(times[before].max() == times[after].min() for before, after in pairwise(parts)):
            notes.append(f"rows of the same {choice.time} are in two parts")
    return notes


def _dropped(name: str, remark: str) -> str:
    keep = f" (--transform {_as_option(name, 'rank')} keeps it)" if remark.endswith(ROW_NUMBERS) else ""
    return f"{name}: {remark}{keep}"


def _as_option(name: str, how: str) -> str:
    return shlex.quote(f"{option_name(name)}={how}")


def _skewed(raw: RawTable, plans: list[ColumnPlan], train: NDArray[np.int64]) -> tuple[str, ...]:
    numbers = [plan.name for plan in plans if plan.reading.kind == "number" and plan.transform == "none"]
    return tuple(name for name in numbers if _is_skewed(raw.columns[name].values[train]))


def _is_skewed(values: NDArray[np.float64]) -> bool:
    # No transformation makes two values even.
    return abs(skewness(values)) > HEAVY_SKEW and len(np.unique(values[~np.isnan(values)])) > 2


def _class_notes(target: Target, parts: list[NDArray[np.int64]]) -> list[str]:
    counts = np.bincount(target.y.astype(np.int64), minlength=len(target.class_names))
    few = [f"{name} ({count})" for name, count in zip(target.class_names, counts, strict=True) if count < _FEW_ROWS]
    notes = [f"fewer than {_FEW_ROWS} rows, so not in every part: {listed(few)}"] if few else []
    trained = set(target.y[parts[0]].tolist())
    absent = [name for k, name in enumerate(target.class_names) if k not in trained]
    if absent:
        notes.append(f"not in the training part: {listed(absent)}")
    return notes
