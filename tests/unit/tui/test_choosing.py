import argparse
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.cli.options import add_table_options, table_choice
from l2tui.data.table.summary import ROW_NUMBERS, ColumnSummary
from l2tui.errors import SettingsError
from l2tui.settings import TableChoice
from l2tui.tui import choosing
from tests.tui.tables import COLUMNS, summary_of

BY_NAME = {column.name: column for column in COLUMNS}
PLAIN = TableChoice()
# Of "--", the parser of options makes nothing.
NAMES = st.text(alphabet="ab,\"'= -é日", min_size=1, max_size=8).filter(lambda name: name.strip() not in ("", "--"))


def summary(choice: TableChoice = PLAIN):
    return summary_of("/data/flowers.csv", choice)


@given(
    drop=st.lists(NAMES, max_size=3, unique=True),
    target=NAMES,
    transform=st.dictionaries(NAMES, st.sampled_from(["log", "rank"]), max_size=2),
    rows=st.none() | st.integers(10, 10**9),
)
def test_the_command_line_understands_every_choice(
    drop: list[str], target: str, transform: dict[str, str], rows: int | None
) -> None:
    choice = TableChoice(
        target=target, drop=tuple(drop), rows=rows, split=(50, 25.5, 24.5), transform=tuple(transform.items())
    )
    command, path, *options, form = choosing.inspect_arguments(Path("/data/-x.csv"), choice, 0)
    assert (command, path, form) == ("inspect", "/data/-x.csv", "--json")
    parser = argparse.ArgumentParser()
    add_table_options(parser)
    assert table_choice(parser.parse_args(options)) == choice


def test_the_seed_goes_along() -> None:
    assert "--seed=3" in choosing.inspect_arguments(Path("a.csv"), PLAIN, 3)


def test_a_column_is_left_out_and_taken_back() -> None:
    dropped = choosing.with_dropped(PLAIN, summary(), BY_NAME["colour"])
    assert dropped.drop == ("colour",)
    assert choosing.with_dropped(dropped, summary(dropped), BY_NAME["colour"]) == PLAIN


def test_a_column_has_one_part_at_a_time() -> None:
    choice = choosing.with_role(PLAIN, summary(), "length", "group")
    choice = choosing.with_role(choice, summary(choice), "length", "time")
    assert (choice.group, choice.time) == (None, "length")
    choice = choosing.with_transform(choice, BY_NAME["width"])
    choice = choosing.with_target(choice, "width")
    assert (choice.target, choice.transform, choice.time) == ("width", (), "length")
    choice = choosing.with_dropped(choice, summary(choice), BY_NAME["length"])
    assert (choice.time, choice.drop) == (None, ("length",))
    assert choosing.with_target(choice, "length").drop == ()


def test_the_target_keeps_its_part_until_another_is_chosen() -> None:
    for change in (
        lambda: choosing.with_dropped(PLAIN, summary(), BY_NAME["species"]),
        lambda: choosing.with_role(PLAIN, summary(), "species", "group"),
    ):
        with pytest.raises(SettingsError, match="That is the target"):
            change()


def test_what_was_left_out_for_a_reason_says_it() -> None:
    with pytest.raises(SettingsError, match="one value for each row"):
        choosing.with_dropped(PLAIN, summary(), BY_NAME["id"])


def test_what_looks_like_row_numbers_can_be_kept() -> None:
    year = ColumnSummary(name="year", kind="number", role="dropped", note=ROW_NUMBERS)
    with pytest.raises(SettingsError, match="looks like row numbers: l keeps it"):
        choosing.with_dropped(PLAIN, summary(), year)
    assert choosing.with_transform(PLAIN, year).transform == (("year", "log"),)


def test_a_transform_goes_round() -> None:
    seen = []
    choice = PLAIN
    for _ in range(3):
        choice = choosing.with_transform(choice, BY_NAME["width"])
        seen.append(choice.transform)
    assert seen == [(("width", "log"),), (("width", "rank"),), ()]
    with pytest.raises(SettingsError, match="Only numbers"):
        choosing.with_transform(PLAIN, BY_NAME["colour"])


def test_another_target_is_judged_afresh() -> None:
    choice = choosing.with_other_task(PLAIN, summary())
    assert choice.task == "regression"
    assert choosing.with_other_task(choice, summary(choice)).task == "classification"
    assert choosing.with_target(choice, "width").task == "auto"


@pytest.mark.parametrize("text", ["", "60", "60/20", "60/20/20/5", "a/b/c", "60/40/0", "nan/1/1", "-1/2/3"])
def test_a_split_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="split"):
        choosing.with_split(PLAIN, text)


def test_a_split_and_a_number_of_rows_are_typed() -> None:
    choice = choosing.with_split(PLAIN, "50, 30, 20")
    assert choosing.show_split(choice) == "50/30/20"
    assert choosing.with_rows(PLAIN, "10,000").rows == 10_000
    assert choosing.with_rows(choosing.with_rows(PLAIN, "500"), "all") == PLAIN
    for text in ("9", "x", "1.5"):
        with pytest.raises(SettingsError, match="rows"):
            choosing.with_rows(PLAIN, text)


def test_the_next_candidate_goes_round_and_a_change_of_the_task_keeps_the_target() -> None:
    first = summary()
    seen, choice = [], PLAIN
    for _ in first.candidates:
        choice = choosing.with_next_candidate(choice, summary(choice))
        seen.append(choice.target)
    assert seen == [*first.candidates[1:], first.candidates[0]]
    with pytest.raises(SettingsError, match="No other column"):
        choosing.with_next_candidate(PLAIN, msgspec.structs.replace(first, candidates=(first.target,)))
    assert choosing.with_other_task(PLAIN, first).target == first.target


def test_hints_at_options_are_left_out_where_keys_do_the_same() -> None:
    note = "target: y, guessed (next: a, b; choose with --target NAME); regression, 9 different numbers"
    assert choosing.without_options(note) == "target: y, guessed (next: a, b); regression, 9 different numbers"
    assert choosing.without_options("rows alike (correlation 0.90); split with --time 'a day'") == (
        "rows alike (correlation 0.90)"
    )
