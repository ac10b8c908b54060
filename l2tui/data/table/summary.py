"""What a look at a table finds out, in a form that can be shown, stored, or sent from one process to another."""

from typing import Literal

from msgspec import Struct

from l2tui.data.kinds import Kind, Task
from l2tui.settings import Settings

# Why a column is left out that may still be worth something.
ROW_NUMBERS = "looks like row numbers"
Role = Literal["input", "target", "group", "time", "dropped"]


class ColumnSummary(Struct, frozen=True, kw_only=True):
    """One column of a table.

    Attributes:
        name: Its name.
        kind: What its values are; - where nobody looked, since it was to be left out.
        role: What becomes of it.
        note: What was done and why, in a few words: "dropped: one value in all rows", "3 rare values joined".
        missing: Rows without a value.
        distinct: Different values.
        examples: Up to three values as text.
        low: Smallest value of a number or date, as a number.
        median: Middle value.
        high: Largest value.
        skewed: Whether it is skewed so heavily that a transformation is worth a try.
        n_inputs: Inputs of the network that are made of it.
    """

    name: str
    kind: Kind | Literal["-"]
    role: Role
    note: str = ""
    missing: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    low: float | None = None
    median: float | None = None
    high: float | None = None
    skewed: bool = False
    n_inputs: int = 0


class TableSummary(Struct, frozen=True, kw_only=True):
    """A table, and what is to be made of it.

    Attributes:
        path: The file, absolute.
        format: Of the file.
        bytes: Its size.
        rows: Rows in the file.
        rows_used: Rows that are used, without those that lack a target and those left out by a sample.
        task: Whether a class or a number is predicted.
        target: The column to predict.
        target_reason: Why that one: "as asked", "named label", "guessed".
        candidates: The columns that are likeliest to be predicted, three at most, the likeliest first.
        classes: Name and rows of each class, in natural order; empty for regression.
        histogram: Rows in equal bins of the target's values, from `target_low` to `target_high`; empty for classes.
        target_low: Smallest target.
        target_high: Largest target.
        columns: All columns, in the file's order.
        n_inputs: Inputs of the network in all.
        parts: Rows of the training, validation and test part.
        notes: What a person should know, a line each.
        alarms: What makes a result look better or worse than it is, a line each.
        settings: Settings to train it with; their `table` is the choice that this summary is of.
    """

    path: str
    format: Literal["CSV", "TSV", "Parquet", "NPZ"]
    bytes: int
    rows: int
    rows_used: int
    task: Task
    target: str
    target_reason: str
    candidates: tuple[str, ...] = ()
    classes: tuple[tuple[str, int], ...] = ()
    histogram: tuple[int, ...] = ()
    target_low: float | None = None
    target_high: float | None = None
    columns: tuple[ColumnSummary, ...]
    n_inputs: int
    parts: tuple[int, int, int]
    notes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    settings: Settings
