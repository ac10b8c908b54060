"""What every widget may need to know of the terminal and of the user's keys, as one typed value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct
from textual.app import App

from l2tui.view.key_names import KeyNames
from l2tui.view.look import Look
from l2tui.view.palette import Palette, palette_named

if TYPE_CHECKING:
    from l2tui.line.options import DrawingOptions

R = TypeVar("R")


class Context(Struct, frozen=True):
    """What an app is given besides what it shows.

    Attributes:
        look: Signs and colours that suit the terminal.
        keys: What the keys are called, the user's among them.
        drawing: How often and how much to draw.
    """

    look: Look
    keys: KeyNames
    drawing: DrawingOptions


class ContextApp(App[R]):
    """An app whose widgets find their context in it.

    Attributes:
        context: What it was given.
    """

    context: Context


def context_of(app: App[Any]) -> Context:
    """Returns the context of the app that a widget belongs to.

    Raises:
        TypeError: The app has none.
    """
    if not isinstance(app, ContextApp):
        raise TypeError(f"{type(app).__name__} has no context")
    return app.context


def look_of(app: App[Any]) -> Look:
    """Returns how an app looks in its terminal."""
    return context_of(app).look


def names_of(app: App[Any]) -> KeyNames:
    """Returns what the keys are called in an app."""
    return context_of(app).keys


def palette_of(app: App[Any]) -> Palette:
    """Returns the palette of an app's present theme, with the signs that its terminal can show."""
    look, theme = look_of(app), app.current_theme
    palette = palette_named(theme.name, dark=theme.dark)
    return msgspec.structs.replace(palette, glyphs=look.glyphs, shades=palette.shades and not look.few_colours)
