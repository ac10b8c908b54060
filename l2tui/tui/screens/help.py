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
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.tui.widgets.settings_panel import SettingsList
from l2tui.view.chart.model import UNICODE_GLYPHS
from l2tui.view.key_names import KeyNames, bindings_of
from l2tui.view.keys import bind
from l2tui.view.palette import Palette

_KEY_WIDTH = 11


class HelpScreen(LeftOnce, ModalScreen[None]):
    """Help; any of its keys closes it.

    Args:
        keys: Those of the main screen that do something.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,q,question_mark,space,enter", "dismiss", "close", "close the help", "help.close")
    ]

    def __init__(self, keys: Sequence[Binding]) -> None:
        super().__init__()
        self._shown = keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog help") as scroll:
            scroll.border_title = "Help"
            close = names_of(self.app).by_id(HelpScreen, "help.close")
            scroll.border_subtitle = f"↑ ↓ scroll · {close} closes"
            yield Static(self._pages())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _pages(self) -> Group:
        palette = palette_of(self.app)
        names = names_of(self.app)

        def keys(bindings: Sequence[Binding]) -> list[tuple[str, str]]:
            return [(names.of(binding), binding.tooltip) for binding in bindings]

        sections: list[tuple[str, Sequence[tuple[Text | str, str]]]] = [
            ("Keys", [*keys(self._shown), ("ctrl+p", "all commands by name")]),
            ("Reading the picture", _legend(palette, names)),
            ("Keys in the settings", keys(bindings_of(SettingsList))),
            ("Keys in the chart", keys(bindings_of(LossChart))),
            ("Criteria", list(CRITERIA.items())),
            ("What λ does with each optimizer", list(L2_WITH_OPTIMIZER.items())),
        ]
        parts: list[Text | Table] = []
        for title, rows in sections:
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True, style=palette.key, width=_KEY_WIDTH)
            table.add_column(style=palette.text)
            for sign, words in rows:
                table.add_row(palette.say(sign) if isinstance(sign, str) else sign, palette.say(words))
            parts += [Text(palette.say(title), palette.strong), table, Text()]
        return Group(*parts[:-1])


def _ghost_words(names: KeyNames) -> str:
    return f"the ghost ({names['run.ghost']}): its val_loss less that of the run"


def _legend(palette: Palette, names: KeyNames) -> list[tuple[Text | str, str]]:
    return [
        (Text(UNICODE_GLYPHS.train, palette.train), "training loss, on the rows that it learns from"),
        (Text(UNICODE_GLYPHS.val, palette.val), "validation loss, on rows that it never sees"),
        (Text(UNICODE_GLYPHS.best, palette.good), "best epoch: the lowest validation loss so far"),
        (
            Text(UNICODE_GLYPHS.confirmed, palette.bad),
            "confirmed here: val rises since ★, train falls",
        ),
        (Text(UNICODE_GLYPHS.withdrawn, palette.muted), "confirmed at that epoch, and withdrawn since"),
        (Text(UNICODE_GLYPHS.change, palette.decay), "here λ was changed; the strip below says how"),
        (Text("W1 W2", palette.train), "norm of the weights, at the start (┿), its history"),
        (Text("━ ╍", palette.decay), "who pulls harder: the data (━) or decay, 2·λ·W (╍)"),
        ("97 % noise", "share of a step that other batches take back; data is the mean pull"),
        ("sensitivity", "how far inputs that are a little off move the output"),
        (Text("┈┈", palette.muted), "knowing nothing: the loss of a guess that looks at no input"),
        (Text(UNICODE_GLYPHS.ghost, palette.chart.ghost_val or palette.val), _ghost_words(names)),
        ("0.1→1 R", f"the run has 0.1; {names['run.restart']} begins a new one with 1"),
    ]
