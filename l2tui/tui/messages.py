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
        direction: Columns to the right, or to the left where negative; 0 puts it away.
    """

    direction: int


@dataclass
class CursorPlaced(Message):
    """A person pointed at a column of the chart.

    Attributes:
        share: Where, from 0 at the left end of the axis to 1 at the right.
    """

    share: float
