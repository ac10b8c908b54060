"""Folds: the training and validation rows shared out anew, so that each of them validates once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2tui.data.preparation import Ints
from l2tui.data.seeds import generator
from l2tui.data.stratify import stratified
from l2tui.errors import DataError


class Fold(NamedTuple):
    """Which fold.

    Attributes:
        number: 1 to `of` for the folds of the first draw, then those of the next; 0 for the run's own split.
        of: K, folds of one draw.
    """

    number: int
    of: int

    @property
    def draw(self) -> int:
        """How often the rows were shared out anew before this fold."""
        return (self.number - 1) // self.of

    @property
    def position(self) -> int:
        """Position within its draw, from 0."""
        return (self.number - 1) % self.of


OWN_SPLIT = Fold(0, 5)


def fold_parts(
    parts: list[Ints],
    fold: Fold,
    seed: int,
    *,
    train_size: int | None,
    classes: Ints | None = None,
    groups: NDArray[np.int64] | None = None,
    ordered: bool = False,
    class_names: tuple[str, ...] = (),
) -> list[Ints]:
    """Returns the parts of a fold.

    The validation part is one of K shares of the training and validation rows together, the training part is
    `train_size` of the others, or all where there are fewer. The test part stays as it is.

    Args:
        parts: Row numbers of the training, validation and test part of the run's own split.
        fold: Which fold.
        seed: The run's seed; the rows are shared out by it and by the draw.
        train_size: Training rows at most, None for all.
        classes: (n,) class of each row of the data; every class is shared out alike.
        groups: (n,) group of each row; no group is on both sides.
        ordered: Whether the rows stand in an order, such as time, that shares keep: each is a stretch of it.
        class_names: Names of the classes, for messages.

    Raises:
        DataError: There are too few rows or groups for so many folds, or a class would be missing in training.
    """
    pool = np.concatenate(parts[:2])
    rng = generator(seed, f"fold {fold.draw}")
    share = _shares(pool, fold, rng, classes, groups, ordered)
    validates = share == fold.position
    val, train = pool[validates], pool[~validates]
    if classes is not None:
        missing = np.setdiff1d(classes[pool], classes[train])
        if len(missing):
            lost = int(missing[0])
            name = f"class {class_names[lost]!r}" if class_names else f"class number {lost + 1}"
            raise DataError(
                f"fold {fold.number} would train without {name}, which has too few rows; "
                "leave the class out or use fewer folds"
            )
    if train_size is not None and train_size < len(train):
        train = _fewer(train, train_size, rng, classes, groups, ordered)
    return [train, val, parts[2]]


def _shares(
    pool: Ints,
    fold: Fold,
    rng: np.random.Generator,
    classes: Ints | None,
    groups: NDArray[np.int64] | None,
    ordered: bool,
) -> Ints:
    """Returns which of the K shares each row of the pool is in."""
    available = len(pool) if groups is None else len(np.unique(groups[pool]))
    if available < fold.of or len(pool) - -(-len(pool) // fold.of) < 2:
        what = "rows" if groups is None else "groups"
        raise DataError(f"{fold.of} folds need {fold.of} {what} to train and validate on; there are {available}")
    share = np.empty(len(pool), np.int64)
    if ordered:
        share[:] = np.arange(len(pool)) * fold.of // len(pool)
    elif groups is not None:
        names, which, counts = np.unique(groups[pool], return_inverse=True, return_counts=True)
        filled, of_group = np.zeros(fold.of), np.empty(len(names), np.int64)
        for group in sorted(rng.permutation(len(names)), key=lambda group: -counts[group]):
            of_group[group] = np.argmin(filled)
            filled[of_group[group]] += counts[group]
        share[:] = of_group[which]
    else:
        # Class by class in chance order, dealt out like cards: no two shares differ by more than a row.
        chance = rng.permutation(len(pool))
        order = chance if classes is None else chance[np.argsort(classes[pool[chance]], kind="stable")]
        share[order] = np.arange(len(pool)) % fold.of
    return share


def _fewer(
    train: Ints,
    size: int,
    rng: np.random.Generator,
    classes: Ints | None,
    groups: NDArray[np.int64] | None,
    ordered: bool,
) -> Ints:
    if ordered:
        return train[-size:]
    if classes is not None and groups is None:
        n_classes = int(classes.max()) + 1
        return train[stratified(classes[train], n_classes, (size, 0, 0), rng)[0]]
    return train[rng.permutation(len(train))[:size]]
