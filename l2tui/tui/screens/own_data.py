"""What the main screen does with a table of a person's own, and with the weights that were learnt."""

from __future__ import annotations

from pathlib import Path

import msgspec
from textual import work
from textual.reactive import reactive

from l2tui.data.table.summary import TableSummary
from l2tui.errors import L2tuiError
from l2tui.settings import Settings, TableChoice, changed
from l2tui.tui.editing import KEPT_WITH_NEW_DATA
from l2tui.tui.key_names import names_of
from l2tui.tui.own_table import OwnTable, TableToOpen, data_name, is_table, same_data, with_kept
from l2tui.tui.run_client import AttachedRun
from l2tui.tui.run_view import RunView
from l2tui.tui.screens.following import FollowingScreen


class OwnDataScreen(FollowingScreen):
    """Opens a table and plans a run on it, tells what was done to it, tests and exports the weights.

    Attributes:
        table: The table that was opened last.
    """

    table: reactive[OwnTable | None] = reactive(None, init=False)

    def watch_planned(self, planned: Settings) -> None:
        # A run that is looked at brings its table along.
        if is_table(planned) and (self.table is None or not same_data(self.table.settings, planned)):
            self.table = OwnTable(planned, planned.train_size)

    @work(exclusive=True, group="table")
    async def action_open_table(self) -> None:
        """Asks for a file, shows what is in it, and plans a run on it."""
        from l2tui.tui.screens.open_file import OpenScreen

        path = await self.app.push_screen_wait(OpenScreen())
        if path is not None:
            self.open_table(TableToOpen(path))

    @work(exclusive=True, group="preview")
    async def open_table(self, table: TableToOpen, *, start: bool = False) -> None:
        """Shows what is in a table, and plans a run on it if it is accepted.

        Args:
            table: The table.
            start: Whether to accept it and to begin at once.
        """
        from l2tui.tui.screens.preview import PreviewScreen

        choice = table.choice
        if is_table(self.planned) and self.planned.table and self.planned.data == str(table.path.absolute()):
            choice = self.planned.table
        summary = await self.app.push_screen_wait(
            PreviewScreen(table.path, choice, seed=self.planned.seed, accept=start)
        )
        if summary is None:
            return
        try:
            self._take(summary, table)
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if start:
            self._begin(paused=False)

    def _take(self, summary: TableSummary, table: TableToOpen) -> None:
        # A guess that was accepted is a choice: the run is to say what it predicts.
        choice = msgspec.structs.replace(summary.settings.table or TableChoice(), target=summary.target)
        settings = msgspec.structs.replace(summary.settings, table=choice)
        settings = with_kept(settings, self.planned, KEPT_WITH_NEW_DATA)
        # `l2tui FILE --l2 0.1`: what was asked for goes before what is recommended.
        settings = changed(settings, **table.values)
        self.table = OwnTable(settings, summary.parts[0])
        if not self.is_live:
            self._forget_run()
        self.planned = settings
        started = self.view.worker_started if self.view is not None else False
        self._show(started)

    def _forget_run(self) -> None:
        """Clears the screen of a run that has ended."""
        self.workers.cancel_group(self, "follow")
        self._client, self._snapshot, self.index, self.running = None, None, None, None
        self.view = RunView(self.planned)

    def action_preparation(self) -> None:
        """Shows what was done to the columns of the table."""
        from l2tui.tui.screens.preparation import PreparationScreen, stored_preparation

        settings = self.running or self.planned
        try:
            stored = stored_preparation(self._client)
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if stored is not None:
            self.app.push_screen(PreparationScreen(stored, data_name(settings)))
        elif is_table(self.planned) and not self.is_live:
            self.open_table(TableToOpen(Path(self.planned.data)))
        else:
            name = data_name(settings)
            opens = names_of(self.app)["table.open"]
            why = "has not been read yet" if is_table(settings) else f"is built in: {opens} opens a table of your own"
            self.notify(f"{name} {why}.", timeout=4, markup=False)

    def action_results(self) -> None:
        """Shows how good the best weights are."""
        from l2tui.tui.screens.results import ResultsScreen

        run = self._run_with_weights()
        if run is not None:
            self.app.push_screen(ResultsScreen(run.path))

    def action_export(self) -> None:
        """Asks what to export, and writes it."""
        from l2tui.tui.screens.export import ExportScreen

        run = self._run_with_weights()
        if run is not None:
            self.app.push_screen(ExportScreen(run.path))

    def _run_with_weights(self) -> AttachedRun | None:
        if isinstance(self._client, AttachedRun):
            return self._client
        train = names_of(self.app)["run.toggle"]
        words = f"There are no weights yet: {train} trains." if self._client is None else "A log has no weights."
        self.notify(words, timeout=3, markup=False)
        return None
