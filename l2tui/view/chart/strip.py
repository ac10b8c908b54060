"""The steps of λ: which changes are one group, and what is said of each in the strip under the axis."""

from collections.abc import Sequence

from msgspec import Struct

from l2tui.settings import show_value

_ARROW = " → "
_LEFT_OUT = "…"


class ChangeGroup(Struct, frozen=True):
    """Changes of λ that are shown as one.

    Attributes:
        first: Column of the first one.
        last: Column of the last one.
        start: Column at which the text begins.
        text: Such as "λ 0 → 0.001", or "→ 0.003" after another step.
    """

    first: int
    last: int
    start: int
    text: str


class _Group(Struct, frozen=True):
    first: int
    last: int
    values: tuple[float, ...]

    def joined(self, other: "_Group") -> "_Group":
        return _Group(self.first, other.last, self.values + other.values[1:])


def steps_of(changes: Sequence[tuple[int, float, float]], columns: int) -> list[ChangeGroup]:
    """Groups changes so that all texts have room side by side.

    Changes that follow each other so closely that the text of one would run into the next are one group. A group names
    where λ began, where it turned, and where it ended.

    Args:
        changes: Column, λ before and λ after of each, in their order.
        columns: Columns that there are.
    """
    groups: list[_Group] = []
    for column, old, new in changes:
        groups.append(_Group(column, column, (old, new)))
        while len(groups) > 1 and _start(groups, -1, columns) <= _end(groups, -2, columns):
            groups[-2:] = [groups[-2].joined(groups[-1])]
    return [
        ChangeGroup(group.first, group.last, _start(groups, place, columns), _text(groups, place, columns))
        for place, group in enumerate(groups)
    ]


def _start(groups: list[_Group], place: int, columns: int) -> int:
    return max(0, min(groups[place].first, columns - len(_text(groups, place, columns))))


def _end(groups: list[_Group], place: int, columns: int) -> int:
    """Returns the column behind a text, which stays blank."""
    return _start(groups, place, columns) + len(_text(groups, place, columns))


def _text(groups: list[_Group], place: int, columns: int) -> str:
    is_first = place in (0, -len(groups))
    values = [show_value("l2", value) for value in _turns(groups[place].values)]
    text = f"λ {_ARROW.join(values)}" if is_first else _ARROW.join(["", *values[1:]]).lstrip()
    return text if len(text) <= columns else _LEFT_OUT + text[len(text) + 1 - columns :]


def _turns(values: Sequence[float]) -> list[float]:
    """Returns the first value, those at which a rise becomes a fall or the other way round, and the last."""
    kept: list[float] = []
    for value in values:
        if len(kept) > 1 and (kept[-1] - kept[-2]) * (value - kept[-1]) >= 0:
            kept[-1] = value
        else:
            kept.append(value)
    return kept
