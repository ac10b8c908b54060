"""The settings panel as lines of text."""

from msgspec import Struct
from rich.text import Text

from l2tui.settings import SETTING_INFO, Settings, show_value
from l2tui.view.data_names import data_name, same_data
from l2tui.view.palette import Palette

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
_WAITS = " R"
# Width of the panel: at least, at least beside a table of facts, and at most as a share of the screen.
_NARROW, _BESIDE_FACTS, _LARGEST_SHARE = 25, 33, 0.4


class SettingRow(Struct, frozen=True):
    """One line of the panel.

    Attributes:
        name: Field of `Settings`.
        label: Its short name.
        value: The value in force as text; before there is a run, the pending one.
        pending: What the next run begins with, where that is another value; empty where it is the same.
    """

    name: str
    label: str
    value: str
    pending: str = ""

    @property
    def waits(self) -> bool:
        """Whether the pending value waits for a restart."""
        return bool(self.pending)

    @property
    def width(self) -> int:
        """Cells that the whole line takes."""
        value = f"{self.value}→{self.pending}" + _WAITS if self.waits else self.value
        return 1 + max(LABEL_WIDTH, len(self.label) + 1) + len(value)


def rows_of(pending: Settings, live: Settings | None) -> tuple[SettingRow, ...]:
    """Returns the panel's lines for the pending settings, and those in force in the run if there is one."""

    def row(name: str) -> SettingRow:
        planned, label = _shown(pending, name), label_of(name)
        if live is None:
            return SettingRow(name, label, planned)
        differs = not same_data(live, pending) if name == "data" else getattr(live, name) != getattr(pending, name)
        return SettingRow(name, label, _shown(live, name), planned if differs else "")

    return tuple(row(name) for name in PANEL_SETTINGS)


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if name == "data":
        return data_name(settings)
    if name == "batch_size" and value >= settings.train_size:
        return "full"
    return show_value(name, value) + ("/s" if name == "pace" and value is not None else "")


def label_of(name: str) -> str:
    """Returns the short name of a setting."""
    return "λ" if name == "l2" else SETTING_INFO[name].label


def width_for(pending: Settings, live: Settings | None, columns: int, *, tall: bool) -> int:
    """Returns the width that the panel needs, with its border.

    Args:
        pending: The pending settings.
        live: Those in force in the run, None before there is one.
        columns: Width of the screen.
        tall: Whether a table of facts stands below.
    """
    needed = 2 + max(row.width for row in rows_of(pending, live))
    return min(max(_BESIDE_FACTS if tall else _NARROW, needed), int(columns * _LARGEST_SHARE))


def draw_row(row: SettingRow, width: int, palette: Palette, *, selected: bool, focused: bool) -> Text:
    """Draws one line: a mark where the arrows work, the label, the value; then what waits for a restart, with an R.

    A value in force is never cut to make room for one that waits. Where both do not fit, a setting that cannot change
    while it trains shows only the one that waits.
    """
    base = palette.selected if selected and focused else palette.text
    line = Text(no_wrap=True, style=base)
    line.append("▸" if selected else " ", palette.key)
    flag = _WAITS if row.waits else ""
    room = width - 1 - len(flag)
    label = palette.say(row.label)
    value, waiting = row.value, f"→{row.pending}" if row.waits else ""
    if not SETTING_INFO[row.name].live and len(label) + 1 + len(value) + len(waiting) > room:
        value = "" if row.waits else value
    # A long value begins further left.
    column = max(len(label) + 1, min(LABEL_WIDTH, room - len(value) - len(waiting)))
    line.append(f"{label:<{column}}", palette.decay if row.name == "l2" else palette.muted)
    room = max(1, room - column)
    value, waiting = _cut(value, room), _cut(waiting, max(0, room - len(value)))
    line.append(value, palette.strong).append(waiting, palette.key)
    line.append(" " * (room - len(value) - len(waiting)))
    line.append(flag, palette.key)
    return line


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…" if room else ""
