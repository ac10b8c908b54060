"""Keys of a user's own: what is allowed, and what is said of the rest."""

import pytest

from l2tui.errors import SettingsError
from l2tui.tui.keymap import check_keymap
from l2tui.view.key_names import KeyNames, name_of_key

# Makes room for the keys above.
FREE = {"run.toggle": "A", "run.epoch": "E", "app.help": "H"}


@pytest.mark.parametrize(
    ("given", "checked"),
    [
        ("p", "p"),
        ("?", "question_mark"),
        ("p,f5", "p,f5"),
        (" p , ctrl+k ", "p,ctrl+k"),
        (",", "comma"),
        ("shift+up", "shift+up"),
        ("space", "space"),
        ("ß", "ß"),
        ("shift+k", "K"),
        ("alt+P", "alt+shift+p"),
        ("ctrl+space", "ctrl+@"),
    ],
)
def test_keys_in_every_form(given: str, checked: str) -> None:
    assert check_keymap({**FREE, "chart.log": given}, "file")["chart.log"] == checked


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"run.togle": "p"}, "keys.run.togle: there is no such key to set; did you mean run.toggle"),
        ({"zzz": "p"}, "`l2tui config --example` lists all"),
        ({"run.toggle": "spcae"}, "expected a character, or a name such as space"),
        ({"run.toggle": "spcae"}, "did you mean space"),
        ({"run.toggle": "hyper+x"}, "keys.run.toggle: expected a character"),
        ({"run.toggle": "p,"}, "keys.run.toggle: expected a character"),
        ({"run.toggle": "y"}, "keys.run.toggle: y is the key of chart.log (log axis)"),
        ({"run.toggle": "enter"}, "keys.run.toggle: enter is the key of settings.type (type)"),
        ({"settings.up": "q"}, "keys.settings.up: q is the key of app.quit (quit)"),
        ({"run.toggle": "p", "run.step": "p"}, "p is the key of"),
        ({"run.toggle": "ctrl+q"}, "ctrl+q leaves the app; take another key"),
        ({"run.toggle": "ctrl+i"}, "ctrl+i arrives as tab; take another key"),
        ({"run.toggle": "ctrl+["}, "ctrl+[ arrives as escape; take another key"),
        ({"runs.delete": "x"}, "expected a key that types nothing, such as ctrl+k, got 'x'"),
    ],
)
def test_a_mistake_is_told_with_its_place(given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_keymap(given, "/etc/file")
    assert str(caught.value).startswith("/etc/file: keys.")
    assert words in str(caught.value)


def test_two_keys_may_be_swapped() -> None:
    assert check_keymap({"run.toggle": "y", "chart.log": "space"}, "file") == {"run.toggle": "y", "chart.log": "space"}


def test_what_is_never_open_together_may_share_a_key() -> None:
    assert check_keymap({"leave.stop": "y"}, "file")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("question_mark", "?"),
        ("ctrl+@", "^space"),
        ("ctrl+z", "^z"),
        ("escape", "esc"),
        ("shift+left", "shift ←"),
        ("space", "space"),
    ],
)
def test_names(key: str, name: str) -> None:
    assert name_of_key(key) == name


def test_the_names_follow_the_keymap() -> None:
    assert KeyNames()["l2.up"] == "+"
    assert KeyNames({"l2.up": "u,f5"})["l2.up"] == "u"
