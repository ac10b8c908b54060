"""What widgets tell the screen."""

from dataclasses import dataclass
from typing import Any

from textual.message import Message


@dataclass
class SettingEdited(Message):
    """A person gave a setting another value.

    Attributes:
        name: Field of `Settings`.
        value: Its value, validated.
    """

    name: str
    value: Any


@dataclass
class Refused(Message):
    """A person tried what cannot be done here.

    Attributes:
        why: The reason, for people.
    """

    why: str


@dataclass
class CursorMoved(Message):
    """The chart's cursor was moved, or put away.

    Attributes:
        index: Position of its epoch among the recorded ones; None where it was put away.
    """

    index: int | None
