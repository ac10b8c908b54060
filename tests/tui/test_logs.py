"""The app on another program's log."""

from pathlib import Path

import pytest

from l2tui.settings import Settings
from l2tui.tui.run_client import WatchedLog
from tests.tui.fake_worker import Worker
from tests.tui.reading_screen import lines_of, run_screen, screen_lines, text_of, until, until_shown

pytestmark = pytest.mark.slow

LOGS = Path(__file__).parents[1] / "logs"


def _yolo(path: Path) -> Path:
    rows = [f"{i},{1 / (i + 1)},{2 / (i + 1)},{1 + i / 10},{3 + i / 10}\n" for i in range(40)]
    path.write_text("epoch,train/box_loss,train/cls_loss,val/box_loss,val/cls_loss\n" + "".join(rows))
    return path


async def test_of_several_losses_one_is_chosen_in_a_list_and_another_by_its_key(worker: Worker, tmp_path: Path) -> None:
    log = _yolo(tmp_path / "results.csv")
    async with worker.app(Settings(data="k"), source=WatchedLog(log)).run_test(size=(100, 24)) as pilot:
        await until_shown(pilot, "Which losses?", "box_loss", "cls_loss")
        await pilot.press("escape")
        await until_shown(pilot, "Waiting for the log.")
        assert "is to be chosen (P)" in " ".join(text_of(pilot, "#verdict").split())
        await pilot.press("P")
        await until_shown(pilot, "Which losses?")
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(run_screen(pilot).view.snapshot or ()) == 40)
        assert run_screen(pilot).view.latest("val_loss") == 3 + 39 / 10
        assert any("P losses" in line for line in lines_of(pilot, "#keys"))
        await pilot.press("P")
        await until_shown(pilot, "Which losses?")
        await pilot.press("enter")
        await until(pilot, lambda: run_screen(pilot).view.latest("val_loss") == 1 + 39 / 10)


async def test_a_log_with_one_pair_has_no_choice(worker: Worker, told: list[str]) -> None:
    source = WatchedLog(LOGS / "lightgbm.csv")
    async with worker.app(Settings(data="k"), source=source).run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: len(run_screen(pilot).view.snapshot or ()) == 60)
        assert not any("losses" in line for line in lines_of(pilot, "#keys"))
        await pilot.press("P")
        await until(pilot, lambda: told)
        assert told == ["Only a log with several pairs of losses has a choice of them."]


async def test_where_a_log_counts_anew_the_chart_says_so(worker: Worker) -> None:
    source = WatchedLog(LOGS / "keras-append.csv")
    async with worker.app(Settings(data="k"), source=source).run_test(size=(120, 40)) as pilot:
        await until_shown(pilot, "restart 26", "rising since 26", "alarm since row 38")
        assert "a new training since row 26" in " ".join(text_of(pilot, "#verdict").split())


async def test_help_and_palette_name_no_key_that_trains(worker: Worker) -> None:
    source = WatchedLog(LOGS / "lightgbm.csv")
    app = worker.app(Settings(data="k"), source=source)
    async with app.run_test(size=(100, 60)) as pilot:
        await until(pilot, lambda: len(run_screen(pilot).view.snapshot or ()) == 60)
        titles = " ".join(command.title for command in app.get_system_commands(app.screen))
        await pilot.press("question_mark")
        await until_shown(pilot, "all keys, and how to read the picture")
        shown = "\n".join(screen_lines(pilot))
        for offer in ("weight decay, at once", "begin again", "epochs a second", "a twin at another"):
            assert offer not in shown
        assert "what every rule says" in shown
        assert "All criteria" in titles
        assert "Restart" not in titles
        assert "Less λ" not in titles
