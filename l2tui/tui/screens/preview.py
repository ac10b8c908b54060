"""A table before it is trained with: what to predict, what to leave out, how to split."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Literal

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from l2tui.data.table.summary import ColumnSummary, TableSummary
from l2tui.errors import L2tuiError
from l2tui.settings import TableChoice
from l2tui.tui import choosing
from l2tui.tui.recent import remember_table
from l2tui.tui.screens.table import Keys, TableScreen
from l2tui.tui.screens.text import LineScreen
from l2tui.tui.tools import ToolProgress, ask_tool
from l2tui.tui.widgets.columns import ColumnList
from l2tui.view.figures import bar
from l2tui.view.keys import bind
from l2tui.view.plain import printable

# Keys that follow upon each other closely make for one look at the table.
DEBOUNCE_SECONDS = 0.25
_BAR = 24


class PreviewScreen(TableScreen):
    """Looks at a table again whenever the choice changes; returns the last summary if it is accepted.

    Args:
        path: The file.
        choice: How to read it at first.
        seed: What the rows are split by.
        accept: Whether to accept it as it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("a", "accept", "train", "train with it", "preview.accept"),
        bind("t,enter", "target", "target", "predict this column", "preview.target"),
        bind("c", "candidate", "next", "predict the next likely column", "preview.candidate"),
        bind("x,space", "drop", "leave out", "leave it out, or take it back", "preview.drop"),
        bind("k", "task", "task", "predict a class, or a number", "preview.task"),
        bind("s", "split", "split", "shares of train, val and test", "preview.split"),
        bind("l", "transform", "log", "by its logarithm, its rank, as it is", "preview.log"),
        bind("g", "role('group')", "group", "keep its equal rows together", "preview.group"),
        bind("o", "role('time')", "order", "split in its order", "preview.order"),
        bind("r", "rows", "rows", "how many rows to use", "preview.rows"),
    ]
    KEYS: ClassVar[Keys] = (
        ("preview.accept", "train with it"),
        ("preview.target", "target"),
        ("preview.candidate", "next"),
        ("preview.drop", "leave out"),
        ("preview.task", "task"),
        ("preview.split", "split"),
        ("preview.log", "log"),
        ("preview.group", "group"),
        ("preview.order", "order"),
        ("preview.rows", "rows"),
        ("table.notes", "notes"),
        ("table.keys", "keys"),
        ("table.back", "back"),
    )

    def __init__(self, path: Path, choice: TableChoice, *, seed: int = 0, accept: bool = False) -> None:
        super().__init__()
        self._path, self._seed, self._accept = path, seed, accept
        self._choice = self._good = choice
        self._looking = False

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static(id="waiting", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._look(0.0)

    @work(exclusive=True, group="look")
    async def _look(self, seconds: float) -> None:
        self._looking = True
        self.show()
        self._tell(ToolProgress(0.0, "reading"))
        await asyncio.sleep(seconds)
        try:
            arguments = choosing.inspect_arguments(self._path, self._choice, self._seed)
            summary = await ask_tool(TableSummary, *arguments, on_progress=self._tell)
        except L2tuiError as error:
            self._fail(str(error))
        else:
            self._arrive(summary)

    def _arrive(self, summary: TableSummary) -> None:
        first = self._summary is None
        notes, alarms = (tuple(map(choosing.without_options, lines)) for lines in (summary.notes, summary.alarms))
        summary = msgspec.structs.replace(summary, notes=notes, alarms=alarms)
        self._summary, self._looking = summary, False
        # What was chosen, not what the table made of it: a guess stays one.
        self._good = self._choice
        if first:
            remember_table(self._path)
        self.say(_words(self._choice))
        self.show()
        if first:
            names = [column.name for column in summary.columns]
            self.query_one(ColumnList).selected = names.index(summary.target) if summary.target in names else 0
            # Only now there is room for it.
            self.call_after_refresh(self.show)
        if self._accept:
            self.dismiss(summary)

    def _fail(self, words: str) -> None:
        self._looking, self._accept = False, False
        words = choosing.without_options(words.removeprefix(f"{self._path.absolute()}: "))
        if self._summary is not None:
            self._choice = self._good
            self.say(words, wrong=True)
        else:
            self._fill_middle(f"{printable(self._path.name)} cannot be used as it is.\n\n{printable(words)}")
            self.show()

    def _tell(self, progress: ToolProgress) -> None:
        done = bar(progress.done, _BAR).rstrip().ljust(_BAR, "─")
        doing = printable(progress.doing) or "reading"
        if self._summary is not None:
            self.say(f"{doing} {done} {100 * progress.done:3.0f} %")
        else:
            self._fill_middle(f"{printable(self._path.name)}\n\n{done} {100 * progress.done:3.0f} %\n{doing}")

    @property
    def keys_shown(self) -> Keys:
        """The keys of the bottom line: as long as there is no table, only those that help then."""
        if self._summary is not None:
            return self.KEYS
        if self._looking:
            return (("table.back", "cancel"),)
        return (("preview.target", "name the target"), ("preview.drop", "leave columns out"), ("table.back", "back"))

    def _fill_middle(self, words: str) -> None:
        self.query_one("#waiting", Static).update(words)

    def _choose(self, change: Callable[[ColumnSummary, TableSummary], TableChoice]) -> None:
        """Changes the choice by the selected column, and looks again."""
        column = self.query_one(ColumnList).column
        if self._summary is None or column is None:
            return
        try:
            choice = change(column, self._summary)
        except L2tuiError as error:
            self.say(str(error), wrong=True)
            return
        self._take(choice)

    def _take(self, choice: TableChoice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._look(DEBOUNCE_SECONDS)

    def action_accept(self) -> None:
        """Trains with the table, as soon as the last look has ended."""
        if self._looking:
            self._accept = True
        elif self._summary is not None:
            self.dismiss(self._summary)

    def action_target(self) -> None:
        """Makes the selected column the target."""
        if self._summary is None:
            self._ask("Column to predict", self._choice.target or "", choosing.with_target)
            return
        column = self.query_one(ColumnList).column
        if column is not None and column.name == self._summary.target and not self._looking:
            self.say(f"That is the target already. {self.key_name('preview.accept')} trains with it.")
        else:
            self._choose(lambda column, _: choosing.with_target(self._choice, column.name))

    def action_candidate(self) -> None:
        """Makes the next of the likeliest columns the target."""
        self._choose(lambda _, summary: choosing.with_next_candidate(self._choice, summary))

    def action_drop(self) -> None:
        """Leaves the selected column out, or takes it back."""
        if self._summary is None:
            self._ask("Columns to leave out, with commas between", ",".join(self._choice.drop), choosing.with_drops)
        else:
            self._choose(lambda column, summary: choosing.with_dropped(self._choice, summary, column))

    def action_task(self) -> None:
        """Predicts a number in place of a class, or the other way round."""
        self._choose(lambda _, summary: choosing.with_other_task(self._choice, summary))

    def action_transform(self) -> None:
        """Takes the logarithm, the rank, or the value as it is."""
        self._choose(lambda column, _: choosing.with_transform(self._choice, column))

    def action_role(self, role: Literal["group", "time"]) -> None:
        """Groups or orders the rows by the selected column, or no longer."""
        self._choose(lambda column, summary: choosing.with_role(self._choice, summary, column.name, role))

    def action_split(self) -> None:
        """Asks for the shares of the parts."""
        self._ask("Train, validation and test, in per cent", choosing.show_split(self._choice), choosing.with_split)

    def action_rows(self) -> None:
        """Asks how many rows to use."""
        rows = self._choice.rows
        self._ask("Rows to use at most, or all", "all" if rows is None else str(rows), choosing.with_rows)

    @work(exclusive=True, group="ask")
    async def _ask(self, title: str, value: str, change: Callable[[TableChoice, str], TableChoice]) -> None:
        text = await self.app.push_screen_wait(LineScreen(title, value, lambda text: change(self._choice, text)))
        if text is not None:
            self._take(change(self._choice, text))


def _words(choice: TableChoice) -> str:
    """Returns what was chosen beyond the target, in a line."""
    parts = [f"left out: {', '.join(choice.drop)}"] if choice.drop else []
    parts += [f"{name} by its {'logarithm' if kind == 'log' else kind}" for name, kind in choice.transform]
    parts += [f"groups of {choice.group}"] if choice.group else []
    parts += [f"in the order of {choice.time}"] if choice.time else []
    return " · ".join(parts)
