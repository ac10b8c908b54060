"""What of a run is exported, and where it went."""

from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from l2tui.errors import L2tuiError
from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.screens.text import TextScreen
from l2tui.tui.tools import ask_tool
from l2tui.view.keys import bind
from l2tui.view.plain import printable


class Exported(Struct, frozen=True):
    """What an export came to.

    Attributes:
        path: The file that was written, if any.
        text: What it says, for a person to read.
    """

    path: str | None = None
    text: str | None = None


_WORDS = {
    "export.npz": "weights as .npz, for NumPy",
    "export.onnx": "the whole network as .onnx",
    "export.recipe": "recipe: this λ in Keras, PyTorch, optax, sklearn",
    "export.back": "back",
}


class ExportScreen(LeftOnce, ModalScreen[TextScreen | None]):
    """Asks for the form of an export; returns what it came to, to be shown, or None.

    Args:
        run: The run's directory.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "export('npz')", "weights", "the best weights, for NumPy", "export.npz"),
        bind("o", "export('onnx')", "ONNX", "the whole network, for ONNX", "export.onnx"),
        bind("r", "export('recipe')", "recipe", "λ for other tools", "export.recipe"),
        bind("escape,q,e", "dismiss(None)", "back", "back to the run", "export.back"),
    ]

    def __init__(self, run: Path) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choices"):
            yield Label("Export the best weights", classes="title")
            names = names_of(self.app)
            for id, words in _WORDS.items():
                yield Label(f"{names.by_id(ExportScreen, id):<5}{words}", markup=False)
            yield Label("", id="line-words", markup=False)

    @work(exclusive=True, group="export")
    async def action_export(self, form: str) -> None:
        """Writes it."""
        self._say("Writing ...")
        try:
            exported = await ask_tool(Exported, "export", str(self._run.absolute()), form, "--json")
        except L2tuiError as error:
            self._say(str(error), wrong=True)
        else:
            where = f"written to {exported.path}" if exported.path else ""
            text = "\n\n".join(filter(None, (where, exported.text)))
            self.dismiss(TextScreen("Recipe" if form == "recipe" else "Exported", text))

    def _say(self, words: str, *, wrong: bool = False) -> None:
        label = self.query_one("#line-words", Label)
        label.set_class(wrong, "wrong")
        label.update(f"\n{printable(words)}")
