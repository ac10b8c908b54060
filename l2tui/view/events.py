"""What happened in a run, as lines of text."""

from collections.abc import Sequence

from msgspec.structs import replace
from rich.style import Style
from rich.text import Text

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
from l2tui.settings import show_value
from l2tui.view.cells import fitted
from l2tui.view.palette import Palette
from l2tui.view.settings_rows import label_of

# The same as that of the facts above.
_EPOCH = 12
_ENDS = {"epochs": "all epochs done", "stopped": "stopped", "overfitting": "stopped at overfitting"}


def draw_events(events: Sequence[AnyEvent], width: int, height: int, palette: Palette) -> Text:
    """Draws the last events of a run, in their order.

    A full list makes room for several at once, so that not every event moves all lines.

    Args:
        events: All of them.
        width: Cells across.
        height: Lines at most, the heading among them.
        palette: Colours.
    """
    told = _merged(events)
    room = height - 1
    if room < 1 or not told:
        return Text()
    step = max(1, room // 3)
    first = -(-max(0, len(told) - room) // step) * step
    text = Text(no_wrap=True).append("What happened", palette.muted)
    for event in told[first:]:
        words, style = _described(event, palette)
        text.append("\n").append(f"{f'at {event.epoch}':<{_EPOCH - 1}} ", palette.muted)
        text.append(fitted(palette.say(words), max(1, width - _EPOCH)).rstrip(), style)
    return text


def _merged(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Returns the events, with one in the place of several changes in a row of one setting at one epoch."""
    told: list[AnyEvent] = []
    for event in events:
        before = told[-1] if told else None
        if (
            isinstance(event, SettingChanged)
            and isinstance(before, SettingChanged)
            and (before.name, before.epoch) == (event.name, event.epoch)
        ):
            told[-1] = replace(event, old=before.old)
        else:
            told.append(event)
    return told


def _described(event: AnyEvent, palette: Palette) -> tuple[str, Style]:
    match event:
        case Started():
            return "started", palette.text
        case SettingChanged(name=name, old=old, new=new):
            change = f"{show_value(name, old)} → {show_value(name, new)}"
            return f"{label_of(name)} {change}", palette.decay if name == "l2" else palette.text
        case Paused():
            return "paused", palette.text
        case Resumed():
            return "went on", palette.text
        case Confirmed(onset_epoch=onset):
            return f"▲ rising since {onset}", palette.bad
        case Withdrawn():
            return "▲ withdrawn", palette.good
        case BestRestored(from_epoch=best):
            return f"weights of {best} again", palette.good
        case GhostBegan(l2=l2):
            return f"ghost at λ {l2:g}", palette.decay
        case GhostSwapped(l2=l2):
            return f"swapped: λ {l2:g}", palette.decay
        case GhostEnded(reason=reason):
            return "ghost diverged" if reason == "diverged" else "ghost ended", palette.text
        case Diverged():
            return "diverged", palette.bad
        case Finished(reason=reason):
            return _ENDS[reason], palette.text
        case Failed():
            return "failed", palette.bad
