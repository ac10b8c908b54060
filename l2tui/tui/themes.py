"""The themes of Textual's own widgets: dark and light, for sixteen colours, and without any."""

from textual.theme import Theme

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

# Sixteen colours have no shades: the nearest ones by eye, and a background that differs from them.
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
