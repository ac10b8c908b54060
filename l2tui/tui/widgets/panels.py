"""The panels that show a run as text. Each binds to the screen's view and draws it with a renderable."""

from collections.abc import Iterator
from itertools import zip_longest
from time import monotonic
from typing import Self

from rich.text import Text
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from l2tui.tui.context import context_of, names_of, palette_of
from l2tui.view.data_names import data_summary
from l2tui.view.events import draw_events
from l2tui.view.gauge import draw_gauge, draw_gauge_header, layers_of
from l2tui.view.measures import measure_forms, measures_of
from l2tui.view.palette import Palette
from l2tui.view.run_view import RunView
from l2tui.view.status import draw_facts, draw_legend, draw_status, draw_verdict

_ROOM_FOR_FACTS = 20
_ROOM_FOR_VERDICT = 6
_ROOM_FOR_EVENTS = 6


class RunPanel(Widget):
    """A panel that is drawn anew when the view of the run changes; only lines that differ are shown again."""

    view: reactive[RunView | None] = reactive(None, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn_at = 0.0
        self._drawn_for = Size()
        self._trailing: Timer | None = None
        self._lines: list[Text] = []
        self._strips: list[Strip] = []
        # What changes the edges while lines are handed out is lost: Textual has made those already.
        self._renders = False

    def watch_view(self, before: RunView | None, view: RunView | None) -> None:
        goes_on = before is not None and view is not None and before.phase == view.phase == "running"
        stays = context_of(self.app).drawing.figure_seconds if goes_on else 0.0
        if self._trailing is not None:
            self._trailing.stop()
            self._trailing = None
        if monotonic() - self._drawn_at >= stays:
            self.redraw()
        else:
            self._trailing = self.set_timer(stays, self.redraw)

    def on_resize(self) -> None:
        self.redraw()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.redraw())
        self.redraw()

    def redraw(self) -> None:
        """Draws the text, and has the lines shown that differ."""
        before = self._strips
        self._draw()
        show_changes(self, before, self._strips)

    def _draw(self) -> None:
        self._drawn_at, self._drawn_for = monotonic(), self.size
        if self.view is None or not self.size.area:
            return
        width, known, lines = self.size.width, self._lines, []
        strips = []
        for y, line in enumerate(self._fitting(self.draw(self.view), width)):
            if y == self.size.height:
                break
            same = y < len(known) and known[y] == line and known[y].style == line.style
            strips.append(self._strips[y] if same else Strip(line.render(self.app.console)).crop(0, width))
            lines.append(line)
        self._lines, self._strips = lines, strips

    def _fitting(self, text: Text, width: int) -> Iterator[Text]:
        for line in text.split("\n", allow_blank=True):
            if line.cell_len > width:
                yield from line.wrap(self.app.console, width)
            else:
                yield line

    def render_line(self, y: int) -> Strip:
        """Returns one line."""
        if self._drawn_for != self.size:
            # The picture is not to be shown without the text first.
            self._renders = True
            self._draw()
            self._renders = False
        style = self.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, style)
        return self._strips[y].apply_style(style).extend_cell_length(self.size.width, style)

    def draw(self, view: RunView) -> Text:
        """Returns the panel's text."""
        raise NotImplementedError

    @property
    def palette(self) -> Palette:
        """Colours that suit the theme."""
        return palette_of(self.app)


def show_changes(widget: Widget, before: list[Strip], after: list[Strip]) -> None:
    """Has those lines of a widget drawn again that differ."""
    for y, (old, new) in enumerate(zip_longest(before, after)):
        if old != new:
            widget.refresh(Region(0, y, widget.size.width, 1))


class ChartBox(Vertical):
    """The box around the chart. What its edges say changes often; nothing in the box is drawn again for that."""

    BORDER_TITLE = "Loss"

    def __init__(self, *, id: str | None = None) -> None:
        self._said: str | None = None
        self._forms: tuple[str, ...] = ("",)
        self._named, self._headed = "Loss", ""
        self._titling: int | None = None
        super().__init__(id=id)

    def say(self, *forms: str) -> None:
        """Puts words into the lower edge: the first of their forms that fits, else the last."""
        self._forms = forms
        room = self.size.width - 2
        words = next((form for form in forms if len(form) <= room), forms[-1])
        if words != self._said:
            self._said, self._titling = words, self.size.height
            self.border_subtitle = words
            self._titling = None

    def head(self, words: str) -> None:
        """Puts words behind the title, where they fit."""
        self._headed = words
        self._write_title()

    def entitle(self, title: str) -> None:
        """Gives what the box shows another title."""
        self._named = title
        self._write_title()

    def _write_title(self) -> None:
        named, words = self._named, self._headed
        title = f"{named} ─ {words}" if words and len(named) + len(words) + 6 <= self.size.width else named
        if title != self.border_title:
            self._titling = -1
            self.border_title = title
            self._titling = None

    def on_resize(self) -> None:
        self.say(*self._forms)
        self._write_title()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As in Textual; a title, which has the whole box drawn again there, is its row only."""
        if self._titling is not None:
            regions = (Region(-1, self._titling, self.size.width + 2, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class StatusLine(RunPanel):
    """The top line."""

    def draw(self, view: RunView) -> Text:
        return draw_status(view, self.size.width, self.palette)


class Legend(RunPanel):
    """The values under the chart, at its cursor or at the last epoch."""

    index: reactive[int | None] = reactive(None, init=False, repaint=False)

    def watch_index(self) -> None:
        self.redraw()

    def draw(self, view: RunView) -> Text:
        pointed = self.index is not None
        index = self.index if self.index is not None else -1
        return draw_legend(view, index, self.size.width, self.palette, pointed=pointed)


class WeightGauge(RunPanel):
    """How large the weights are, and what pulls at them, at the chart's cursor or at the last epoch."""

    BORDER_TITLE = "Weights"

    index: reactive[int | None] = reactive(None, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said = ""

    def watch_index(self) -> None:
        self.redraw()

    def draw(self, view: RunView) -> Text:
        # The best weights that were just put back are those of an earlier record.
        restored = view.restored if self.index is None else None
        shown = restored or view.snapshot
        layers = layers_of(shown, self.index) if shown is not None else None
        header = self.styles.border_top[0] != ""
        if not self._renders:
            self._say(measure_forms(measures_of(shown, self.index)) if header and shown is not None else ("",))
        if header and not self._renders:
            index = -1 if restored is not None else self.index
            epoch = float(shown.column("epoch")[index]) if shown is not None and layers and index is not None else None
            self._title(epoch, known=layers is not None)
        return draw_gauge(layers, self.size.width, self.size.height, self.palette, header=header)

    def _say(self, forms: tuple[str, ...]) -> None:
        words = next((form for form in forms if len(form) <= self.size.width - 2), "")
        if words != self.border_subtitle:
            self.border_subtitle = Content(words)

    def _title(self, epoch: float | None, *, known: bool) -> None:
        words = "Weight norm" if epoch is None else f"Norm at {epoch:.0f}"
        title = draw_gauge_header(self.size.width, words) if known else Content("Weights")
        # A new title has the whole box drawn again.
        if title.plain != self._said:
            self._said = title.plain
            self.border_title = title


class VerdictPanel(RunPanel):
    """Is it memorising, since when, and what to try."""

    def draw(self, view: RunView) -> Text:
        summary = data_summary(view.pending)
        verdict = draw_verdict(view, summary, self.size.width, self.size.height, self.palette, names_of(self.app))
        if self.size.height >= _ROOM_FOR_FACTS:
            # Whatever lies below is to stay in its place when the evidence gets a line more or less.
            verdict.append("\n" * max(2, _ROOM_FOR_VERDICT - verdict.plain.count("\n")))
            verdict.append_text(draw_facts(view, self.palette, names_of(self.app)))
            self._add_events(view, verdict)
        return verdict

    def _add_events(self, view: RunView, text: Text) -> None:
        width = self.size.width
        room = self.size.height - sum(1 for _ in self._fitting(text, width))
        if view.snapshot is not None and room >= _ROOM_FOR_EVENTS:
            text.append("\n").append_text(draw_events(view.snapshot.events, width, room, self.palette))
