"""How a table is to be read, changed one key at a time, and said to the command that reads it."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from l2tui.data.table.summary import ROW_NUMBERS, ColumnSummary, TableSummary
from l2tui.errors import SettingsError
from l2tui.settings import MIN_ROWS, TableChoice, parse_split

_TRANSFORMS: dict[str | None, Literal["log", "rank"] | None] = {None: "log", "log": "rank", "rank": None}


def with_target(choice: TableChoice, name: str) -> TableChoice:
    """Makes a column the target, whatever it was before."""
    return _replaced(_without(choice, name), target=name, task="auto")


def with_next_candidate(choice: TableChoice, summary: TableSummary) -> TableChoice:
    """Makes the next of the likeliest columns the target, after the last one the first.

    Raises:
        SettingsError: There is no other.
    """
    names = summary.candidates
    at = names.index(summary.target) + 1 if summary.target in names else 0
    following = [name for name in (*names[at:], *names[:at]) if name != summary.target]
    if not following:
        raise SettingsError("No other column is likely to be the target.")
    return with_target(choice, following[0])


def with_dropped(choice: TableChoice, summary: TableSummary, column: ColumnSummary) -> TableChoice:
    """Leaves a column out, or takes it back.

    Raises:
        SettingsError: It is the target, or is left out for a reason of its own.
    """
    if column.name in choice.drop:
        return _replaced(choice, drop=tuple(name for name in choice.drop if name != column.name))
    if column.name == (choice.target or summary.target):
        raise SettingsError("That is the target: make another column the target first.")
    if column.role == "dropped":
        hint = ": l keeps it, by its logarithm or rank" if column.note == ROW_NUMBERS else ""
        raise SettingsError(f"{column.note}{hint}" if column.note else "That column is of no use.")
    return _replaced(_without(choice, column.name), drop=(*choice.drop, column.name))


def with_drops(choice: TableChoice, text: str) -> TableChoice:
    """Leaves out the columns that were typed, with commas between."""
    return _replaced(choice, drop=tuple(filter(None, (name.strip() for name in text.split(",")))))


def with_role(choice: TableChoice, summary: TableSummary, name: str, role: Literal["group", "time"]) -> TableChoice:
    """Makes a column the one that groups or orders the rows, or no longer.

    Raises:
        SettingsError: It is the target.
    """
    if getattr(choice, role) == name:
        return _replaced(choice, **{role: None})
    if name == (choice.target or summary.target):
        raise SettingsError("That is the target: make another column the target first.")
    return _replaced(_without(choice, name), **{role: name})


def with_transform(choice: TableChoice, column: ColumnSummary) -> TableChoice:
    """Takes the next of: no transform, logarithm, rank.

    Raises:
        SettingsError: It is no number among the inputs, nor one that was left out as mere row numbers.
    """
    is_input = column.role == "input" or (column.role == "dropped" and column.note == ROW_NUMBERS)
    if column.kind != "number" or not is_input:
        raise SettingsError("Only numbers among the inputs can be transformed.")
    present = dict(choice.transform)
    following = _TRANSFORMS[present.pop(column.name, None)]
    if following is not None:
        present[column.name] = following
    return _replaced(choice, transform=tuple(present.items()))


def with_other_task(choice: TableChoice, summary: TableSummary) -> TableChoice:
    """Predicts a number in place of a class, or the other way round."""
    task = "regression" if summary.task == "classification" else "classification"
    # Another task must not make another guess of the target.
    return _replaced(choice, target=summary.target, task=task)


def with_split(choice: TableChoice, text: str) -> TableChoice:
    """Splits as typed, such as 60/20/20.

    Raises:
        SettingsError: Those are not three shares.
    """
    return _replaced(choice, split=parse_split(text))


def with_rows(choice: TableChoice, text: str) -> TableChoice:
    """Uses as many rows as typed; all where that is nothing.

    Raises:
        SettingsError: It is no number of rows.
    """
    if text.strip().lower() in ("", "all", "-"):
        return _replaced(choice, rows=None)
    try:
        rows = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        rows = 0
    if rows < MIN_ROWS:
        raise SettingsError(f"rows: expected a whole number of {MIN_ROWS} or more, or all, got {text!r}", "table")
    return _replaced(choice, rows=rows)


def show_split(choice: TableChoice) -> str:
    """Returns the shares as they are typed."""
    return "/".join(f"{share:g}" for share in choice.split)


def inspect_arguments(path: Path, choice: TableChoice, seed: int = 0) -> list[str]:
    """Returns the command that looks at a table as chosen, split by a seed."""
    options = {
        "target": choice.target,
        "task": choice.task if choice.task != "auto" else None,
        "drop": _listed(choice.drop),
        "split": show_split(choice),
        "group": choice.group,
        "time": choice.time,
        "rows": choice.rows,
        "transform": _listed(f"{name}={kind}" for name, kind in choice.transform),
        "seed": seed or None,
    }
    # Joined by "=", a name may begin with a minus.
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    return ["inspect", str(path.absolute()), *given, "--json"]


def without_options(words: str) -> str:
    """Returns what the command says without the options that keys stand for here: a line has little room."""
    words = re.sub(r"; (choose|split) with --.*?(?=\)|$)", "", words)
    return words.replace(" with --target", "").replace(" with --drop", "")


def _listed(names: Iterable[str]) -> str | None:
    """Returns names with commas between, as a line of a CSV file; None where there are none."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue() or None


def _without(choice: TableChoice, name: str) -> TableChoice:
    """Returns a choice in which a column has no part."""
    return _replaced(
        choice,
        drop=tuple(dropped for dropped in choice.drop if dropped != name),
        group=None if choice.group == name else choice.group,
        time=None if choice.time == name else choice.time,
        transform=tuple(pair for pair in choice.transform if pair[0] != name),
    )


def _replaced(choice: TableChoice, **values: Any) -> TableChoice:
    return msgspec.structs.replace(choice, **values)
