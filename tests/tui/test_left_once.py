"""A dialog that is left twice in one moment is left once."""

import asyncio

from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, run_screen, until


async def test_a_second_answer_in_the_same_moment_does_nothing(worker: Worker) -> None:
    app = worker.app(MOONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        for key in ("question_mark", "r", "o", "L"):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            dialog = app.screen
            dialog.dismiss(None)
            dialog.dismiss(None)
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await asyncio.sleep(0)
            assert app.screen is run_screen(pilot)
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
