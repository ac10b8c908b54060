"""The terminal is given back as it was found, whatever is typed, and whatever signals and sizes came in between."""

import ctypes
import os
import random
import signal
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
DRAWINGS = pytest.mark.parametrize("drawing", ["own", "stock"])
# Keys with numbers that no terminal sends, and half a character of UTF-8.
UNREADABLE = b"\x1b[:u\x1b[1114112;1u\x1b[9:8:7~\x1b[;;:u\xc3"


def _state_of(number: int) -> bytes:
    return Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()[0]


class Kept:
    """An app, and its terminal, which is kept open after the app has left.

    Args:
        app: The app in its terminal.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.number = app.process.pid
        # As every terminal is made: the app may have changed its own by now.
        master, slave = os.openpty()
        self.found = termios.tcgetattr(slave)
        os.close(master)
        os.close(slave)
        assert self.found[3] & termios.ECHO
        self.descriptor = os.open(Path(f"/proc/{self.number}/fd/0").readlink(), os.O_RDWR | os.O_NOCTTY)
        app.shows("ready")
        assert not self.now[3] & termios.ECHO

    @property
    def now(self) -> list[Any]:
        return termios.tcgetattr(self.descriptor)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.number, number)
        if number in (signal.SIGSTOP, signal.SIGTSTP):
            self.app.reads_until(self.is_stopped, f"stopped by {number.name}")

    def escapes(self, title: str) -> None:
        """Leaves a dialog. Escape and a key at once would be one key."""
        self.app.press("\x1b")
        self.app.reads_until(lambda: title not in self.app.text, f"{title} gone")

    @property
    def threads(self) -> list[int]:
        return sorted(int(path.name) for path in Path(f"/proc/{self.number}/task").iterdir())

    def is_idle_for(self, seconds: float) -> None:
        """Waits until the main thread has slept so long, with nothing that would wake it up."""
        switches, since = "", 0.0

        def sleeps_on() -> bool:
            nonlocal switches, since
            status = Path(f"/proc/{self.number}/status").read_text()
            if (now := status[status.index("voluntary_ctxt") :]) != switches:
                switches, since = now, time.monotonic()
            return time.monotonic() - since > seconds

        self.app.reads_until(sleeps_on, f"idle for {seconds} s")

    def is_stopped(self) -> bool:
        return _state_of(self.number) == b"T"

    def leaves(self) -> int:
        """Returns the exit status, and asserts that the terminal is as it was found."""
        self.app.reads_until(lambda: not self.app.process.isalive(), "the app gone")
        self.app.read()
        assert self.now == self.found
        assert self.app.is_restored
        assert not self.app.process.signalstatus
        return int(self.app.process.exitstatus)


@pytest.fixture
def kept(terminal: Open) -> Iterator[Callable[..., Kept]]:
    all_kept: list[Kept] = []

    def start(drawing: str = "own") -> Kept:
        all_kept.append(Kept(terminal("moons", L2TUI_DRAWING=drawing, size=(90, 26))))
        return all_kept[-1]

    yield start
    for one in all_kept:
        os.close(one.descriptor)


@DRAWINGS
@pytest.mark.parametrize("seed", range(2))
def test_after_any_order_of_stops_returns_and_sizes(kept: Callable[..., Kept], drawing: str, seed: int) -> None:
    one = kept(drawing)
    chance = random.Random(seed)
    for what in chance.sample(["STOP", "TSTP", "CONT", "CONT", "size", "STOP", "TSTP"], 7):
        if what == "size":
            one.app.resize(*chance.choice([(100, 30), (80, 24)]))
            continue
        if what != "CONT":
            one.send(signal.Signals[f"SIG{what}"])
        if what == "TSTP":
            assert one.now == one.found
        one.send(signal.SIGCONT)
    one.app.resize(90, 27)
    one.app.shows("ready")
    one.app.press("?")
    one.app.shows("Help")
    one.escapes("Help")
    one.app.press("q")
    assert one.leaves() == 0


def test_a_stop_right_after_a_return_is_not_lost(kept: Callable[..., Kept]) -> None:
    one = kept()
    for _ in range(30):
        one.send(signal.SIGSTOP)
        one.send(signal.SIGCONT)
        one.send(signal.SIGTSTP)
        assert one.now == one.found
        one.send(signal.SIGCONT)
    one.app.shows("ready")
    one.app.press("q")
    assert one.leaves() == 0


def test_a_signal_wakes_an_idle_app_whichever_thread_the_system_gives_it_to(kept: Callable[..., Kept]) -> None:
    c_library = ctypes.CDLL(None)
    if not hasattr(c_library, "tgkill"):
        pytest.skip("a signal cannot be sent to a single thread here")
    one = kept()
    one.is_idle_for(0.5)
    assert c_library.tgkill(one.number, one.threads[1], signal.SIGTERM) == 0
    assert one.leaves() == 128 + signal.SIGTERM


@pytest.mark.parametrize("name", ["QUIT", "ABRT", "USR1", "USR2", "ALRM"])
def test_after_a_signal_that_ends_programs(kept: Callable[..., Kept], name: str) -> None:
    one = kept()
    number = signal.Signals[f"SIG{name}"]
    one.send(number)
    assert one.leaves() == 128 + number


@DRAWINGS
def test_bytes_that_are_no_text_do_not_end_the_app(kept: Callable[..., Kept], drawing: str) -> None:
    one = kept(drawing)
    chance = random.Random(7)
    dialogs = (("?", "Help"), ("o", "Open"), ("r", "Runs"), ("\x10", "Search"))
    for key, title in dialogs:
        one.app.press(key)
        one.app.shows(title)
        for _ in range(8):
            # Bytes that begin no character of UTF-8.
            noise = bytes(chance.choices([*range(0x80, 0xC0), *range(0xF8, 0x100)], k=500))
            os.write(one.app.process.child_fd, noise + UNREADABLE)
            one.app.read()
        one.escapes(title)
    one.app.press("q")
    assert one.leaves() == 0


def test_a_worker_does_not_inherit_what_the_app_blocks(terminal: Open, the_run: Callable[[], Any]) -> None:
    app = terminal("moons", "--start")
    app.shows("running")
    app.reads_until(lambda: the_run().lock.read_text().strip())
    status = Path(f"/proc/{int(the_run().lock.read_text())}/status").read_text()
    assert int(status.partition("SigBlk:")[2].split()[0], 16) == 0
