"""The question that is asked before leaving while a training runs."""

from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.view.key_names import bindings_of
from l2tui.view.keys import bind

Choice = Literal["stop", "leave"]


class LeaveScreen(LeftOnce, ModalScreen[Choice | None]):
    """Stop and keep the run, leave it running, or stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("s,enter", "choose('stop')", "stop", "stop it, keep the run", "leave.stop"),
        bind("l,d", "choose('leave')", "leave running", "leave it running", "leave.leave"),
        bind("escape,c,q", "choose(None)", "cancel", "stay here", "leave.cancel"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("A training is running.", classes="title")
            names = names_of(self.app)
            for binding in bindings_of(LeaveScreen):
                yield Label(Text(f"{names.first(binding):<5}", "bold").append(binding.tooltip, "not bold"))

    def action_choose(self, choice: Choice | None) -> None:
        """Closes the question with an answer."""
        self.dismiss(choice)
