"""What was done to the columns of a run's table."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from l2tui.runs.stored import read_json
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.run_client import AttachedRun, RunFeed
from l2tui.tui.screens.once import LeftOnce
from l2tui.view.keys import bind
from l2tui.view.plain import printable
from l2tui.view.preparation import StoredPreparation, draw_preparation


class PreparationScreen(LeftOnce, ModalScreen[None]):
    """The columns of a table as a run was trained on them, to read.

    Args:
        stored: What the run keeps of them.
        name: What the table is called.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,q,enter,space,D", "dismiss", "close", "back", "preparation.close")
    ]

    def __init__(self, stored: StoredPreparation, name: str) -> None:
        super().__init__()
        self._stored, self._table_name = stored, name

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog text") as box:
            close = names_of(self.app).by_id(PreparationScreen, "preparation.close")
            box.border_subtitle = Content(f"↑ ↓ scroll · {close} closes")
            yield Static(draw_preparation(self._stored, palette_of(self.app)))

    def on_mount(self) -> None:
        box = self.query_one(VerticalScroll)
        box.border_title = Content(f"What was done to {printable(self._table_name)}")
        box.focus()


def stored_preparation(client: RunFeed | None) -> StoredPreparation | None:
    """Returns what a run has written down of its table, None where there is nothing.

    Raises:
        RunError: It cannot be read.
    """
    if not isinstance(client, AttachedRun):
        return None
    return read_json(client.run, client.run.preparation, StoredPreparation)
