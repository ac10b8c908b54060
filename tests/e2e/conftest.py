"""The program in a real pseudo-terminal, and what a person would see there."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest

from l2tui.runs.directory import RunDirectory

Until = Callable[..., Any]

# Private sequences that pyte would take for others: CSI with <, > or =.
_PRIVATE = re.compile(rb"\x1b\[[<>=][0-9;:]*[A-Za-z]")
_OPEN_SEQUENCE = re.compile(rb"\x1b(\[[0-?]*[ -/]*)?$")


def heed_signals() -> None:
    """Lets the signals of the keyboard end a program again, which a shell has ignored in what it runs behind it."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """A terminal with the program in it.

    Args:
        arguments: Of the program.
        size: Columns and rows.
        environment: Variables over those of the tests.
        until: Polls a condition.
        shell: Whether to start an interactive shell instead, for the person to type into.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        size: tuple[int, int],
        environment: Mapping[str, str],
        until: Until,
        *,
        shell: bool = False,
    ) -> None:
        columns, rows = size
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        # The size is the terminal's; variables would go before it.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            variables.pop(name, None)
        self.process = pexpect.spawn(
            "bash" if shell else sys.executable,
            ["--norc", "--noprofile", "-i"] if shell else ["-m", "l2tui", *arguments],
            env={**variables, **environment},
            dimensions=(rows, columns),
            timeout=60,
            preexec_fn=heed_signals,
        )
        self.process.delaybeforesend = None
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._until = until
        self._pending = b""
        self.received = b""

    def press(self, *keys: str) -> None:
        for key in keys:
            self.process.send(key)

    def read(self) -> bool:
        """Takes in what the program has written; returns whether the terminal is still in use."""
        try:
            data = self.process.read_nonblocking(1 << 16, timeout=0.02)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.received += data
        data = self._pending + data
        unfinished = _OPEN_SEQUENCE.search(data)
        self._pending = unfinished.group() if unfinished else b""
        self._stream.feed(_PRIVATE.sub(b"", data[: len(data) - len(self._pending)]))
        return True

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def shows(self, *words: str, seconds: float = 30.0) -> str:
        """Waits until all of these are on the screen at once; a pattern that begins with ^ or holds \\ is searched."""

        def check() -> bool:
            alive = self.read()
            if all(re.search(word, self.text, re.M) for word in words):
                return True
            assert alive, f"the program has left, code {self.end()}:\n{self.received[-2000:]!r}"
            return False

        try:
            self._until(check, seconds)
        except pytest.fail.Exception:
            pytest.fail(f"not on the screen: {words}\n{self.text}")
        return self.text

    def reads_until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Waits for something outside the terminal, while the terminal is being read."""

        def check() -> Any:
            self.read()
            return condition()

        return self._until(check, what=what)

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        self._screen.reset()
        self.process.setwinsize(rows, columns)

    def end(self) -> int:
        """Waits until the program has left; returns its exit status, or minus the signal that killed it."""
        self._until(lambda: not self.read())
        self._until(lambda: not self.process.isalive())
        return -self.process.signalstatus if self.process.signalstatus else self.process.exitstatus

    def hang_up(self) -> None:
        """Takes the terminal away, as a lost connection does."""
        self.process.ptyproc.fileobj.close()
        self.process.ptyproc.closed = self.process.closed = True
        self.process.child_fd = self.process.ptyproc.fd = -1

    @property
    def is_restored(self) -> bool:
        """Whether the terminal was left as it was found: first screen, cursor shown, no mouse reports."""

        def last(on: bytes, off: bytes) -> bytes:
            return on if self.received.rfind(on) > self.received.rfind(off) else off

        return (
            last(b"\x1b[?1049h", b"\x1b[?1049l") == b"\x1b[?1049l"
            and last(b"\x1b[?25h", b"\x1b[?25l") == b"\x1b[?25h"
            and last(b"\x1b[?1000h", b"\x1b[?1000l") == b"\x1b[?1000l"
            and last(b"\x1b[?2004h", b"\x1b[?2004l") == b"\x1b[?2004l"
        )


@pytest.fixture
def terminal(until: Until) -> Iterator[Callable[..., Terminal]]:
    """Starts the program: `terminal("wine", "--start", size=(80, 24))`."""
    terminals: list[Terminal] = []

    def start(*arguments: str, size: tuple[int, int] = (80, 24), shell: bool = False, **environment: str) -> Terminal:
        terminals.append(Terminal(arguments, size, environment, until, shell=shell))
        return terminals[-1]

    yield start
    for one in terminals:
        if one.process.isalive():
            one.process.kill(signal.SIGKILL)
            until(lambda one=one: not one.process.isalive(), 10)
        if not one.process.closed:
            one.hang_up()


@pytest.fixture
def the_run(runs_root: Path) -> Callable[[], RunDirectory]:
    """Returns the only run that there is."""

    def find() -> RunDirectory:
        (path,) = runs_root.iterdir()
        return RunDirectory(path)

    return find
