"""What each colour stands for, in palettes that stay distinct under the common colour blindnesses.

The hues are those of Okabe and Ito's set (2008), lightened for dark backgrounds and darkened for light ones.
"""

from msgspec import Struct
from rich.style import Style

from l2tui.view.chart.model import ChartStyles
from l2tui.view.glyphs import UNICODE, Glyphs


class Palette(Struct, frozen=True):
    """What each colour stands for; the same thing has the same colour everywhere on the screen.

    Attributes:
        text: Ordinary text.
        muted: What is there but not important now.
        axis: Lines that only hold the picture together.
        strong: What to look at first.
        key: A key to press.
        train: The training loss, and the pull of the data.
        val: The validation loss.
        good: Going well; the best epoch.
        bad: Overfitting, divergence, an error.
        decay: λ and the pull of weight decay.
        selected: The selected row.
        glyphs: The signs that the terminal can show.
        shades: Whether the terminal shows colours between these.
        train_spread: The shade behind the training loss, where the terminal has shades.
        val_spread: The shade behind the validation loss, likewise.
    """

    text: Style
    muted: Style
    axis: Style
    strong: Style
    key: Style
    train: Style
    val: Style
    good: Style
    bad: Style
    decay: Style
    selected: Style
    glyphs: Glyphs = UNICODE
    shades: bool = True
    train_spread: Style | None = None
    val_spread: Style | None = None

    def say(self, text: str) -> str:
        """Returns prose in words that the terminal can show."""
        return self.glyphs.say(text)

    @property
    def chart(self) -> ChartStyles:
        """The same colours by the chart's parts."""
        return ChartStyles(
            train=self.train,
            val=self.val,
            axis=self.axis,
            label=self.muted,
            best=self.good + Style(bold=True),
            confirmed=self.bad + Style(bold=True),
            onset=self.bad,
            change=self.decay,
            cursor=self.text + Style(bold=True),
            train_spread=self.train_spread if self.shades else None,
            val_spread=self.val_spread if self.shades else None,
            ghost_train=self.train + Style(dim=True),
            ghost_val=self.val + Style(dim=True),
        )


def _palette(
    text: str,
    muted: str,
    axis: str,
    train: str,
    val: str,
    good: str,
    bad: str,
    decay: str,
    row: str,
    spreads: tuple[str, str] | None = None,
) -> Palette:
    return Palette(
        text=Style(color=text),
        muted=Style(color=muted),
        axis=Style(color=axis),
        strong=Style(color=text, bold=True),
        key=Style(color=val, bold=True),
        train=Style(color=train),
        val=Style(color=val),
        good=Style(color=good),
        bad=Style(color=bad),
        decay=Style(color=decay),
        selected=Style(color=text, bgcolor=row, bold=True),
        shades=spreads is not None,
        train_spread=Style(color=spreads[0]) if spreads else None,
        val_spread=Style(color=spreads[1]) if spreads else None,
    )


_DARK_PALETTE = _palette(
    "#d8dee4",
    "#8a98a4",
    "#55636f",
    "#56b4e9",
    "#f0a818",
    "#2fc08f",
    "#ff7a4d",
    "#d98cb8",
    "#26333e",
    spreads=("#2a5068", "#66501c"),
)
_LIGHT_PALETTE = _palette(
    "#1f2933",
    "#5c6973",
    "#a3adb5",
    "#0072b2",
    "#b35900",
    "#00704f",
    "#c23b00",
    "#a0407a",
    "#dde6ec",
    spreads=("#a9cde3", "#e6c8a6"),
)


_DARK_16_PALETTE = _palette(
    "#ffffff", "#aaaaaa", "#555555", "#55ffff", "#ffff55", "#55ff55", "#ff5555", "#ff55ff", "#0000aa"
)
_LIGHT_16_PALETTE = _palette(
    "#000000", "#555555", "#555555", "#0000aa", "#aa00aa", "#00aa00", "#aa0000", "#aa5500", "#aaaaaa"
)
_BOLD, _PLAIN = Style(bold=True), Style()
_MONO_PALETTE = Palette(
    text=_PLAIN,
    muted=_PLAIN,
    axis=_PLAIN,
    strong=_BOLD,
    key=_BOLD,
    train=_PLAIN,
    val=_BOLD,
    good=_PLAIN,
    bad=_BOLD,
    decay=_PLAIN,
    selected=Style(bold=True, reverse=True),
    shades=False,
)
_OWN = {"l2tui-dark-16": _DARK_16_PALETTE, "l2tui-light-16": _LIGHT_16_PALETTE, "l2tui-mono": _MONO_PALETTE}


def theme_named(name: str, *, few_colours: bool) -> str:
    """Returns the full name of "dark", "light" or "mono" for a terminal with many colours, or with sixteen."""
    if name == "mono":
        return "l2tui-mono"
    if name in ("dark", "light"):
        return f"l2tui-{name}-16" if few_colours else f"l2tui-{name}"
    return name


def palette_named(theme: str, *, dark: bool = True) -> Palette:
    """Returns the palette that is readable on a theme's background.

    Args:
        theme: The theme's full name.
        dark: Whether the background is dark, where the theme is not ours.
    """
    if theme in _OWN:
        return _OWN[theme]
    return _LIGHT_PALETTE if theme == "l2tui-light" or not dark else _DARK_PALETTE
