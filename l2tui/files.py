"""Files: what path a person means, opening nothing but a plain file, and writing all of one or nothing.

A directory may have been prepared by somebody else. So a file in it is never opened through a link, a FIFO in its place
holds nobody up, and what is written first goes to a new file with a name that nobody can foresee.
"""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from l2tui.errors import DataError

# Larger than any file that is read as a whole; what is larger was not written by this program.
MOST_BYTES = 64 << 20
# What decoding raises where a file does not hold what it should. Data nested deeply exhaust the decoder's stack.
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_PRIVATE = 0o600
_ALWAYS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_LOCK_SECONDS = 1.0


def expanded(text: str) -> Path:
    """Returns the path that a person means: ~ stands for a home directory that exists."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def make_directory(path: Path) -> None:
    """Makes a directory that only its owner can enter, and whichever of its parents are missing, whatever the umask.

    Raises:
        OSError: It cannot be made; one that is there already is no error.
    """
    try:
        path.mkdir(mode=0o700)
    except FileNotFoundError:
        if path.parent == path:
            raise
        make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        if not path.is_dir():
            raise


def open_directory(path: Path) -> int:
    """Returns a descriptor of a directory, which stays that of the same directory when its name is given to another.

    Raises:
        OSError: It cannot be opened.
    """
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def open_plain(path: Path, flags: int, *, at: int | None = None) -> int:
    """Opens a plain file, and nothing else: no link, FIFO, device, socket or directory.

    Args:
        path: The file.
        flags: Those of `os.open`. A file that is made can be read by its owner alone.
        at: The directory's descriptor; of `path` only the name then counts.

    Returns:
        A descriptor, for the caller to close.

    Raises:
        OSError: It is no plain file, has a second name and is to be written to, or cannot be opened.
    """
    try:
        descriptor = os.open(path if at is None else path.name, flags | _ALWAYS, _PRIVATE, dir_fd=at)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _refusal(path, "it is a symbolic link") from None
        if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV, errno.EOPNOTSUPP):
            raise _refusal(path, "it is not a plain file") from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise _refusal(path, "it is not a plain file")
    if found.st_nlink > 1 and flags & (os.O_WRONLY | os.O_RDWR):
        os.close(descriptor)
        raise _refusal(path, "it has a second name, a hard link, under which others would see it change")
    return descriptor


def read_plain(path: Path, *, at: int | None = None, most: int = MOST_BYTES) -> bytes:
    """Returns the content of a plain file.

    Args:
        path: The file.
        at: As for `open_plain`.
        most: Bytes that it may have.

    Raises:
        OSError: It is larger, or as `open_plain`.
    """
    with os.fdopen(open_plain(path, os.O_RDONLY, at=at), "rb") as file:
        if os.fstat(file.fileno()).st_size > most or len(data := file.read(most + 1)) > most:
            raise _refusal(path, f"it is larger than {most:,} bytes")
    return data


def replace_file(
    path: Path,
    content: bytes | Callable[[BinaryIO], object],
    *,
    at: int | None = None,
    durable: bool = False,
    mode: int = _PRIVATE,
) -> None:
    """Replaces a file as a whole: a reader sees the old content or the new, never a mixture.

    Args:
        path: The file. A link in its place is replaced, not followed.
        content: The content, or what writes it to an open file.
        at: As for `open_plain`.
        durable: Whether the new content survives a power cut once this returns.
        mode: Who may read and write it, less what the umask takes away.

    Raises:
        OSError: It cannot be written. The old content is still there then, and no half of the new one.
    """
    directory = open_directory(path.parent) if at is None else at
    draft = f".{path.name}.{os.urandom(8).hex()}.tmp"
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | _ALWAYS, mode, dir_fd=directory)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    content(file)
                file.flush()
                if durable:
                    os.fsync(descriptor)
            os.rename(draft, path.name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            # On a full disk, half a file would take the room that the next try needs.
            with contextlib.suppress(OSError):
                os.unlink(draft, dir_fd=directory)
            raise
        # The new name survives a power cut only once the directory is on the disk as well.
        if durable:
            os.fsync(directory)
    finally:
        if at is None:
            os.close(directory)


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file that a user names, as `replace_file` does. A link is followed: the user means its target.

    Args:
        path: The file. Anything there that is not a plain file is left alone.
        write: Writes the content to an open file.

    Raises:
        DataError: It cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise DataError(f"{path}: cannot be written: not a regular file")
    try:
        replace_file(target, write, mode=0o666)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


def take_turn(descriptor: int) -> None:
    """Waits until nobody else appends to a file, and holds others off until it is closed.

    Raises:
        OSError: Somebody does not let go of it.
    """
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, "another program holds it") from None
            time.sleep(0.002)
        else:
            return


def append_line(descriptor: int, line: bytes) -> None:
    """Appends a line to an open file as a whole, or not at all. The caller has taken a turn.

    A last line without its end, as a program that was killed leaves it, is ended first: it must not swallow this one.

    Args:
        descriptor: Of a file that was opened to be read and appended to.
        line: The line with its end.

    Raises:
        OSError: It could not be written.
    """
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        while line:
            line = line[os.write(descriptor, line) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _refusal(path: Path, why: str) -> OSError:
    # No number of the system's says any of this; EINVAL makes no subclass of OSError that somebody expects.
    return OSError(errno.EINVAL, why, str(path))
