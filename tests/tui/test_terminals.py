"""Terminals that cannot show every sign, or no colours: what goes to them, and what is still told apart."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from l2tui.runs.events import SettingChanged
from l2tui.runs.info import Note
from l2tui.tui.screens.ask import AskScreen, NoteScreen
from l2tui.view.glyphs import ASCII, LINUX, UNICODE, Glyphs
from l2tui.view.look import Look
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, make_snapshot
from tests.tui.reading_screen import (
    drawn,
    lines_of,
    run_screen,
    screen_lines,
    start,
    strips,
    text_of,
    until,
    until_shown,
)

pytestmark = pytest.mark.slow

MONO = Look(theme="mono")
# Of the text console's fonts: what is drawn with beyond ASCII.
CONSOLE_SIGNS = set("─│┌┐└┘├┤┬┴┼█▄▀░▒▓·°±²")


async def nothing(pilot: Pilot[None]) -> None:
    await drawn(pilot)


async def running(pilot: Pilot[None]) -> None:
    await start(pilot)
    await pilot.press("tab", "left", "left", "y", "S", "z")


async def edits(pilot: Pilot[None]) -> None:
    await start(pilot)
    await pilot.press("enter", "x", "enter")


async def keys(pilot: Pilot[None], *pressed: str) -> None:
    await start(pilot)
    await pilot.press(*pressed)
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.pause()


async def helps(pilot: Pilot[None]) -> None:
    await keys(pilot, "question_mark")


async def scrolled_help(pilot: Pilot[None]) -> None:
    await keys(pilot, "question_mark", "end")


async def leaves(pilot: Pilot[None]) -> None:
    await keys(pilot, "q")


async def judges(pilot: Pilot[None]) -> None:
    await keys(pilot, "C")


async def lists_runs(pilot: Pilot[None]) -> None:
    await keys(pilot, "r")


async def palette(pilot: Pilot[None]) -> None:
    await keys(pilot, "ctrl+p")


async def asks(pilot: Pilot[None]) -> None:
    pilot.app.push_screen(AskScreen("Größe λ, 数据?", "ja", "nein"))
    await pilot.pause()


async def notes(pilot: Pilot[None]) -> None:
    pilot.app.push_screen(NoteScreen(Note("ναι", "…")))
    await pilot.pause()


async def says(pilot: Pilot[None]) -> None:
    await start(pilot)
    pilot.app.notify("λ → ∞, Σ · é", severity="error")
    await pilot.pause()


SCENES: list[Callable[[Pilot[None]], Awaitable[Any]]] = [
    nothing,
    running,
    edits,
    helps,
    scrolled_help,
    leaves,
    judges,
    lists_runs,
    palette,
    asks,
    notes,
    says,
]


@pytest.mark.parametrize(("glyphs", "signs"), [(ASCII, set()), (LINUX, CONSOLE_SIGNS)], ids=["ascii", "linux"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_no_screen_has_a_sign_that_the_terminal_lacks(
    worker: Worker, scene: Callable[[Pilot[None]], Awaitable[Any]], glyphs: Glyphs, signs: set[str]
) -> None:
    events = (SettingChanged(epoch=150, step=1050, name="l2", old=0.0, new=3e-4),)
    worker.shown = make_snapshot(events=events)
    app = worker.app(MOONS, look=Look(glyphs=glyphs))
    async with app.run_test(size=(100, 34)) as pilot:
        await scene(pilot)
        shown = "".join(screen_lines(pilot))
        assert {sign for sign in shown if not sign.isascii()} <= signs
        assert all(len(line) == 100 for line in screen_lines(pilot))
        assert "\x1b" not in shown


async def test_in_ascii_lambda_has_a_name_and_the_marks_are_there(worker: Worker) -> None:
    app = worker.app(MOONS, look=Look(glyphs=ASCII))
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until_shown(pilot, "rising since 78")
        assert any(line[1:].startswith("L2 ") for line in lines_of(pilot, "SettingsList"))
        chart = "\n".join(lines_of(pilot, "#chart"))
        assert "*" in chart
        assert "^" in chart
        assert "raise L2 (+)" in text_of(pilot, "#verdict")
        assert text_of(pilot, "#legend").startswith(".. train")


async def test_in_unicode_nothing_is_changed(worker: Worker) -> None:
    app = worker.app(MOONS, look=Look(glyphs=UNICODE))
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until_shown(pilot, "★", "▲", "λ", "╭", "⠤⠤ train")


def cells(pilot: Pilot[None], selector: str) -> list[tuple[str, bool, bool]]:
    """Every cell of a widget without its colours: the character, whether bold, whether reversed."""
    region = run_screen(pilot).query_one(selector).region
    found = []
    for strip in strips(pilot)[region.y : region.bottom]:
        for text, style, _ in strip.crop(region.x, region.right):
            found += [(character, bool(style and style.bold), bool(style and style.reverse)) for character in text]
    return found


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_without_colours_none_is_sent(
    worker: Worker, scene: Callable[[Pilot[None]], Awaitable[Any]], glyphs: Glyphs
) -> None:
    app = worker.app(MOONS, look=Look("mono", glyphs))
    async with app.run_test(size=(80, 24)) as pilot:
        await scene(pilot)
        segments: list[Segment] = [segment for strip in strips(pilot) for segment in strip]
        coloured = [segment for segment in segments if segment.style and (segment.style.color or segment.style.bgcolor)]
        assert coloured == []


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_without_colours_the_lines_differ_by_their_characters(worker: Worker, glyphs: Glyphs) -> None:
    app = worker.app(MOONS, look=Look("mono", glyphs))
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until_shown(pilot, "rising since 78")
        # At the right the lines are far apart: above is validation, below is training.
        rows = [line[40:50].strip() for line in lines_of(pilot, "#chart")]
        curves = [row for row in rows if row and not any(character.isalnum() and character != "o" for character in row)]
        above, below = set(curves[0]), set(curves[-2] if "-" in curves[-1] or "─" in curves[-1] else curves[-1])
        assert above
        assert below
        assert not above & below
        legend = text_of(pilot, "#legend").split()
        assert legend[0] != legend[3]


async def test_without_colours_selection_and_focus_are_seen(worker: Worker) -> None:
    app = worker.app(MOONS, look=MONO)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.pause()
        row = cells(pilot, "SettingsList")
        assert {reverse for _, _, reverse in row} == {True, False}
        focused = cells(pilot, "#settings")[0]
        other = cells(pilot, "#loss")[0]
        assert focused[0] != other[0]
        await pilot.press("tab")
        await until(pilot, lambda: cells(pilot, "#loss")[0][0] == focused[0])
        assert cells(pilot, "#settings")[0][0] == other[0]
        await until(pilot, lambda: {reverse for _, _, reverse in cells(pilot, "SettingsList")} == {False})
        # The mark of the selected row stays.
        assert any(line.startswith("▸") for line in lines_of(pilot, "SettingsList"))


async def test_without_colours_the_cursor_of_an_input_is_seen(worker: Worker) -> None:
    app = worker.app(MOONS, look=MONO)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: run_screen(pilot).query("SettingEditor Input"))
        await pilot.press("end")
        await until(pilot, lambda: any(reverse for _, _, reverse in cells(pilot, "SettingEditor Input")))


async def test_without_colours_the_pulls_are_told_apart_by_their_characters(worker: Worker) -> None:
    settings = MOONS.__class__(**{**{name: getattr(MOONS, name) for name in MOONS.__struct_fields__}, "l2": 0.0003})
    app = worker.app(settings, look=Look("mono", ASCII))
    worker.shown = make_snapshot(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        pulls = [line for line in lines_of(pilot, "#gauge") if "noise" in line]
        assert pulls
        assert all("=" in line and "~" in line for line in pulls)


async def test_there_is_nothing_to_switch_without_colours(worker: Worker, told: list[str]) -> None:
    app = worker.app(MOONS, look=MONO)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("T")
        await pilot.pause()
        assert told == ["There are no colours to switch."]
        assert app.theme == "l2tui-mono"


@pytest.mark.parametrize("few", [False, True])
async def test_both_themes_exist_for_few_and_many_colours(worker: Worker, few: bool) -> None:
    app = worker.app(MOONS, look=Look("light", few_colours=few))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        light = app.theme
        await pilot.press("T")
        await until(pilot, lambda: app.current_theme.dark)
        assert (light.endswith("-16"), app.theme.endswith("-16")) == (few, few)
