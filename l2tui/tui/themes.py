"""Colours: a dark and a light theme, in a palette that stays distinct under the common colour blindnesses.

The hues are those of Okabe and Ito's set (2008), lightened for dark backgrounds and darkened for light ones.
"""

from typing import Any

import msgspec
from msgspec import Struct
from rich.style import Style
from textual.app import App
from textual.theme import Theme

from l2tui.tui.context import context_of
from l2tui.tui.glyphs import UNICODE, Glyphs
from l2tui.tui.look import Look
from l2tui.tui.renderables.chart_model import ChartStyles

DARK = Theme(
    name="l2tui-dark",
    primary="#56b4e9",
    secondary="#e69f00",
    accent="#f0e442",
    foreground="#d8dee4",
    background="#0f1419",
    surface="#0f1419",
    panel="#1c242c",
    success="#2fc08f",
    warning="#e69f00",
    error="#ff7a4d",
    dark=True,
    variables={"border": "#3a4650", "border-blurred": "#3a4650", "footer-background": "#0f1419"},
)

LIGHT = Theme(
    name="l2tui-light",
    primary="#0072b2",
    secondary="#b35900",
    accent="#8a5a00",
    foreground="#1f2933",
    background="#fbfbf8",
    surface="#fbfbf8",
    panel="#eceee8",
    success="#00704f",
    warning="#a35400",
    error="#c23b00",
    dark=False,
    variables={"border": "#b4bcc2", "border-blurred": "#b4bcc2", "footer-background": "#fbfbf8"},
)

# Sixteen colours have no shades: the nearest ones by eye, and a background that is told from the others.
DARK_16 = Theme(
    name="l2tui-dark-16",
    primary="#55ffff",
    secondary="#ffff55",
    accent="#ffff55",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#55ff55",
    warning="#ffff55",
    error="#ff5555",
    dark=True,
    variables={"border": "#555555", "border-blurred": "#555555", "footer-background": "#000000"},
)

LIGHT_16 = Theme(
    name="l2tui-light-16",
    primary="#0000aa",
    secondary="#aa00aa",
    accent="#aa00aa",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ffffff",
    success="#00aa00",
    warning="#aa0000",
    error="#aa0000",
    dark=False,
    variables={"border": "#555555", "border-blurred": "#555555", "footer-background": "#ffffff"},
)

# Only what is light here is shown in reverse video; no colour is sent at all.
MONO = Theme(
    name="l2tui-mono",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#ffffff",
    warning="#ffffff",
    error="#ffffff",
    dark=True,
    variables={
        "border": "#ffffff",
        "border-blurred": "#ffffff",
        "footer-background": "#000000",
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#ffffff",
        "block-cursor-blurred-foreground": "#000000",
        "block-hover-background": "#000000",
        "input-cursor-background": "#ffffff",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#ffffff",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)

THEMES = (DARK, LIGHT, DARK_16, LIGHT_16, MONO)
_SHORT_NAMES = {"dark": (DARK, DARK_16), "light": (LIGHT, LIGHT_16), "mono": (MONO, MONO)}


def theme_named(name: str, *, few_colours: bool) -> str:
    """Returns the full name of "dark", "light" or "mono" for a terminal with many colours, or with sixteen."""
    return _SHORT_NAMES[name][few_colours].name if name in _SHORT_NAMES else name


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
    *,
    shades: bool = True,
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
        shades=shades,
    )


_DARK_PALETTE = _palette(
    "#d8dee4", "#8a98a4", "#55636f", "#56b4e9", "#f0a818", "#2fc08f", "#ff7a4d", "#d98cb8", "#26333e"
)
_LIGHT_PALETTE = _palette(
    "#1f2933", "#5c6973", "#a3adb5", "#0072b2", "#b35900", "#00704f", "#c23b00", "#a0407a", "#dde6ec"
)


_DARK_16_PALETTE = _palette(
    "#ffffff", "#aaaaaa", "#555555", "#55ffff", "#ffff55", "#55ff55", "#ff5555", "#ff55ff", "#0000aa", shades=False
)
_LIGHT_16_PALETTE = _palette(
    "#000000", "#555555", "#555555", "#0000aa", "#aa00aa", "#00aa00", "#aa0000", "#aa5500", "#aaaaaa", shades=False
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
_OWN = {DARK_16.name: _DARK_16_PALETTE, LIGHT_16.name: _LIGHT_16_PALETTE, MONO.name: _MONO_PALETTE}


def palette_for(theme: Theme) -> Palette:
    """Returns the palette that is readable on a theme's background, also on a theme that is not ours."""
    return _OWN.get(theme.name) or (_DARK_PALETTE if theme.dark else _LIGHT_PALETTE)


def palette_of(app: App[Any]) -> Palette:
    """Returns the palette of an app's present theme, with the signs that its terminal can show."""
    look, palette = look_of(app), palette_for(app.current_theme)
    return msgspec.structs.replace(palette, glyphs=look.glyphs, shades=palette.shades and not look.few_colours)


def look_of(app: App[Any]) -> Look:
    """Returns how an app looks in its terminal."""
    return context_of(app).look
