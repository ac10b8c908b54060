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
    once the next one begins with the same bytes.

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
                found = os.fstat(file.fileno())
                if found.st_size > MOST_BYTES:
                    raise RunError(f"{self._path}: larger than {MOST_BYTES:,} bytes, too large for a log")
                stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
                # Within one tick of the file system's clock, two different contents can have the same time.
                if stamp == self._stamp and time.time_ns() - found.st_mtime_ns > _FRESH:
                    return self._data
                self._data, self._stamp = _settled(file, self._data), stamp
        except FileNotFoundError:
            self._data, self._stamp = None, ()
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read: {error.strerror}") from None
        return self._data


def _settled(file: BinaryIO, before: bytes | None) -> bytes | None:
    """Returns what a file holds, or what it held before where it changes with every look at it."""
    data = file.read(MOST_BYTES)
    for _ in range(_READS):
        file.seek(0)
        again = file.read(MOST_BYTES)
        if again.startswith(data):
            return data
        data = again
    return before


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
