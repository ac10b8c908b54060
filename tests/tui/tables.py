"""A table that is not there, and commands that answer at once."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from l2tui.data.table.summary import ColumnSummary, TableSummary
from l2tui.errors import L2tuiError
from l2tui.runs.results import PartResult
from l2tui.settings import Settings, TableChoice
from l2tui.tui.tools import OnProgress, ToolProgress

COLUMNS = (
    ColumnSummary(name="id", kind="number", role="dropped", note="dropped: one value for each row", distinct=150),
    ColumnSummary(name="length", kind="number", role="input", distinct=35, low=4.3, median=5.8, high=7.9, n_inputs=1),
    ColumnSummary(
        name="width", kind="number", role="input", distinct=23, low=0.0, median=3.0, high=44.0, skewed=True, n_inputs=1
    ),
    ColumnSummary(
        name="colour",
        kind="category",
        role="input",
        missing=12,
        distinct=3,
        examples=("blue", "red", "white"),
        n_inputs=4,
    ),
    ColumnSummary(name="species", kind="category", role="input", distinct=3, examples=("a", "b"), n_inputs=3),
)


def summary_of(path: str, choice: TableChoice, columns: tuple[ColumnSummary, ...] = COLUMNS) -> TableSummary:
    """What a look at the table says, as chosen."""
    target = choice.target or columns[-1].name
    roles = dict.fromkeys(choice.drop, "dropped") | {target: "target"}
    roles |= {name: role for name, role in ((choice.group, "group"), (choice.time, "time")) if name}
    shown = tuple(msgspec.structs.replace(column, role=roles.get(column.name, column.role)) for column in columns)
    regression = choice.task == "regression" or target in ("length", "width")
    return TableSummary(
        path=path,
        format="CSV",
        bytes=4600,
        rows=150,
        rows_used=150,
        task="regression" if regression else "classification",
        target=target,
        target_reason="as asked" if choice.target else "guessed",
        candidates=tuple(column.name for column in columns[::-1])[:3],
        classes=() if regression else (("setosa", 50), ("versicolor", 60), ("virginica", 40)),
        histogram=(5, 20, 40, 50, 25, 10) if regression else (),
        target_low=4.3 if regression else None,
        target_high=7.9 if regression else None,
        columns=shown,
        n_inputs=6,
        parts=(90, 30, 30),
        notes=("colour: 12 values are missing",),
        settings=Settings(data=path, table=choice, train_size=90, hidden=32, learning_rate=0.05, epochs=500),
    )


def choice_of(options: list[str]) -> TableChoice:
    """The choice that options of `inspect` stand for."""
    values: dict[str, Any] = dict(option.removeprefix("--").split("=", 1) for option in options)
    if "drop" in values:
        values["drop"] = values["drop"].split(",")
    if "split" in values:
        values["split"] = [float(share) for share in values["split"].split("/")]
    if "rows" in values:
        values["rows"] = int(values["rows"])
    if "transform" in values:
        values["transform"] = [pair.split("=") for pair in values["transform"].split(",")]
    return msgspec.convert(values, TableChoice)


class FakeTool:
    """In place of `run_tool`.

    Attributes:
        calls: The arguments of every call.
        ended: How many of them were cancelled.
        columns: The table's columns.
        refuses: What the next calls raise, if not empty.
        held: Whether calls wait until it is cleared.
        looks: How often the test part was looked at.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.ended = 0
        self.columns = COLUMNS
        self.refuses = ""
        self.held = False
        self.looks = 0
        self.regression = False

    async def __call__(self, *arguments: str, on_progress: OnProgress | None = None) -> bytes:
        self.calls.append(arguments)
        if on_progress is not None:
            on_progress(ToolProgress(0.42, "reading"))
        try:
            await asyncio.sleep(0)
            while self.held:
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.ended += 1
            raise
        if self.refuses:
            raise L2tuiError(self.refuses)
        if arguments[0] == "inspect":
            return msgspec.json.encode(summary_of(arguments[1], choice_of(list(arguments[2:-1])), self.columns))
        if arguments[0] == "test":
            return msgspec.json.encode(self._result(arguments[3]))
        return msgspec.json.encode({"path": "/runs/moons/recipe.md", "text": "kernel_regularizer=l2([0.001])"})

    def _result(self, part: str) -> PartResult:
        self.looks += part == "test"
        classes = () if self.regression else ("setosa", "[b]versi\x1bcolor", "virginica")
        return PartResult(
            part="test" if part == "test" else "val",
            rows=100,
            epoch=75,
            l2=0.001,
            looks=self.looks,
            loss=0.25 if part == "val" else 0.375,
            loss_interval=(0.2, 0.5),
            score=0.9 if part == "val" else 0.85,
            score_interval=(0.8, 0.95),
            class_names=classes,
            confusion=((30, 2, 0), (1, 34, 3), (0, 4, 26)) if classes else (),
            pairs=() if classes else tuple((float(i), float(i + (i * 7) % 11)) for i in range(60)),
            target_name="width" if self.regression else "species",
            rmse=2.5 if self.regression else None,
            rmse_interval=(2.25, 2.75) if self.regression else None,
            looks_l2=(0.001, 0.03)[: self.looks],
        )

    @property
    def last(self) -> list[str]:
        """The options of the last call."""
        return list(self.calls[-1][2:-1])


def write_table(folder: Path, name: str = "flowers.csv") -> Path:
    """A file with that name."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n1,2\n")
    return path
