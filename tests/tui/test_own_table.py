"""From a file to a run: opening, the preview and its keys, and what the main screen makes of it."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from l2tui.data.table.summary import ColumnSummary
from l2tui.runs.directory import RunDirectory
from l2tui.settings import TableChoice, changed
from l2tui.tui.app import L2tuiApp
from l2tui.tui.own_table import TableToOpen
from l2tui.tui.recent import recent_tables
from l2tui.tui.screens.open_file import OpenScreen
from l2tui.tui.screens.preview import PreviewScreen
from l2tui.tui.screens.text import LineScreen, TextScreen
from l2tui.tui.widgets.columns import ColumnList
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import (
    row_of,
    run_screen,
    screen_lines,
    select,
    start,
    strips,
    text_of,
    until,
    until_shown,
    value_of,
)
from tests.tui.tables import FakeTool, write_table

HOSTILE = "[red]no[/] \x1b[31m\u202e日本"


def with_table(worker: Worker, path: Path, **options: object) -> L2tuiApp:
    return worker.app(MOONS, table=TableToOpen(path, **options))


def at(pilot: Pilot[None], name: str) -> None:
    """Selects a column."""
    columns = pilot.app.screen.query_one(ColumnList)
    columns.selected = [column.name for column in columns.summary.columns].index(name)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with two tables and what is none."""
    folder = tmp_path / "here"
    for name in ("flowers.csv", "fruit.parquet", "more/trees.csv.gz", "notes.md"):
        write_table(folder, name)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_from_a_key_to_a_planned_run_by_keyboard_alone(
    app: L2tuiApp, tool: FakeTool, worker: Worker, here: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "flowers.csv", "fruit.parquet", "more/")
        assert not any("notes.md" in line for line in screen_lines(pilot))
        await pilot.press(*"flo", "enter")
        await until_shown(pilot, "species", "◎ target", "setosa")
        assert recent_tables() == [here / "flowers.csv"]
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        planned = run_screen(pilot).pending
        assert planned.data == str(here / "flowers.csv")
        assert (planned.hidden, planned.train_size) == (32, 90)
        assert planned.pace == MOONS.pace
        await until_shown(pilot, "flowers.csv  ○ ready")
        select(pilot, "data")
        await until(pilot, lambda: value_of(pilot, "data") == "flowers.csv")
        await start(pilot)
        assert worker.client.settings == planned


async def test_a_path_is_completed_and_folders_are_gone_into(app: L2tuiApp, tool: FakeTool, here: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "flowers.csv")
        await pilot.press("m", "tab")
        await until_shown(pilot, "more/", "trees.csv.gz")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: tool.calls)
        assert tool.calls[0][1] == str(here / "more" / "trees.csv.gz")


async def test_recent_tables_come_first_and_what_is_gone_is_not_shown(
    app: L2tuiApp, tool: FakeTool, here: Path, tmp_path: Path
) -> None:
    from l2tui.tui.recent import remember_table

    for name in ("old.csv", "gone.csv"):
        remember_table(write_table(tmp_path / "else", name))
    (tmp_path / "else" / "gone.csv").unlink()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "old.csv", "recent")
        shown = "\n".join(screen_lines(pilot))
        assert "gone.csv" not in shown
        assert shown.index("old.csv") < shown.index("flowers.csv")
        await pilot.press("enter")
        await until(pilot, lambda: tool.calls)
        assert tool.calls[0][1].endswith("old.csv")


async def test_a_file_of_this_folder_that_was_opened_before_is_listed_once(
    app: L2tuiApp, tool: FakeTool, here: Path
) -> None:
    from l2tui.tui.recent import remember_table

    (here / "linked").symlink_to(here)
    for path in (here / "flowers.csv", here / "linked" / "flowers.csv"):
        remember_table(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "flowers.csv", "recent", "linked/")
        lines = [line for line in screen_lines(pilot) if "flowers.csv" in line]
        assert len(lines) == 1
        assert "recent" in lines[0]
        # Typed, it is found as before.
        await pilot.press("f")
        await until(pilot, lambda: not any("recent" in line for line in screen_lines(pilot)))
        assert sum("flowers.csv" in line for line in screen_lines(pilot)) == 1


async def test_what_is_not_there_is_said_and_escape_leaves_all_as_it_was(
    app: L2tuiApp, tool: FakeTool, here: Path
) -> None:
    (here / "empty").mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen))
        await pilot.press(*"zz", "enter")
        await until_shown(pilot, "zz: there is no such file")
        await pilot.press(*["backspace"] * 2, *"empty/", "enter")
        await until_shown(pilot, "empty/: a folder, with no table in it")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending == MOONS
        assert tool.calls == []


async def test_every_key_changes_the_choice_and_looks_again(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        for column, key, option in (
            ("colour", "t", "--target=colour"),
            ("species", "enter", "--target=species"),
            ("length", "c", "--target=colour"),
            ("species", "enter", "--target=species"),
            ("colour", "x", "--drop=colour"),
            ("colour", "space", ""),
            ("colour", "g", "--group=colour"),
            ("length", "o", "--time=length"),
            ("width", "l", "--transform=width=log"),
            ("width", "k", "--task=regression"),
        ):
            looks = len(tool.calls)
            at(pilot, column)
            await pilot.press(key)
            await until(pilot, lambda looks=looks: len(tool.calls) > looks)
            assert option in tool.last if option else not any("drop" in given for given in tool.last)
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        chosen = TableChoice(
            target="species", task="regression", group="colour", time="length", transform=(("width", "log"),)
        )
        assert run_screen(pilot).pending.table == chosen


async def test_changes_add_up_while_the_first_is_still_looked_at(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        tool.held = True
        for column in ("length", "colour"):
            at(pilot, column)
            await pilot.press("x")
        await pilot.press("a")
        await until_shown(pilot, "42 %", "150 rows")
        assert isinstance(app.screen, PreviewScreen)
        tool.held = False
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending.table.drop == ("length", "colour")
        assert tool.ended == len(tool.calls) - 2


async def test_what_was_wrong_is_said_without_what_is_known_on_this_screen(
    tool: FakeTool, worker: Worker, here: Path
) -> None:
    path = here / "flowers.csv"
    app = with_table(worker, path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        tool.refuses = f"{path}: target 'who' has 5,000 classes, at most 100 are possible; choose another with --target"
        await pilot.press("k")
        await until_shown(pilot, "target 'who' has 5,000 classes, at most 100 are possible; choose another")
        assert str(path) not in "\n".join(screen_lines(pilot))


async def test_a_refused_choice_leaves_the_last_good_one(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        tool.refuses = f"{HOSTILE}: it is no number"
        await pilot.press("k")
        await until_shown(pilot, "[red]no[/]", "it is no number", "setosa")
        tool.refuses = ""
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending.table.task == "auto"


async def test_a_table_that_cannot_be_used_says_why_and_can_be_helped(
    tool: FakeTool, worker: Worker, here: Path
) -> None:
    tool.refuses = "target b: 5,000 classes are too many"
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(60, 16)) as pilot:
        await until_shown(pilot, "flowers.csv cannot be used", "5,000 classes are too many")
        await pilot.press("a", "k", "l", "n")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        tool.refuses = ""
        await pilot.press(*"colour", "enter")
        await until_shown(pilot, "◎ target")
        assert "--target=colour" in tool.last
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending == MOONS


async def test_escape_ends_the_look_that_goes_on(tool: FakeTool, worker: Worker, here: Path) -> None:
    tool.held = True
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "flowers.csv", "42 %", "reading")
        await pilot.press("escape")
        await until(pilot, lambda: tool.ended == 1)
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_the_split_is_typed_and_checked(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        await pilot.press("s")
        await until_shown(pilot, "60/20/20")
        await pilot.press(*"5", "enter")
        await until_shown(pilot, "expected three shares")
        await pilot.press("backspace", *"50/30/20", "enter")
        await until(pilot, lambda: len(tool.calls) == 2)
        assert "--split=50/30/20" in tool.last


async def test_text_of_a_file_is_only_text(tool: FakeTool, worker: Worker, here: Path) -> None:
    tool.columns = (
        ColumnSummary(name=HOSTILE, kind="category", role="input", examples=(HOSTILE, "日" * 90), note=HOSTILE),
        ColumnSummary(name=f"{HOSTILE}2", kind="category", role="input", distinct=2),
    )
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "[red]no[/]")
        await pilot.press("up", "x")
        await until_shown(pilot, "left out: [red]no[/]")
        assert "".join(strip.text for strip in strips(pilot)).isprintable()
        assert {strip.cell_length for strip in strips(pilot)} == {80}
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert "[red]no[/]" in text_of(pilot, "#verdict")


async def test_options_of_the_command_line_go_before_what_is_recommended(
    tool: FakeTool, worker: Worker, here: Path
) -> None:
    app = with_table(worker, here / "flowers.csv", choice=TableChoice(target="length"), values={"l2": 0.25})
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        assert "--target=length" in tool.last
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        assert run_screen(pilot).pending.l2 == 0.25


async def test_with_start_it_trains_at_once(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = worker.app(MOONS, start=True, table=TableToOpen(here / "flowers.csv"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: worker.clients)
        assert worker.client.settings.data == str(here / "flowers.csv")
        await until(pilot, lambda: app.screen is run_screen(pilot))


async def test_what_runs_goes_on_while_a_table_is_opened(
    app: L2tuiApp, tool: FakeTool, worker: Worker, here: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        run_screen(pilot).open_table(TableToOpen(here / "flowers.csv"))
        await until_shown(pilot, "◎ target")
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        await until(pilot, lambda: row_of(pilot, "data").endswith("R"))
        assert worker.commands == []
        assert "moons" in screen_lines(pilot)[0]
        await pilot.press("R")
        await until(pilot, lambda: len(worker.clients) == 2)
        assert worker.client.settings.data == str(here / "flowers.csv")


async def test_a_table_takes_the_place_of_a_run_that_has_ended(
    app: L2tuiApp, tool: FakeTool, worker: Worker, here: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        worker.client.state, worker.client.works = "finished", False
        await until(pilot, lambda: run_screen(pilot).view.phase == "stopped")
        run_screen(pilot).open_table(TableToOpen(here / "flowers.csv"))
        await until_shown(pilot, "◎ target")
        await pilot.press("a")
        await until(pilot, lambda: run_screen(pilot).view.phase == "ready")
        await start(pilot)
        assert len(worker.clients) == 2


async def test_the_table_comes_round_again_among_the_data(tool: FakeTool, worker: Worker, here: Path) -> None:
    app = with_table(worker, here / "flowers.csv")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "◎ target")
        await pilot.press("a")
        await until(pilot, lambda: app.screen is run_screen(pilot))
        own = run_screen(pilot).pending
        select(pilot, "data")
        await pilot.press("right")
        await until(pilot, lambda: run_screen(pilot).pending.data == "moons")
        assert run_screen(pilot).pending.table is None
        await pilot.press("left")
        await until(pilot, lambda: run_screen(pilot).pending == own)
        select(pilot, "noise")
        await pilot.press("right", "left")
        assert run_screen(pilot).pending == own
        select(pilot, "train_size")
        await pilot.press("right", "left")
        await until(pilot, lambda: run_screen(pilot).pending == changed(own, train_size=75))


async def test_what_was_done_to_a_table_is_listed(
    app: L2tuiApp, worker: Worker, tmp_path: Path, told: list[str]
) -> None:
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    stored = b"""{"task": "classification", "target": "species", "class_names": ["a", "[b]b"], "version": 1,
        "columns": [{"name": "[red]width", "reading": {"kind": "number"}, "transform": "log", "inputs": ["w"]}],
        "dropped": [["id", "dropped: an identifier"]], "notes": ["2 rows have no target"]}"""
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("D")
        await until(pilot, lambda: any("is built in" in words for words in told))
        worker.path = str(run.path)
        (run.path / "preparation.json").write_bytes(stored)
        await start(pilot)
        await pilot.press("D")
        await until_shown(
            pilot, "2 classes: a, [b]b", "[red]width", "logarithm", "an identifier", "2 rows have no target"
        )
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is run_screen(pilot))


def test_tables_that_were_opened_are_kept_for_this_user_alone(tool: FakeTool, here: Path, tmp_path: Path) -> None:
    from l2tui.tui.recent import MOST, recent_path, remember_table

    tables = [write_table(here, f"{number}.csv") for number in range(MOST + 3)]
    for path in [*tables, tables[-2]]:
        remember_table(path)
    kept = recent_tables()
    assert kept[:2] == [tables[-2], tables[-1]]
    assert len(set(kept)) == len(kept) == MOST
    assert [file.name for file in recent_path().parent.iterdir()] == ["recent.json"]
    recent_path().write_text("[1]")
    assert recent_tables() == []
