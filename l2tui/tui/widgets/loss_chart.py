"""The chart of both losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from l2tui.tui.context import look_of, names_of, palette_of
from l2tui.tui.messages import CursorMoved
from l2tui.tui.widgets.panels import show_changes
from l2tui.view.chart.data import chart_data, recorded_epochs
from l2tui.view.chart.model import ChartStyles, LossPlotData, LossPlotOptions
from l2tui.view.intro import draw_intro
from l2tui.view.keys import bind
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from l2tui.view.chart.epoch_axis import XAxis

Draw = Callable[[LossPlotData, LossPlotOptions, ChartStyles], list[Strip]]

# Cells that the labels of the loss axis take.
_AXIS_CELLS = 6
_DRAWN_ANEW_BY = ("view", "log_y", "smooth", "recent", "index", "draw")


class LossChart(Widget, can_focus=True):
    """Shows train and val loss with their marks.

    The module that draws takes longer to load than the first picture may wait, so the screen hands it over as `draw`
    once it is there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "cursor(-1)", "cursor left", "read values further back", "chart.left"),
        bind("right", "cursor(1)", "cursor right", "read values further on", "chart.right"),
        bind("shift+left", "cursor(-10)", "10 left", "ten columns back", "chart.left10"),
        bind("shift+right", "cursor(10)", "10 right", "ten columns on", "chart.right10"),
    ]

    # Each leads to a new drawing, of which only the lines that differ are shown.
    view: reactive[RunView | None] = reactive(None, init=False, repaint=False)
    log_y: reactive[bool] = reactive(False, init=False, repaint=False)
    smooth: reactive[bool] = reactive(False, init=False, repaint=False)
    recent: reactive[bool] = reactive(False, init=False, repaint=False)
    index: reactive[int | None] = reactive(None, init=False, repaint=False)
    draw: reactive[Draw | None] = reactive(None, init=False, repaint=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._drawn_for = Size()
        self._width = 80

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.redraw())
        for name in _DRAWN_ANEW_BY:
            self.watch(self, name, self.redraw, init=False)

    def on_resize(self) -> None:
        self._width = self.size.width or self._width
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Puts the cursor where the mouse points."""
        if self.view is not None and (epochs := recorded_epochs(self.view)) is not None:
            axis = self._axis(self.view, epochs)
            share = (event.x - _AXIS_CELLS + 0.5) / axis.cells
            self._point_at(int(epochs.searchsorted(axis.low + share * (axis.high - axis.low))), epochs)

    def action_cursor(self, direction: int) -> None:
        """Moves the cursor by columns."""
        if self.view is not None and (epochs := recorded_epochs(self.view)) is not None:
            axis = self._axis(self.view, epochs)
            start = len(epochs) - 1 if self.index is None else min(self.index, len(epochs) - 1)
            reached = int(epochs.searchsorted(epochs[start] + direction * (axis.high - axis.low) / axis.cells))
            self._point_at(max(start + 1, reached) if direction > 0 else min(start - 1, reached), epochs)

    def to_mark(self, direction: int) -> None:
        """Moves the cursor to the next ★, ▲ or change of λ on a side, round the end; without a cursor from the end."""
        if self.view is None or (epochs := recorded_epochs(self.view)) is None:
            return
        data = chart_data(self.view, None)
        single = (data.best_epoch, data.confirmed_epoch, data.onset_epoch, *data.withdrawn_epochs)
        marks = {*(epoch for epoch in single if epoch is not None), *(epoch for epoch, _, _ in data.l2_changes)}
        places = sorted({int(epochs.searchsorted(min(epoch, epochs[-1]))) for epoch in marks})
        if not places:
            return
        here = len(epochs) if self.index is None else self.index
        ahead = [place for place in places if (place - here) * direction > 0]
        # Past the last mark comes the first one.
        self._point_at((ahead or places)[0 if direction > 0 else -1], epochs)

    def _axis(self, view: RunView, epochs: NDArray[np.float64]) -> XAxis:
        from l2tui.view.chart.epoch_axis import x_axis

        # Behind a picture the chart has no width, and its cursor moves as it did before.
        return x_axis(float(epochs[-1]), view.planned, max(1, self._width - _AXIS_CELLS), recent=self.recent)

    def _point_at(self, index: int, epochs: NDArray[np.float64]) -> None:
        self.post_message(CursorMoved(max(0, min(len(epochs) - 1, index))))

    def redraw(self) -> None:
        """Draws the chart and has the lines shown that differ."""
        before = self._strips
        self._draw_strips()
        show_changes(self, before, self._strips)

    def _draw_strips(self) -> None:
        self._drawn_for = self.size
        if self.view is None or self.size.area == 0:
            return
        palette = palette_of(self.app)
        if self.view.phase == "ready":
            lines = draw_intro(self.size.width, self.size.height, palette, names_of(self.app))
            self._strips = [Strip(line.render(self.app.console)).crop(0, self.size.width) for line in lines]
        elif self.draw is not None:
            self._strips = self.draw(*self._plot(self.view), palette.chart)

    def _plot(self, view: RunView) -> tuple[LossPlotData, LossPlotOptions]:
        data = chart_data(view, self.index)
        options = LossPlotOptions(
            self.size.width,
            self.size.height,
            log_y=self.log_y,
            smooth=self.smooth,
            recent=self.recent,
            ascii=not look_of(self.app).glyphs.braille,
        )
        return data, options

    def render_line(self, y: int) -> Strip:
        """Returns one line of the chart."""
        if self._drawn_for != self.size:
            # The picture is not to be shown without the chart first.
            self._draw_strips()
        if y < len(self._strips):
            return self._strips[y].extend_cell_length(self.size.width).apply_style(self.rich_style.background_style)
        return Strip.blank(self.size.width, self.rich_style)
