"""The pictures of compared runs, side by side in the place of their curves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import work

from l2tui.runs.pictures import Kind, Moment, Picture
from l2tui.tui.compared_pictures import ComparedPictures
from l2tui.tui.context import palette_of
from l2tui.tui.widgets.drawn import Drawn
from l2tui.tui.widgets.picture import on_slow_line
from l2tui.view.compare import Comparison
from l2tui.view.pictures.compared import draw_compared, kinds_compared, on_the_page, places_on_page
from l2tui.view.pictures.draw import draw_words, request_for
from l2tui.view.pictures.shades import Form, form_for

# A cursor that moves on, or a run that grows, has nothing computed before it rests.
_REST_SECONDS, _SECONDS = 0.15, 0.5


class ComparedPanel(Drawn):
    """Shows a picture of each run that is compared; hidden while there is none to be shown.

    Attributes:
        kind: Which picture, None for none.
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.kind: Kind | None = None
        self._source = ComparedPictures()
        self._comparison: Comparison | None = None
        self._pictures: Sequence[Picture | str] = ()
        self._shows: tuple[object, ...] = ()
        self._best = False
        self._form: Form | None = None

    def turn(self, comparison: Comparison) -> bool:
        """Shows the next picture that there is, after the last one none; returns whether there is any."""
        kinds = kinds_compared(comparison.subjects)
        place = kinds.index(self.kind) + 1 if self.kind in kinds else 0
        self.kind = kinds[place] if place < len(kinds) else None
        return bool(kinds)

    def compare(self, comparison: Comparison, *, best: bool) -> None:
        """Shows the pictures of another comparison, or of the same at another moment.

        Args:
            comparison: What is compared.
            best: Whether to show the best weights instead of the last ones where there is no cursor.
        """
        self._comparison, self._best = comparison, best
        paths = [(subject.path, subject.kind) for subject in comparison.subjects]
        shows = self.kind, paths, self.size, comparison.epoch, best
        if shows != self._shows:
            if self._shows[:2] != (self.kind, paths):
                self._pictures, self._form = (), None
            self._shows = shows
            self._look_anew()
        self._draw()

    @work(exclusive=True, group="pictures")
    async def _look_anew(self) -> None:
        await asyncio.sleep(_REST_SECONDS)
        while self.kind is not None and self._comparison is not None:
            slow = on_slow_line(self.app)
            if self._form is None or slow:
                self._form = form_for(palette_of(self.app), slow=slow)
            comparison = self._comparison
            if self.size.area:
                page = on_the_page(len(comparison.subjects), 0, self.size.width)
                places = places_on_page(page, *self.size)
                moment: Moment = "best" if self._best else "live"
                request = request_for(self.kind, moment, places.width, places.height - 1, self._form)
                groups = comparison.apart.groups
                self._pictures = await self._source.look(comparison.subjects, groups, request, epoch=comparison.epoch)
                self._draw()
            await asyncio.sleep(_SECONDS)

    def _draw(self) -> None:
        if self.kind is None or self._comparison is None or not self.size.area:
            return
        palette = palette_of(self.app)
        if self._form is None or len(self._pictures) != len(self._comparison.subjects):
            self.show(draw_words("The pictures come in a moment.", *self.size, palette))
        else:
            self.show(draw_compared(self._comparison, self._pictures, *self.size, palette, self._form))
