"""Frames are dropped, not queued; what is sent in the end is the picture that is wanted."""

import asyncio

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from l2tui.line.line import ASK, Line
from l2tui.line.painter import Painter
from tests.emulator import Emulator

WIDTH, HEIGHT = 20, 4


class Desk:
    """A painter with a terminal that is read when the test says so."""

    def __init__(self, line: Line | None = None, height: int = HEIGHT) -> None:
        self.waiting: list[str] = []
        self.blocked = False
        self.emulator = Emulator(WIDTH, height)
        self.painter = Painter(
            self.waiting.append,
            lambda: 1 if self.blocked else 0,
            asyncio.get_running_loop(),
            ColorSystem.EIGHT_BIT,
            line or Line(),
            erases=True,
        )
        self.painter.resize(WIDTH, height)

    def show(self, text: str, y: int = 0) -> None:
        self.painter.put(0, y, [Segment(text.ljust(WIDTH), Style(bgcolor="#102030"))])
        self.painter.paint()

    def read(self) -> int:
        """Reads what has been written and answers; returns the number of writes."""
        writes, self.waiting[:] = list(self.waiting), []
        for text in writes:
            self.emulator.feed(text.encode())
            for _ in range(text.count(ASK)):
                self.painter.answered()
        return len(writes)

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.emulator.screen.display]


async def test_only_the_latest_of_many_frames_is_sent() -> None:
    desk = Desk()
    desk.show("first")
    for number in range(1000):
        desk.show(f"frame {number}")
    assert desk.read() == 1
    assert desk.rows[0] == "first"
    assert desk.read() == 1
    assert desk.rows[0] == "frame 999"
    assert desk.read() == 0


async def test_nothing_is_written_while_a_write_waits() -> None:
    desk = Desk()
    desk.show("first")
    desk.read()
    desk.blocked = True
    for number in range(100):
        desk.show(f"frame {number}")
    assert desk.waiting == []
    desk.blocked = False
    desk.show("last")
    desk.read()
    assert desk.rows[0] == "last"


async def test_what_is_the_same_is_not_sent() -> None:
    desk = Desk()
    desk.show("words")
    desk.read()
    desk.show("words")
    assert desk.waiting == []


async def test_a_frame_follows_by_itself_when_there_is_room() -> None:
    desk = Desk()
    desk.show("first")
    desk.read()
    desk.blocked = True
    desk.show("second")
    desk.blocked = False
    async with asyncio.timeout(10):
        while not desk.waiting:
            await asyncio.sleep(0.01)
    desk.read()
    assert desk.rows[0] == "second"


async def test_urgent_rows_go_first_on_a_slow_line() -> None:
    line, height = Line(max_bandwidth=1), 40
    desk = Desk(line, height)
    desk.show("row")
    desk.read()
    line._free_at = 0.0
    desk.blocked = True
    for y in range(height):
        desk.show("\N{BRAILLE PATTERN DOTS-1}\N{BRAILLE PATTERN DOTS-12}" * 9, y)
    desk.painter.put(0, height - 1, [Segment("echo".ljust(WIDTH))], urgent=True)
    desk.blocked = False
    desk.painter.paint()
    desk.read()
    assert desk.rows[-1] == "echo"
    assert "" in desk.rows, "the line is too slow for all"


async def test_the_answer_to_a_key_does_not_wait_for_the_budget() -> None:
    desk = Desk(Line(max_bandwidth=200))
    desk.show("row")
    desk.read()
    desk.show("a row that has to wait", 1)
    assert desk.read() == 0
    desk.painter.put(0, 3, [Segment("echo".ljust(WIDTH))], urgent=True)
    desk.painter.paint()
    desk.read()
    assert desk.rows[3] == "echo"


async def test_a_whole_picture_follows_by_itself_as_well() -> None:
    desk = Desk()
    desk.show("first")
    desk.waiting.clear()  # this terminal never answers
    desk.painter.forget()
    desk.painter.paint()
    assert desk.waiting == []
    async with asyncio.timeout(10):
        while not desk.waiting:
            await asyncio.sleep(0.01)
    desk.read()
    assert desk.rows[0] == "first"


@pytest.mark.parametrize("how", ["forget", "restart"])
async def test_a_spoilt_terminal_is_drawn_again(how: str) -> None:
    desk = Desk()
    desk.show("first")
    desk.read()
    desk.emulator.feed(b"\x1b[1;1H\x1b[41;1mspoilt\x1b[3;3H\x1b[7mspoilt")
    getattr(desk.painter, how)()
    desk.painter.paint()
    desk.read()
    assert desk.rows == ["first", "", "", ""]
    # What was not put there has no colour; what was has its own.
    assert desk.emulator.cell(19, 0) != desk.emulator.cell(3, 2)
