"""All keys with a word on each, and how to read the picture."""

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from l2tui.overfitting import CRITERIA
from l2tui.tui.renderables.chart_model import UNICODE_GLYPHS
from l2tui.tui.themes import Palette, palette_for
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.tui.widgets.settings_panel import SettingsList

_KEY_NAMES = {"escape": "esc", "equals_sign": "=", "plus": "+", "minus": "-", "shift+left": "shift ←", "left": "←"}
_KEY_NAMES |= {"right": "→", "shift+right": "shift →", "up": "↑", "down": "↓"}


class HelpScreen(ModalScreen[None]):
    """Help; any of its keys closes it.

    Args:
        bindings: The keys of the screen below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,space,enter", "dismiss", "close", show=False, id="help.close")
    ]

    def __init__(self, bindings: Sequence[BindingType]) -> None:
        super().__init__()
        self._listed = bindings

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog help") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(self._keys())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _keys(self) -> Table:
        palette = palette_for(self.app.current_theme)
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style=palette.key)
        table.add_column(style=palette.text)
        sections = (
            ("Keys", [*self._listed, ("ctrl+p", "", "all commands by name")]),
            ("In the settings", SettingsList.BINDINGS),
            ("In the chart", LossChart.BINDINGS),
        )
        for title, bindings in sections:
            table.add_row(Text(title, palette.strong), "")
            for binding in bindings:
                table.add_row(*_row(binding))
            table.add_row("", "")
        for sign, words in _legend(palette):
            table.add_row(sign, words)
        return table


def _row(binding: BindingType) -> tuple[str, str]:
    if isinstance(binding, Binding):
        keys = binding.key_display or " ".join(_KEY_NAMES.get(key, key) for key in binding.key.split(","))
        return keys, binding.tooltip or binding.description
    return binding[0], binding[-1]


def _legend(palette: Palette) -> list[tuple[Text, str]]:
    rows = [
        (Text("Reading the picture", palette.strong), ""),
        (Text(UNICODE_GLYPHS.train, palette.train), "training loss: how well the rows that it learns from are fitted"),
        (Text(UNICODE_GLYPHS.val, palette.val), "validation loss: how well rows that it has never seen are fitted"),
        (Text("★", palette.good), "best epoch: the lowest validation loss so far"),
        (Text("▲", palette.bad), "here the criterion confirmed that the validation loss rises since ★"),
        (Text("│", palette.decay), "here λ was changed"),
        (Text("W1 W2", palette.train), "size of the weights against the start (│), and its history"),
        (Text("█ ▒", palette.decay), "who pulls at the weights: the data, or the decay 2·λ·W"),
        (Text("R", palette.key), "behind a setting: R restarts with the new value"),
        (Text(), ""),
        (Text("Criteria", palette.strong), ""),
    ]
    return rows + [(Text(name, palette.key), words) for name, words in CRITERIA.items()]
