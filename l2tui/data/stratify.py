"""Rows shared out among parts, each class alike."""

import numpy as np

from l2tui.data.preparation import Ints


def stratified(y: Ints, n_classes: int, sizes: tuple[int, int, int], rng: np.random.Generator) -> list[Ints]:
    """Returns row numbers of each part, shuffled, with the classes shared out as evenly as whole rows allow.

    Args:
        y: (n,) class indices.
        n_classes: Classes.
        sizes: Rows of each part; together no more than n.
        rng: Draws the rows.
    """
    members = [rng.permutation(np.flatnonzero(y == k)) for k in range(n_classes)]
    left = np.array([len(rows) for rows in members])
    taken = np.zeros(n_classes, dtype=np.int64)
    parts = []
    for i, size in enumerate(sizes):
        counts = _shares(left, size)
        if i == 0:
            counts = _every_class(counts, left)
        chosen = np.concatenate([rows[a : a + c] for rows, a, c in zip(members, taken, counts, strict=True)])
        parts.append(rng.permutation(chosen))
        taken += counts
        left = left - counts
    return parts


def _shares(available: Ints, size: int) -> Ints:
    """Divides `size` rows in proportion to what is available, by largest remainder, in whole numbers."""
    total = int(available.sum())
    counts = available * size // total
    order = np.argsort(-(available * size % total), kind="stable")
    counts[order[: size - counts.sum()]] += 1
    return counts


def _every_class(counts: Ints, available: Ints) -> Ints:
    """Moves single rows from the largest classes to those that would have none."""
    counts = counts.copy()
    for k in np.flatnonzero((counts == 0) & (available > 0)):
        counts[counts.argmax()] -= 1
        counts[k] = 1
    return counts
