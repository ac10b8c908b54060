"""A table as lines of text: its facts, its columns, its target, and what becomes of it."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rich.cells import cell_len, chop_cells
from rich.text import Text

from l2tui.data.table.summary import ColumnSummary, TableSummary
from l2tui.view.cells import fitted, size_of
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable

_KIND, _MISSING, _DISTINCT = 8, 7, 9
_ROOM_FOR_VALUES, _ROOM_FOR_DISTINCT = 66, 92
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ROLES = {"target": "◎ target", "group": "group", "time": "order", "dropped": "left out"}


@dataclass(frozen=True)
class ColumnLayout:
    """Cells that the parts of a line get; a part with none is left out.

    Attributes:
        name: The column's name.
        distinct: How many values it has.
        values: Examples or a range.
        becomes: What becomes of it.
    """

    name: int
    distinct: int
    values: int
    becomes: int


def layout_of(columns: tuple[ColumnSummary, ...], width: int) -> ColumnLayout:
    """Returns a layout for `width` cells: a name gets what the longest needs, within reason."""
    longest = max((cell_len(printable(column.name)) for column in columns), default=0)
    name = max(6, min(longest, 12 + max(0, width - 56) // 4))
    distinct = _DISTINCT if width >= _ROOM_FOR_DISTINCT else 0
    rest = width - 2 - (name + 1) - (_KIND + 1) - (_MISSING + 2) - (distinct + 1 if distinct else 0)
    # What becomes of a column needs the room more: of a range that does not fit, the middle is left out.
    values = max(0, rest // 2 - 3) if width >= _ROOM_FOR_VALUES else 0
    return ColumnLayout(name, distinct, values, max(0, rest - (values + 2 if values else 0)))


def draw_facts(summary: TableSummary, width: int, palette: Palette) -> Text:
    """Draws the top line: which table, how large, and what is predicted."""
    rows = count_of(summary.rows, "row")
    if summary.rows_used != summary.rows:
        rows = f"{summary.rows_used:,} of {rows}"
    facts = f"{summary.format} · {rows} · {size_of(summary.bytes)}"
    what = count_of(len(summary.classes), "class", "classes") if summary.task == "classification" else "a number"
    goal = f" predicts {what} "
    room = width - len(facts) - 5
    name = printable(Path(summary.path).name)
    name = name if cell_len(name) <= room else fitted(name, max(6, room)).rstrip()
    line = Text(no_wrap=True).append(f" {name}", palette.key).append(f"  {facts} ", palette.text)
    gap = width - cell_len(line.plain) - len(goal)
    if gap >= 0:
        line.append(" " * gap).append(goal, palette.muted)
    line.truncate(width)
    return line


def draw_header(layout: ColumnLayout, palette: Palette) -> Text:
    """Draws the line above the columns."""
    line = Text("  ", no_wrap=True)
    line.append(f"{fitted('column', layout.name)} {'kind':<{_KIND}} {'missing':>{_MISSING}}  ")
    if layout.distinct:
        line.append(f"{'distinct':>{layout.distinct}} ")
    if layout.values:
        line.append(f"{fitted('values', layout.values)}  ")
    line.append(fitted("becomes", layout.becomes))
    line.stylize(palette.muted)
    return line


def draw_column(column: ColumnSummary, layout: ColumnLayout, rows: int, palette: Palette, *, selected: bool) -> Text:
    """Draws the line of one column."""
    dropped = column.role == "dropped"
    text = palette.muted if dropped else palette.text
    line = Text(no_wrap=True, style=palette.selected if selected else text)
    line.append("▸ " if selected else "  ", palette.key)
    target = column.role == "target"
    line.append(f"{fitted(column.name, layout.name)} ", palette.key if target else "")
    line.append(f"{column.kind:<{_KIND}} ", palette.muted)
    missing = f"{_percent(column.missing, rows):>{_MISSING}}  "
    line.append(missing, palette.muted if not column.missing or dropped else palette.decay)
    if layout.distinct:
        line.append(f"{column.distinct:>{layout.distinct},} ", palette.muted)
    if layout.values:
        line.append(f"{fitted(values_of(column, layout.values), layout.values)}  ")
    style = {"target": palette.key, "group": palette.train, "time": palette.train}.get(column.role, text)
    return line.append(fitted(becomes(column), layout.becomes), style)


def values_of(column: ColumnSummary, width: int | None = None) -> str:
    """Returns the range of numbers, with the middle where it fits into `width`, or some values of anything else."""
    if column.kind == "number" and column.low is not None and column.high is not None:
        short = f"{column.low:.4g} .. {column.high:.4g}"
        long = short if column.median is None else f"{column.low:.4g} .. {column.median:.4g} .. {column.high:.4g}"
        return long if width is None or len(long) <= width else short
    return ", ".join(column.examples)


def becomes(column: ColumnSummary) -> str:
    """Returns what becomes of a column, in a few words."""
    if column.role == "dropped":
        return column.note if column.note and column.kind != "-" else _ROLES["dropped"]
    what = _ROLES.get(column.role) or count_of(column.n_inputs, "input")
    return "; ".join(
        filter(None, (what, column.note, "skewed: try l" if column.skewed and column.role == "input" else ""))
    )


def draw_detail(column: ColumnSummary, rows: int, width: int, palette: Palette) -> Text:
    """Draws all that is known of one column, in one line."""
    parts = [
        count_of(column.distinct, "different value"),
        f"{column.missing:,} missing ({_percent(column.missing, rows)})" if column.missing else "",
        values_of(column),
        becomes(column),
    ]
    name = printable(column.name)
    name = name if cell_len(name) <= width // 3 else fitted(name, width // 3)
    line = Text(no_wrap=True).append(f"{name}  ", palette.strong)
    rest = " · ".join(filter(None, parts))
    line.append(fitted(rest, max(0, width - cell_len(line.plain))), palette.muted)
    return line


def draw_target(summary: TableSummary, width: int, height: int, palette: Palette) -> Text:
    """Draws how the target's values are spread: a bar for each class, or a histogram."""
    if summary.classes:
        return _draw_classes(summary.classes, width, height, palette)
    return draw_histogram(summary.histogram, (summary.target_low, summary.target_high), width, height, palette)


def draw_histogram(
    counts: tuple[int, ...], limits: tuple[float | None, float | None], width: int, height: int, palette: Palette
) -> Text:
    """Draws counts as bars that stand side by side, over the values where they begin and end."""
    rows = max(1, height - 1)
    # Where there are fewer cells than bins, each shows the largest of its bins.
    edges = [round(cell * len(counts) / width) for cell in range(width + 1)] if counts else []
    shown = [max(counts[min(a, len(counts) - 1) : max(b, a + 1)]) for a, b in pairwise(edges)]
    most = max(shown, default=0)
    text = Text(no_wrap=True)
    for row in range(rows - 1, -1, -1):
        line = "".join(_level(count / most * rows - row if most else 0.0, count) for count in shown)
        text.append(f"{line}\n", palette.train)
    low, high = ("" if limit is None else f"{limit:.4g}" for limit in limits)
    return text.append((low + high.rjust(max(1, len(shown) - len(low))))[:width], palette.muted)


def _level(filled: float, count: int) -> str:
    # Any count above zero is visible.
    least = 1 if count and filled > 0 else 0
    return _EIGHTHS[max(least, min(8, round(filled * 8)))]


def _draw_classes(classes: tuple[tuple[str, int], ...], width: int, height: int, palette: Palette) -> Text:
    shown = classes if len(classes) <= height else classes[: max(1, height - 1)]
    most = max(count for _, count in classes)
    longest = max(cell_len(printable(name)) for name, _ in shown)
    digits = max(len(f"{count:,}") for _, count in shown)
    name_width = max(1, min(longest, (width - digits) // 2))
    room = max(1, width - name_width - digits - 2)
    text = Text(no_wrap=True)
    for name, count in shown:
        text.append(f"{fitted(name, name_width)} ", palette.text).append(f"{count:>{digits},} ", palette.muted)
        text.append("━" * max(1, round(count / most * room)), palette.train).append("\n")
    if len(shown) < len(classes):
        text.append(f"and {count_of(len(classes) - len(shown), 'more class', 'more classes')}", palette.muted)
    text.rstrip()
    return text


def draw_plan(summary: TableSummary, width: int, height: int, palette: Palette) -> Text:
    """Draws the parts, the network and the notes; those that do not fit are counted."""
    table = summary.settings.table
    how = "by chance"
    if table is not None and table.time is not None:
        how = f"in the order of {printable(table.time)}"
    elif table is not None and table.group is not None:
        how = f"in groups of {printable(table.group)}"
    train, val, test = (f"{part:,}" for part in summary.parts)
    parts = f"{train} train {val} val {test} test"
    parts = parts if len(parts) <= width - 9 else f"{train} / {val} / {test}"
    outputs = len(summary.classes) if len(summary.classes) > 2 else 1
    rows = [
        ("rows", parts),
        ("split", how),
        ("network", f"{summary.n_inputs:,} - {summary.settings.hidden:,} - {outputs:,}"),
    ]
    lines = [
        Text(no_wrap=True).append(f"{label:<8} ", palette.muted).append(fitted(words, max(0, width - 9)), palette.text)
        for label, words in rows
    ]
    notes = [Text(line, palette.bad, no_wrap=True) for line in notes_in_lines(summary.alarms, width)]
    notes += [Text(line, palette.text, no_wrap=True) for line in notes_in_lines(summary.notes, width)]
    room = height - len(lines)
    if len(notes) > room:
        notes = [*notes[: max(0, room - 1)], Text("… n: all notes", palette.text, no_wrap=True)]
    lines += notes
    return Text("\n").join(lines[: max(1, height)])


def notes_in_lines(notes: tuple[str, ...], width: int) -> list[str]:
    """Returns notes in lines, each note beginning with a mark."""
    lines: list[str] = []
    for note in notes:
        lines += [
            f"{'  ' if number else '▸ '}{line}" for number, line in enumerate(_wrapped(printable(note), width - 2))
        ]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """Returns text in lines of so many cells at most, of which a letter may take two."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines += chop_cells(word, max(2, width))
    return [line for line in lines if line]


def _percent(count: int, rows: int) -> str:
    if not count or not rows:
        return "-"
    share = 100 * count / rows
    return "<1 %" if share < 1 else f"{min(share, 99.0) if count < rows else 100:.0f} %"
