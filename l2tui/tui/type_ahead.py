"""Keys act in the order in which they were pressed, however many arrive at once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeVar

from textual.app import App
from textual.events import Event, Key, Paste
from textual.widget import Widget

R = TypeVar("R")

# A key that takes longer than this (s) no longer holds up those after it.
_LONGEST = 1.0


class TypeAheadApp(App[R]):
    """An app that deals with one key at a time.

    A slow line delivers what was typed ahead in one piece. Textual begins with each key at once: one with priority acts
    before characters that came earlier have reached their input, and those after a key that opens a dialog still go to
    the screen behind it. Here a key waits until the one before has passed through what had the focus and back to the
    app, and what it opened has the focus.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._keys: deque[Key | Paste] = deque()
        self._turn = 0
        self._deadline: asyncio.TimerHandle | None = None

    async def on_event(self, event: Event) -> None:
        """Deals with an event; with a key or a paste when its turn comes."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self._keys.append(event)
            if self._deadline is None:
                await self._next_turn(self._turn)
        else:
            await super().on_event(event)

    async def _next_turn(self, after: int) -> None:
        if after != self._turn:
            return
        self._turn += 1
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if not self._keys:
            return
        self._deadline = asyncio.get_running_loop().call_later(_LONGEST, self.call_later, self._next_turn, self._turn)
        path = self._path()
        await super().on_event(self._keys.popleft())
        self._follow(path, self._turn)

    def _follow(self, path: Sequence[Widget], turn: int, rounds: int = 0, at: int = 0) -> None:
        """Goes the way of the key: behind it in the queue of each widget in turn, and at last in the app's."""
        while at < len(path):
            at += 1
            if path[at - 1].call_later(self._follow, path, turn, rounds, at):
                return
        self.call_later(self._has_passed, path, turn, rounds)

    async def _has_passed(self, path: Sequence[Widget], turn: int, rounds: int) -> None:
        # What it has set going takes its first step, which is where dialogs are opened.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # The first round was the way of the key, the second is that of what it did; further ones where the focus went.
        now = self._path()
        if rounds == 0 or now != path:
            self._follow(now, turn, rounds + 1)
        else:
            await self._next_turn(turn)

    def _path(self) -> list[Widget]:
        """What the next key goes to, and all around it."""
        stack = self.screen_stack
        if not stack:
            return []
        target = self.focused or stack[-1]
        return [target, *(node for node in target.ancestors if isinstance(node, Widget))]
