"""Which rows of a table go into the training, the validation and the test part."""

import numpy as np

from l2tui.data.folds import OWN_SPLIT, Fold, fold_parts
from l2tui.data.preparation import Ints
from l2tui.data.seeds import generator
from l2tui.data.stratify import stratified
from l2tui.data.table.loading import RawTable
from l2tui.data.table.target import Target
from l2tui.errors import DataError
from l2tui.settings import TableChoice


def partition(
    table: RawTable,
    target: Target,
    choice: TableChoice,
    seed: int,
    train_size: int | None,
    fold: Fold = OWN_SPLIT,
) -> list[Ints]:
    """Shares out the rows that have a target.

    Without a group or a time, by chance, with each class shared out alike. With a group, whole groups by chance, the
    next one always to the part that lacks most. With a time, the earliest rows are for training and the latest for
    the test.

    Args:
        table: The table.
        target: What is predicted.
        choice: Of this, `split`, `group` and `time` are used.
        seed: Seed of what is left to chance.
        train_size: Training rows at most; with a time the latest ones, else some by chance.
        fold: Which fold; its rows are those of the training part, before `train_size` limits it, and of the validation
            part.

    Returns:
        Positions in `target.rows` for each of the three parts.

    Raises:
        DataError: There are too few groups or rows, or rows without a group or a time.
    """
    sizes = part_sizes(len(target.y), choice.split)
    rng = generator(seed, "split")
    if choice.time is not None:
        parts = _by_time(table, target, choice.time, sizes)
    elif choice.group is not None:
        parts = _by_group(table, target, choice.group, sizes, rng)
    elif target.task == "classification":
        parts = stratified(target.y.astype(np.int64), len(target.class_names), sizes, rng)
    else:
        parts = [part.astype(np.int64) for part in np.split(rng.permutation(len(target.y)), np.cumsum(sizes[:2]))]
    if fold.number:
        return _fold(table, target, choice, parts, fold, seed, train_size)
    if train_size is not None and train_size < len(parts[0]):
        parts[0] = _fewer(parts[0], target, choice, train_size, generator(seed, "train size"))
    return parts


def _fold(
    table: RawTable, target: Target, choice: TableChoice, parts: list[Ints], fold: Fold, seed: int, size: int | None
) -> list[Ints]:
    classes = target.y.astype(np.int64) if target.task == "classification" else None
    groups = None
    if choice.group is not None:
        groups = np.unique(table.columns[choice.group].values[target.rows], return_inverse=True)[1]
    ordered = choice.time is not None
    try:
        return fold_parts(
            parts,
            fold,
            seed,
            train_size=size,
            classes=classes,
            groups=groups,
            ordered=ordered,
            class_names=target.class_names,
        )
    except DataError as error:
        raise DataError(f"{table.path}: {error}") from None


def part_sizes(n: int, shares: tuple[float, float, float]) -> tuple[int, int, int]:
    """Returns how many of n rows each part gets: its share, rounded, and at least one."""
    total = sum(shares)
    val, test = (max(1, round(n * (share / total))) for share in shares[1:])
    train = max(2, n - val - test)
    val = max(1, min(val, n - train - 1))
    return train, val, n - train - val


def _fewer(train: Ints, target: Target, choice: TableChoice, train_size: int, rng: np.random.Generator) -> Ints:
    if choice.time is not None:
        return train[-train_size:]
    if target.task == "classification" and choice.group is None and train_size >= len(target.class_names):
        y = target.y[train].astype(np.int64)
        kept: Ints = train[stratified(y, len(target.class_names), (train_size, 0, 0), rng)[0]]
        return kept
    return train[rng.permutation(len(train))[:train_size]]


def _by_time(table: RawTable, target: Target, name: str, sizes: tuple[int, int, int]) -> list[Ints]:
    column = table.columns[name]
    if column.reading.kind == "category":
        raise DataError(f"{table.path}: column {name!r} is text; --time needs numbers or dates")
    times = column.values[target.rows]
    if np.isnan(times).any():
        row = int(target.rows[int(np.isnan(times).argmax())]) + 1
        raise DataError(f"{table.path}: column {name!r}, row {row}: no value; --time needs one in every row")
    return list(np.split(np.argsort(times, kind="stable"), np.cumsum(sizes[:2])))


def _by_group(
    table: RawTable, target: Target, name: str, sizes: tuple[int, int, int], rng: np.random.Generator
) -> list[Ints]:
    column = table.columns[name]
    values = column.values[target.rows]
    missing = values < 0 if column.reading.kind == "category" else np.isnan(values)
    if missing.any():
        row = int(target.rows[int(missing.argmax())]) + 1
        raise DataError(f"{table.path}: column {name!r}, row {row}: no value; --group needs one in every row")
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(counts) < 3:
        raise DataError(
            f"{table.path}: column {name!r} has {len(counts)} group{'s' * (len(counts) > 1)}; "
            "--group needs three or more, one for each part"
        )
    part_of = np.empty(len(counts), np.int64)
    lacking = np.array(sizes, np.float64)
    filled = np.zeros(3, np.int64)
    order = rng.permutation(len(counts))
    for position, k in enumerate(order):
        # The last groups go to parts that have none yet.
        empty = np.flatnonzero(filled == 0)
        part = int(empty[0]) if len(order) - position <= len(empty) else int(np.argmax(lacking / sizes))
        part_of[k] = part
        lacking[part] -= counts[k]
        filled[part] += 1
    which = part_of[group]
    return [rng.permutation(np.flatnonzero(which == part)) for part in range(3)]
