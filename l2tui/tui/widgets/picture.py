"""The panel that shows a picture of the network in place of the chart, or beside it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from l2tui.errors import L2tuiError
from l2tui.line.textual.drawing import SparingApp
from l2tui.tui.context import palette_of
from l2tui.tui.picture_source import PictureSource
from l2tui.tui.widgets.panels import ChartBox, show_changes
from l2tui.view.pictures.beside import draw_beside, places_for
from l2tui.view.pictures.draw import draw_picture, draw_words, kinds_of, name_of, request_for, title_of, when_of
from l2tui.view.pictures.ghost import ghost_places, headed, without_ghost
from l2tui.view.pictures.shades import Form, form_for
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    from l2tui.runs.pictures import Kind, Picture
    from l2tui.tui.controller import Controller

# Columns of the screen from which on chart and picture have room side by side.
BESIDE_COLUMNS = 110
# A line that carries fewer bytes a second gets smaller pictures, and fewer.
_SLOW_LINE = 6_000
_SECONDS, _SLOW_SECONDS = 0.5, 2.0
_NONE_YET = "The picture comes once the run trains."


def on_slow_line(app: App[Any]) -> bool:
    """Returns whether the line to the terminal carries little."""
    return isinstance(app, SparingApp) and app.bandwidth < _SLOW_LINE


class PicturePanel(Widget):
    """Shows a picture of the run in focus, anew as its weights change.

    Args:
        controller: Asks the run's worker.

    Attributes:
        kind: Which picture, None for none.
        beside: Whether the chart stays, where there is room.
        view: The run.
        index: Position of the epoch that the chart's cursor points at, None without a cursor.
    """

    kind: reactive[Kind | None] = reactive(None, init=False, repaint=False)
    beside: reactive[bool] = reactive(False, init=False, repaint=False)
    view: reactive[RunView | None] = reactive(None, init=False, repaint=False)
    index: reactive[int | None] = reactive(None, init=False, repaint=False)

    def __init__(self, controller: Controller, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source = PictureSource(controller)
        self._pictures: tuple[Picture, ...] = ()
        self._words = ""
        self._form: Form | None = None
        self._strips: list[Strip] = []
        self._drawn_for = Size()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._change_form())

    def _change_form(self) -> None:
        self._form = None
        self._look_anew()

    def turn(self) -> None:
        """Shows the next picture that the run has; after the last one, the chart alone."""
        kinds = kinds_of(self.view) if self.view is not None else ()
        place = kinds.index(self.kind) + 1 if self.kind in kinds else 0
        self.kind = kinds[place] if place < len(kinds) else None
        if self.kind is None:
            self.beside = False

    def turn_beside(self) -> bool:
        """Puts the picture beside the chart, or in its place; returns whether there is room."""
        if self.app.size.width < BESIDE_COLUMNS:
            return False
        self.beside = not self.beside or self.kind is None
        if self.kind is None:
            self.turn()
        return True

    def watch_kind(self) -> None:
        self._pictures, self._words, self._form = (), "", None
        self.settle()
        self._look_anew()

    def watch_beside(self) -> None:
        self.settle()

    def watch_view(self, before: RunView | None, view: RunView | None) -> None:
        if self.kind is None or view is None:
            return
        if view.status is not None and self.kind not in kinds_of(view):
            # Another run, with other data.
            self.kind = None
        elif before is None or before.phase != view.phase or before.name != view.name:
            if view.phase == "ready":
                self._pictures, self._words = (), _NONE_YET
            self._look_anew()

    def watch_index(self) -> None:
        if self.kind is not None:
            self._look_anew()

    def on_resize(self) -> None:
        if self.kind is not None:
            self._look_anew()

    def settle(self) -> None:
        """Gives chart and picture their places in the box."""
        box = self.query_ancestor(ChartBox)
        beside = self.beside and self.app.size.width >= BESIDE_COLUMNS
        box.set_class(self.kind is not None, "pictured")
        box.set_class(self.kind is not None and beside, "beside")
        self._title()

    @work(exclusive=True, group="picture")
    async def _look_anew(self) -> None:
        self._redraw()
        while self.kind is not None and self.view is not None:
            slow = on_slow_line(self.app)
            # Once a line was slow, the picture keeps its form: to change it costs a whole picture.
            if self._form is None or slow:
                self._form = form_for(palette_of(self.app), slow=slow)
            if self.size.area:
                await self._look(self.kind, self.view, self._form)
            await asyncio.sleep(_SLOW_SECONDS if slow else _SECONDS)

    async def _look(self, kind: Kind, view: RunView, form: Form) -> None:
        moment = self._source.moment(view, self.index)
        try:
            places = ghost_places(view, moment, *self.size)
            size = self.size if places is None else (places.width, places.height - 1)
            request = request_for(kind, moment, *size, form, ghost=places is not None)
            found = await self._source.look(view, request)
        except L2tuiError as error:
            self._pictures, self._words = (), str(error)
        else:
            if found is None or found == self._pictures:
                return
            self._pictures, self._words = found, ""
        self._redraw()

    def _redraw(self) -> None:
        before = self._strips
        self._draw()
        show_changes(self, before, self._strips)
        self._title()

    def _draw(self) -> None:
        self._drawn_for = self.size
        if self.kind is None or not self.size.area:
            return
        palette = palette_of(self.app)
        places = places_for(len(self._pictures), *self.size) if len(self._pictures) > 1 else None
        if not self._pictures or self._form is None:
            self._strips = draw_words(self._words or "The picture comes in a moment.", *self.size, palette)
        elif places is not None:
            self._strips = draw_beside([headed(each, palette) for each in self._pictures], places, palette, self._form)
        else:
            self._strips = draw_picture(self._pictures[0], *self.size, palette, self._form)

    def _title(self) -> None:
        box = self.query_ancestor(ChartBox)
        if self.kind is None or not self._pictures:
            box.entitle("Loss")
            return
        view = self.view
        steps = view.status.steps_per_epoch if view is not None and view.phase == "paused" and view.status else 0
        picture = self._pictures[0]
        # Beside each other, each says its λ.
        title = f"{name_of(picture)} · {when_of(picture, steps)}" if self._pictures[1:] else title_of(picture, steps)
        epoch = None if view is None or self.index is None else view.at("epoch", self.index)
        if epoch is not None and picture.request.moment == "live" and epoch != picture.epoch:
            title += f" · none kept of {epoch:.0f}"
        if view is not None and not self._pictures[1:] and (word := without_ghost(view, picture, *self.size)):
            title += f" · {word}"
        box.entitle(f"Loss, and {title[0].lower()}{title[1:]}" if box.has_class("beside") else title)

    def render_line(self, y: int) -> Strip:
        """Returns one line of the picture."""
        if self._drawn_for != self.size:
            self._draw()
        if y < len(self._strips):
            strip = self._strips[y].crop(0, self.size.width).extend_cell_length(self.size.width)
            return strip.apply_style(self.rich_style.background_style)
        return Strip.blank(self.size.width, self.rich_style)
