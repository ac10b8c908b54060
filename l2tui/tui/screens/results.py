"""How good the best weights are: on the validation part, and on the test part if one asks twice."""

from pathlib import Path
from typing import ClassVar, Literal

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from l2tui.errors import L2tuiError
from l2tui.runs.results import PartResult
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.tools import ask_tool
from l2tui.view.keys import bind
from l2tui.view.plain import printable
from l2tui.view.results import draw_numbers, draw_picture, draw_result_title, error_words, looks
from l2tui.view.status import draw_keys

Part = Literal["val", "test"]


class ResultsScreen(LeftOnce, Screen[None]):
    """Loss, score and a picture of the predictions.

    Args:
        run: The run's directory.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("t,enter", "reveal", "test part", "look at the test part", "results.test"),
        bind("v", "turn", "other part", "the picture of the other part", "results.turn"),
        bind("escape,q", "dismiss", "back", "back to the run", "results.back"),
    ]

    def __init__(self, run: Path) -> None:
        super().__init__()
        self._run = run
        self._results: dict[Part, PartResult] = {}
        self._part: Part = "val"
        self._forms: tuple[str, ...] = ("",)
        self._wrong = False
        self._busy = False

    def compose(self) -> ComposeResult:
        yield Static(id="result-title")
        yield Static(id="result-numbers")
        yield Static(id="result-picture")
        yield Static(id="result-words")
        yield Static(id="result-keys")

    def on_mount(self) -> None:
        self.query_one("#result-numbers").border_title = "How good it is"
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self._measure("val")

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    @work(exclusive=True, group="measure")
    async def _measure(self, part: Part) -> None:
        self._busy, self._wrong = True, False
        self._forms = ("Measuring on the test part ..." if part == "test" else "Measuring on the validation part ...",)
        self._show()
        try:
            self._results[part] = await ask_tool(
                PartResult, "test", str(self._run.absolute()), "--part", part, "--json"
            )
        except L2tuiError as error:
            self._forms, self._wrong = (str(error),), True
        else:
            self._part = part
            self._forms = self._about_looks()
        self._busy = False
        self._show()

    def _about_looks(self) -> tuple[str, ...]:
        known = self._results.get("test") or self._results["val"]
        end = ", this look included." if known.part == "test" else "; every look is written down."
        # The count matters most where there is little room.
        short = f"{looks(known.looks)}{end}"
        return f"{looks(known.looks, known.looks_l2)}{end}", short, short.replace(" so far", "")

    def action_reveal(self) -> None:
        """Looks at the test part, once the validation part has been shown."""
        if "val" in self._results and not self._busy:
            if "test" in self._results:
                self._part = "test"
                self._show()
            else:
                self._measure("test")

    def action_turn(self) -> None:
        """Shows the picture of the other part, if both are known."""
        if len(self._results) == 2:
            self._part = "val" if self._part == "test" else "test"
            self._show()

    def _show(self) -> None:
        palette = palette_of(self.app)
        text = next((form for form in self._forms if len(form) < self.size.width), self._forms[-1])
        words = Text(f" {printable(text)}", palette.bad if self._wrong else palette.decay, no_wrap=True)
        words.truncate(max(1, self.size.width), overflow="ellipsis")
        self.query_one("#result-words", Static).update(words)
        keys: list[tuple[str, str]] = []
        if self._results:
            keys = [("turn", "val / test") if len(self._results) == 2 else ("test", "look at the test part")]
        names = names_of(self.app)
        named = [(names.by_id(ResultsScreen, f"results.{id}"), word) for id, word in (*keys, ("back", "back"))]
        line = draw_keys(named, self.size.width, palette)
        self.query_one("#result-keys", Static).update(line)
        result = self._results.get(self._part)
        if result is None:
            return
        self.query_one("#result-title", Static).update(draw_result_title(result, self.size.width, palette))
        both = tuple(self._results[part] for part in ("val", "test") if part in self._results)
        numbers = self.query_one("#result-numbers", Static)
        numbers.update(draw_numbers(both, numbers.content_size.width, palette))
        # The numbers take the lines that they need, and the picture those that are left.
        self.call_after_refresh(self._draw_picture, result)

    def _draw_picture(self, result: PartResult) -> None:
        picture = self.query_one("#result-picture", Static)
        part = "test part" if self._part == "test" else "validation part"
        what = "Confusion matrix" if result.class_names else "Predicted against true"
        picture.border_title = f"{what}: {part}"
        picture.border_subtitle = Content(error_words(result, picture.size.width - 8))
        picture.update(draw_picture(result, *picture.content_size, palette_of(self.app)))
