"""A terminal that sends anything into every dialog, answers late, twice, wrongly or never, and changes its size."""

import os
import random
import re
import select
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.chaos.noise import COLUMNS, ROWS, noise
from tests.chaos.places import PLACES, is_in, place_on
from tests.conftest import wait_until
from tests.e2e.conftest import Terminal

SIZES = ((80, 24), (120, 40), (200, 60), (20, 5), (1, 1), (90, 26), (300, 3), (2, 150))
_MANNERS = {"right": 24, "late": 2, "twice": 4, "wrong": 4, "never": 2}
_ASK, _ANSWER = b"\x1b[6n", b"\x1b[1;1R"
# Ends a paste that was begun.
PLAIN = b"\x1b[201~"
# Says the size as terminals do that were asked to.
_SAYS_SIZE = b"\x1b[48;%d;%d;600;1000t" % (ROWS, COLUMNS)
_REDRAW, _CLEAR = b"\x0c", b"\x1b[2J"
# What is kept of the bytes that the program has written: how it took the terminal, and the last ones (bytes).
_KEPT = 20_000
_QUIET_SECONDS = 0.3


class Enemy:
    """A program in a terminal that means it no good.

    Args:
        arguments: Of the program.
        chance: What is answered.
        environment: Variables over those of this process.
    """

    def __init__(self, arguments: tuple[str, ...], chance: random.Random, environment: Mapping[str, str]) -> None:
        self._chance = chance
        self.app = Terminal(arguments, (COLUMNS, ROWS), environment, wait_until)
        master, slave = os.openpty()
        self._found = termios.tcgetattr(slave)
        os.close(master)
        os.close(slave)
        path = Path(f"/proc/{self.app.process.pid}/fd/0").readlink()
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._has_other_size = False
        # An answer that is none is a key, and a key may lead anywhere before the screen has been seen.
        self._behaves = True
        self._pictures = 0
        self._drawn_at = 0.0
        self._due: list[tuple[float, bytes]] = []

    def close(self) -> None:
        """Ends the program, however it is."""
        os.close(self._descriptor)
        if self.app.process.isalive():
            self.app.process.kill(9)
            wait_until(lambda: not self.app.process.isalive(), 10)
        self.app.hang_up()

    def send(self, data: bytes, seconds: float = 60.0) -> None:
        """Writes bytes as the program takes them in, and reads what it draws meanwhile."""
        self._has_other_size |= b"\x1b[48;" in data
        deadline = time.monotonic() + seconds
        while data and self.turn(wait=False):
            _, writable, _ = select.select([], [self.app.process.child_fd], [], 0.01)
            if writable:
                data = data[os.write(self.app.process.child_fd, data[:256]) :]
            assert time.monotonic() < deadline, f"takes nothing in for {seconds} s"

    def turn(self, *, wait: bool = True) -> bool:
        """Reads and answers; returns whether the program is there."""
        if not wait and not select.select([self.app.process.child_fd], [], [], 0)[0]:
            self._answer(time.monotonic())
            return True
        before = len(self.app.received)
        is_there = self.app.read()
        now = time.monotonic()
        if len(self.app.received) > before:
            self._drawn_at = now
            new = self.app.received[max(0, before - len(_ASK) + 1) :]
            self._pictures += new.count(_CLEAR)
            for _ in range(new.count(_ASK)):
                self._due += self._answers(now)
        if len(self.app.received) > 4 * _KEPT:
            self.app.received = self.app.received[:_KEPT] + self.app.received[-_KEPT:]
        if is_there:
            self._answer(now)
        return is_there

    def _answers(self, now: float) -> list[tuple[float, bytes]]:
        """Returns what is answered to one question, and when."""
        manner = "right" if self._behaves else self._chance.choices(list(_MANNERS), list(_MANNERS.values()))[0]
        delay = self._chance.choice((0.05, 0.2, 1.0)) if manner == "late" else 0.0
        given = {"twice": [_ANSWER, _ANSWER], "wrong": [noise(self._chance, b"\x1bqd\x11/~\r")], "never": []}
        return [(now + delay, answer) for answer in given.get(manner, [_ANSWER])]

    def _answer(self, now: float) -> None:
        for at, answer in [*self._due]:
            if at <= now and select.select([], [self.app.process.child_fd], [], 0)[1]:
                self._due.remove((at, answer))
                os.write(self.app.process.child_fd, answer)

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size."""
        self._has_other_size = True
        self.app.resize(columns, rows)

    @property
    def text(self) -> str:
        """What is on the screen; its last line says so where a setting is typed into, which no sign shows."""
        text, buffer = self.app.text, self.app._screen.buffer
        for y, line in enumerate(text.split("\n")):
            if line.startswith("│▸") and buffer[y][2].bg != buffer[y][22].bg:
                return f"{text}\neditor"
        return text

    def waits(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Reads until a condition holds; returns whether it does, and the program is there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            if not self.turn():
                return False
        return condition()

    def shows(self, sign: str, seconds: float) -> bool:
        """Waits until the screen shows the place of that name, with nothing on it, or else a pattern."""

        def is_shown() -> bool:
            return is_in(sign, self.text) if sign in PLACES else re.search(sign, self.text, re.M) is not None

        return self.waits(is_shown, seconds)

    def looks(self) -> bool:
        """Has the program draw the whole screen, once it has dealt with all that was sent.

        Returns:
            Whether the program is there; where it is not, it has left.
        """
        self._behaves = True
        if self._has_other_size:
            # A new size has the screen drawn as well, ahead of the keys that have not had their turn.
            self.resize(COLUMNS, ROWS)
            self._draws(PLAIN + _ANSWER + _SAYS_SIZE, _QUIET_SECONDS)
            self.waits(lambda: time.monotonic() - self._drawn_at > _QUIET_SECONDS, 5)
            self._has_other_size = False
        # Keys act in the order in which they come; this one waits for all those before.
        data = PLAIN + (_ANSWER if self._chance.random() < 0.95 else b"") + _REDRAW
        if not any(self._draws(data, 60) for _ in range(3)) and self.app.process.isalive():
            pytest.fail(f"no answer to a key: {bytes(self.app.received[-300:])!r}\n{self.app.text}")
        self._behaves = False
        return bool(self.app.process.isalive())

    def _draws(self, data: bytes, seconds: float) -> bool:
        """Sends what has the whole screen drawn; returns whether it is."""
        before = self._pictures
        self.send(data)

        def has_drawn() -> bool:
            if self._pictures == before:
                return False
            # The last line comes last; not every screen has one.
            whole = bool(self.app._screen.display[-1].strip()) and bool(place_on(self.text))
            return whole or time.monotonic() - self._drawn_at > _QUIET_SECONDS

        return self.waits(has_drawn, seconds)

    def leaves(self) -> list[str]:
        """Returns what is wrong with how the program leaves and with the terminal afterwards."""
        asked = answered = 0.0

        def is_gone() -> bool:
            nonlocal asked, answered
            now = time.monotonic()
            # A second request takes the place of the first, which may still be ending a worker.
            if now - asked > 20 and self.app.process.isalive():
                asked = now
                self.send(PLAIN + b"\x11")
            if now - answered > 1 and place_on(self.text) == "leave":
                answered = now
                self.send(b"l")
            return not self.app.process.isalive()

        if not self.waits(is_gone, 90) and self.app.process.isalive():
            pytest.fail(f"does not leave: {bytes(self.app.received[-300:])!r}\n{self.app.text}")
        return self.what_is_left()

    def what_is_left(self) -> list[str]:
        """Returns what is wrong after the program has gone."""
        while self.app.read():
            pass
        wait_until(lambda: not self.app.process.isalive(), 10)
        wrong = []
        if self.app.process.exitstatus != 0:
            wrong.append(f"exit status {self.app.process.exitstatus}, signal {self.app.process.signalstatus}")
        if termios.tcgetattr(self._descriptor) != self._found:
            wrong.append("the terminal has other attributes than before")
        if not self.app.is_restored:
            wrong.append("the terminal's modes are not restored")
        details = re.search(rb"details are in (\S+\.log)", self.app.received)
        crash = Path(os.fsdecode(details[1])).read_text()[-3000:] if details else ""
        return wrong and [f"{', '.join(wrong)}: {self.app.received[-300:]!r}\n{crash}"]
