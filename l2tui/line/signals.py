"""Leaving in good order when the system asks for it, and leaving at all when the terminal is gone."""

import contextlib
import errno
import fcntl
import os
import select
import signal
import sys
import termios
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from types import FrameType

# The app is ended by then, even if a write to a dead terminal blocks it.
_SECONDS_TO_LEAVE = 3.0
# Where the system does not wake anybody up.
_SECONDS_BETWEEN_LOOKS = 1.0
_LOOKS = 3
# SIGPIPE and SIGXFSZ are errors of a write in Python. SIGSEGV and its like are faults, after which nothing is safe.
_ENDING = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGABRT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGXCPU,
)


def leave_on_signals(loop: AbstractEventLoop, leave: Callable[[int], None], let_go: Callable[[], None]) -> None:
    """Has the signals that end a program end the app, with the terminal restored. One that is ignored stays so.

    The handlers are plain ones: those of the event loop run only when the loop does, and it may be blocked on a
    terminal that nobody reads any more.

    Args:
        loop: The app's event loop.
        leave: Is called in the loop with the signal's number.
        let_go: Gives the terminal back where the loop is blocked.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        def give_up(*_: object) -> None:
            let_go()
            os._exit(128 + number)

        signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, _SECONDS_TO_LEAVE)
        if number == signal.SIGHUP and _is_gone(0):
            _forget_terminal()
        loop.call_soon_threadsafe(leave, number)

    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handle)


def leave_on_hangup(loop: AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Ends the app when its terminal is gone, also where SIGHUP is ignored, as under nohup.

    A thread sleeps until the system reports that nobody is at the other end of standard input. Without it, Textual
    would read the end of the file again and again for ever.

    Args:
        loop: The app's event loop.
        leave: Is called in the loop with the number of SIGHUP.
    """

    def watch() -> None:
        if _is_gone(None):
            _forget_terminal()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(leave, int(signal.SIGHUP))
            time.sleep(_SECONDS_TO_LEAVE)
            os._exit(128 + signal.SIGHUP)

    threading.Thread(target=watch, name="hang-up", daemon=True).start()


def _is_gone(milliseconds: int | None, descriptor: int = 0) -> bool:
    """Returns whether nobody is at the other end of a terminal, waiting for that so long, or for ever."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, 0)
        events = [event for _, event in poll.poll(milliseconds)]
        if not any(event & select.POLLNVAL for event in events):
            return any(event & (select.POLLHUP | select.POLLERR) for event in events)
    # Some versions of macOS do not poll terminals.
    while not (gone := _is_at_end(descriptor)) and milliseconds is None:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return gone


def _is_at_end(descriptor: int) -> bool:
    """Returns whether a terminal has something to read that is nothing, as at its end."""
    for _ in range(_LOOKS):
        try:
            ready, _, _ = select.select([descriptor], [], [], 0)
            if not ready or int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder):
                return False
        except OSError as error:
            return error.errno != errno.EBADF
        # Another thread may have read it in between.
        time.sleep(_SECONDS_BETWEEN_LOOKS / 100)
    return True


def _forget_terminal() -> None:
    # The system sends SIGCONT after SIGHUP. Textual would take that for the return from ctrl+z and set up the terminal
    # that is gone, and its writer would die on it.
    with contextlib.suppress(ValueError):  # only the main thread may say so; under nohup no SIGCONT comes
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)


def shows_nothing(descriptor: int = 0) -> bool:
    """Returns whether a terminal neither shows nor collects what is typed, as an app leaves it that was killed."""
    try:
        return not termios.tcgetattr(descriptor)[3] & (termios.ECHO | termios.ICANON)
    except termios.error:
        return False


def has_shell() -> bool:
    """Returns whether a shell waits for the app, as one that controls jobs does, and gives each a group of its own.

    Stopped without one, as in `ssh -t host l2tui`, it would stay so: nobody is there to type fg.
    """
    return os.getpgrp() != os.getsid(0)
