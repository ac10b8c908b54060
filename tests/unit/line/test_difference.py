"""What is sent, read by an independent terminal, gives the wanted picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style

from l2tui.line.difference import Difference, changed_spans, clear_for
from l2tui.line.grid import SECOND_HALF, Grid
from l2tui.line.looks import PLAIN, CellStyle, blank_of, look_of
from l2tui.line.pen import Pen
from tests.emulator import Emulator

COLOURS = ("", "31", "38;5;74", "38;2;1;2;3")
BACKGROUNDS = ("", "41", "48;5;233")
ATTRIBUTES = (1, 3, 4, 7, 9)
LOOKS = st.builds(
    CellStyle,
    st.frozensets(st.sampled_from(ATTRIBUTES), max_size=2),
    st.sampled_from(COLOURS),
    st.sampled_from(BACKGROUNDS),
)
# Wide characters among them.
WORDS = st.text(st.sampled_from("ab1 ─⣿★漢字한  "), min_size=1, max_size=12)
PIECES = st.tuples(st.integers(-2, 20), st.integers(0, 5), WORDS, LOOKS)
WIDTH, HEIGHT = 18, 5


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    grid = Grid(WIDTH, HEIGHT, draw(st.sampled_from([PLAIN, CellStyle(background="48;5;233")])))
    for x, y, text, look in draw(st.lists(PIECES, max_size=8)):
        grid.put(x, y, text, look)
    return grid


def emulator_of(grid: Grid | None = None) -> Emulator:
    return Emulator(grid.width, grid.height) if grid else Emulator(WIDTH, HEIGHT)


def plainly(grid: Grid) -> Emulator:
    """Draws a grid cell by cell, without any cleverness."""
    emulator = emulator_of(grid)
    for y in range(grid.height):
        for x in range(grid.width):
            character, look = grid.characters[y][x], grid.looks[y][x]
            if character != SECOND_HALF:
                codes = ";".join(["0", *map(str, look.attributes), *filter(None, (look.foreground, look.background))])
                emulator.feed((f"\x1b[{y + 1};{x + 1}H\x1b[{codes}m{character}").encode())
    return emulator


def assert_shows(emulator: Emulator, grid: Grid) -> None:
    assert emulator.differs_from(plainly(grid)) == []


@given(st.lists(grids(), min_size=1, max_size=4), st.booleans())
def test_the_terminal_shows_each_picture_in_turn(pictures: list[Grid], erases: bool) -> None:
    emulator, pen = emulator_of(), Pen()
    emulator.feed(b"left over \x1b[1;44m from before")
    text, sent = clear_for(pictures[0], pen, erases=erases)
    emulator.feed(text.encode())
    for wanted in pictures:
        text, done = Difference(sent, wanted, pen, erases=erases).write(range(HEIGHT))
        emulator.feed(text.encode())
        assert done == set(range(HEIGHT))
        assert_shows(emulator, wanted)
        assert not any(changed_spans(sent, wanted, y) for y in range(HEIGHT))
        assert Difference(sent, wanted, pen, erases=erases).write(range(HEIGHT))[0] == ""


@given(grids(), grids(), st.integers(0, 60))
def test_a_frame_in_slices_ends_at_the_same_picture(first: Grid, second: Grid, limit: int) -> None:
    emulator, pen = emulator_of(), Pen()
    text, sent = clear_for(first, pen, erases=True)
    emulator.feed((text + Difference(sent, first, pen, erases=True).write(range(HEIGHT))[0]).encode())
    waiting = list(range(HEIGHT))
    while waiting:
        text, done = Difference(sent, second, pen, erases=True).write(waiting, limit)
        assert done
        emulator.feed(text.encode())
        waiting = [y for y in waiting if y not in done]
    assert_shows(emulator, second)


@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
def test_every_move_arrives_where_it_says(x: int, y: int, to_x: int, to_y: int) -> None:
    emulator, pen = emulator_of(), Pen()
    emulator.feed((pen.move(x, y)).encode())
    assert (emulator.screen.cursor.x, emulator.screen.cursor.y) == (x, y)
    step = pen.move(to_x, to_y)
    emulator.feed(step.encode())
    assert (emulator.screen.cursor.x, emulator.screen.cursor.y) == (to_x, to_y)
    assert len(step) <= len(f"\x1b[{to_y + 1};{to_x + 1}H")


@given(LOOKS, LOOKS)
def test_every_change_of_look_arrives(before: CellStyle, after: CellStyle) -> None:
    emulator, pen = emulator_of(), Pen()
    emulator.feed((pen.take(before) + "a" + pen.take(after) + "b").encode())
    grid = Grid(WIDTH, HEIGHT)
    grid.put(0, 0, "a", before)
    grid.put(1, 0, "b", after)
    assert_shows(emulator, grid)


def test_one_changed_digit_costs_a_few_bytes() -> None:
    sent, pen = Grid(80, 24), Pen(5, 3, PLAIN)
    wanted = Grid(80, 24)
    for grid, digit in ((sent, "1"), (wanted, "2")):
        grid.put(10, 3, f"value 0.{digit}3 of 5", PLAIN)
    text, _ = Difference(sent, wanted, pen, erases=True).write(range(24))
    assert text.endswith("2")
    assert len(text) <= 6


def test_the_colour_of_a_space_is_nothing_to_send() -> None:
    sent, wanted = Grid(10, 1), Grid(10, 1, CellStyle(frozenset({1}), "31", ""))
    assert changed_spans(sent, wanted, 0) == []
    assert changed_spans(sent, Grid(10, 1, CellStyle(frozenset({4}))), 0) == [(0, 10)]
    assert blank_of(CellStyle(frozenset({1}), "31", "41")) == CellStyle(background="41")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ab", ["a", "b"]),
        ("漢a", ["漢", SECOND_HALF, "a"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("a\x1b[31m\nb", ["a", "[", "3", "1", "m", "b"]),
        ("\u0301a", ["a"]),
    ],
)
def test_text_in_cells(text: str, cells: list[str]) -> None:
    grid = Grid(8, 1)
    assert grid.put(0, 0, text, PLAIN) == len(cells)
    assert grid.characters[0] == cells + [" "] * (8 - len(cells))


def test_half_of_a_wide_character_is_a_space() -> None:
    grid = Grid(4, 1)
    grid.put(0, 0, "漢字", PLAIN)
    grid.put(1, 0, "a", PLAIN)
    assert grid.characters[0] == [" ", "a", "字", SECOND_HALF]
    grid.put(3, 0, "漢", PLAIN)
    assert grid.characters[0] == [" ", "a", " ", " "]


@pytest.mark.parametrize("number", range(16, 256))
def test_a_colour_of_the_256_goes_by_its_number_and_is_the_same_colour(number: int) -> None:
    red, green, blue = Color.from_ansi(number).get_truecolor()
    hexadecimal = f"#{red:02x}{green:02x}{blue:02x}"
    look = look_of(Style(color=hexadecimal, bgcolor=hexadecimal), ColorSystem.TRUECOLOR)
    for sent, kind in ((look.foreground, "38;5;"), (look.background, "48;5;")):
        assert sent.startswith(kind)
        assert Color.from_ansi(int(sent.removeprefix(kind))).get_truecolor() == (red, green, blue)


def test_any_other_colour_is_sent_as_it_is() -> None:
    assert look_of(Style(color="#005fb0"), ColorSystem.TRUECOLOR).foreground == "38;2;0;95;176"
