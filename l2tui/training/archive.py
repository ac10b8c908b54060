"""Reads NPZ files that may be damaged, or made by somebody else, without trusting what they say of themselves."""

import math
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_HEADER_BYTES = 10_000
_BLOCK_BYTES = 1 << 20


class Archive:
    """The arrays of an NPZ file. Nothing is read of one before its shape and type are known to be right.

    Args:
        file: The file, as `numpy.savez` writes it: not compressed.

    Raises:
        Exception: It is no such file. What is raised is up to the piece of code that stumbles over the damage; that
            holds for all methods.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file)
        self._entries = {entry.filename.removesuffix(".npy"): entry for entry in self._zip.infolist()}

    def __contains__(self, name: str) -> bool:
        """Returns whether there is an array of that name."""
        return name in self._entries

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Returns an array, which must have this shape and type."""
        found_shape, found_dtype, blocks = self._open(name)
        if (found_shape, found_dtype) != (shape, dtype):
            raise ValueError(f"{name} is {found_dtype}{list(found_shape)}, expected {dtype}{list(shape)}")
        return np.frombuffer(b"".join(blocks), dtype).reshape(shape)

    def all_arrays(self, most: int) -> dict[str, NDArray[Any]]:
        """Returns every array by name; together they may have `most` bytes."""
        opened = {name: self._open(name) for name in self._entries}
        if (size := sum(dtype.itemsize * math.prod(shape) for shape, dtype, _ in opened.values())) > most:
            raise ValueError(f"its arrays have {size:,} bytes, expected at most {most:,}")
        return {
            name: np.frombuffer(bytearray().join(blocks), dtype).reshape(shape)
            for name, (shape, dtype, blocks) in opened.items()
        }

    def numbers(self, name: str, dimensions: int, most: int) -> NDArray[Any]:
        """Returns an array of floats with so many dimensions, of which there may be `most`."""
        shape, dtype, blocks = self._open(name)
        if len(shape) != dimensions or dtype.kind != "f" or math.prod(shape) > most:
            raise ValueError(f"{name} is {dtype}{list(shape)}, expected at most {most:,} numbers")
        return np.frombuffer(b"".join(blocks), dtype).reshape(shape)

    def text(self, name: str, most: int) -> bytes:
        """Returns the bytes that are stored as an array of uint8, of which there may be `most`."""
        shape, dtype, blocks = self._open(name)
        if dtype != np.uint8 or len(shape) != 1 or shape[0] > most:
            raise ValueError(f"{name} is {dtype}{list(shape)}, expected at most {most:,} bytes")
        return b"".join(blocks)

    def columns(self, *names: str) -> tuple[int, Iterator[tuple[NDArray[Any], ...]]]:
        """Returns the length of float64 columns, which are as long as each other, and their values piece by piece."""
        opened = [self._open(name) for name in names]
        shape = opened[0][0]
        if len(shape) != 1 or any(each[0] != shape or each[1] != np.float64 for each in opened):
            raise ValueError(f"{' and '.join(names)} are not numbers, one an epoch")
        pieces = zip(*(each[2] for each in opened), strict=True)
        return shape[0], (tuple(np.frombuffer(block, np.float64) for block in blocks) for blocks in pieces)

    def _open(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any], Iterator[bytes]]:
        entry = self._entries.get(name)
        if entry is None:
            raise ValueError(f"it holds no {name}")
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise ValueError(f"{name} is compressed or encrypted")
        file = self._zip.open(entry)
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{name} is no plain array")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, _HEADER_BYTES)
        if dtype.hasobject or (fortran and len(shape) > 1):
            raise ValueError(f"{name} is no plain array")
        size = dtype.itemsize * math.prod(shape)
        if not 0 <= size <= entry.file_size:
            raise ValueError(f"{name} is cut short")
        return shape, dtype, _blocks(file, size, name)


def _blocks(file: Any, size: int, name: str) -> Iterator[bytes]:
    # The checksum is compared where the end is read, so that is read as well.
    left = size
    while left:
        block = file.read(min(left, _BLOCK_BYTES))
        if not block:
            raise ValueError(f"{name} is cut short")
        left -= len(block)
        yield block
    if file.read(1):
        raise ValueError(f"{name} is longer than it says")
