"""Follows a file of lines as it grows."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from l2tui.errors import RunError
from l2tui.files import open_plain

Floats = NDArray[np.float64]

_TAIL_BYTES = 256
# Far beyond what any trainer writes. What holds no line within it is damaged, such as a file that was made longer only.
_MOST_LINE_BYTES = 1 << 24


class LineFollower:
    """Hands out the complete lines that were appended to a file since the last call.

    A line without its end is left until the rest has come. A missing file has no lines yet. A file that has become
    shorter, holds something else where it was read before, or has taken another's place, is read from its start.

    The file stays open, so that no other can have its number.

    Args:
        path: The file.
        links: Whether it may be a link, as a file that a user names may.
    """

    def __init__(self, path: Path, *, links: bool = False) -> None:
        self._path, self._links = path, links
        self._file: BinaryIO | None = None
        self._offset = 0
        self._tail = b""

    def __del__(self) -> None:
        """Closes the file."""
        self.restart()

    def restart(self) -> None:
        """Forgets what was read: the next call begins at the file's start."""
        if self._file is not None:
            self._file.close()
        self._file, self._offset, self._tail = None, 0, b""

    def read(self) -> tuple[bytes, bool]:
        """Returns the new complete lines as one piece, and whether reading began anew at the file's start.

        Raises:
            RunError: The file cannot be read, or is no plain file.
        """
        try:
            return self._read()
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read: {error.strerror}") from None

    def _read(self) -> tuple[bytes, bool]:
        if self._file is not None and not self._is_same(self._file):
            self.restart()
        anew = self._offset == 0
        if self._file is None:
            path = Path(os.path.realpath(self._path)) if self._links else self._path
            try:
                self._file = os.fdopen(open_plain(path, os.O_RDONLY), "rb", buffering=0)
            except FileNotFoundError:
                return b"", False
        data = b"".join(_whole_lines(self._file, self._offset))
        self._offset += len(data)
        self._tail = (self._tail + data)[-_TAIL_BYTES:]
        return data, anew

    def _is_same(self, file: BinaryIO) -> bool:
        try:
            now, held = self._path.stat(follow_symlinks=self._links), os.fstat(file.fileno())
        except FileNotFoundError:
            return True
        tail = os.pread(file.fileno(), len(self._tail), self._offset - len(self._tail))
        return os.path.samestat(now, held) and tail == self._tail


def _whole_lines(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Yields what follows in a file, in pieces that end where a line ends."""
    while True:
        piece = os.pread(file.fileno(), _MOST_LINE_BYTES, start)
        end = piece.rfind(b"\n") + 1
        if not end and len(piece) == _MOST_LINE_BYTES:
            raise OSError(errno.EINVAL, f"a line of it is longer than {_MOST_LINE_BYTES:,} bytes")
        yield piece[:end]
        if not end:
            return
        start += end
