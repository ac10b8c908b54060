"""The terminal as the app takes and gives it back: whatever is typed, and however often the app is stopped.

Textual reads UTF-8 alone, and takes every SIGCONT for the return from ctrl+z: it would then set up a terminal that it
has, read its keys twice, and give it back in the state that it has put it into.
"""

import asyncio
import codecs
import contextlib
import errno
import locale
import os
import signal
import termios
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from textual._parser import ParseError
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

_JOB_CONTROL = (signal.SIGTSTP, signal.SIGCONT)
_PARTS = (
    "_run_input_thread",
    "start_application_mode",
    "suspend_application_mode",
)
# What Textual's parser stumbles over in a sequence that no terminal sends.
_UNREADABLE = (ValueError, ArithmeticError, LookupError, ParseError)
# Ends what the app has begun, in the order in which Textual does: paste, line wrap, size reports, mouse, keys, screen.
_FAREWELL = (
    b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)


def fits() -> bool:
    """Returns whether this Textual takes a terminal in the way that is known here."""
    return hasattr(linux_driver, "getincrementaldecoder") and all(hasattr(LinuxDriver, part) for part in _PARTS)


def keyboard_encoding() -> str:
    """Returns what the bytes of keys mean: that of the locale, but UTF-8 where the locale knows ASCII alone."""
    try:
        name = codecs.lookup(locale.getpreferredencoding(False)).name
    except LookupError:
        return "utf-8"
    return "utf-8" if name == "ascii" else name


def _lenient_decoder(encoding: str) -> Any:
    """Returns what makes a decoder that passes over bytes that are no text."""
    del encoding
    return partial(codecs.getincrementaldecoder(keyboard_encoding()), errors="ignore")


def _note_nothing() -> None:
    """Is there for the loop to be woken up."""


class SteadyDriver(LinuxDriver):
    """A driver that gives the terminal back as it was, after any order of stops, returns and new sizes.

    Signals only ask; the terminal is taken and given back in the event loop, one after the other.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        # Python runs the handler of a signal in the main thread, but does not wake that one up where the system has
        # handed the signal to another thread. Once the loop listens to one signal, each wakes it up.
        for number in _JOB_CONTROL:
            asyncio.get_running_loop().add_signal_handler(number, _note_nothing)
        super().__init__(app, **options)
        vars(linux_driver)["getincrementaldecoder"] = _lenient_decoder
        self._first_attributes: list[Any] | None = None
        self._has_terminal = False
        self._to_stop = False
        # Handed to two threads, the signal that was sent first may act last. Of the two that wait for one thread, the
        # system keeps the last.
        signal.pthread_sigmask(signal.SIG_BLOCK, _JOB_CONTROL)
        threading.Thread(target=self._take_signals, name="job-control", daemon=True).start()

    def _take_signals(self) -> None:
        while True:
            number = signal.sigwait(_JOB_CONTROL)
            self._to_stop = number == signal.SIGTSTP
            try:
                self._loop.call_soon_threadsafe(self._stop if self._to_stop else self._come_back)
            except RuntimeError:
                # The app has left, but not the program.
                if self._to_stop:
                    os.kill(os.getpid(), signal.SIGSTOP)

    def start_application_mode(self) -> None:
        """Takes the terminal. How it is to be given back is learned the first time only."""
        before = self._writer_thread
        start: Callable[[], None] = super().start_application_mode
        start()
        self._has_terminal = self._writer_thread is not before
        if self._first_attributes is None:
            self._first_attributes = self.attrs_before
        self.attrs_before = self._first_attributes

    def suspend_application_mode(self) -> None:
        """Gives the terminal back for a while."""
        self._has_terminal = False
        super().suspend_application_mode()

    def _stop(self) -> None:
        if not self._to_stop:
            return
        if self._auto_restart and self._has_terminal:
            self.suspend_application_mode()
        if self._to_stop:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _come_back(self) -> None:
        # The system sends SIGCONT after SIGHUP as well, whose handler then forgets the terminal.
        forgotten = signal.getsignal(signal.SIGCONT) is signal.SIG_DFL
        if forgotten or not self._auto_restart or self.exit_event.is_set() or self._to_stop or self._app._exit:
            return
        if self._has_terminal:
            # Stopped without a warning, or not at all: others may have used the terminal meanwhile.
            self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except _UNREADABLE:
                continue
            except BaseException:
                super()._run_input_thread()
                return

    def let_go(self) -> None:
        """Gives the terminal back at once, from a signal handler, where the event loop does not come to it any more."""
        with contextlib.suppress(termios.error, OSError):
            if self._first_attributes is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._first_attributes)
        with contextlib.suppress(OSError):
            _write_without_waiting(self.fileno, _FAREWELL)


def _write_without_waiting(descriptor: int, data: bytes) -> None:
    # By a description of its own, so that nobody else's writes stop waiting.
    try:
        own = os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise OSError(errno.ENOTTY, "no terminal") from error
    try:
        os.write(own, data)
    finally:
        os.close(own)
