"""Which losses of a log are meant, where it has several pairs."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList

from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.view.keys import bind
from l2tui.view.plain import printable


class PairsScreen(LeftOnce, ModalScreen[str | None]):
    """A list of pairs of losses to choose from.

    Args:
        pairs: Their names.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,q", "dismiss(None)", "cancel", "leave the losses as they are", "pairs.cancel")
    ]

    def __init__(self, pairs: tuple[str, ...]) -> None:
        super().__init__()
        self._pairs = pairs

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Which losses?", classes="title")
            yield OptionList(*map(printable, self._pairs), markup=False, compact=True)
            cancel = names_of(self.app).by_id(PairsScreen, "pairs.cancel")
            yield Label(f"enter takes one, {cancel} leaves it", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._pairs[message.option_index])
