"""What of a run is exported, and where it went."""

from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from l2tui.errors import L2tuiError
from l2tui.tui.context import names_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.screens.text import TextScreen
from l2tui.tui.tools import ask_tool
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


class ExportScreen(LeftOnce, ModalScreen[None]):
    """Asks for the form of an export.

    Args:
        run: The run's directory.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "export('npz')", "weights", show=False, id="export.npz", tooltip="the best weights, for NumPy"),
        Binding("o", "export('onnx')", "ONNX", show=False, id="export.onnx", tooltip="the whole network, for ONNX"),
        Binding("r", "export('recipe')", "recipe", show=False, id="export.recipe", tooltip="λ for other tools"),
        Binding("escape,q,e", "dismiss", "back", show=False, id="export.back", tooltip="back to the run"),
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
        """Writes it, and tells where to."""
        words = self.query_one("#line-words", Label)
        words.remove_class("wrong")
        words.update("\nWriting ...")
        try:
            exported = await ask_tool(Exported, "export", str(self._run.absolute()), form, "--json")
        except L2tuiError as error:
            self._fail(str(error))
        else:
            where = f"written to {exported.path}" if exported.path else ""
            text = "\n\n".join(filter(None, (where, exported.text)))
            shown = TextScreen("Recipe" if form == "recipe" else "Exported", text)
            if self.is_active:
                self.app.switch_screen(shown)
            else:
                # What lies on this one has to be answered, not replaced.
                self.dismiss()
                self.app.push_screen(shown)

    def _fail(self, words: str) -> None:
        label = self.query_one("#line-words", Label)
        label.add_class("wrong")
        label.update(f"\n{printable(words)}")
