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
    """Stop and keep the run, leave it as it is, or stay.

    Args:
        paused: Whether it is paused.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("s,enter", "dismiss('stop')", "stop", "stop it, keep the run", "leave.stop"),
        bind("l,d", "dismiss('leave')", "leave running", "leave it running", "leave.leave"),
        bind("escape,c,q", "dismiss(None)", "cancel", "stay here", "leave.cancel"),
    ]

    def __init__(self, *, paused: bool) -> None:
        super().__init__()
        self._state = "paused" if paused else "running"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(f"A training is {self._state}.", classes="title")
            names = names_of(self.app)
            for binding in bindings_of(LeaveScreen):
                words = f"leave it {self._state}" if binding.id == "leave.leave" else binding.tooltip
                yield Label(Text(f"{names.first(binding):<5}", "bold").append(words, "not bold"))
