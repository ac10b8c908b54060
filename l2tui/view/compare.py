"""A comparison as text: its table, its top line, and what is said of the selected column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rich.style import Style
from rich.text import Text

from l2tui.runs.comparison import Apart, Part, Subject
from l2tui.runs.differences import Row
from l2tui.view.chart.overlay import COLOURS, LETTERS, OverlayCurve, curve_styles
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable
from l2tui.view.run_rows import parent_of

_OF_LIVE = ("epoch", "state")
BEST = "•"
READING = (
    "A column is a run; its letter is also on its curve, with ★ (lowest val) and ▲ (rise confirmed).",
    f"{BEST} the best value of a row. Where losses do not compare there is none.",
    "final val: its mean over the last 5 % of the epochs.",
    "~ no record at the cursor's epoch: the last one before it.",
    "#1 #2 columns with the same number have the same data and splits.",
    "Smoothing and zoom change the picture alone, never a number.",
    "Pictures are of the last or the best weights; at a cursor, of the last ones kept up to its epoch.",
    "Those of the same data are on one scale.",
)
"""How to read the table, a line each."""
NOT_OPENED = {
    "mean": "A mean of several runs cannot be opened; unfold the seeds first.",
    "lane": "A λ of a sweep is opened from the sweep, as a run of its own.",
    "log": "Another program's log is only watched.",
}
"""Why a column cannot be opened, by what it is."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is on the screen, at one moment.

    Attributes:
        subjects: What is compared, in the order of the columns.
        apart: Whose losses compare.
        rows: The whole table.
        part: Which losses are drawn.
        selected: Position of the selected column.
        baseline: Position of the column that the others are shown as differences from, None without one.
        epoch: The cursor's epoch, None without a cursor.
        all_rows: Whether rows are shown whose values are all the same.
        folded: Whether seeds are folded.
    """

    subjects: Sequence[Subject]
    apart: Apart
    rows: Sequence[Row]
    part: Part = "val"
    selected: int = 0
    baseline: int | None = None
    epoch: int | None = None
    all_rows: bool = False
    folded: bool = False

    @property
    def shown(self) -> list[Row]:
        """The rows that are shown. Those that come and go while runs train would move everything else, so they stay."""
        trains = any(subject.is_live and subject.kind != "log" for subject in self.subjects)
        always = _OF_LIVE if trains else ()
        return [
            row
            for row in self.rows
            if row.differs or row.name in always or (self.all_rows and any(value is not None for value in row.values))
        ]

    @property
    def x(self) -> str:
        """What the epochs of all are counted in; several words where they differ."""
        return "/".join(sorted({subject.x for subject in self.subjects}))


def curves_of(comparison: Comparison) -> list[OverlayCurve]:
    """Returns the curves to draw."""
    return [
        OverlayCurve(
            subject.epochs,
            subject.losses(comparison.part),
            subject.planned,
            subject.best_epoch,
            subject.confirmed_epoch,
            None if subject.band is None else subject.band[2:] if comparison.part == "val" else subject.band[:2],
        )
        for subject in comparison.subjects
    ]


def draw_top(comparison: Comparison, shown: str, modes: Sequence[str], width: int, palette: Palette) -> Text:
    """Draws the top line: what is compared, what is shown of it, and how."""
    live = sum(subject.is_live and subject.kind != "log" for subject in comparison.subjects)
    line = Text(" compare ", palette.strong, no_wrap=True)
    line.append(f" {_what(comparison)}", palette.key)
    line.append(f"  {shown}", palette.text)
    words = [
        f"at {comparison.x} {comparison.epoch}" if comparison.epoch is not None else "",
        f"{live} training" if live else "",
        "seeds folded" if comparison.folded else "",
        f"differences from {LETTERS[comparison.baseline]}" if comparison.baseline is not None else "",
        *modes,
    ]
    line.append("".join(f" · {word}" for word in words if word), palette.muted)
    line.truncate(width, overflow="ellipsis")
    return line


def _what(comparison: Comparison) -> str:
    words = {"run": "run", "log": "log", "lane": "λ", "mean": "mean"}
    parts = []
    for kind, word in words.items():
        count = sum(subject.kind == kind for subject in comparison.subjects)
        if count:
            parts.append(f"{count} λ" if kind == "lane" else count_of(count, word))
    return ", ".join(parts)


def draw_selected(comparison: Comparison, width: int, palette: Palette, at: int) -> Text:
    """Draws the whole name of a column, and how far it is."""
    subject = comparison.subjects[at]
    line = Text(f" {LETTERS[at]} ", curve_styles(palette)[at % COLOURS] + Style(bold=True), no_wrap=True)
    line.append(printable(subject.name), palette.strong)
    said = [subject.state]
    if subject.epoch is not None:
        said.append(f"{subject.x} {subject.epoch}")
    said.append(_shared(comparison, subject))
    if subject.onset_epoch is not None:
        said.append(f"val rises since {subject.onset_epoch}")
    if subject.band is not None:
        said.append(f"mean of {len(subject.members)}, band from lowest to highest")
    line.append("".join(f" · {word}" for word in said if word), palette.muted)
    line.truncate(width, overflow="ellipsis")
    return line


def _shared(comparison: Comparison, subject: Subject) -> str:
    """Returns which part of its curve a fork shares, and with what; empty for other runs."""
    origin = subject.origin
    if origin is None:
        return ""
    columns = zip(LETTERS, comparison.subjects, strict=False)
    parent = next((letter for letter, other in columns if PurePath(other.path).name == origin.run), None)
    if parent is not None:
        return f"the same as {parent} up to {origin.epoch}"
    return f"fork @{origin.epoch} of {printable(parent_of(origin))}"


def warning(comparison: Comparison, hint: str = "") -> str:
    """Returns what has to be said of losses that do not compare; empty where all do."""
    if comparison.apart.comparable:
        return ""
    return f"NOT COMPARABLE: {comparison.apart.reason}.{hint}"
