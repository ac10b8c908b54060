"""The list of what happened in a run."""

import typing
from itertools import pairwise

import pytest
from rich.cells import cell_len

from l2tui.runs.events import (
    AnyEvent,
    BestRestored,
    Confirmed,
    Diverged,
    Failed,
    Finished,
    GhostBegan,
    GhostEnded,
    GhostSwapped,
    Paused,
    Resumed,
    SettingChanged,
    Started,
    Withdrawn,
)
from l2tui.view.events import draw_events
from l2tui.view.palette import palette_named

PALETTE = palette_named("l2tui-dark")
ONE_OF_EACH: tuple[AnyEvent, ...] = (
    Started(epoch=0, step=0),
    SettingChanged(epoch=120, step=840, name="l2", old=0.0, new=0.001),
    SettingChanged(epoch=130, step=910, name="pace", old=100.0, new=None),
    Paused(epoch=140, step=980),
    Resumed(epoch=140, step=980),
    Confirmed(epoch=200, step=1400, onset_epoch=99, criterion="gl"),
    Withdrawn(epoch=210, step=1470),
    BestRestored(epoch=220, step=1540, from_epoch=99),
    Diverged(epoch=230, step=1610, advice="lower the rate"),
    Failed(epoch=230, step=1610, reason="why"),
    Finished(epoch=240, step=1680, reason="epochs"),
    GhostBegan(epoch=241, step=1687, l2=0.0),
    GhostSwapped(epoch=242, step=1694, l2=0.0, ghost_l2=0.001),
    GhostEnded(epoch=243, step=1701, reason="asked"),
)


def lines(events: tuple[AnyEvent, ...], width: int = 32, height: int = 40) -> list[str]:
    return draw_events(events, width, height, PALETTE).plain.split("\n")


def changes(*values: float, epoch: int = 5) -> tuple[AnyEvent, ...]:
    return tuple(
        SettingChanged(epoch=epoch, step=i, name="l2", old=a, new=b) for i, (a, b) in enumerate(pairwise(values))
    )


def test_every_kind_of_event_has_words() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(typing.get_args(AnyEvent))
    told = lines(ONE_OF_EACH)
    assert len(told) == 1 + len(ONE_OF_EACH)
    assert "at 120      λ 0 → 0.001" in told
    assert "at 130      pace 100 → max" in told
    assert "at 200      ▲ rising since 99" in told


def test_a_key_held_down_is_one_change() -> None:
    assert lines(changes(0.0, 1e-5, 3e-5, 1e-4)) == ["What happened", "at 5        λ 0 → 0.0001"]


def test_changes_apart_stay_apart() -> None:
    between = (*changes(0.0, 1e-5), Paused(epoch=5, step=9), *changes(1e-5, 0.0), *changes(0.0, 1.0, epoch=6))
    assert len(lines(between)) == 1 + 4


@pytest.mark.parametrize("height", range(8))
@pytest.mark.parametrize("width", [1, 13, 20, 200])
def test_it_stays_in_its_room_and_the_newest_is_there(width: int, height: int) -> None:
    for count in range(1, len(ONE_OF_EACH) + 1):
        told = lines(ONE_OF_EACH[:count], width, height)
        assert len(told) <= max(1, height)
        assert max(cell_len(line) for line in told) <= max(width, 13)
        if height >= 2:
            assert told[-1].startswith(f"at {ONE_OF_EACH[count - 1].epoch}")


def test_a_full_list_does_not_move_with_every_event() -> None:
    events = tuple(Paused(epoch=epoch, step=epoch) for epoch in range(300))
    tops = [lines(events[:count], height=31)[1] for count in range(31, 300)]
    assert len(set(tops)) <= 300 // 10


def test_nothing_happened_yet() -> None:
    assert lines(()) == [""]
