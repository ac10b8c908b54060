"""What every widget may need to know of the terminal and of the user's keys, as one typed value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from textual.app import App

if TYPE_CHECKING:
    from l2tui.tui.drawing.options import DrawingOptions
    from l2tui.tui.key_names import KeyNames
    from l2tui.tui.look import Look

R = TypeVar("R")


class Context(Struct, frozen=True):
    """What an app is given besides what it shows.

    Attributes:
        look: Signs and colours that suit the terminal.
        keys: What the keys are called, those of a user's own among them.
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
