"""The worker's log on a disk without room."""

import io
import sys
from typing import Any

import pytest

from l2tui.worker.log import say


class FullDisk(io.RawIOBase):
    """A file that refuses to grow until there is room."""

    def __init__(self) -> None:
        self.room = False
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        self.content += bytes(data)
        return len(data)


def test_a_line_that_finds_no_room_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    disk: Any = FullDisk()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(disk), encoding="utf-8"))
    say("cannot write")
    assert disk.content == b""
    disk.room = True
    say("goes on")
    assert disk.content == b"cannot write\ngoes on\n"
