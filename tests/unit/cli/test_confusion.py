from rich.cells import cell_len

from l2tui.cli.confusion import confusion_lines
from l2tui.cli.test import result_lines
from l2tui.runs.results import PartResult


def test_a_matrix_has_its_columns_under_their_names() -> None:
    assert confusion_lines(("no", "perhaps"), ((451, 49), (6, 440)), 80) == [
        "      taken for".replace("      ", " " * 9),
        "true      no  perhaps",
        "no       451       49",
        "perhaps    6      440",
    ]


def test_where_it_is_too_wide_the_most_frequent_mistakes_stand_instead() -> None:
    names = tuple(f"class {k}" for k in range(30))
    rows = [[0] * 30 for _ in range(30)]
    for k in range(12):
        rows[k][k + 1] = k + 1
    lines = confusion_lines(names, rows, 80)
    assert lines[0] == "30 classes, 78 mistakes, the most frequent:"
    assert [line.split()[-2] for line in lines[1:]] == ["12", "11", "10", "9", "8", "7", "6", "5", "4", "3"]
    assert lines[1].split()[:6] == ["class", "11", "taken", "for", "class", "12"]
    assert all(len(line) <= 80 for line in lines)


def test_long_names_can_be_told_apart_and_wide_letters_count_as_two() -> None:
    names = tuple(f"a name that is very long and ends in {k}" for k in range(3))
    lines = confusion_lines(names, ((1, 2, 3),) * 3, 80)
    assert [line.split("  ")[0] for line in lines[2:]] == [f"a name …nds in {k}" for k in range(3)]
    lines = confusion_lines(("猫", "dog"), ((10, 2), (3, 14)), 80)
    assert [cell_len(line) for line in lines[1:]] == [13, 13, 13]


def test_no_mistakes_are_said_to_be_none() -> None:
    assert confusion_lines(("a" * 40, "b" * 40), ((1, 0), (0, 1)), 20) == ["2 classes, no mistakes"]


def test_names_cannot_steer_the_terminal() -> None:
    lines = confusion_lines(("\x1b[2Jred", "x\ny"), ((1, 0), (0, 1)), 80)
    assert all(line.isprintable() for line in lines)


def test_a_result_fits_into_80_columns_and_says_how_often_the_test_part_was_looked_at() -> None:
    result = PartResult(
        part="test",
        rows=1_000_000,
        epoch=123_456,
        l2=0.00001,
        looks=3,
        loss=0.123456,
        loss_interval=(0.1, 0.2),
        score=0.5,
        score_interval=(0.4, 0.6),
        target_name="price",
        looks_l2=(0.0, 0.001, 0.0),
        rmse=1234.5,
        rmse_interval=(1000.0, 2000.0),
    )
    lines = result_lines(result, 80)
    assert lines[-1] == "test part of this run: looked at 3 times, at λ 0, 0.001"
    assert any("RMSE" in line and "price" in line for line in lines)
    assert any("loss" in line and "standardised" in line for line in lines)
    assert max(map(len, lines)) <= 80
