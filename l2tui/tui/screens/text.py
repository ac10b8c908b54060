"""A text to read, and a line to type."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from l2tui.errors import L2tuiError
from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.widgets.steady_input import SteadyInput
from l2tui.view.keys import bind
from l2tui.view.plain import printable


class TextScreen(LeftOnce, ModalScreen[None]):
    """A text that scrolls; any of its keys closes it.

    Args:
        title: What it is.
        text: Its lines.
    """

    BINDINGS: ClassVar[list[BindingType]] = [bind("escape,q,enter,space", "dismiss", "close", "back", "text.close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._heading = title
        self._text = "\n".join(printable(line) for line in text.splitlines())

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog text") as box:
            box.border_title = self._heading
            box.border_subtitle = Content(f"↑ ↓ scroll · {names_of(self.app).by_id(TextScreen, 'text.close')} closes")
            yield Static(self._text, markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


class LineScreen(LeftOnce, ModalScreen[str | None]):
    """A line to type.

    Args:
        title: What is asked for.
        value: What is there already.
        check: Raises an error whose text is shown if the line is of no use.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "dismiss(None)", "cancel", "leave it as it was", "line.cancel", priority=True)
    ]

    def __init__(self, title: str, value: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self._heading, self._value, self._check = title, value, check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog note"):
            yield Label(self._heading, classes="title", markup=False)
            yield SteadyInput(self._value, compact=True, select_on_focus=True)
            cancel = names_of(self.app).by_id(LineScreen, "line.cancel")
            yield Label(f"enter keeps it, {cancel} leaves it as it was", id="line-words", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self._check(event.value)
        except L2tuiError as error:
            words = self.query_one("#line-words", Label)
            words.update(printable(str(error)))
            words.add_class("wrong")
            return
        self.dismiss(event.value)
