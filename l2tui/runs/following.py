"""Follows a file of lines as it grows."""

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from l2tui.errors import RunError
from l2tui.files import open_plain

Floats = NDArray[np.float64]

_TAIL_BYTES = 256


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
        self._file.seek(self._offset)
        data = self._file.read()
        end = data.rfind(b"\n") + 1
        self._offset += end
        self._tail = (self._tail + data[:end])[-_TAIL_BYTES:]
        return data[:end], anew

    def _is_same(self, file: BinaryIO) -> bool:
        try:
            now, held = self._path.stat(follow_symlinks=self._links), os.fstat(file.fileno())
        except FileNotFoundError:
            return True
        tail = os.pread(file.fileno(), len(self._tail), self._offset - len(self._tail))
        return os.path.samestat(now, held) and tail == self._tail
