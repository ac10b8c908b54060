"""The result of `l2tui test` as lines of text."""

from rich.cells import cell_len

from l2tui.cli.test import result_lines
from l2tui.runs.results import PartResult


def of_classes(names: tuple[str, ...], confusion: tuple[tuple[int, ...], ...]) -> list[str]:
    result = PartResult(
        part="test",
        rows=sum(map(sum, confusion)),
        epoch=12,
        l2=0.001,
        looks=1,
        loss=0.1,
        loss_interval=(0.1, 0.2),
        score=0.5,
        score_interval=(0.4, 0.6),
        class_names=names,
        confusion=confusion,
    )
    return result_lines(result, 80)


def test_a_matrix_has_a_row_a_class_with_its_recall_and_f1() -> None:
    lines = of_classes(("no", "perhaps"), ((451, 49), (6, 440)))
    rows = [line.split() for line in lines if line.startswith(("no ", "perhaps "))]
    assert rows == [["no", "451", "49", "90", "%", "94", "%"], ["perhaps", "6", "440", "99", "%", "94", "%"]]


def test_a_matrix_of_many_classes_with_names_of_any_kind_fits_and_steers_no_terminal() -> None:
    names = tuple(f"\x1b[2J猫 a name that is very long and ends in {k}" for k in range(30))
    lines = of_classes(names, tuple(tuple(range(30)) for _ in range(30)))
    assert any("of 30 classes, those with the most mistakes" in line for line in lines)
    assert all(line.isprintable() and cell_len(line) <= 80 for line in lines)


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
