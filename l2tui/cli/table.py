"""Rows of text as a table on standard output."""

from collections.abc import Sequence


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Prints rows with their columns under each other; the last column is as wide as it likes."""
    widths = [max(map(_cells, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for *cells, last in rows:
        filled = [cell + " " * (width - _cells(cell)) for cell, width in zip(cells, widths, strict=True)]
        print("  ".join([*filled, last]).rstrip())


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
