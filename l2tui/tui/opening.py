"""What the app is opened with, and what the main screen makes of it once it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from l2tui.tui.lesson import on_screen
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.screens import dialogs

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.tui.lesson.course import Course
    from l2tui.tui.screens.run import RunScreen
    from l2tui.tui.sweep_client import SweepClient


class Opening(Struct, frozen=True, eq=False):
    """What to begin with; without any of it, a run that trains is offered.

    Attributes:
        start: Whether to begin a run at once.
        table: A table to open with; with `start` as well, it is trained with at once.
        sweep: A sweep to open with.
        compared: What to open the comparison with; leaving it leaves the app.
        course: Lessons to open with.
    """

    start: bool = False
    table: TableToOpen | None = None
    sweep: SweepClient | None = None
    compared: Sequence[Source] = ()
    course: Course | None = None

    def begin(self, screen: RunScreen) -> None:
        """Begins on the main screen, where there is no run yet."""
        if self.table is not None:
            screen.open_table(self.table, start=self.start)
        elif self.start:
            screen.do(screen.controller.begin)
        elif self.course is not None:
            screen.run_worker(on_screen.take(screen, self.course), group="app.lessons", exclusive=True)
        elif self.sweep is not None:
            screen.run_worker(dialogs.show_sweep(screen, self.sweep), group="app.sweep", exclusive=True)
        elif self.compared:
            screen.run_worker(dialogs.show_comparison(screen, self.compared), group="compare", exclusive=True)
        else:
            screen.run_worker(dialogs.offer_live_run(screen), group="offer", exclusive=True)
