"""Commands to a worker: appended by any controller, read by the worker."""

import os
import time
from collections import deque
from collections.abc import Iterator

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, append_line, take_turn
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, SaveWeights, decode_command, encode_line
from l2tui.runs.stored import known_status
from l2tui.worker.log import say

# A worker acts upon a command within a fraction of a second; longer is not waited for it.
_PATIENCE = 2.0
# Bytes by which a file is known again, and that are read at one look.
_KNOWN_BYTES, _LOOK_BYTES = 256, 1 << 20


def send(run: RunDirectory, command: AnyCommand) -> None:
    """Appends a command, as a whole line or not at all, so that commands of several controllers never mix.

    Raises:
        RunError: The run directory cannot be written to; the command does not act then.
    """
    try:
        descriptor = run.open(run.control, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            take_turn(descriptor)
            append_line(descriptor, encode_line(command))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RunError(f"{run.control}: cannot be written: {error.strerror}") from None


def have_best_written(run: RunDirectory) -> None:
    """Has a run that goes on write its best weights, which by itself it does now and then only.

    Where there is no worker, it may not be reached or it does not answer, those that are there have to do.
    """
    if not run.is_locked():
        return
    try:
        send(run, SaveWeights())
        sent = run.control.stat().st_size
    except (RunError, OSError):
        return
    deadline = time.monotonic() + _PATIENCE
    while run.is_locked() and time.monotonic() < deadline:
        status = known_status(run)
        if status is not None and status.commands >= sent:
            return
        time.sleep(0.02)


class Inbox:
    """The worker's end: takes in the commands that have come, and hands them out one by one.

    Looking costs one `stat` while nothing has come. A line that is no command is passed over, with a word in the log:
    a controller's mistake must not end the training.

    A file that was cut, deleted or replaced is noticed. Its commands are new and act, unless it still begins as it did.

    Attributes:
        position: Bytes of the file that are done with: behind the last command that was handed out. Whoever starts
            again from here misses none and repeats none.
        notice: What happened to the file, for the worker to pass on; empty while nothing did.
    """

    def __init__(self, run: RunDirectory, position: int = 0) -> None:
        self._run = run
        self.position = self._read = position
        self.notice = ""
        self._waiting: deque[tuple[AnyCommand, int]] = deque()
        self._seen: tuple[int, ...] = ()
        # Where a line begins that is longer than any command and is passed over; None elsewhere.
        self._long: int | None = None
        # The first and the last bytes that were read; None while a worker that took over has not read any itself.
        self._head: bytes | None = None if position else b""
        self._tail: bytes | None = self._head

    def look(self) -> None:
        """Takes in what has come. Where the file cannot be read, that is noticed, and the next look tries again."""
        try:
            found = self._run.stat(self._run.control)
            seen = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
            if seen == self._seen:
                return
            descriptor = self._run.open(self._run.control, os.O_RDONLY)
        except FileNotFoundError:
            if self._read:
                self._begin_anew(0, "was deleted; the next command makes it anew")
            return
        except OSError as error:
            self.notice = f"{self._run.control.name} cannot be read: {error.strerror}"
            return
        try:
            is_other = seen[:2] != self._seen[:2]
            self._seen = seen if self._take_in(descriptor, is_other) else (*seen[:2], -1)
        finally:
            os.close(descriptor)

    def __iter__(self) -> Iterator[AnyCommand]:
        """Hands out the commands that were taken in, oldest first; `position` is behind each as it is handed out."""
        while self._waiting:
            command, self.position = self._waiting.popleft()
            yield command
        self.position = self._read if self._long is None else self._long

    def holds(self, *kinds: type[AnyCommand]) -> bool:
        """Returns whether a command of some kind is among those that were taken in and not handed out."""
        return any(isinstance(command, kinds) for command, _ in self._waiting)

    def _take_in(self, descriptor: int, is_other: bool) -> bool:
        """Reads on; returns whether that was all."""
        size = os.fstat(descriptor).st_size
        if not self._continues(descriptor, size):
            head = os.pread(descriptor, _KNOWN_BYTES, 0)
            if size < self._read and not is_other and head and (self._head or b"").startswith(head):
                self._begin_anew(size, "was cut; what is left of it has acted")
            else:
                self._begin_anew(0, "was replaced; the commands in it act")
        data = os.pread(descriptor, _LOOK_BYTES, self._read)
        is_all = len(data) < _LOOK_BYTES
        data = self._behind_long_line(data)
        end = data.rfind(b"\n") + 1
        for line in data[:end].splitlines(keepends=True):
            self._read += len(line)
            try:
                self._waiting.append((decode_command(line), self._read))
            except UNDECODABLE as error:
                say(f"ignored {line[:_KNOWN_BYTES]!r}: {error}")
        if not self._waiting:
            self.position = self._read if self._long is None else self._long
        self._head = os.pread(descriptor, min(_KNOWN_BYTES, self._read), 0)
        start = max(0, self._read - _KNOWN_BYTES)
        self._tail = os.pread(descriptor, self._read - start, start)
        return is_all

    def _behind_long_line(self, data: bytes) -> bytes:
        """Passes over a line without an end, with one word in the log; returns what follows it."""
        if self._long is None and (len(data) < _LOOK_BYTES or b"\n" in data):
            return data
        if self._long is None:
            self._long = self._read
            say(f"ignored a line of more than {_LOOK_BYTES:,} bytes that begins with {data[:_KNOWN_BYTES]!r}")
        end = data.find(b"\n") + 1
        self._read += end or len(data)
        if not end:
            return b""
        self._long = None
        return data[end:]

    def _continues(self, descriptor: int, size: int) -> bool:
        """Returns whether the file still begins with what was read of it."""
        if size < self._read:
            return False
        if self._head is None or self._tail is None:
            return True
        start = max(0, self._read - _KNOWN_BYTES)
        return (
            os.pread(descriptor, len(self._head), 0) == self._head
            and os.pread(descriptor, self._read - start, start) == self._tail
        )

    def _begin_anew(self, position: int, what: str) -> None:
        # Commands that were taken in and wait are no longer in the file, but act all the same.
        self._waiting = deque((command, position) for command, _ in self._waiting)
        self.position = self._read = position
        self._long = None
        self._head = self._tail = b""
        self.notice = f"{self._run.control.name} {what}"
