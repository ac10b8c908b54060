"""Screens that are left once, however fast the keys come, and that take nothing else down."""

from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class LeftOnce:
    """A screen whose second dismissal does nothing, and which is left only once nothing lies on it.

    Textual takes a screen down a moment after it was dismissed. A key that arrives with the one that dismissed it would
    give a second answer, which is an error, and take down the screen below. Where another screen has come to lie on
    the one that is dismissed, Textual takes down that one, whose question then never has an answer.
    """

    _was_left = False
    _waits_with: tuple[Any, ...] = ()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """As in Textual, the first time, and not before what lies on it has been left."""
        screen = cast("Screen[Any]", self)
        if self._was_left:
            return AwaitComplete()
        self._was_left = True
        if not screen.is_active:
            self._waits_with = (result,)
            return AwaitComplete()
        return self._leave(result)

    def on_screen_resume(self) -> None:
        """Leaves now, where something lay on it when it was dismissed."""
        if self._waits_with:
            (result,), self._waits_with = self._waits_with, ()
            self._leave(result)

    def _leave(self, result: Any) -> AwaitComplete:
        screen = cast("Screen[Any]", self)
        # Textual ends them after the widgets that they would draw into are gone, which is an error.
        screen.workers.cancel_node(screen)
        return Screen.dismiss(screen, result)
