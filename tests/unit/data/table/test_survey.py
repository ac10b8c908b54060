"""Numbers in many forms, gaps in many words, and codes: each read as a person would, with a word."""

import numpy as np
import polars as pl
import pytest

from l2tui.data.table.applying import apply_to_file
from l2tui.data.table.inspect import inspect_table
from l2tui.errors import DataError
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import raw, splits_of, write

N = 100
RNG = np.random.default_rng(0)
PLAIN = RNG.integers(1, 99, N)


def look_of(path, values, **choice):
    table = {"x": [str(value) for value in values], "a": RNG.normal(size=N), "y": ["p", "q"] * (N // 2)}
    write(path / "a.csv", table)
    look = inspect_table(path / "a.csv", TableChoice(**choice))
    return look, look.columns[0]


@pytest.mark.parametrize("form", ["{}%", "{} %", "${}.00", "-${}", "{} kg", "{}kg", "{} °C"])
def test_a_unit_is_taken_off(tmp_path, form):
    look, column = look_of(tmp_path, [form.format(value) for value in PLAIN])
    sign = -1 if form.startswith("-") else 1
    assert (column.kind, column.low, column.high) == ("number", min(sign * PLAIN), max(sign * PLAIN))
    assert any(note.startswith("x: numbers with ") for note in look.notes)


def test_codes_with_letters_are_no_numbers_with_units(tmp_path):
    for form in ("Q{}", "{}A", "v{}.1"):
        assert look_of(tmp_path, [form.format(value % 4) for value in PLAIN])[1].kind == "category"


@pytest.mark.parametrize("word", ["unknown", "n/a", "-", "?", "N/A", "None", "missing"])
def test_words_for_nothing_among_numbers_are_missing(tmp_path, word):
    values = [word if k in (3, 50) else value for k, value in enumerate(PLAIN % 5)]
    look, column = look_of(tmp_path, values)
    assert (column.kind, column.missing) == ("number", 2)
    assert any("x" in note and ("missing" in note) for note in look.notes)


def test_one_stray_text_among_many_numbers_is_missing_and_named(tmp_path):
    look, column = look_of(tmp_path, ["1o2" if k == 7 else value + k / 100 for k, value in enumerate(PLAIN)])
    assert (column.kind, column.missing) == ("number", 1)
    assert any("'1o2' in 1 row, taken as missing" in note for note in look.notes)


def test_codes_among_numbers_make_a_category_and_are_named(tmp_path):
    look, column = look_of(tmp_path, ["136A" if k % 10 == 0 else value % 6 for k, value in enumerate(PLAIN)])
    assert column.kind == "category"
    assert any("'136A' (row 1) and others among numbers" in note for note in look.notes)


def test_infinity_in_a_title_is_text(tmp_path):
    _, column = look_of(tmp_path, ["Infinity" if k == 3 else f"film {k % 9}" for k in range(N)])
    assert column.kind == "category"


def test_a_control_character_is_named(tmp_path):
    look, _ = look_of(tmp_path, ["\x1b[31mred" if k == 3 else f"film {k % 9}" for k in range(N)])
    assert any("x, row 4: the text holds ESC" in note for note in look.notes)


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        ([f"{k % 12 + 1}/{86 + k // 12}" for k in range(N)], "1986-01-01"),
        ([f"{'JanFebMar'[k % 3 * 3 :][:3]}-{k % 28 + 1}-1995" for k in range(N)], "1995-01-01"),
        ([f"{'JanFebMar'[k % 3 * 3 :][:3]} {1995 + k}" for k in range(N)], "1995-01-01"),
        ([f"{1995 + k // 12}-{k % 12 + 1:02}" for k in range(N)], "1995-01-01"),
        (["unknown" if k == 9 else f"2020-01-{k % 28 + 1:02}" for k in range(N)], "2020-01-01"),
    ],
)
def test_more_forms_of_dates(tmp_path, texts, first):
    _, column = look_of(tmp_path, texts)
    assert (column.kind, column.examples[0]) == ("date", first)


def test_values_apart_by_blanks_are_read_as_polars_reads_commas(tmp_path):
    table = {"name of it": [f"a b{k % 3}" for k in range(N)], "a": PLAIN, "y": RNG.normal(size=N).round(3)}
    write(tmp_path / "a.csv", table)
    rows = [f'  "{name}"   {a}\t {y}  ' for name, a, y in zip(*table.values(), strict=True)]
    (tmp_path / "b.txt").write_text("\n".join(['"name of it"  a   y', *rows]))
    first, second = splits_of(tmp_path / "a.csv", target="y"), splits_of(tmp_path / "b.txt", target="y")
    assert first.fingerprint == second.fingerprint
    assert first.feature_names == second.feature_names


def test_blank_first_lines_are_skipped_and_counted(tmp_path):
    path = write(tmp_path / "a.csv", {"a": PLAIN, "y": RNG.normal(size=N)})
    text = path.read_text()
    path.write_text(f"\n{text}")
    assert inspect_table(path).rows == N
    path.write_text(f"\n{text}1,2,3\n")
    with pytest.raises(DataError, match=f"line {N + 3}, row {N + 1}: 3 values"):
        inspect_table(path)


def test_new_rows_are_read_as_those_of_training(tmp_path):
    table = {"Price": [f"${value}" for value in PLAIN], "a": PLAIN[::-1], "y": ["p", "q"] * (N // 2)}
    path = write(tmp_path / "a.csv", table)
    splits = splits_of(path)
    pl.DataFrame({"PRICE": ["$7", "7", "1e300"], " A": [1, 2, 3]}).write_csv(tmp_path / "b.csv")
    X, notes = apply_to_file(splits.preparation, tmp_path / "b.csv")
    assert X[0, 0] == X[1, 0] == pytest.approx((7 - splits.x_mean[0]) / splits.x_scale[0])
    assert "Price: 1 far outside the training part's range" in notes
    assert set(np.concatenate([raw(splits, part)["Price"] for part in ("train", "val", "test")]).round(9)) == set(PLAIN)


@pytest.mark.parametrize("transform", [(), (("a", "log"),), (("a", "rank"),)])
def test_a_number_from_another_world_gets_its_note_whatever_the_transformation(tmp_path, transform):
    path = write(tmp_path / "a.csv", {"a": PLAIN, "b": PLAIN[::-1], "y": ["p", "q"] * (N // 2)})
    splits = splits_of(path, transform=transform)
    pl.DataFrame({"a": [1.0, 1e300], "b": [1, 2]}).write_csv(tmp_path / "b.csv")
    _, notes = apply_to_file(splits.preparation, tmp_path / "b.csv")
    assert "a: 1 far outside the training part's range" in notes


def test_a_packed_file_that_hardly_ends_is_refused_before_it_is_unpacked(tmp_path):
    import gzip

    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"a,y\n")
        for _ in range(200):
            file.write(b"1,2\n" * (1 << 18))
    with pytest.raises(DataError, match=r"more than 100 times its size.*--rows N"):
        inspect_table(path)
