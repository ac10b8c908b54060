"""The settings panel as lines of text."""

from msgspec import Struct
from rich.text import Text

from l2tui.settings import SETTING_INFO, Settings, show_value
from l2tui.tui.own_table import data_name, same_data
from l2tui.tui.themes import Palette

PANEL_SETTINGS = (
    "data",
    "noise",
    "label_noise",
    "train_size",
    "seed",
    "hidden",
    "activation",
    "l2",
    "learning_rate",
    "optimizer",
    "batch_size",
    "epochs",
    "criterion",
    "stop_on_overfit",
    "pace",
)
LABEL_WIDTH = 12


class SettingRow(Struct, frozen=True):
    """One line of the panel.

    Attributes:
        name: Field of `Settings`.
        label: Its short name.
        value: Its value as text.
        waits: Whether the run still has another value, until it is restarted.
    """

    name: str
    label: str
    value: str
    waits: bool


def rows_of(planned: Settings, running: Settings | None) -> tuple[SettingRow, ...]:
    """Returns the panel's lines for the settings on the screen and those of the run."""
    other_data = running is not None and not same_data(running, planned)

    def row(name: str) -> SettingRow:
        value = getattr(planned, name)
        text = show_value(name, value)
        if name == "data":
            text = data_name(planned)
        elif name == "pace" and value is not None:
            text += "/s"
        elif name == "batch_size" and value >= planned.train_size:
            text = "full"
        # A live setting waits as well if it came with data that the run does not train on.
        waits = (
            running is not None
            and (getattr(running, name) != value or (name == "data" and other_data))
            and (not SETTING_INFO[name].live or other_data)
        )
        return SettingRow(name, label_of(name), text, waits)

    return tuple(row(name) for name in PANEL_SETTINGS)


def label_of(name: str) -> str:
    """Returns the short name of a setting."""
    return "λ" if name == "l2" else SETTING_INFO[name].label


def draw_row(row: SettingRow, width: int, palette: Palette, *, selected: bool, focused: bool) -> Text:
    """Draws one line: a mark where the arrows work, the label, the value, R where it waits for a restart."""
    base = palette.selected if selected and focused else palette.text
    line = Text(no_wrap=True, style=base)
    line.append("▸" if selected else " ", palette.key)
    flag = " R" if row.waits else ""
    room = width - 1 - len(flag)
    label = palette.say(row.label)
    # A long value begins further left.
    column = max(len(label) + 1, min(LABEL_WIDTH, room - len(row.value)))
    line.append(f"{label:<{column}}", palette.decay if row.name == "l2" else palette.muted)
    room = max(1, room - column)
    value = row.value if len(row.value) <= room else row.value[: room - 1] + "…"
    line.append(f"{value:<{room}}", palette.strong)
    line.append(flag, palette.key)
    return line
