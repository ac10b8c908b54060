"""The best weights on the validation part, the test part after a second key, and what is exported."""

import pytest

from l2tui.tui.app import L2tuiApp
from l2tui.tui.screens.export import ExportScreen
from l2tui.tui.screens.text import TextScreen
from tests.tui.fake_worker import Worker
from tests.tui.reading_screen import run_screen, screen_lines, start, strips, until, until_shown
from tests.tui.tables import FakeTool


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_the_test_part_is_looked_at_only_on_a_second_key(
    app: L2tuiApp, tool: FakeTool, worker: Worker, size: tuple[int, int]
) -> None:
    tool.looks, tool.held = 3, True
    async with app.run_test(size=size) as pilot:
        await start(pilot)
        await pilot.press("t")
        await until_shown(pilot, "Measuring on the validation part")
        # A key that repeats by itself reveals nothing.
        await pilot.press("t", "enter")
        tool.held = False
        await until_shown(pilot, "0.25", "90.0 %", "looked at 3 times", "written down", "setosa")
        assert [call[3] for call in tool.calls] == ["val"]
        assert tool.calls[0][:2] == ("test", "/runs/moons")
        await pilot.press("t")
        await until_shown(pilot, "0.375", "85.0 %", "looked at 4 times", "test part")
        assert any("at λ 0.001, 0.03" in line for line in screen_lines(pilot)) == (size[0] == 80)
        assert [call[3] for call in tool.calls] == ["val", "test"]
        # What was seen once is there to be compared.
        await pilot.press("v", "t", "v")
        await until_shown(pilot, "matrix: validation part")
        assert len(tool.calls) == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_names_of_classes_are_only_text(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await until_shown(pilot, "[b]versi")
        assert "".join(strip.text for strip in strips(pilot)).isprintable()


async def test_a_number_is_drawn_against_the_true_one(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    tool.regression = True
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await until_shown(pilot, "R²", "Predicted against true", "RMSE 2.5", "units of width")
        assert any(0x2800 < ord(character) < 0x2900 for line in screen_lines(pilot) for character in line)


async def test_an_error_is_shown_and_the_screen_can_be_left(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    tool.refuses = "[red]/runs/moons: no best weights yet"
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await until_shown(pilot, "[red]/runs/moons: no best weights yet")
        await pilot.press("t", "v", "escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert len(tool.calls) == 1


async def test_leaving_ends_the_measuring(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    tool.held = True
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("t")
        await until(pilot, lambda: tool.calls)
        await pilot.press("escape")
        await until(pilot, lambda: tool.ended == 1)


async def test_an_export_says_where_it_went(app: L2tuiApp, tool: FakeTool, worker: Worker) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        await start(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        tool.refuses = "[b]onnx is not installed: pip install l2tui[onnx]"
        await pilot.press("o")
        await until_shown(pilot, "[b]onnx is not installed", "l2tui[onnx]")
        tool.refuses = ""
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        await until_shown(pilot, "/runs/moons/recipe.md", "kernel_regularizer=l2([0.001])")
        assert [call[2] for call in tool.calls] == ["onnx", "recipe"]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_where_there_are_no_weights_it_says_so(
    app: L2tuiApp, tool: FakeTool, worker: Worker, told: list[str]
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("t", "e"):
            await pilot.press(key)
        await until(pilot, lambda: sum("no weights yet" in words for words in told) == 2)
        assert app.screen is run_screen(pilot)
    assert tool.calls == []
