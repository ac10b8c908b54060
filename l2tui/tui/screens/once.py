"""Screens that are left once, however fast the keys come."""

from typing import Any, cast

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class LeftOnce:
    """A screen whose second dismissal does nothing.

    Textual takes a screen down a moment after it was dismissed. A key that arrives with the one that dismissed it would
    give a second answer, which is an error, and take down the screen below.
    """

    _was_left = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """As in Textual, the first time."""
        if self._was_left:
            return AwaitComplete()
        self._was_left = True
        return Screen.dismiss(cast("Screen[Any]", self), result)
