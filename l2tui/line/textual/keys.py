"""The escape key and the key after it, told from the sequences that terminals begin with the same character."""

import os
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App, ScreenStackError
from textual.drivers import linux_driver
from textual.events import Key
from textual.keys import _character_to_key
from textual.message import Message
from textual.widgets import Input

name_of_character = _character_to_key

_ESCAPE = "\x1b"
# Begin longer sequences, or answers of the terminal.
_LEADERS = "[OPX]^_" + _ESCAPE
# What terminals send for alt with an arrow or backspace: word by word.
_WORD_KEYS = "bf\x7f"


def fits() -> bool:
    """Returns whether this Textual reads keys in the way that is known here."""
    method = getattr(XTermParser, "_sequence_to_key_events", None)
    return (
        method is not None
        and list(signature(method).parameters) == ["self", "sequence", "alt"]
        and issubclass(getattr(linux_driver, "XTermParser", object), XTermParser)
    )


class EscapeParser(XTermParser):
    """Reads escape and a character in one piece as two keys.

    Textual takes them for alt and the character, waits for more, and where there is no such key drops the escape: what
    was typed to answer no, and then to go on, would answer yes.
    """

    means_alt: Callable[[str], bool] = staticmethod(lambda character: False)

    def parse_mouse_code(self, code: str) -> Message | None:
        """Returns what the mouse did; in cells where the terminal reports a size of no pixels, as some do."""
        sizes = (self.terminal_size, self.terminal_pixel_size)
        # Textual divides by each of the four.
        self.mouse_pixels = self.mouse_pixels and all(size is not None and all(size) for size in sizes)
        return super().parse_mouse_code(code)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        if len(sequence) == 2 and sequence[0] == _ESCAPE and self._is_apart(sequence[1]):
            return (Key("escape", _ESCAPE), *super()._sequence_to_key_events(sequence[1]))
        try:
            return list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            # The numbers of a key that there is not.
            return ()

    def _is_apart(self, character: str) -> bool:
        return character not in _LEADERS and not self.means_alt(character)


def tell_escape_apart(app: App[Any], keys: Iterable[str]) -> None:
    """Has the driver of an app tell escape from alt.

    Args:
        app: The app.
        keys: Keys that a person has set; those with alt stay what they are.
    """
    alt = {key.removeprefix("alt+") for key in keys if key.startswith("alt+")}
    # The text console sends this for shift+tab.
    alt |= {"\t"} if os.environ.get("TERM", "").startswith("linux") else set()

    def means_alt(character: str) -> bool:
        name = f"shift+{character.lower()}" if character.isupper() else name_of_character(character)
        return name in alt or character in alt or (character in _WORD_KEYS and _is_typed_into(app))

    if fits():
        parser = type("AppEscapeParser", (EscapeParser,), {"means_alt": staticmethod(means_alt)})
        vars(linux_driver)["XTermParser"] = parser


def _is_typed_into(app: App[Any]) -> bool:
    try:
        return isinstance(app.focused, Input)
    except ScreenStackError:
        return False
