"""What widgets tell the screen."""

from dataclasses import dataclass

from textual.message import Message

from l2tui.settings import Settings


@dataclass
class SettingEdited(Message):
    """A person gave a setting another value.

    Attributes:
        name: Field of `Settings`.
        settings: All settings with it, validated.
    """

    name: str
    settings: Settings


@dataclass
class CursorMoved(Message):
    """The chart's cursor was moved, or put away.

    Attributes:
        index: Position of its epoch among the recorded ones; None where it was put away.
    """

    index: int | None
