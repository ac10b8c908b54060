"""The user's keys, checked against all there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, format_key, key_to_character
from textual.screen import Screen

from l2tui.errors import SettingsError, did_you_mean
from l2tui.line.textual.keys import name_of_character
from l2tui.view.key_names import bindings_of, name_of_key
from l2tui.view.keys import EVERYWHERE_KEYS, RUN_KEYS

# Textual's own, and the way out that always works.
_RESERVED = {"ctrl+q": "leaves the app", "ctrl+c": "is kept for the terminal", "ctrl+p": "opens all commands"}
_ALL_LISTED = "`l2tui config --example` lists all"
# Terminals send the same for both.
_RESERVED |= {"ctrl+i": "arrives as tab", "ctrl+m": "arrives as enter", "ctrl+h": "arrives as backspace"}
_RESERVED |= {"ctrl+left_square_bracket": "arrives as escape"}
_KEY_WORDS = "a character, or a name such as space, f5, ctrl+k, shift+left"


def check_keymap(given: Mapping[str, str], where: str) -> dict[str, str]:
    """Checks the user's keys.

    Args:
        given: Keys by the id of what they do, several of them apart by commas.
        where: The file, for messages.

    Returns:
        The same in Textual's names of keys.

    Raises:
        SettingsError: An id or a key is unknown, or a key has another meaning already.
    """
    if not given:
        return {}
    owners = all_bindings()
    known = {binding.id: binding for bindings in owners.values() for binding in bindings if binding.id}
    keymap = {}
    for id, keys in given.items():
        if id not in known:
            nearest = did_you_mean(id, known, _ALL_LISTED)
            raise SettingsError(f"{where}: keys.{id}: there is no such key to set; {nearest}", id)
        keymap[id] = ",".join(_checked(id, key, known[id], where) for key in _split(keys))
    for scope in _scopes(owners):
        _check_clashes(scope, keymap, where)
    return keymap


@cache
def all_bindings() -> dict[type[DOMNode], tuple[Binding, ...]]:
    """Returns the bindings of every screen and widget of this app, by their owner. Imports all of them."""
    owners: dict[type[DOMNode], tuple[Binding, ...]] = {}
    for folder in ("widgets", "screens"):
        package = importlib.import_module(f"l2tui.tui.{folder}")
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == info.name:
                    bindings = bindings_of(value)
                    if bindings:
                        owners[value] = bindings
    # The main screen comes first, the dialogs last.
    return dict(sorted(owners.items(), key=lambda item: (bindings_of(item[0]) != RUN_KEYS, _is_screen(item[0]))))


def _is_screen(owner: type[DOMNode]) -> bool:
    return issubclass(owner, Screen)


def _takes_all_keys(owner: type[DOMNode]) -> bool:
    from l2tui.tui.widgets.lesson_band import LessonBand
    from l2tui.tui.widgets.settings_panel import SettingEditor

    return _is_screen(owner) or issubclass(owner, SettingEditor | LessonBand)


def _split(keys: str) -> Iterator[str]:
    if keys.strip() == ",":
        yield ","
        return
    for key in keys.split(","):
        yield key.strip()


def _checked(id: str, key: str, binding: Binding, where: str) -> str:
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    base = name_of_character(base) if len(base) == 1 else base
    checked = _as_sent("+".join([*modifiers, base]))
    if not (base and set(modifiers) <= {"ctrl", "shift", "alt", "meta", "super"} and _is_key(base)):
        nearest = did_you_mean(key, (member.value for member in Keys), _ALL_LISTED)
        raise SettingsError(f"{where}: keys.{id}: expected {_KEY_WORDS}, got {key!r}; {nearest}", id)
    if checked in _RESERVED:
        raise SettingsError(f"{where}: keys.{id}: {key} {_RESERVED[checked]}; take another key", id)
    own = checked in map(_as_sent, binding.key.split(","))
    if binding.priority and not own and (key_to_character(checked) or "\n").isprintable():
        # The key would be missing in the field that is typed into.
        raise SettingsError(f"{where}: keys.{id}: expected a key that types nothing, such as ctrl+k, got {key!r}", id)
    return checked


def _as_sent(key: str) -> str:
    """Returns what a terminal makes of a key that can be named in two ways."""
    modifier, _, base = key.partition("+")
    if modifier == "shift" and len(base) == 1 and base.isalpha():
        return base.upper()
    if modifier == "alt" and len(base) == 1 and base.isupper():
        return f"alt+shift+{base.lower()}"
    return "ctrl+@" if key == "ctrl+space" else key


def _is_key(base: str) -> bool:
    return base in {member.value for member in Keys} or len(format_key(base)) == 1


def _scopes(owners: Mapping[type[DOMNode], tuple[Binding, ...]]) -> Iterator[tuple[Binding, ...]]:
    """Yields the bindings that hold at the same time."""
    for owner, bindings in owners.items():
        # What a widget of the main screen has goes before what the screen has.
        below = EVERYWHERE_KEYS if _takes_all_keys(owner) else RUN_KEYS
        yield bindings if bindings == RUN_KEYS else (*below, *bindings)


def _check_clashes(scope: Iterable[Binding], keymap: Mapping[str, str], where: str) -> None:
    taken: dict[str, Binding] = {}
    for binding in scope:
        for key in keymap.get(binding.id or "", binding.key).split(","):
            other = taken.setdefault(key, binding)
            if other is not binding and (other.id in keymap or binding.id in keymap):
                mine, its = (binding, other) if binding.id in keymap else (other, binding)
                raise SettingsError(
                    f"{where}: keys.{mine.id}: {name_of_key(key)} is the key of {its.id} ({its.description}); "
                    "give one of them another key",
                    mine.id,
                )
