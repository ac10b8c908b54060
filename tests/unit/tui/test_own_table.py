"""Settings for a table of a person's own, wherever the screen works with settings."""

from pathlib import Path

import msgspec
import pytest

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.errors import L2tuiError, SettingsError
from l2tui.settings import Settings, TableChoice, changed
from l2tui.tui.editing import edited
from l2tui.tui.ladders import choices_for, step_value
from l2tui.tui.own_table import OwnTable
from l2tui.view.data_names import data_name, data_summary, same_data
from l2tui.view.palette import palette_named
from l2tui.view.run_view import RunView
from l2tui.view.settings_rows import PANEL_SETTINGS, draw_row, rows_of
from l2tui.view.status import draw_status

PALETTE = palette_named("l2tui-dark")
PATH = "/data/some/folder/flowers of the field.csv"
TABLE = Settings(data=PATH, table=TableChoice(target="species"), train_size=90, epochs=500, hidden=32, seed=3)
OWN = OwnTable(TABLE, 90)


def put(settings: Settings, name: str, direction: int) -> Settings:
    return edited(settings, name, step_value(settings, name, direction, OWN), OWN)


@pytest.mark.parametrize("direction", [1, -1])
def test_the_table_is_one_of_the_data(direction: int) -> None:
    settings, seen = TABLE, []
    for _ in CATALOGUE:
        settings = put(settings, "data", direction)
        assert settings.table is None
        seen.append(settings.data)
    assert sorted(seen) == sorted(CATALOGUE)
    assert put(settings, "data", direction) == TABLE


def test_what_is_the_persons_own_stays_from_data_to_data() -> None:
    built_in = changed(put(TABLE, "data", 1), seed=7, criterion="pq")
    back = put(built_in, "data", -1)
    assert (back.seed, back.criterion) == (7, "pq")
    assert same_data(back, TABLE)


@pytest.mark.parametrize("name", [name for name in PANEL_SETTINGS if name not in ("data", "noise", "pace")])
def test_the_way_up_and_down_leads_home(name: str) -> None:
    moved = put(TABLE, name, -1)
    assert moved.table == TABLE.table
    if moved != TABLE:
        assert getattr(put(moved, name, 1), name) == getattr(TABLE, name)


def test_the_training_rows_end_at_those_of_the_table() -> None:
    assert put(TABLE, "train_size", 1) == TABLE
    few = put(TABLE, "train_size", -1)
    assert few.train_size < 90
    assert put(few, "train_size", 1).train_size == 90
    with pytest.raises(SettingsError, match="from 2 to 90"):
        edited(TABLE, "train_size", "91", OWN)
    # Of a table that comes with a run, no more is known than the run's own rows.
    assert step_value(TABLE, "train_size", 1) == 90


def test_a_table_has_no_noise() -> None:
    assert step_value(TABLE, "noise", 1, OWN) is None
    with pytest.raises(SettingsError, match="noise"):
        edited(TABLE, "noise", "0.3", OWN)
    row = next(row for row in rows_of(TABLE, None) if row.name == "noise")
    assert row.value == "-"


@pytest.mark.parametrize("text", [PATH, "flowers of the field.csv", " flowers of the field.csv "])
def test_the_table_can_be_typed(text: str) -> None:
    assert same_data(edited(recommended_settings("moons"), "data", text, OWN), TABLE)
    assert choices_for("data", OWN) == (*CATALOGUE, "flowers of the field.csv")


def test_other_names_are_refused_as_before() -> None:
    with pytest.raises(L2tuiError, match="no such data set"):
        edited(TABLE, "data", "moon", OWN)


def test_only_the_files_name_is_shown() -> None:
    assert data_name(TABLE) == "flowers of the field.csv"
    assert data_name(recommended_settings("wine")) == "wine"
    assert data_summary(TABLE) == "flowers of the field.csv: predicts species"
    for width in (20, 24, 32):
        line = draw_row(rows_of(TABLE, None)[0], width, PALETTE, selected=False, focused=False)
        assert line.cell_len == width
    assert "flowers of the field.csv" in draw_status(RunView(TABLE), 80, PALETTE).plain
    long = msgspec.structs.replace(TABLE, data=f"/data/{'x' * 300}.csv")
    assert "○ ready" in draw_status(RunView(long), 60, PALETTE).plain


def test_the_same_file_read_otherwise_waits_for_a_restart() -> None:
    other = msgspec.structs.replace(TABLE, table=TableChoice(target="width"), l2=0.1)
    waits = {row.name: row.waits for row in rows_of(other, TABLE)}
    assert waits["data"]
    assert waits["l2"], "λ is meant for the new data"
    assert not waits["hidden"]
    assert not any(row.waits for row in rows_of(TABLE, TABLE))


def test_a_name_from_outside_is_only_text() -> None:
    hostile = msgspec.structs.replace(TABLE, data="/data/[red]\x1b[31m.csv", table=TableChoice(target="\x07"))
    for text in (data_name(hostile), data_summary(hostile), rows_of(hostile, None)[0].value):
        assert text.isprintable()
        assert "[red]" in text


def test_a_file_in_no_folder_has_a_name() -> None:
    assert data_name(msgspec.structs.replace(TABLE, data=str(Path("/")))) == "/"
