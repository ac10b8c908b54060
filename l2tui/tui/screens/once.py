"""Screens that are left once, and only from the top, however fast the keys come."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class LeftOnce:
    """A screen whose second dismissal does nothing, and whose dismissal waits for the screens above it to be left.

    Textual takes a screen down a moment after it was dismissed. A key that arrives with the one that dismissed it would
    give a second answer, which is an error, and take down the screen below. A screen that is dismissed by a worker
    while another one covers it would stay, and the one that covers it would go.
    """

    _was_left = False
    _leave: Callable[[], AwaitComplete] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """As in Textual, the first time, once nothing covers the screen."""
        if self._was_left:
            return AwaitComplete()
        self._was_left = True
        screen = cast("Screen[Any]", self)
        self._leave = partial(Screen.dismiss, screen, result)
        return self._leave_from_the_top() if screen.is_active else AwaitComplete()

    def on_screen_resume(self) -> None:
        if self._leave is not None:
            self._leave_from_the_top()

    def _leave_from_the_top(self) -> AwaitComplete:
        assert self._leave is not None
        leave, self._leave = self._leave, None
        return leave()
