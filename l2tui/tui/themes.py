"""Colours: a dark and a light theme, in a palette that stays distinct under the common colour blindnesses.

The hues are those of Okabe and Ito's set (2008), lightened for dark backgrounds and darkened for light ones.
"""

from dataclasses import dataclass

from rich.style import Style
from textual.theme import Theme

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


@dataclass(frozen=True)
class Palette:
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
    text: str, muted: str, axis: str, train: str, val: str, good: str, bad: str, decay: str, row: str
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
    )


_DARK_PALETTE = _palette(
    "#d8dee4", "#8a98a4", "#55636f", "#56b4e9", "#f0a818", "#2fc08f", "#ff7a4d", "#d98cb8", "#26333e"
)
_LIGHT_PALETTE = _palette(
    "#1f2933", "#5c6973", "#a3adb5", "#0072b2", "#b35900", "#00704f", "#c23b00", "#a0407a", "#dde6ec"
)


def palette_for(theme: Theme) -> Palette:
    """Returns the palette that is readable on a theme's background, also on a theme that is not ours."""
    return _DARK_PALETTE if theme.dark else _LIGHT_PALETTE
