"""Terminals of every kind, and what the program sends to them."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
# Selects a colour: 30-37, 40-47, 90-97, 100-107, 38 and 48.
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
TRUE_COLOUR = re.compile(rb"\x1b\[(?:\d+;)*[34]8;2;")


def see_a_run(app: Any, *words: str) -> bytes:
    app.shows("Settings", "Loss", "Weights", "moons", "ready")
    app.press(" ")
    app.shows("running", r"train +0\.\d+", *words)
    app.press("q")
    app.shows("A training is running")
    app.press("s")
    assert app.end() == 0
    assert app.is_restored
    return bytes(app.received)


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "", "LC_CTYPE": "", "LANG": "C"},
        {"LC_ALL": "de_DE.ISO-8859-1"},
        {"PYTHONIOENCODING": "iso8859-1", "LC_ALL": ""},
        {"TERM": "vt100", "COLORTERM": ""},
    ],
    ids=["LANG=C", "latin-1", "latin-1 output", "vt100"],
)
def test_where_utf8_is_not_sure_all_is_ascii(terminal: Open, environment: dict[str, str]) -> None:
    received = see_a_run(terminal(**environment), r"[.o]{4}", "L2 +0")
    assert received.isascii()
    assert rb"\u" not in received


def test_the_text_console_has_few_signs_and_few_colours(terminal: Open) -> None:
    received = see_a_run(terminal(TERM="linux", COLORTERM=""), r"[.o]{4}", "┌─ Settings")
    assert not TRUE_COLOUR.search(received)
    beyond = {sign for sign in received.decode() if not sign.isascii()}
    assert beyond <= set("─│┌┐└┘├┤┬┴┼█▄▀░▒▓·°±²")


def test_without_colours_none_is_sent(terminal: Open) -> None:
    received = see_a_run(terminal(NO_COLOR="1"), r"[\u2801-\u28ff]")
    assert not COLOUR.search(received)
    assert b"\x1b[1;7m" in received


def test_no_color_counts_only_if_it_is_not_empty_and_an_option_goes_before_it(terminal: Open) -> None:
    assert TRUE_COLOUR.search(see_a_run(terminal(NO_COLOR="")))
    assert TRUE_COLOUR.search(see_a_run(terminal("--theme", "light", NO_COLOR="1")))


def test_options_go_before_what_is_found(terminal: Open) -> None:
    assert see_a_run(terminal("--ascii")).isascii()
    assert "⠤⠤ train" in see_a_run(terminal("--no-ascii", LC_ALL="C", PYTHONIOENCODING="ascii")).decode()


def test_without_the_mouse_no_reports_are_asked_for(terminal: Open) -> None:
    assert b"\x1b[?1000h" in see_a_run(terminal())
    assert b"\x1b[?1000h" not in see_a_run(terminal("--no-mouse"))


def test_the_file_is_obeyed(terminal: Open, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[app]\nascii = true\ntheme = "mono"\n[settings]\nhidden = 33\n[keys]\nrun.toggle = "p"\n')
    app = terminal(L2TUI_CONFIG=str(file))
    app.shows("p run", r"hidden +33\b")
    app.press("p")
    app.shows("p pause")
    app.press("q")
    app.shows("A training is running")
    app.press("s")
    assert app.end() == 0
    assert app.received.isascii()
    assert not COLOUR.search(app.received)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[keys]\nrun.toggle = "y"', "keys.run.toggle: y is the key of chart.log"),
        ('[app]\ntheme = "drak"', "there is no 'drak'; did you mean dark"),
        ("[app]\nfsp = 3", "did you mean fps?"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_the_screen_is_touched(
    terminal: Open, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    app = terminal(L2TUI_CONFIG=str(file))
    assert app.end() == 1
    assert app.received.count(b"\n") == 1
    assert b"\x1b" not in app.received
    assert words in app.received.decode()


def test_max_cores_holds_for_app_and_worker(terminal: Open, the_run: Any) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not pin processes to cores")
    app = terminal("--max-cores", "1", "--start", "--epochs=1000000")
    app.shows("running")
    worker = int(the_run().lock.read_text())
    assert len(os.sched_getaffinity(app.process.pid)) == 1
    assert len(os.sched_getaffinity(worker)) == 1
    assert os.getpriority(os.PRIO_PROCESS, worker) > os.getpriority(os.PRIO_PROCESS, app.process.pid)
