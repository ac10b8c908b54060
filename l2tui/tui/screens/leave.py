"""The question that is asked before leaving while a training runs."""

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

Choice = Literal["stop", "leave"]


class LeaveScreen(ModalScreen[Choice | None]):
    """Stop and keep the run, leave it running, or stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,enter", "choose('stop')", "stop", show=False, id="leave.stop"),
        Binding("l,d", "choose('leave')", "leave running", show=False, id="leave.leave"),
        Binding("escape,c,q", "choose(None)", "cancel", show=False, id="leave.cancel"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("A training is running.", classes="title")
            yield Label("[b]s[/b]    stop it, keep the run")
            yield Label("[b]l[/b]    leave it running")
            yield Label("[b]esc[/b]  stay here")

    def action_choose(self, choice: Choice | None) -> None:
        """Closes the question with an answer."""
        self.dismiss(choice)
