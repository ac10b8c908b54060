"""TensorBoard's event files: records with checksums, each a message of Protocol Buffers.

Source: tensorboard/compat/proto/{event,summary,tensor}.proto and TFRecord's framing: length (8 bytes), its checksum
(4), the data, their checksum (4). The checksum is CRC-32C, rotated by 15 bits and shifted by a constant.
"""

import struct
from collections.abc import Iterator

from l2tui.runs.logs.records import TIME, Row, add_row

Value = int | bytes
_LENGTH, _CHECK = struct.Struct("<Q"), struct.Struct("<I")


def _table() -> tuple[int, ...]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


_CRC = _table()


def _matches(data: bytes, check: bytes) -> bool:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return bytes(check) == _CHECK.pack(masked)


def is_event_file(head: bytes) -> bool:
    """Returns whether a file begins as an event file does."""
    return len(head) >= 12 and _matches(head[:8], head[8:12])


def _fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """Yields the fields of a message: number and value, bytes for those of fixed or given length."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}[kind] if kind != 2 else varint()
        yield key >> 3, data[at : at + size]
        at += size


def _scalar(summary: dict[int, Value]) -> float | None:
    if isinstance(simple := summary.get(2), bytes):
        return float(struct.unpack("<f", simple)[0])
    if not isinstance(tensor := summary.get(8), bytes):
        return None
    parts = dict(_fields(tensor))
    # Of type float (1): its content (4) as it lies in memory, or as a packed list (5).
    content = parts.get(4) or parts.get(5)
    if parts.get(1) != 1 or not isinstance(content, bytes):
        return None
    return float(struct.unpack("<f", content)[0])


class EventFile:
    """The scalars of an event file. Nothing behind a damaged record is read. As `Records`."""

    format = "TensorBoard events"
    steady = True

    def __init__(self) -> None:
        self.names: list[str] = ["step"]
        self.rows: list[Row] = []
        self._rest = b""
        self._damaged = False

    def feed(self, data: bytes) -> None:
        """As `Records.feed`."""
        rest, at = self._rest + data, 0
        while not self._damaged and len(rest) - at >= 16:
            if not _matches(rest[at : at + 8], rest[at + 8 : at + 12]):
                self._damaged = True
                break
            end = at + 12 + _LENGTH.unpack_from(rest, at)[0]
            if len(rest) < end + 4:
                break
            self._damaged = not _matches(rest[at + 12 : end], rest[end : end + 4])
            if not self._damaged:
                self._take(rest[at + 12 : end])
            at = end + 4
        self._rest = rest[at:]

    def _take(self, record: bytes) -> None:
        try:
            event = dict(_fields(record))
            summary = event.get(5)
            if not isinstance(summary, bytes):
                return
            step, time = event.get(2, 0), event.get(1)
            row: Row = {"step": float(step) if isinstance(step, int) else 0.0}
            if isinstance(time, bytes):
                row[TIME] = struct.unpack("<d", time)[0]
            for field, value in _fields(summary):
                if field == 1 and isinstance(value, bytes):
                    found = dict(_fields(value))
                    tag, scalar = found.get(1), _scalar(found)
                    if isinstance(tag, bytes) and scalar is not None:
                        row[tag.decode(errors="replace")] = scalar
        except (KeyError, IndexError, struct.error):
            self._damaged = True
            return
        if len(row) > 1 + (TIME in row):
            add_row(self, row)
