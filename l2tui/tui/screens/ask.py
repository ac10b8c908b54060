"""Small questions: yes or no, and a name with a note."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from l2tui.runs.info import Note
from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.widgets.steady_input import SteadyInput
from l2tui.view.keys import bind
from l2tui.view.plain import printable


class AskScreen(LeftOnce, ModalScreen[bool]):
    """Yes or no.

    Args:
        question: What is asked.
        yes: What "yes" does, in a few words.
        no: What "no" does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("y", "dismiss(True)", "yes", "answer a question with yes", "ask.yes"),
        bind("n,escape,q", "dismiss(False)", "no", "answer a question with no", "ask.no"),
    ]

    def __init__(self, question: str, yes: str, no: str = "leave it") -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(printable(self._question), classes="title", markup=False)
            names = names_of(self.app)
            yield Label(f"{names.by_id(AskScreen, 'ask.yes'):<5}{self._yes}", markup=False)
            yield Label(f"{names.by_id(AskScreen, 'ask.no'):<5}{self._no}", markup=False)


class NoteScreen(LeftOnce, ModalScreen[Note | None]):
    """A name and a note for a run.

    Args:
        note: What is there already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "dismiss(None)", "cancel", "leave it as it was", "note.cancel", priority=True),
    ]

    def __init__(self, note: Note) -> None:
        super().__init__()
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog note"):
            yield Label("Name", classes="title")
            yield SteadyInput(self._note.title, max_length=60, id="title", compact=True)
            yield Label("Note", classes="title")
            yield SteadyInput(self._note.text, max_length=500, id="text", compact=True)
            cancel = names_of(self.app).by_id(NoteScreen, "note.cancel")
            yield Label(f"enter keeps it, {cancel} leaves it as it was", markup=False)

    def on_mount(self) -> None:
        self.query_one("#title").focus()

    def on_input_submitted(self) -> None:
        title, text = (self.query_one(f"#{name}", Input).value.strip() for name in ("title", "text"))
        self.dismiss(Note(title, text))
