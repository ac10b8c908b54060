"""What the keys are called on the screen, the user's among them."""

from collections.abc import Mapping

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key

from l2tui.view.keys import RUN_KEYS

_SHORT = {"escape": "esc", "shift+left": "shift ←", "shift+right": "shift →"}
_SHORT |= {"ctrl+@": "^space", "space": "space", "enter": "enter", "tab": "tab", "pageup": "pgup", "pagedown": "pgdn"}


class KeyNames:
    """What the keys are called on the screen.

    Args:
        keymap: The user's keys by the id of what they do.

    Attributes:
        keymap: The same.
    """

    def __init__(self, keymap: Mapping[str, str] | None = None) -> None:
        self.keymap = dict(keymap or {})

    def __getitem__(self, id: str) -> str:
        """Returns the first key of one of the main screen's bindings."""
        return self.first(_RUN_BINDINGS[id])

    def of(self, binding: Binding) -> str:
        """Returns all keys of a binding, apart by blanks."""
        if binding.id in self.keymap:
            return " ".join(name_of_key(key) for key in self.keymap[binding.id].split(","))
        return binding.key_display or " ".join(name_of_key(key) for key in binding.key.split(","))

    def first(self, binding: Binding) -> str:
        """Returns the first key of a binding."""
        if binding.id in self.keymap:
            return name_of_key(self.keymap[binding.id].partition(",")[0])
        return binding.key_display or name_of_key(binding.key.partition(",")[0])

    def by_id(self, owner: type[DOMNode], id: str) -> str:
        """Returns the first key of a binding of some screen or widget, or of what it is built on."""
        return next(self.first(binding) for kind in owner.__mro__ for binding in bindings_of(kind) if binding.id == id)


_RUN_BINDINGS = {binding.id: binding for binding in RUN_KEYS if binding.id}
DEFAULT_NAMES = KeyNames()


def bindings_of(owner: type) -> tuple[Binding, ...]:
    """Returns the bindings that a screen or widget itself has."""
    return tuple(binding for binding in owner.__dict__.get("BINDINGS", ()) if isinstance(binding, Binding))


def name_of_key(key: str) -> str:
    """Returns what a key is called, given its name in Textual."""
    key = key.strip()
    if key in _SHORT:
        return _SHORT[key]
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    name = "^" if modifiers == ["ctrl"] else "".join(f"{modifier}+" for modifier in modifiers)
    return name + (_SHORT.get(base) or format_key(base))
