"""The band above the keys that takes a person through a lesson: a title with its keys, and three lines of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from l2tui.learn.progress import keep_progress, read_progress
from l2tui.tui.lesson.course import LESSON_KEYS
from l2tui.tui.lesson.guide import Guide
from l2tui.tui.lesson.page import hint_of, page_of
from l2tui.tui.widgets.panels import RunPanel
from l2tui.view.run_view import RunView
from l2tui.view.status import draw_keys

_LINES = 3


class LessonBand(RunPanel, can_focus=True):
    """Shows where somebody is in a lesson. While it has the focus, its keys go before those of the screen.

    Args:
        guide: Knows the lesson, and where in it somebody is.
        do: Does something with the controller, says what went wrong, and shows what has become of it.
        leave: Puts the band away.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(LESSON_KEYS)

    def __init__(self, guide: Guide, do: Callable[[Callable[[], object]], None], leave: Callable[[], None]) -> None:
        super().__init__(id="lesson")
        self.guide, self._do, self._leave = guide, do, leave
        self._hinted = False
        self._part = 0
        self._shown: object = None

    def on_mount(self) -> None:
        super().on_mount()
        # It is mounted later than its siblings, which are bound to the screen's view when they are composed.
        self.watch(self.screen, "view", self._take_view)
        self._keep()

    def _take_view(self, view: RunView | None) -> None:
        self.view = view

    def watch_view(self, before: RunView | None, view: RunView | None) -> None:
        if view is not None:
            self.guide.look(view)
        super().watch_view(before, view)

    def on_focus(self) -> None:
        self.call_later(self._name_keys)

    def on_blur(self) -> None:
        self.call_later(self._name_keys)

    def _name_keys(self) -> None:
        """Has those lines drawn again that name keys, once the focus has moved."""
        self.redraw()
        for line in self.screen.query("#keys").results(RunPanel):
            line.redraw()

    def act(self, act: Callable[[], str | None]) -> None:
        """Does something with the lesson, and says what there is to say of it."""
        said: list[str | None] = []
        self._hinted = False
        self._do(lambda: said.append(act()))
        for words in filter(None, said):
            self.notify(words, timeout=5, markup=False)
        self._keep()
        self.redraw()

    def _keep(self) -> None:
        guide = self.guide
        if not guide.course.kept:
            return
        before = progress = read_progress()
        for name in guide.completed:
            progress = progress.with_done(name)
        progress = progress.moved(None if guide.stage == "end" else guide.course.name)
        if progress != before:
            keep_progress(progress)

    def action_answer(self, answer: int) -> None:
        """Answers the question."""
        self.act(lambda: self.guide.choose(answer))

    def action_next(self) -> None:
        """Goes to the next part of the text, or on in the lesson."""
        view = self.view
        if view is None:
            return
        if self._hinted:
            self._hinted = False
            self.redraw()
        elif self._more(view):
            self._part += 1
            self.redraw()
        else:
            self.act(lambda: self.guide.enter(view))

    def action_hint(self) -> None:
        """Gives the hint, or puts it away."""
        self._hinted = not self._hinted and self.guide.stage != "end"
        self.redraw()

    def action_skip(self) -> None:
        """Goes to the next lesson."""
        self.act(self.guide.skip)

    def action_leave(self) -> None:
        """Puts the hint away, or leaves the lessons."""
        if self._hinted:
            self.action_hint()
        else:
            self._leave()

    def draw(self, view: RunView) -> Text:
        parts = self._parts(view)
        lines = parts[min(self._part, len(parts) - 1)]
        return Text("\n").join([self._header(view), *lines])

    def _more(self, view: RunView) -> bool:
        return self._part + 1 < len(self._parts(view))

    def _parts(self, view: RunView) -> Sequence[Sequence[Text]]:
        """Returns what is to be read, three lines at a time; begins anew where that has changed."""
        page = hint_of(self.guide) if self._hinted else page_of(self.guide, view)
        if page != self._shown:
            self._shown, self._part = page, 0
        lines = [
            Text(f" {line}", getattr(self.palette, paragraph.tone))
            for paragraph in page
            for line in wrap(self.palette.say(paragraph.text), max(10, self.size.width - 2))
        ]
        return [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)] or [[]]

    def _header(self, view: RunView) -> Text:
        title = self.palette.say(f" {self.guide.course.title} ")
        keys = draw_keys(self._keys(view), max(0, self.size.width - len(title)), self.palette)
        gap = max(1, self.size.width - len(title) - keys.cell_len)
        header = Text(title, self.palette.strong, no_wrap=True).append(" " * gap).append_text(keys)
        header.truncate(self.size.width)
        return header

    def _keys(self, view: RunView) -> list[tuple[str, str]]:
        guide, key = self.guide, self.guide.keys
        if not self.has_focus:
            return [(key["panel.next"], "back to the lesson")]
        pairs = []
        if self._hinted:
            pairs.append((key["lesson.next"], "back"))
        elif self._more(view):
            pairs.append((key["lesson.next"], "more"))
        elif guide.goes_on(view):
            pairs.append((key["lesson.next"], "goes on"))
        elif guide.stage == "question":
            pairs.append((" ".join(key.digits(len(guide.lesson.answers))), "answer"))
        if guide.stage == "end":
            return [*pairs, (key["lesson.leave"], "leave")]
        return [*pairs, (key["lesson.hint"], "hint"), (key["lesson.skip"], "skip"), (key["lesson.leave"], "leave")]
