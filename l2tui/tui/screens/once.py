"""Screens that are left once, and only from the top, however fast the keys come."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class LeftOnce:
    """A screen whose second dismissal does nothing, and whose first waits for the screens above it to be left.

    Textual takes a screen down a moment after it was dismissed. A key that arrives with the one that dismissed it would
    give a second answer, which is an error, and take down the screen below. A worker whose answer arrives then would
    look for widgets that are gone. Where a worker dismisses a screen that another one covers, Textual would take down
    the other one.
    """

    _was_left = False
    _leave: Callable[[], AwaitComplete] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """As in Textual, the first time, once nothing covers the screen."""
        if not self._was_left:
            self._was_left = True
            screen = cast("Screen[Any]", self)
            screen.workers.cancel_node(screen)
            if screen.is_active:
                return Screen.dismiss(screen, result)
            self._leave = partial(Screen.dismiss, screen, result)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave()
