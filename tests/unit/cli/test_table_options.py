import argparse
import json
import re
import subprocess
import sys

import msgspec
import pytest
from rich.cells import cell_len

from l2tui.cli import main
from l2tui.cli.options import add_setting_options, add_table_options, gather_settings, parse, table_choice
from l2tui.data.builtin.datasets import table_path
from l2tui.data.table.summary import TableSummary
from l2tui.errors import DataError, SettingsError
from l2tui.settings import TableChoice

IRIS = str(table_path("iris"))


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?")
    add_setting_options(parser)
    add_table_options(parser)
    return parse(parser, arguments)


def test_no_options_are_no_choice():
    assert table_choice(parsed("x.csv")) is None


def test_options_become_a_choice():
    options = parsed(
        *("x.csv", "--target=t", "--task", "regression", "--drop", 'a,"b,c"', "--drop=d", "--split", "8/1/1"),
        *("--group", "g", "--rows", "500", "--transform", "u=log,v=w=rank"),
    )
    assert table_choice(options) == TableChoice(
        target="t",
        task="regression",
        drop=("a", "b,c", "d"),
        split=(8, 1, 1),
        group="g",
        rows=500,
        transform=(("u", "log"), ("v=w", "rank")),
    )


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--split=60/40", "split: expected three shares such as 60/20/20, got '60/40'"),
        ("--split=60/40/0", "split: expected three shares above 0"),
        ("--split=a/b/c", "split: expected three shares"),
        ("--split=nan/1/1", "split: expected three shares"),
        ("--rows=9", "rows: expected a whole number of 10 or more, got '9'"),
        ("--rows=many", "rows: expected a whole number of 10 or more"),
        ("--transform=a", "transform: expected NAME=log or NAME=rank, got 'a'"),
        ("--transform=a=exp", "transform: expected NAME=log or NAME=rank"),
    ],
)
def test_a_value_that_cannot_be_is_refused(option, words):
    with pytest.raises(SettingsError, match=words):
        table_choice(parsed("x.csv", option))


def test_a_table_gives_its_own_recommendation_and_options_win():
    settings = gather_settings(parsed(IRIS, "--epochs=7", "--l2=0.5", "--drop=petal width (cm)"), default_data=None)
    assert settings is not None
    assert (settings.data, settings.train_size, settings.epochs, settings.l2) == (IRIS, 90, 7, 0.5)
    assert settings.table is not None
    assert (settings.table.target, settings.table.task) == ("species", "classification")
    assert len(settings.table.drop) == 1


def test_a_table_may_be_named_in_a_configuration_file(tmp_path):
    (tmp_path / "c.toml").write_text(f'data = "{IRIS}"\nepochs = 3\n')
    settings = gather_settings(parsed("--config", str(tmp_path / "c.toml")), default_data="moons")
    assert settings is not None
    assert (settings.data, settings.epochs) == (IRIS, 3)


def test_table_options_are_for_tables_only():
    with pytest.raises(SettingsError, match="--target, --drop: only for a table of your own, and moons is a built-in"):
        gather_settings(parsed("moons", "--target=a", "--drop=b"), default_data=None)
    with pytest.raises(DataError, match="no such data set"):
        gather_settings(parsed("mooons"), default_data=None)


def test_inspect_tells_a_person_what_would_become_of_a_table(capsys):
    assert main(["inspect", IRIS, "--drop", "petal width (cm)"]) == 0
    said = capsys.readouterr().out
    for words in (
        "150 rows",
        "90 rows train + 30 val + 30 test",
        "petal width",
        "dropped",
        "setosa",
        "guessed",
    ):
        assert words in said
    assert said.rstrip().endswith(f"l2tui train {IRIS} --drop 'petal width (cm)'")


def test_inspect_shows_a_histogram_of_numbers(capsys):
    assert main(["inspect", str(table_path("diabetes"))]) == 0
    said = capsys.readouterr().out
    assert "progression  25 " in said
    assert "█" in said


def test_inspect_shows_hostile_names_harmlessly(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("x\x1b[2J,y\n" + "".join(f"{k / 7},{'u' if k % 2 else chr(27)}\n" for k in range(20)))
    assert main(["inspect", str(path)]) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err


def test_inspect_keeps_its_columns_under_each_other_whatever_the_names(tmp_path, capsys):
    path = tmp_path / "a.csv"
    names = ("猫😀", "a long name " * 9, "y")
    rows = (f"{k % 7},{k % 5},{'a very long class ' * 9 + 'pq'[k % 2]}" for k in range(40))
    path.write_text("\n".join([",".join(names), *rows]) + "\n")
    assert main(["inspect", str(path)]) == 0
    table = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert len({cell_len(line[: re.search("number|KIND|category", line).start()]) for line in table}) == 1
    assert max(map(cell_len, table)) < 130


def test_inspect_gives_programs_one_object_and_progress():
    done = subprocess.run(
        [sys.executable, "-m", "l2tui", "inspect", IRIS, "--json"], capture_output=True, check=True, timeout=60
    )
    summary = msgspec.json.decode(done.stdout, type=TableSummary)
    assert done.stdout.count(b"\n") == 1
    assert summary.classes == (("setosa", 50), ("versicolor", 50), ("virginica", 50))
    assert summary.settings.data == IRIS
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(line.keys() == {"done", "doing"} for line in lines)
    assert [line["done"] for line in lines] == sorted(line["done"] for line in lines)
    assert lines[-1]["done"] == 1.0


@pytest.mark.parametrize("arguments", [["inspect"], ["inspect", "--json"], ["train"]])
def test_a_bad_table_is_one_line_and_exit_status_1(tmp_path, capsys, arguments, runs_root):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3\n")
    assert main([*arguments, str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"l2tui: {path}: line 3, row 2: 1 value, but the header has 2\n"
    assert not runs_root.exists()


@pytest.mark.parametrize("data", [IRIS, "moons"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_adam_takes_a_rate_that_suits_it_unless_one_is_given(data, optimizer):
    assert gather_settings(parsed(data, "--optimizer", optimizer), default_data=None).learning_rate == 0.001
    given = parsed(data, "--optimizer", optimizer, "--learning-rate", "0.05")
    assert gather_settings(given, default_data=None).learning_rate == 0.05
    assert gather_settings(parsed(data, "--optimizer", "sgd"), default_data=None).learning_rate > 0.001
