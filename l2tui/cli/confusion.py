"""A confusion matrix as lines of text."""

from collections.abc import Sequence

from rich.cells import cell_len

from l2tui.view.cells import fitted
from l2tui.view.plain import printable

_LONGEST_NAME = 16
_MOST_MISTAKES = 10


def confusion_lines(names: Sequence[str], confusion: Sequence[Sequence[int]], width: int) -> list[str]:
    """Returns a confusion matrix; where it is too wide, the most frequent mistakes instead.

    Args:
        names: Names of the classes.
        confusion: Rows of true class i that were taken for class j.
        width: Cells across.
    """
    shown = _short(names)
    columns = [max(cell_len(name), *(len(str(row[j])) for row in confusion)) for j, name in enumerate(shown)]
    first = max(len("true"), *map(cell_len, shown))
    if first + sum(cells + 2 for cells in columns) > width:
        return _mistakes(shown, confusion)
    heads = "".join(fitted(name, cells + 2, right=True) for name, cells in zip(shown, columns, strict=True))
    lines = [" " * (first + 2) + "taken for", f"{'true':<{first}}{heads}"]
    for name, row in zip(shown, confusion, strict=True):
        lines.append(fitted(name, first) + "".join(f"{n:>{cells + 2}}" for n, cells in zip(row, columns, strict=True)))
    return lines


def _mistakes(names: list[str], confusion: Sequence[Sequence[int]]) -> list[str]:
    mistakes = [(n, i, j) for i, row in enumerate(confusion) for j, n in enumerate(row) if n and i != j]
    if not mistakes:
        return [f"{len(names)} classes, no mistakes"]
    mistakes.sort(key=lambda mistake: (-mistake[0], mistake[1:]))
    kept, total = mistakes[:_MOST_MISTAKES], sum(n for n, _, _ in mistakes)
    lines = [
        f"{len(names)} classes, {total:,} mistakes" + (", the most frequent:" if len(kept) < len(mistakes) else ":")
    ]
    first = max(cell_len(names[i]) for _, i, _ in kept)
    second = max(cell_len(names[j]) for _, _, j in kept)
    return lines + [
        f"  {fitted(names[i], first)}  taken for  {fitted(names[j], second)}  {n:>6,} times" for n, i, j in kept
    ]


def _short(names: Sequence[str]) -> list[str]:
    """Returns names that are not too long, cut where they can still be told apart."""
    whole = [printable(name) for name in names]
    cut = [fitted(name, min(cell_len(name), _LONGEST_NAME)) for name in whole]
    if len(set(cut)) == len(cut):
        return cut
    return [
        name if cell_len(name) <= _LONGEST_NAME else fitted(f"{name[:7]}…{name[-8:]}", _LONGEST_NAME).rstrip()
        for name in whole
    ]
