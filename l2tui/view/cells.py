"""Text from a file in a given number of cells, where a character may take two."""

from rich.cells import cell_len, set_cell_size

from l2tui.view.plain import printable


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """Returns a text in exactly `width` cells: filled up with blanks, or cut with an ellipsis."""
    text = printable(text)
    missing = width - cell_len(text)
    if missing < 0:
        return set_cell_size(set_cell_size(text, width - 1) + "…", width) if width > 0 else ""
    return " " * missing + text if right else text + " " * missing


def size_of(count: int) -> str:
    """Returns a number of bytes in its largest unit, such as "4.6 kB"."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
