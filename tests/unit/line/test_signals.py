"""Whether a terminal is gone, also on systems that do not poll terminals."""

import os
import select
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from l2tui.line.signals import _is_gone, shows_nothing

Ends = tuple[int, int]


class NoTerminals:
    """What `select.poll` is where it does not know terminals."""

    def register(self, descriptor: int, events: int) -> None:
        self._descriptor = descriptor

    def poll(self, milliseconds: int | None) -> list[tuple[int, int]]:
        return [(self._descriptor, select.POLLNVAL)]


def _leave(monkeypatch: pytest.MonkeyPatch) -> None:
    assert select.poll


def _take_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll")


def _make_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "poll", NoTerminals)


@pytest.fixture(params=[_leave, _take_away, _make_blind], ids=["poll", "no poll", "no terminals in poll"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    request.param(monkeypatch)
    return request.param


@pytest.fixture
def ends() -> Iterator[Ends]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(slave)


def test_a_terminal_that_an_app_has_left_raw_is_told_from_others(tmp_path: Path) -> None:
    master, slave = os.openpty()
    assert not shows_nothing(slave)
    tty.setraw(slave)
    assert shows_nothing(slave)
    os.close(master)
    os.close(slave)
    with (tmp_path / "file").open("wb") as file:
        assert not shows_nothing(file.fileno())


@pytest.mark.usefixtures("system")
def test_a_terminal_is_gone_when_the_other_end_is_closed(ends: Ends) -> None:
    master, slave = ends
    assert not _is_gone(0, slave)
    os.write(master, b"keys")
    select.select([slave], [], [])
    assert not _is_gone(0, slave)
    assert os.read(slave, 10) == b"keys"
    assert not _is_gone(0, slave)
    os.close(master)
    assert _is_gone(0, slave)
    assert _is_gone(None, slave)
