"""The bottom line: the keys that do something now, or for a while a message in their place."""

from collections.abc import Sequence
from textwrap import wrap

from rich.text import Text
from textual.events import Click
from textual.timer import Timer

from l2tui.tui.context import names_of
from l2tui.tui.lesson.course import LESSON_KEYS
from l2tui.tui.widgets.panels import RunPanel
from l2tui.view.keys import RUN_KEYS
from l2tui.view.offers import offered
from l2tui.view.run_view import RunView
from l2tui.view.status import draw_keys, fitting_keys

_ACTIONS = {key.id: key.action for key in RUN_KEYS}
_LONGEST_MESSAGE = 5


class KeyLine(RunPanel):
    """The keys that matter most now; a click does what the key does.

    A message takes their place for a few seconds, so that it covers nothing of the run. A long one takes further lines
    from the panels above.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._message = ""
        self._wrong = False
        self._end: Timer | None = None

    def say(self, message: str, seconds: float, *, wrong: bool = False) -> None:
        """Shows a message.

        Args:
            message: What to say; nothing puts the last message away.
            seconds: For how long (s).
            wrong: Whether it is an error.
        """
        if self._end is not None:
            self._end.stop()
            self._end = None
        if message:
            self._end = self.set_timer(seconds, self._clear)
        if message or self._message:
            self._message, self._wrong = message, wrong
            self._show()

    def _clear(self) -> None:
        self._message = ""
        self._show()

    def _show(self) -> None:
        self.styles.height = max(1, len(self._message_lines()))
        self.redraw()

    def _message_lines(self) -> Sequence[str]:
        return wrap(self._message, max(1, self.size.width - 2), max_lines=_LONGEST_MESSAGE, placeholder=" …")

    def draw(self, view: RunView) -> Text:
        if self._message:
            style = self.palette.bad if self._wrong else self.palette.strong
            return Text("\n".join(f" {line}" for line in self._message_lines()), style)
        return draw_keys([pair for pair, _ in self._pairs(view)], self.size.width, self.palette)

    async def on_click(self, event: Click) -> None:
        """Does what the key under the mouse does."""
        if self.view is None or self._message:
            return
        pairs = self._pairs(self.view)
        kept = fitting_keys([pair for pair, _ in pairs], self.size.width)
        start = 0
        for (key, word), ids in pairs:
            if (key, word) not in kept:
                continue
            end = start + len(key) + len(word) + 3
            if start <= event.x < end:
                # Where two keys share a word, only a click on the second one means it.
                second = len(ids) > 1 and key.rindex(" ") < event.x - start - 1 < len(key)
                await self.screen.run_action(_ACTIONS[ids[second]])
                return
            start = end

    def _pairs(self, view: RunView) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
        say, names, lesson = self.palette.say, names_of(self.app), self.screen.query("LessonBand:focus")
        # What a lesson takes for itself would do something else.
        taken = {names.first(key) for key in LESSON_KEYS} if lesson else set()
        pairs = offered(view, names)
        return [((key, say(word)), ids) for (key, word), ids in pairs if not taken.intersection(key.split())]
