"""Keeps the picture on the terminal equal to the one that is wanted, as fast as the line allows."""

import time
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable, Iterable

from rich.color import ColorSystem
from rich.segment import Segment

from l2tui.line.difference import Difference, clear_for
from l2tui.line.grid import Grid
from l2tui.line.line import ASK, Line
from l2tui.line.looks import look_of
from l2tui.line.pen import Pen

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
# What is shorter comes in one piece anyway.
_WORTH_A_SYNC = 600
_BACKLOG_SECONDS = 0.02
_LAST_ANSWER_SECONDS = 0.5
# Where a terminal has no second screen, as in GNU screen, the shell would go on in the middle of the picture.
_PLAIN_AND_EMPTY = "\x1b[m\x1b[H\x1b[J"


class Painter:
    """Holds what is on the terminal and what should be there, and sends differences.

    A frame that cannot be sent now is not kept: once there is room again, one difference takes the terminal from what
    it shows to what is wanted then.

    Args:
        write: Takes what goes to the terminal, without waiting for it.
        backlog: Returns how many writes have not begun yet.
        loop: The event loop, for trying again later.
        colors: What the terminal can show.
        line: Flow control.
        erases: Whether the terminal erases with the background colour that it writes with.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        backlog: Callable[[], int],
        loop: AbstractEventLoop,
        colors: ColorSystem,
        line: Line,
        *,
        erases: bool,
    ) -> None:
        self._write, self._backlog, self._loop, self._colors = write, backlog, loop, colors
        self._line, self._erases = line, erases
        self._wanted = Grid(0, 0)
        self._sent: Grid | None = None
        self._pen = Pen()
        # In the order in which they are to be sent.
        self._dirty: dict[int, None] = {}
        self._urgent = False
        self._later: TimerHandle | None = None
        self._ends_at: float | None = None
        self.synchronized = False
        self.cursor: tuple[int, int] | None = None

    @property
    def bandwidth(self) -> float:
        """What is taken to be the bytes a second that the line carries."""
        return self._line.bandwidth

    def resize(self, width: int, height: int) -> None:
        """Begins a picture of another size; one of the same size is kept."""
        if (width, height) != (self._wanted.width, self._wanted.height):
            self._wanted = Grid(width, height)
            self.forget()

    def forget(self) -> None:
        """Takes nothing for granted about the terminal: the next frame is a whole picture."""
        self._sent = None

    def restart(self) -> None:
        """As `forget`, for a terminal that has been away: nothing is in flight any more."""
        self.forget()
        self._line.forget()
        self._ends_at = None

    def ends(self) -> bool:
        """Draws no more; returns whether the terminal can be given back, as no answer is on its way."""
        now = time.monotonic()
        if self._ends_at is None:
            self._ends_at = now + _LAST_ANSWER_SECONDS
        return not self._line.is_answer_due or now >= self._ends_at

    def leave(self) -> None:
        """Leaves the terminal without colours and without the picture, and its cursor where Textual leaves it."""
        self._write(_PLAIN_AND_EMPTY)
        self._pen = Pen()

    def put(self, x: int, y: int, segments: Iterable[Segment], *, urgent: bool = False) -> None:
        """Changes a part of a row of the wanted picture."""
        for text, style, _ in segments:
            x = self._wanted.put(x, y, text, look_of(style, self._colors))
        if urgent:
            self._dirty = {y: None, **self._dirty}
            self._urgent = True
        else:
            self._dirty[y] = None

    def answered(self) -> None:
        """The terminal has answered: it shows the last frame."""
        self._line.answered(time.monotonic())
        self.paint()

    def paint(self) -> None:
        """Sends what differs, or as much of it as the line takes now; the rest follows by itself."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._ends_at is not None or not self._wanted.width or not (self._dirty or self._sent is None):
            return
        now = time.monotonic()
        wait = _BACKLOG_SECONDS if self._backlog() else self._line.wait(now, urgent=self._urgent)
        if wait <= 0:
            self._send(now)
            wait = self._line.wait(now)
        if self._dirty or self._sent is None:
            self._later = self._loop.call_later(max(wait, 0.001), self.paint)

    def _send(self, now: float) -> None:
        text, self._urgent = "", False
        if self._sent is None:
            text, self._sent = clear_for(self._wanted, self._pen, erases=self._erases)
            self._dirty = dict.fromkeys(range(self._wanted.height))
        difference = Difference(self._sent, self._wanted, self._pen, erases=self._erases)
        changes, done = difference.write(self._dirty, self._line.slice)
        self._dirty = {y: None for y in self._dirty if y not in done}
        text += changes
        if not text:
            return
        if self.cursor is not None:
            text += self._pen.move(*self.cursor)
        if self.synchronized and len(text) >= _WORTH_A_SYNC:
            text = f"{_SYNC_START}{text}{_SYNC_END}"
        asked = self._line.asks
        if asked:
            text += ASK
        self._write(text)
        self._line.sent(now, len(text.encode()), asked=asked)
