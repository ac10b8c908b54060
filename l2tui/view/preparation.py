"""What was done to the columns of a table before a network saw them, as a list to read."""

from typing import Literal

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable

_MOST_NAMES = 4
_LONGEST_NAME = 26


class StoredReading(Struct, frozen=True):
    """How the values of a column are read; of all that a run keeps, what is shown.

    Attributes:
        kind: What they are.
    """

    kind: str = ""


class StoredColumn(Struct, frozen=True):
    """How a column became inputs.

    Attributes:
        name: The column.
        reading: How its values are read.
        fill: What stands in for a missing number.
        transform: What was done before standardising.
        categories: Values that have an input of their own.
        joined: Rare values, which share one.
        missing_input: Whether an input tells that there is no value.
        inputs: Names of the inputs.
    """

    name: str
    reading: StoredReading = StoredReading()
    fill: float = 0.0
    transform: Literal["none", "log", "rank"] = "none"
    categories: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    missing_input: bool = False
    inputs: tuple[str, ...] = ()


class StoredPreparation(Struct, frozen=True):
    """What a run keeps of the preparation of its table.

    Attributes:
        task: Whether a class or a number is predicted.
        target: The column to predict.
        class_names: Classes; empty for regression.
        y_mean: What was taken off the targets.
        y_scale: What they were divided by then.
        columns: How each column became inputs.
        dropped: Columns that were left out, and why.
        notes: What was done, a line each.
        alarms: What makes a result look better or worse than it is, a line each.
        source: The file.
    """

    task: str
    target: str
    class_names: tuple[str, ...] = ()
    y_mean: float = 0.0
    y_scale: float = 1.0
    columns: tuple[StoredColumn, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    source: str = ""


def draw_preparation(stored: StoredPreparation, palette: Palette) -> RenderableType:
    """Draws the alarms, then a line for each column, then what was left out, then the notes."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(max_width=_LONGEST_NAME, style=palette.text, overflow="fold")
    table.add_column(no_wrap=True, style=palette.muted)
    table.add_column(ratio=1, style=palette.text)
    rows = [(stored.target, "target", _answers(stored), palette.key)]
    rows += [(column.name, column.reading.kind, _steps(column), palette.text) for column in stored.columns]
    rows += [(name, "left out", why.removeprefix("dropped: "), palette.muted) for name, why in stored.dropped]
    for name, kind, words, style in rows:
        table.add_row(Text(printable(name), style), Text(kind), Text(printable(words), style))
    parts: list[RenderableType] = []
    if stored.alarms:
        parts += [Text("Before you trust a result", palette.strong)]
        parts += [Text(f"▸ {printable(alarm)}", palette.bad) for alarm in stored.alarms]
        parts.append(Text())
    parts.append(table)
    if stored.notes:
        parts += [Text(), Text("Notes", palette.strong)]
        parts += [Text(f"▸ {printable(note)}", palette.text) for note in stored.notes]
    return Group(*parts)


def _answers(stored: StoredPreparation) -> str:
    if stored.class_names:
        return f"{count_of(len(stored.class_names), 'class', 'classes')}: {_names(stored.class_names)}"
    return f"{stored.y_mean:.4g} taken off, then divided by {stored.y_scale:.4g}"


def _steps(column: StoredColumn) -> str:
    is_category = column.reading.kind == "category"
    steps = [
        _names(column.categories) if is_category else "",
        f"{count_of(len(column.joined), 'rare value')} joined" if column.joined else "",
        f"missing: {column.fill:.4g}, and an input that says so" if column.missing_input and not is_category else "",
        "an input for missing" if column.missing_input and is_category else "",
        {"log": "logarithm", "rank": "rank"}.get(column.transform, ""),
        f"standardised, {count_of(len(column.inputs), 'input')}",
    ]
    return "; ".join(filter(None, steps))


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown} and {len(names) - _MOST_NAMES} more"
