"""A table, a confusion matrix and predicted against true values as text."""

import io
import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from textual.theme import Theme

from l2tui.data.table.summary import ColumnSummary
from l2tui.settings import TableChoice
from l2tui.tui.themes import DARK, DARK_16, LIGHT, LIGHT_16, MONO
from l2tui.view.cells import fitted, size_of
from l2tui.view.chart.scatter import draw_scatter
from l2tui.view.confusion import draw_confusion, recall_and_f1, shade
from l2tui.view.glyphs import ASCII
from l2tui.view.palette import palette_named
from l2tui.view.preparation import StoredColumn, StoredPreparation, StoredReading, draw_preparation
from l2tui.view.results import draw_numbers, looks
from l2tui.view.table_view import (
    draw_column,
    draw_detail,
    draw_facts,
    draw_header,
    draw_histogram,
    draw_plan,
    draw_target,
    layout_of,
    notes_in_lines,
)
from tests.tui.tables import FakeTool, summary_of

PALETTE = palette_named("l2tui-dark")
IN_ASCII = replace(PALETTE, glyphs=ASCII)
ANY_TEXT = st.text(max_size=30) | st.sampled_from(["日本語の列", "[red]x[/]", "a\x1b[31mb\n", "e\u0301" * 9])
WIDTHS = st.integers(40, 160)


def lines(text) -> list[str]:
    return text.plain.split("\n")


@given(ANY_TEXT, st.integers(0, 40), st.booleans())
def test_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    shown = fitted(text, width, right=right)
    assert cell_len(shown) == width
    assert shown.isprintable()


def test_sizes_are_in_their_largest_unit() -> None:
    sizes = [size_of(count) for count in (0, 999, 1000, 12_345, 999_999_999, 5 * 10**9, 10**13)]
    assert sizes == ["0 B", "999 B", "1.0 kB", "12.3 kB", "1000 MB", "5.0 GB", "10.0 TB"]


@given(
    st.lists(
        st.builds(
            ColumnSummary,
            name=ANY_TEXT,
            kind=st.sampled_from(["number", "category", "date", "boolean"]),
            role=st.sampled_from(["input", "target", "group", "time", "dropped"]),
            note=ANY_TEXT,
            missing=st.integers(0, 10**6),
            distinct=st.integers(0, 10**6),
            examples=st.lists(ANY_TEXT, max_size=3).map(tuple),
            low=st.none() | st.floats(allow_nan=False),
            high=st.none() | st.floats(allow_nan=False),
            skewed=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    WIDTHS,
)
def test_columns_stand_under_each_other_whatever_is_in_the_file(columns: tuple[ColumnSummary, ...], width: int) -> None:
    layout = layout_of(columns, width)
    drawn = [draw_header(layout, PALETTE)]
    for column in columns:
        drawn += [draw_column(column, layout, 10**6, PALETTE, selected=on) for on in (False, True)]
        detail = draw_detail(column, 10**6, width, PALETTE)
        assert detail.cell_len <= width
        assert detail.plain.isprintable()
    assert {line.cell_len for line in drawn} == {drawn[0].cell_len}
    assert drawn[0].cell_len <= width
    assert all(line.plain.isprintable() for line in drawn)


@given(WIDTHS, st.integers(1, 12), st.sampled_from([None, "width"]))
def test_target_and_plan_keep_to_their_box(width: int, height: int, target: str | None) -> None:
    summary = summary_of("/data/flowers.csv", TableChoice(target=target))
    noted = msgspec.structs.replace(
        summary, notes=("a note that is long " * 4,) * 5, parts=(6 * 10**8, 2 * 10**8, 2 * 10**8)
    )
    for text in (draw_target(summary, width // 2, height, PALETTE), draw_plan(noted, width // 2, height, PALETTE)):
        assert len(lines(text)) <= max(2, height)
        assert max(map(cell_len, lines(text))) <= width // 2
    assert draw_facts(summary, width, PALETTE).cell_len <= width


def test_notes_that_do_not_fit_are_pointed_to() -> None:
    summary = summary_of("/data/flowers.csv", TableChoice())
    noted = msgspec.structs.replace(summary, notes=("one", "two", "three"))
    assert "n: all notes" in draw_plan(noted, 40, 5, PALETTE).plain
    assert "▸ three" in draw_plan(noted, 40, 6, PALETTE).plain


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40).map(tuple), st.integers(5, 80), st.integers(2, 9))
def test_a_histogram_fills_its_width_and_every_bin_with_rows_is_seen(
    counts: tuple[int, ...], width: int, height: int
) -> None:
    drawn = lines(draw_histogram(counts, (0.5, 99.5), width, height, PALETTE))
    assert len(drawn) == height
    assert all(cell_len(line) <= width for line in drawn)
    bottom = drawn[-2].ljust(width)
    if width % len(counts) == 0:
        cells = width // len(counts)
        assert [bottom[i * cells] != " " for i in range(len(counts))] == [count > 0 for count in counts]
    if max(counts):
        assert "█" in drawn[0]


CLASSES = st.integers(2, 40)


@example(3, 56, 4, False, 9)
@given(CLASSES, st.integers(56, 120), st.integers(6, 40), st.booleans(), st.integers(0, 10**6))
def test_a_matrix_keeps_to_its_box(n: int, width: int, height: int, long: bool, most: int) -> None:
    names = tuple(f"a class with a long name {i}" if long else str(i) for i in range(n))
    counts = tuple(tuple((i * 7 + j * 3) % (most + 1) for j in range(n)) for i in range(n))
    drawn = lines(draw_confusion(names, counts, width, height, PALETTE))
    assert len(drawn) <= height
    assert max(map(cell_len, drawn)) <= width
    says_so = "with the most mistakes" in drawn[-1]
    with_counts = [line for line in drawn if re.search(r"(%|-) +(\d+ %|-)$", line)]
    assert 1 <= len(with_counts) <= n
    assert (len(with_counts) < n) == says_so


@pytest.mark.parametrize(("width", "height"), [(60, 4), (60, 5), (76, 12), (116, 27)])
def test_a_matrix_holds_every_count_in_its_place(width: int, height: int) -> None:
    names, counts = ("setosa", "versicolor", "virginica"), ((30, 2, 0), (1, 34, 3), (0, 4, 26))
    drawn = [line.rstrip() for line in lines(draw_confusion(names, counts, width, height, PALETTE))]
    head, *rows = [line for line in drawn if line and "predicted →" not in line]
    assert ("predicted →" in drawn[0]) == (height > 4)
    assert head.split()[-5:] == [*names, "recall", "F1"]
    # F1 by hand: 2·30/(32+31), 2·34/(38+40), 2·26/(30+29).
    assert [row.split() for row in rows] == [
        ["setosa", "30", "2", "·", "94", "%", "95", "%"],
        ["versicolor", "1", "34", "3", "89", "%", "87", "%"],
        ["virginica", "·", "4", "26", "87", "%", "88", "%"],
    ]
    middles = [head.index(name) + len(name) / 2 for name in names]
    assert abs(rows[1].index("34") + 1 - middles[1]) <= 1


def test_scores_of_a_class_that_there_is_not_are_left_out() -> None:
    counts = ((5, 0, 1), (0, 0, 0), (0, 0, 0))
    assert recall_and_f1(counts, 0) == (5 / 6, 10 / 11)
    assert recall_and_f1(counts, 1) == (None, None)
    assert recall_and_f1(counts, 2) == (None, 0.0)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_a_matrix_uses_the_room_that_there_is(classes: int) -> None:
    counts = tuple(tuple(9 if i == j else 1 for j in range(classes)) for i in range(classes))
    names = tuple(map(str, range(classes)))
    large = lines(draw_confusion(names, counts, 116, 27, PALETTE))
    small = lines(draw_confusion(names, counts, 56, 12, PALETTE))
    assert len(large) > len(small)
    assert max(map(cell_len, large)) > max(map(cell_len, small))


def test_of_many_classes_those_with_mistakes_are_shown() -> None:
    n = 40
    counts = [[0] * n for _ in range(n)]
    for i in range(n):
        counts[i][i] = 5
    counts[17][31] = 4
    drawn = draw_confusion(tuple(f"name{i}" for i in range(n)), tuple(map(tuple, counts)), 76, 12, PALETTE)
    assert "name17" in drawn.plain
    assert "name31" in drawn.plain
    assert "of 40 classes" in drawn.plain


@pytest.mark.parametrize("theme", [DARK_16, LIGHT_16, MONO])
def test_without_shades_numbers_keep_their_background(theme: Theme) -> None:
    palette = palette_named(theme.name, dark=theme.dark)
    drawn = draw_confusion(("a", "b"), ((90, 10), (2, 98)), 76, 12, palette)
    styles = {drawn.plain[span.start : span.end].strip(): Style.parse(str(span.style)) for span in drawn.spans}
    assert {style.bgcolor for style in styles.values()} == {None}
    for found, mistake in (("90", "10"), ("98", "2")):
        assert styles.get(found) != styles.get(mistake)


def test_many_colours_without_truecolor_have_no_shades_either() -> None:
    palette = replace(palette_named("l2tui-dark"), shades=False)
    assert draw_confusion(("a", "b"), ((9, 1), (2, 8)), 76, 12, palette).spans
    assert shade(0.5, palette.bad, palette).bgcolor is None


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_numbers_can_be_read_on_every_shade(theme, share: float) -> None:
    palette = palette_named(theme.name, dark=theme.dark)
    for colour in (palette.good, palette.bad):
        style = shade(share, colour, palette)
        assert contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) > 3.9


def contrast(first, second) -> float:
    """WCAG 2's contrast ratio."""

    def luminance(colour) -> float:
        parts = [c / 255 for c in colour]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=30).map(tuple),
    st.integers(1, 100),
    st.integers(1, 30),
    st.booleans(),
)
@example(((0.0, 1.7976931348623157e308), (0.0, -9.9e291)), 15, 4, False)
@example(((5e-324, 0.0),), 15, 4, False)
def test_a_scatter_keeps_to_its_box_whatever_the_numbers(
    pairs: tuple[tuple[float, float], ...], width: int, height: int, ascii_only: bool
) -> None:
    text = draw_scatter(pairs, width, height, IN_ASCII if ascii_only else PALETTE)
    if text.plain.startswith("There is nothing"):
        return
    assert len(lines(text)) == height
    assert {cell_len(line) for line in lines(text)} == {width}


def test_perfect_predictions_lie_on_the_diagonal_and_high_ones_above() -> None:
    exact = tuple((float(i), float(i)) for i in range(101))
    picture = lines(draw_scatter(exact, 71, 22, IN_ASCII))[:20]
    for row, line in enumerate(picture):
        for column in (i for i, cell in enumerate(line[11:]) if cell == "o"):
            assert abs(column / 60 - (19 - row) / 20) < 0.06
    high = (*((float(i), i + 30.0) for i in range(70)), (0.0, 0.0), (100.0, 100.0))
    picture = lines(draw_scatter(high, 71, 22, IN_ASCII))[:20]
    assert all(line[11:].find("o") < line[11:].find(".") for line in picture[4:12] if "o" in line and "." in line)


@pytest.mark.parametrize("width", [54, 76, 110])
def test_numbers_of_both_parts_fit(width: int) -> None:
    tool = FakeTool()
    both = (tool._result("val"), tool._result("test"))
    drawn = lines(draw_numbers(both, width, PALETTE))
    assert len(drawn) == 3
    assert max(map(len, drawn)) <= width
    assert "0.2500 0.2000 .. 0.5000" in drawn[1]
    assert "85.0 %" in drawn[2]
    assert ("100 rows" in drawn[1]) == (width >= 76)


def test_a_range_is_cut_in_the_middle_and_never_at_its_end() -> None:
    column = ColumnSummary(
        name="gap",
        kind="number",
        role="input",
        note="missing: median",
        low=-2.711,
        median=-0.04161,
        high=2.872,
        n_inputs=2,
    )
    for width, middle in ((76, False), (116, True)):
        line = draw_column(column, layout_of((column,), width), 100, PALETTE, selected=False).plain
        assert ("-2.711 .. -0.04161 .. 2.872 " if middle else "-2.711 .. 2.872 ") in line
        assert "2 inputs; missing: median" in line


def test_parts_at_weights_of_two_epochs_are_told_apart() -> None:
    tool = FakeTool()
    val = msgspec.structs.replace(tool._result("val"), epoch=365)
    test = msgspec.structs.replace(tool._result("test"), epoch=1442)
    drawn = lines(draw_numbers((val, test), 76, PALETTE))
    assert [line.split("  ")[-1] for line in drawn[1:]] == ["epoch 365", "epoch 1,442"]
    drawn = lines(draw_numbers((val, msgspec.structs.replace(test, epoch=365)), 76, PALETTE))
    assert [line.split("  ")[-1] for line in drawn[1:]] == ["100 rows", "100 rows"]


def test_notes_are_wrapped_by_the_cells_that_their_letters_take() -> None:
    notes = ("宽" * 30, "a note that is 😀 " * 6)
    drawn = notes_in_lines(notes, 40)
    assert max(map(cell_len, drawn)) <= 40
    assert [line[0] for line in drawn if line[0] != " "] == ["▸", "▸"]
    assert "".join(line[2:] for line in drawn).replace(" ", "") == "".join(notes).replace(" ", "")


def test_looks_are_counted_in_words() -> None:
    assert [looks(n).removeprefix("Test part ") for n in (0, 1, 2, 1000)] == [
        "not looked at yet",
        "looked at once so far",
        "looked at twice so far",
        "looked at 1,000 times so far",
    ]


def test_what_was_done_to_a_column_is_said() -> None:
    age = StoredColumn(
        "age", StoredReading("number"), fill=28.0, missing_input=True, transform="rank", inputs=("age", "age missing")
    )
    left_out = (("[red]id", "dropped: an identifier"),)
    stored = StoredPreparation(
        "regression",
        "fare",
        y_mean=32.5,
        y_scale=50,
        columns=(age,),
        dropped=left_out,
        alarms=("id determines the target",),
    )
    console = Console(width=90, file=io.StringIO())
    console.print(draw_preparation(stored, PALETTE))
    shown = " ".join(console.file.getvalue().split())
    for words in ("missing: 28, and an input that says so; rank", "2 inputs", "[red]id left out an identifier", "32.5"):
        assert words in shown
    assert shown.startswith("Before you trust a result ▸ id determines the target")


def test_the_head_of_short_names_is_whole() -> None:
    _, head, *rows = lines(draw_confusion(("0", "1"), ((9, 1), (2, 8)), 56, 6, PALETTE))
    assert head.startswith("true ")
    assert [row.split()[0] for row in rows] == ["0", "1"]
    assert len({len(line.rstrip()) for line in (head, *rows)}) == 1


def test_alarms_stand_before_the_notes() -> None:
    found = replace(summary_of("/a.csv", TableChoice()), alarms=("id determines the target",))
    shown = draw_plan(found, 60, 12, PALETTE).plain
    assert shown.index("id determines the target") < shown.index(found.notes[0])
