"""The table of a comparison: a column a run, a row a setting or a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from l2tui.runs.comparison import Subject
from l2tui.runs.differences import Row
from l2tui.settings import show_value
from l2tui.view.cells import fitted
from l2tui.view.chart.overlay import COLOURS, LETTERS, curve_styles
from l2tui.view.compare import BEST, Comparison
from l2tui.view.figures import figure
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable
from l2tui.view.settings_rows import label_of

_LABELS = {
    "val_loss": "val",
    "train_loss": "train",
    "final_val_loss": "final val",
    "best_val_loss": "★ val",
    "best_epoch": "★ epoch",
    "confirmed_epoch": "▲ epoch",
    "verdict": "verdict",
    "epoch": "last epoch",
    "state": "state",
    "w1_norm": "W1 norm",
    "w2_norm": "W2 norm",
    "x": "counts",
    "group": "same data",
}
_VERDICTS = {
    "waiting": "early",
    "overfitting": "overfits",
    "working": "λ works",
    "about_right": "λ right",
    "l2_too_strong": "λ strong",
    "l2_too_weak": "λ weak",
}
_EPOCHS = ("epoch", "best_epoch", "confirmed_epoch")
_SCORES = ("val_accuracy", "train_accuracy")
_LONGEST_CELL, _LONGEST_HEAD = 12, 9


def label_words(row: Row, comparison: Comparison) -> str:
    """Returns what a row is called."""
    if row.name in _SCORES:
        tasks = {subject.task for subject in comparison.subjects}
        word = {"classification": "acc", "regression": "R²"}.get(tasks.pop(), "score") if len(tasks) == 1 else "score"
        return f"{row.name.partition('_')[0]} {word}"
    if row.name in ("val_loss", "train_loss"):
        return _LABELS[row.name] if comparison.epoch is None else f"{_LABELS[row.name]} @{comparison.epoch}"
    return (
        _LABELS.get(row.name) or row.name.removeprefix("table.")
        if row.is_result or "." in row.name
        else label_of(row.name)
    )


def cells_of(row: Row, comparison: Comparison) -> list[str]:
    """Returns the values of a row as text, as differences where there is a baseline, the best with a sign in front."""
    base = comparison.baseline
    best = row.best(comparison.apart)
    less = row if base is None else row.less(base, comparison.apart)
    cells = []
    for at, value in enumerate(less.values):
        is_difference = base is not None and at != base and row.is_result and row.name != "group"
        task = comparison.subjects[at].task
        text = (_difference if is_difference else _shown)(row.name, value if is_difference else row.values[at], task)
        if not row.is_result and base is not None and at != base and row.values[at] == row.values[base]:
            text = "="
        text = f"~{text}" if at in row.inexact else text
        cells.append(f"{BEST}{text}" if at in best else text)
    return cells


def _shown(name: str, value: Any, task: str) -> str:
    if value is None:
        return "max" if name == "pace" else "-"
    if name in _SCORES and task == "classification":
        return f"{100 * value:.1f} %"
    if name == "verdict":
        return _VERDICTS.get(value, str(value))
    if name == "group":
        return f"#{value}"
    if name == "data":
        return PurePath(value).name
    if name == "table.split":
        return "/".join(f"{share:g}" for share in value)
    if name in ("seed", "fold") and isinstance(value, tuple):
        return _listed(value)
    if isinstance(value, tuple):
        words = [show_value(name, one) if not isinstance(one, tuple) else "=".join(map(str, one)) for one in value]
        joined = "→" if not name.startswith("table.") else ","
        return joined.join(words if len(words) < 4 or joined == "," else [words[0], "…", words[-1]]) or "-"
    if isinstance(value, float) and name in _LABELS:
        return figure(value).strip()
    return printable(show_value(name, value))


def _listed(numbers: tuple[int, ...]) -> str:
    ascending = sorted(numbers)
    if len(numbers) > 2 and ascending == list(range(ascending[0], ascending[-1] + 1)):
        return f"{ascending[0]}-{ascending[-1]}"
    return ",".join(map(str, ascending))


def _difference(name: str, value: Any, task: str) -> str:
    if value is None or isinstance(value, str):
        return _shown(name, value, task)
    sign = "+" if value > 0 else "-" if value < 0 else ""
    if name in _EPOCHS:
        return f"{sign}{abs(value)}"
    if name in _SCORES and task == "classification":
        return f"{sign}{abs(100 * value):.1f} pp"
    return f"{sign}{figure(abs(value)).strip()}" if value else "0"


def short_name(subject: Subject) -> str:
    """Returns the part of a name that tells a subject from others in few cells."""
    if subject.kind == "lane":
        return f"λ{show_value('l2', subject.settings.l2)}" if subject.settings is not None else ""
    if subject.kind == "mean":
        return count_of(len(subject.members), "seed")
    digits = re.fullmatch(r"\d{4,8}-\d{6}-.*-([0-9a-f]{4})(-\d+)?", subject.name)
    return digits[1] if digits else printable(subject.name)


def draw_table(
    comparison: Comparison, width: int, height: int, palette: Palette, *, top: int = 0, selects: bool = True
) -> list[Text]:
    """Draws the table: a line of heads, then as many rows as fit.

    Args:
        comparison: What to show.
        width: Cells across; columns that do not fit make room for the selected one.
        height: Lines in all.
        palette: Colours.
        top: Rows that are scrolled past.
        selects: Whether the selected column stands out.
    """
    rows = comparison.shown
    labels = [label_words(row, comparison) for row in rows]
    room = max(map(cell_len, [*labels, ""])) + 1
    cells = [cells_of(row, comparison) for row in rows]
    heads = [f"{LETTERS[at]} {short_name(subject)}" for at, subject in enumerate(comparison.subjects)]
    lines_of = list(zip(rows, cells, strict=True))
    widths = [
        1
        + max(6, min(_LONGEST_HEAD, cell_len(heads[at])), *(_room(row.values[at], line[at]) for row, line in lines_of))
        for at in range(len(heads))
    ]
    shown = columns_shown(widths, width - room, comparison.selected)
    colours = curve_styles(palette)
    line = Text(" " * room, no_wrap=True)
    for at in shown:
        style = colours[at % COLOURS] + Style(bold=True)
        head = fitted(heads[at], widths[at] - 1)
        line.append(head, palette.selected if selects and at == comparison.selected else style).append(" ")
    lines = [line]
    for row, label, texts in list(zip(rows, labels, cells, strict=True))[top : top + max(0, height - 1)]:
        best = row.best(comparison.apart)
        line = Text(fitted(label, room), palette.muted, no_wrap=True)
        for at in shown:
            style = palette.good + Style(bold=True) if at in best else palette.text
            line.append(
                fitted(texts[at], widths[at] - 1, right=row.name not in _WORDS and not isinstance(row.values[at], str)),
                style,
            )
            line.append(" ")
        lines.append(line)
    return lines


def _room(value: Any, text: str) -> int:
    """Returns the cells that a value gets; half a number would be another number."""
    return cell_len(text) if isinstance(value, int | float) else min(_LONGEST_CELL, cell_len(text))


_WORDS = ("verdict", "state", "x", "group")


def columns_shown(widths: Sequence[int], room: int, selected: int) -> range:
    """Returns the columns that fit, the first ones if the selected one is among them."""
    first = 0
    while first < selected and sum(widths[first : selected + 1]) > room:
        first += 1
    last = first
    while last < len(widths) and sum(widths[first : last + 1]) <= room:
        last += 1
    return range(first, max(last, first + 1))
