"""What kind of file a table is in, and its text as blocks of UTF-8, whatever it was written in."""

import codecs
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from l2tui.errors import DataError

Format = Literal["CSV", "TSV", "Parquet", "NPZ"]

BLOCK_BYTES = 1 << 23
_HEAD_BYTES = 1 << 16

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Office document; save the sheet as CSV"),
    (b"\x93NUMPY", "a single NumPy array; save X and y with numpy.savez"),
    (b"\x89HDF", "an HDF5 file; save the table as CSV or Parquet"),
    (b"SQLite format 3", "a database; save the table as CSV or Parquet"),
    (b"%PDF", "a PDF document, not a table"),
    (b"\x89PNG", "a picture, not a table"),
    (b"\xff\xd8\xff", "a picture, not a table"),
    (b"GIF8", "a picture, not a table"),
    (b"\x7fELF", "a program, not a table"),
    (b"ARROW1", "an Arrow file; save the table as Parquet"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
    (b"\x80\x03", "a pickle, which is never opened; save the table as CSV or Parquet"),
    (b"\x80\x04", "a pickle, which is never opened; save the table as CSV or Parquet"),
    (b"\x80\x05", "a pickle, which is never opened; save the table as CSV or Parquet"),
    (b"<!DOCTYPE html", "a web page; save its table as CSV"),
    (b"<!doctype html", "a web page; save its table as CSV"),
    (b"<html", "a web page; save its table as CSV"),
    (b"<?xml", "an XML file; save the table as CSV"),
    (b'{"', "JSON; save the table as CSV or Parquet"),
    (b"{\n", "JSON; save the table as CSV or Parquet"),
    (b"[{", "JSON; save the table as CSV or Parquet"),
    (b"[\n", "JSON; save the table as CSV or Parquet"),
)
# All below a blank but tab, line ends, form feed and escape.
_NO_TEXT = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1b")
_MOST_NO_TEXT = 0.01
# Packed tables shrink by a factor of 3 to 50.
_MOST_EXPANSION, _ANY_SIZE = 100, 1 << 25


class OpenFile:
    """A file that is open for reading, and known by its first bytes.

    Args:
        path: As it was named, for messages.
        file: Its bytes.

    Attributes:
        path: As it was named, for messages.
        bytes: Its size.
        format: What it holds.
        is_latin: Whether its text, once it has been read, turned out to be Latin-1.
        sampled: Whether only a sample of its rows is kept, so that a packed file may unpack to any size.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self.file = file
        self._before = os.fstat(file.fileno())
        self.bytes = self._before.st_size
        self.head = file.read(_HEAD_BYTES)
        if not self.head:
            raise DataError(f"{path}: the file is empty")
        self.packed = self.head.startswith(b"\x1f\x8b")
        self.format = self._recognised()
        self.is_latin = False
        self.sampled = False

    def check_unchanged(self) -> None:
        """Checks that the file has not changed since it was opened.

        Raises:
            DataError: It has.
        """
        now = os.fstat(self.file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns):
            raise DataError(f"{self.path}: the file has changed while it was read; wait until it is complete")

    def text(self) -> Iterator[tuple[bytes, float]]:
        """Yields the content as UTF-8 in blocks without a byte order mark, and the share of the file read so far.

        Raises:
            DataError: It is no text, or cannot be read.
        """
        self.file.seek(0)
        read = gzip.GzipFile(fileobj=self.file).read if self.packed else self.file.read
        try:
            head = read(_HEAD_BYTES) if self.packed else self.head
            encoding, skip = _encoding(head)
            _check_text(self.path, head, encoding)
            decoder = _Decoder(self.path, encoding)
            if self.packed:
                self.file.seek(0)
                read = gzip.GzipFile(fileobj=self.file).read
            read(skip)
            size = 0
            while raw := read(BLOCK_BYTES):
                size += len(raw)
                self._check_expansion(size)
                yield decoder.utf8(raw), min(1.0, self.file.tell() / max(1, self.bytes))
            if rest := decoder.utf8(b"", last=True):
                yield rest, 1.0
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise DataError(f"{self.path}: the packed file is damaged or cut off") from None
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {error.strerror or error}") from None
        self.is_latin = decoder.is_latin

    def _check_expansion(self, size: int) -> None:
        if self.packed and not self.sampled and size > max(_ANY_SIZE, _MOST_EXPANSION * self.file.tell()):
            what = f"unpacks to more than {_MOST_EXPANSION} times its size, {size >> 20} MB of text so far"
            raise DataError(f"{self.path}: {what}; if that is right, take a sample with --rows N")

    def _recognised(self) -> Format:
        head, suffix = self.head, self.path.suffix.lower()
        if head.startswith(b"PAR1"):
            return "Parquet"
        if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
            if b".npy" in head[:4096]:
                return "NPZ"
            what = (
                "an Excel workbook; save the sheet as CSV" if b"xl/" in head or suffix == ".xlsx" else "a zip archive"
            )
            raise DataError(f"{self.path}: this is {what}{'' if 'Excel' in what else '; unpack it first'}")
        for magic, what in _OTHERS:
            if head.startswith(magic):
                raise DataError(f"{self.path}: this is {what}")
        if suffix in (".parquet", ".npz"):
            kind = "Parquet" if suffix == ".parquet" else "NPZ"
            raise DataError(f"{self.path}: not a {kind} file, in spite of its name")
        return "TSV" if ".tsv" in self.path.suffixes else "CSV"


def _encoding(head: bytes) -> tuple[str, int]:
    """Returns what text is written in, and the bytes of the mark at its beginning."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, len(bom)
    # Without a mark, UTF-16 shows by the zeros in every other byte of plain letters and figures.
    some = head[:4096]
    first, second = some[::2].count(0), some[1::2].count(0)
    enough = 0.4 * len(some)
    if second > enough and not first:
        return "utf-16-le", 0
    return ("utf-16-be", 0) if first > enough and not second else ("utf-8", 0)


def _check_text(path: Path, head: bytes, encoding: str) -> None:
    if encoding == "utf-8" and len(head) - len(head.translate(None, _NO_TEXT)) > _MOST_NO_TEXT * len(head):
        raise DataError(f"{path}: not text but binary data, of no kind that is known; save the table as CSV or Parquet")


class _Decoder:
    """Turns blocks of bytes into UTF-8.

    Text that is said to be UTF-8 and is not is taken for Latin-1, unless letters that are UTF-8 came before.

    Args:
        path: The file, for messages.
        encoding: What it begins as.

    Attributes:
        is_latin: Whether it was taken for Latin-1.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._line = 1
        self._foreign = False
        self.is_latin = False

    def utf8(self, raw: bytes, *, last: bool = False) -> bytes:
        """Returns a block as UTF-8, of whole characters.

        Raises:
            DataError: It is damaged, or of two encodings.
        """
        if self.is_latin:
            return raw.decode("latin-1").encode()
        whole = self._decoder.getstate()[0] + raw
        try:
            text = self._decoder.decode(raw, last)
        except UnicodeDecodeError as error:
            self._line += whole.count(b"\n", 0, error.start)
            if self._encoding != "utf-8":
                what = f"damaged: it begins as {self._encoding.upper()} text and does not go on so"
                raise DataError(f"{self._path}: {what}") from None
            if self._foreign or not whole[: error.start].isascii():
                what = f"line {self._line}: not UTF-8, which earlier lines are; save the file in one encoding"
                raise DataError(f"{self._path}: {what}") from None
            self.is_latin = True
            return whole.decode("latin-1").encode()
        self._line += raw.count(b"\n")
        if self._encoding == "utf-8" and whole.isascii():
            return whole
        self._foreign = True
        # Half a surrogate pair is no character, and cannot be written as UTF-8.
        return text.encode("utf-8", "replace")


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Opens a file for reading.

    Args:
        path: A regular file.

    Raises:
        DataError: There is none, it may not be read, it is empty, or it is no table.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise DataError(f"{path}: a directory; name the file with the table")
        if not stat.S_ISREG(mode):
            raise DataError(f"{path}: not a regular file; a run reads its table again, so save it to a file first")
        file = path.open("rb", buffering=0)
    except OSError as error:
        reason = {2: "no such file", 13: "no permission to read it"}.get(error.errno or 0, "cannot be opened")
        more = "" if error.errno in (2, 13) else f": {error.strerror}"
        if error.errno == 2 and path.name == "-":
            more = "; standard input is none either: a run reads its table again, so save it to a file first"
        raise DataError(f"{path}: {reason}{more}") from None
    except ValueError:
        raise DataError(f"{path}: not a name that a file can have") from None
    with file:
        try:
            found = OpenFile(path, file)
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}") from None
        yield found
