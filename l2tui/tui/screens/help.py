"""All keys with a word on each, and how to read the picture."""

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from l2tui.overfitting import CRITERIA
from l2tui.settings import L2_WITH_OPTIMIZER
from l2tui.tui.renderables.chart_model import UNICODE_GLYPHS
from l2tui.tui.themes import Palette, palette_for
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.tui.widgets.settings_panel import SettingsList

_KEY_NAMES = {"escape": "esc", "equals_sign": "=", "plus": "+", "minus": "-", "shift+left": "shift ←", "left": "←"}
_KEY_NAMES |= {"right": "→", "shift+right": "shift →", "up": "↑", "down": "↓"}


_KEY_WIDTH = 10


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
            yield Static(self._pages())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _pages(self) -> Group:
        palette = palette_for(self.app.current_theme)
        keys = [_row(binding) for binding in self._listed]
        sections: list[tuple[str, Sequence[tuple[Text | str, str]]]] = [
            ("Keys", [*keys, ("ctrl+p", "all commands by name")]),
            ("Reading the picture", _legend(palette)),
            ("Keys in the settings", [_row(binding) for binding in SettingsList.BINDINGS]),
            ("Keys in the chart", [_row(binding) for binding in LossChart.BINDINGS]),
            ("Criteria", list(CRITERIA.items())),
            ("What λ does with each optimizer", list(L2_WITH_OPTIMIZER.items())),
        ]
        parts: list[Text | Table] = []
        for title, rows in sections:
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True, style=palette.key, width=_KEY_WIDTH)
            table.add_column(style=palette.text)
            for sign, words in rows:
                table.add_row(sign, words)
            parts += [Text(title, palette.strong), table, Text()]
        return Group(*parts[:-1])


def _row(binding: BindingType) -> tuple[str, str]:
    if isinstance(binding, Binding):
        keys = binding.key_display or " ".join(_KEY_NAMES.get(key, key) for key in binding.key.split(","))
        return keys, binding.tooltip or binding.description
    return binding[0], binding[-1]


def _legend(palette: Palette) -> list[tuple[Text | str, str]]:
    return [
        (Text(UNICODE_GLYPHS.train, palette.train), "training loss, on the rows that it learns from"),
        (Text(UNICODE_GLYPHS.val, palette.val), "validation loss, on rows that it never sees"),
        (Text(UNICODE_GLYPHS.best, palette.good), "best epoch: the lowest validation loss so far"),
        (
            Text(UNICODE_GLYPHS.confirmed, palette.bad),
            "confirmed here: val rises since ★, train falls",
        ),
        (Text(UNICODE_GLYPHS.change, palette.decay), "here λ was changed"),
        (Text("W1 W2", palette.train), "norm of the weights, at the start (┿), its history"),
        (Text("━ ╍", palette.decay), "who pulls harder: the data (━) or decay, 2·λ·W (╍)"),
        ("R", "behind a setting: R restarts with the new value"),
    ]
