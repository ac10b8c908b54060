"""The panels that show a run as text. Each binds to the screen's view and draws it with a renderable."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from l2tui.data.catalogue import CATALOGUE
from l2tui.tui.renderables.gauge import draw_gauge, layers_of
from l2tui.tui.renderables.status import draw_facts, draw_keys, draw_legend, draw_status, draw_verdict
from l2tui.tui.run_view import RunView
from l2tui.tui.themes import Palette, palette_for

_ROOM_FOR_FACTS = 20


class RunPanel(Widget):
    """A panel that is drawn anew when the view of the run changes, and only if its text does."""

    view: reactive[RunView | None] = reactive(None, layout=False, init=False)
    _text: reactive[Text] = reactive(Text, layout=False)

    def watch_view(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.redraw())
        self.redraw()

    def redraw(self) -> None:
        """Draws the text; equal text is not sent to the terminal again."""
        if self.view is not None and self.size.width > 0:
            text = self.draw(self.view)
            # Texts are compared by their spans and not by the style of the whole.
            text.stylize_before(text.style)
            self._text = text

    def draw(self, view: RunView) -> Text:
        """Returns the panel's text."""
        raise NotImplementedError

    def render(self) -> Text:
        return self._text

    @property
    def palette(self) -> Palette:
        """Colours that suit the theme."""
        return palette_for(self.app.current_theme)


class StatusLine(RunPanel):
    """The top line."""

    def draw(self, view: RunView) -> Text:
        return draw_status(view, self.size.width, self.palette)


class Legend(RunPanel):
    """The values under the chart, at its cursor or at the last epoch."""

    index: reactive[int | None] = reactive(None, init=False)

    def watch_index(self) -> None:
        self.redraw()

    def draw(self, view: RunView) -> Text:
        pointed = self.index is not None
        index = self.index if self.index is not None else -1
        return draw_legend(view, index, self.size.width, self.palette, pointed=pointed)


class WeightGauge(RunPanel):
    """How large the weights are, and what pulls at them."""

    BORDER_TITLE = "Weights"

    def draw(self, view: RunView) -> Text:
        layers = layers_of(view.snapshot) if view.snapshot is not None else None
        return draw_gauge(layers, self.size.width, self.size.height, self.palette)


class VerdictPanel(RunPanel):
    """Is it memorising, since when, and what to try."""

    def draw(self, view: RunView) -> Text:
        summary = CATALOGUE[view.planned.data].summary if view.planned.data in CATALOGUE else ""
        verdict = draw_verdict(view, summary, self.size.width, self.size.height, self.palette)
        if self.size.height >= _ROOM_FOR_FACTS:
            verdict.append("\n\n").append_text(draw_facts(view, self.palette))
        return verdict


class KeyLine(RunPanel):
    """The keys that matter most, in the bottom line."""

    def draw(self, view: RunView) -> Text:
        pause = "pause" if view.phase == "running" else "run"
        pairs = (
            ("space", pause),
            ("+ -", "λ"),
            ("0", "λ off"),
            ("b", "best"),
            ("R", "restart"),
            ("y", "log"),
            ("z", "zoom"),
            ("?", "help"),
            ("q", "quit"),
        )
        return draw_keys(pairs, self.size.width, self.palette)
