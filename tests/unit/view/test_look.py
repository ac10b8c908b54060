"""Which signs and colours are chosen for which terminal."""

import io
import sys

import pytest
from rich.cells import cell_len

from l2tui.view.glyphs import ASCII, LINUX, UNICODE, print_safely
from l2tui.view.look import is_utf8, look_for

MODERN = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_US.UTF-8"}


@pytest.mark.parametrize(
    ("more", "theme", "glyphs", "few"),
    [
        ({}, "dark", UNICODE, False),
        ({"COLORTERM": ""}, "dark", UNICODE, False),
        ({"NO_COLOR": "1"}, "mono", UNICODE, False),
        ({"NO_COLOR": ""}, "dark", UNICODE, False),
        ({"COLORFGBG": "0;15"}, "light", UNICODE, False),
        ({"COLORFGBG": "0;default;15"}, "light", UNICODE, False),
        ({"COLORFGBG": "15;0"}, "dark", UNICODE, False),
        ({"COLORFGBG": "nonsense"}, "dark", UNICODE, False),
        ({"TERM": "xterm", "COLORTERM": ""}, "dark", UNICODE, True),
        ({"TERM": "linux", "COLORTERM": ""}, "dark", LINUX, True),
        ({"TERM": "vt100", "COLORTERM": ""}, "mono", ASCII, True),
        ({"TERM": "vt220", "COLORTERM": ""}, "mono", ASCII, True),
        ({"TERM": "xterm-mono", "COLORTERM": ""}, "mono", UNICODE, True),
        ({"TERM": "no-such-terminal", "COLORTERM": ""}, "dark", UNICODE, True),
        ({"TERM": "screen", "COLORTERM": ""}, "dark", UNICODE, True),
        ({"TERM": "tmux-256color", "COLORTERM": ""}, "dark", UNICODE, False),
        ({"LANG": "C"}, "dark", ASCII, False),
        ({"LC_ALL": "POSIX"}, "dark", ASCII, False),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, "dark", ASCII, False),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "dark", ASCII, False),
        ({"LC_ALL": "C.UTF-8"}, "dark", UNICODE, False),
    ],
)
def test_a_terminal_gets_what_it_can_show(more: dict[str, str], theme: str, glyphs: object, few: bool) -> None:
    look = look_for("auto", None, {**MODERN, **more}, "utf-8")
    assert (look.theme, look.glyphs, look.few_colours) == (theme, glyphs, few)


def test_what_is_asked_for_goes_before_what_is_found() -> None:
    look = look_for("light", True, {**MODERN, "NO_COLOR": "1"}, "utf-8")
    assert (look.theme, look.glyphs) == ("light", ASCII)
    assert look_for("auto", False, {"TERM": "linux", "LANG": "C"}, "ascii").glyphs is UNICODE


@pytest.mark.parametrize(
    ("environment", "encoding", "utf8"),
    [
        ({}, "utf-8", True),
        ({}, "iso8859-1", False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "UTF-8"}, "ascii", True),
        ({"LANG": "en_US.UTF-8", "PYTHONIOENCODING": "latin-1"}, "iso8859-1", False),
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, "utf-8", True),
        ({"LANG": "en_US.utf8"}, "ascii", True),
        ({"LANG": "de_DE"}, "iso8859-1", False),
    ],
)
def test_utf8_goes_by_the_locale_then_by_python(environment: dict[str, str], encoding: str, utf8: bool) -> None:
    assert is_utf8(environment, encoding) is utf8


@pytest.mark.parametrize("glyphs", [ASCII, LINUX], ids=lambda glyphs: glyphs.name)
def test_every_sign_keeps_its_width(glyphs: object) -> None:
    codes = (*range(0xA0, 0x500), *range(0x2000, 0x2C00), *range(0x4E00, 0x4F00), 0x1F50E)
    for sign in map(chr, codes):
        shown = glyphs.show(sign)
        assert cell_len(shown) == cell_len(sign), hex(ord(sign))
        assert all(character.isascii() or character in glyphs.keeps for character in shown)


@pytest.mark.parametrize("text", ["log · smoothed", "λΣw² 0.1", "loss    ∞", "Größe 数", "é\u0301"])
def test_a_text_keeps_its_width(text: str) -> None:
    assert cell_len(ASCII.show(text)) == cell_len(text)
    assert ASCII.show(text).isascii()


def test_different_signs_of_one_picture_stay_different() -> None:
    for together in ("━╍─", "┃┊│", "★▲▸", "⠤⠶", "●○◐■✗", "▁▂▃▄▅▆▇█"):
        for glyphs in (ASCII, LINUX):
            assert len(set(glyphs.show(together))) == len(together), (glyphs.name, together)


def test_a_stream_that_lacks_a_sign_gets_another_one() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="iso8859-1")
    print_safely(stream)
    stream.write("λ ² ★")
    stream.flush()
    assert raw.getvalue() == "L ² *".encode("iso8859-1")
    print_safely(sys.stdout)
