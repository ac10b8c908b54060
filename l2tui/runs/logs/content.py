"""The bytes of a log, from a file that another program writes in its own way, or from a pipe."""

import os
import threading
import time
from pathlib import Path
from typing import BinaryIO, Protocol

from l2tui.errors import RunError
from l2tui.files import MOST_BYTES, open_plain

_READS = 4
_FRESH = 100_000_000
_REST = 0.1


class Content(Protocol):
    """Something that bytes come from."""

    def read(self) -> bytes | None:
        """Returns all that there is, None where nothing is there yet.

        Raises:
            RunError: It cannot be read.
        """


class FileContent:
    """A file that may grow, be written anew in place, or be replaced.

    What is read while somebody writes the file anew can be its old beginning with its new end. So a read counts only
    once the next one begins with the same bytes. Where the file is overwritten without being truncated first, its
    writer can pause between the new beginning and the old end: there the next read comes a moment later.

    Args:
        path: The file; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] = ()
        self._data: bytes | None = None

    def read(self) -> bytes | None:
        """As `Content.read`."""
        try:
            # A link to the newest log is a link that its owner has made.
            with os.fdopen(open_plain(self._path.resolve(), os.O_RDONLY), "rb") as file:
                stamp = _stamp(file)
                *_, size, changed = stamp
                if size > MOST_BYTES:
                    raise RunError(f"{self._path}: larger than {MOST_BYTES:,} bytes, too large for a log")
                # Within one tick of the file system's clock, two different contents can have the same time.
                if stamp == self._stamp and time.time_ns() - changed > _FRESH:
                    return self._data
                data = _settled(file, self._data)
                self._data, self._stamp = (self._data, ()) if data is None else (data, stamp)
        except FileNotFoundError:
            self._data, self._stamp = None, ()
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read: {error.strerror}") from None
        return self._data


def _settled(file: BinaryIO, before: bytes | None) -> bytes | None:
    """Returns what a file holds, None where it changes with every look at it."""
    data = file.read(MOST_BYTES)
    for _ in range(_READS):
        overwritten = before is not None and len(data) >= len(before) and not data.startswith(before)
        stamp = _stamp(file)
        time.sleep(_REST if overwritten else 0)
        file.seek(0)
        again = file.read(MOST_BYTES)
        # A writer that goes round and round passes through the same bytes again.
        if again.startswith(data) and (not overwritten or len(again) > len(data) or _stamp(file) == stamp):
            return data
        data = again
    return None


def _stamp(file: BinaryIO) -> tuple[int, ...]:
    """Returns what changes when a file does. A program can set the time of its last write back, but not this one."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns


class PipeContent:
    """What another program writes to a pipe, such as standard input. A thread reads it.

    Args:
        descriptor: The end to read from.
    """

    def __init__(self, descriptor: int) -> None:
        self._data = b""
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._fill, args=(descriptor,), name="log", daemon=True)
        self._thread.start()

    def _fill(self, descriptor: int) -> None:
        while data := os.read(descriptor, 1 << 16):
            with self._lock:
                self._data += data

    def read(self) -> bytes | None:
        """As `Content.read`."""
        with self._lock:
            return self._data or None

    def wait(self) -> None:
        """Waits until the other program has closed its end."""
        self._thread.join()
