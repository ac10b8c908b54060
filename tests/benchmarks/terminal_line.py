"""A pseudo-terminal to measure in: it answers as xterm does, counts bytes, and can be slow, or not be read at all."""

import contextlib
import errno
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pyte

_ASKED = re.compile(rb"\x1b\[\?(\d+)\$p|\x1b\[6n")
_OPEN_SEQUENCE = re.compile(rb"\x1b(\[[0-?]*[ -/]*)?$")
_PRIVATE = re.compile(rb"\x1b\[[<>=][0-9;:]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
_SYNCHRONIZED = b"2026"
# With these, modules would be compiled anew at every start, which those of an installed program are not.
_PYTHON = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


class Terminal:
    """A program in a pseudo-terminal.

    Args:
        arguments: Of Python.
        size: Columns and rows.
        variables: For the program's environment.
        bandwidth: Bytes a second of the line in between, None for as fast as can be.
        buffer: Bytes that the line takes in at once before it holds the program up, as SSH's do.
        core: The one processor core on which the program and its children run.
    """

    def __init__(
        self,
        arguments: list[str],
        size: tuple[int, int],
        variables: dict[str, str],
        *,
        bandwidth: float | None = None,
        buffer: int = 1 << 21,
        core: int | None = None,
    ) -> None:
        self._bandwidth, self._room = bandwidth, buffer
        self._on_the_way = bytearray()
        self._tail = b""
        self._credit, self._credited_at = 0.0, time.perf_counter()
        self.bytes = 0
        self.arrivals: list[float] = []
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **variables}
        for name in ("COLORTERM", "NO_COLOR", "TMUX", "TERM_PROGRAM", "LINES", "COLUMNS", *_PYTHON):
            environment.pop(name, None)
        self.started = time.perf_counter()
        self.pid, self._master = _spawn([sys.executable, *arguments], size, environment, core)
        self.process = psutil.Process(self.pid)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def left(self, columns: int) -> list[str]:
        """Returns the first characters of every row."""
        buffer = self._screen.buffer
        return ["".join([buffer[y][x].data for x in range(columns)]) for y in range(self._screen.lines)]

    def read(self, seconds: float, until: Callable[[], object] | None = None) -> bool:
        """Reads for some time, or until something is so; returns whether it was."""
        deadline = time.perf_counter() + seconds
        while (now := time.perf_counter()) < deadline:
            if self._bandwidth is not None:
                self._deliver(now)
            if until is not None and until():
                return True
            if self._room <= len(self._on_the_way):
                time.sleep(0.002)
                continue
            ready, _, _ = select.select([self._master], [], [], 0.002)
            if ready and (data := self._take()):
                if self._bandwidth is None:
                    self._arrive(data)
                else:
                    self._on_the_way += data
        return False

    def _take(self) -> bytes:
        try:
            return os.read(self._master, 1 << 16)
        except OSError as error:
            if error.errno == errno.EIO:
                raise RuntimeError(f"the program has left:\n{self.text}") from None
            raise

    def _deliver(self, now: float) -> None:
        assert self._bandwidth is not None
        self._credit = min(self._credit + (now - self._credited_at) * self._bandwidth, self._bandwidth * 0.05)
        self._credited_at = now
        count = min(int(self._credit), len(self._on_the_way))
        if count:
            self._credit -= count
            data = bytes(self._on_the_way[:count])
            del self._on_the_way[:count]
            self._arrive(data)

    def _arrive(self, data: bytes) -> None:
        self.bytes += len(data)
        self.arrivals.append(time.perf_counter())
        whole = self._tail + data
        unfinished = _OPEN_SEQUENCE.search(whole)
        self._tail = unfinished.group() if unfinished else b""
        whole = whole[: len(whole) - len(self._tail)]
        for asked in _ASKED.finditer(whole):
            mode = asked.group(1)
            state = 2 if mode == _SYNCHRONIZED else 0
            os.write(self._master, b"\x1b[1;1R" if mode is None else b"\x1b[?%s;%d$y" % (mode, state))
        self._stream.feed(_PRIVATE.sub(b"", whole))

    def end(self) -> None:
        """Kills the program and its children."""
        with contextlib.suppress(psutil.Error):
            for process in [*self.process.children(recursive=True), self.process]:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        os.close(self._master)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _spawn(
    arguments: list[str], size: tuple[int, int], environment: dict[str, str], core: int | None
) -> tuple[int, int]:
    pid, master = os.forkpty()
    if pid == 0:
        try:
            # The size is set by the parent before it lets the child go on.
            os.read(0, 1)
            if core is not None:
                os.sched_setaffinity(0, {core})
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvpe(arguments[0], arguments, environment)
        finally:
            os._exit(127)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    os.write(master, b"\n")
    return pid, master


def be_polite(process: psutil.Process) -> None:
    """Has a process yield to others, and the session that it leads as well."""
    process.nice(19)
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/autogroup").write_text("19")
