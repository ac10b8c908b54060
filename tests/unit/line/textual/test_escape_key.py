"""Escape and a key that arrive in one piece are two keys; what the terminal sends for one key stays one."""

import pytest
from textual.app import App
from textual.drivers import linux_driver
from textual.events import CursorPosition, Key, MouseDown, Paste

from l2tui.line.textual.keys import fits, tell_escape_apart


@pytest.fixture(autouse=True)
def own_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.XTermParser)


def read(text: str, *keys: str) -> list[str]:
    """What the app gets of one read."""
    tell_escape_apart(App(), keys)
    events = list(linux_driver.XTermParser().feed(text))
    return [event.key if isinstance(event, Key) else type(event).__name__ for event in events]


def test_this_textual_reads_keys_as_is_known_here() -> None:
    assert fits()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("\x1br", ["escape", "r"]),
        ("\x1bN", ["escape", "N"]),
        ("\x1b ", ["escape", "space"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\t", ["escape", "tab"]),
        ("\x1b0\x1b-", ["escape", "0", "escape", "minus"]),
        ("\x1bb", ["escape", "b"]),
        ("\x1b\x10", ["escape", "ctrl+p"]),
        ("\x1bo" + "x" * 40, ["escape", "o", *["x"] * 40]),
        ("\x1b\x1bq", ["escape", "escape", "q"]),
        ("\x1b\x1b[A", ["escape", "up"]),
    ],
)
def test_escape_is_a_key_of_its_own(text: str, keys: list[str]) -> None:
    assert read(text) == keys


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\x1b[A\x1bOB\x1b[1;5C\x1b[3~", ["up", "down", "ctrl+right", "delete"]),
        ("\x1b[1;1R", [CursorPosition.__name__]),
        ("\x1b[<0;5;6M", [MouseDown.__name__]),
        ("\x1b[200~ab\x1b[201~x", [Paste.__name__, "x"]),
    ],
)
def test_what_terminals_send_stays_whole(text: str, what: list[str]) -> None:
    assert read(text) == what


def test_a_key_with_alt_that_a_person_has_set_stays_one() -> None:
    tell_escape_apart(App(), ["alt+r", "f5"])
    parser = linux_driver.XTermParser()
    assert list(parser.feed("\x1br")) == []
    assert [event.key for event in parser.feed("\x1bq") if isinstance(event, Key)][-2:] == ["escape", "q"]


def test_the_text_console_has_its_own_way_to_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert read("\x1b\t") == ["shift+tab"]


@pytest.mark.parametrize("report", ["\x1b[48;30;100;0;0t", "\x1b[48;0;0;600;1000t"])
def test_where_a_terminal_reports_a_size_of_nothing_the_mouse_counts_in_cells(report: str) -> None:
    tell_escape_apart(App(), ())
    _, pressed = linux_driver.XTermParser().feed(f"{report}\x1b[<0;5;7M")
    assert isinstance(pressed, MouseDown)
    assert (pressed.x, pressed.y) == (4, 6)
