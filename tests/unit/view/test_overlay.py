"""Curves over each other, and the words around them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from l2tui.runs.comparison import Subject, fold_seeds, told_apart
from l2tui.runs.differences import table_of
from l2tui.runs.events import Origin
from l2tui.view.chart.epoch_axis import XAxis
from l2tui.view.chart.overlay import COLOURS, LETTERS, Overlay, OverlayCurve, OverlayOptions, pattern_of, thinned
from l2tui.view.compare import Comparison, curves_of, draw_selected
from l2tui.view.compare_print import comparison_picture
from l2tui.view.compare_table import cells_of, columns_shown, draw_table, short_name
from l2tui.view.palette import palette_named
from tests.subjects import made_up, made_up_log

PALETTE = palette_named("l2tui-dark")


def compared(subjects: list[Subject], **given: object) -> Comparison:
    apart = told_apart(subjects)
    return Comparison(subjects, apart, table_of(subjects, apart), **given)


def drawn(subjects: list[Subject], **options: object) -> list[str]:
    given = OverlayOptions(**{"width": 80, "height": 14, **options})
    return [strip.text for strip in Overlay().draw(curves_of(compared(subjects)), given, PALETTE)]


TWELVE = [made_up(l2, name=f"run {k}") for k, l2 in enumerate(np.linspace(0, 0.01, 12).tolist())]
losses = st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.just(0.0)), max_size=40)


@given(
    st.lists(losses, min_size=1, max_size=4),
    st.tuples(st.integers(1, 130), st.integers(1, 40)),
    st.tuples(*[st.booleans()] * 4),
)
def test_any_curves_fill_any_size(series: list[list[float]], size: tuple[int, int], how: tuple[bool, ...]) -> None:
    curves = [OverlayCurve(np.arange(float(len(values))), np.array(values, float), None, 3, 5) for values in series]
    log_y, smooth, recent, ascii_only = how
    options = OverlayOptions(*size, 0, 2, log_y=log_y, smooth=smooth, recent=recent, ascii=ascii_only)
    strips = Overlay().draw(curves, options, PALETTE)
    assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


def test_no_two_curves_share_colour_and_pattern() -> None:
    looks = {(position % COLOURS, pattern_of(position)) for position in range(len(LETTERS))}
    assert len(looks) == len(LETTERS)


@pytest.mark.parametrize("ascii_only", [False, True])
def test_without_colours_each_curve_is_known_by_its_letter(ascii_only: bool) -> None:
    text = "".join(drawn(TWELVE, ascii=ascii_only, height=24))
    assert set(LETTERS) <= set(text)
    assert not ascii_only or text.isascii()


def test_each_curve_has_its_star_and_its_triangle() -> None:
    text = "\n".join(drawn([made_up(0.0), made_up(1e-3)]))
    for mark in ("★a", "★b", "▲a", "▲b"):
        assert mark in text


def test_the_selected_curve_lies_on_top() -> None:
    same = [made_up(name="one", confirmed_epoch=None), made_up(name="two", confirmed_epoch=None)]
    strips = Overlay().draw(curves_of(compared(same)), OverlayOptions(80, 14, 0), PALETTE)
    styles = {segment.style for strip in strips for segment in strip if any("⠀" < sign <= "⣿" for sign in segment.text)}
    assert styles == {PALETTE.train + Style(bold=True)}, "of two equal curves only the selected one is seen"


def test_a_band_lies_behind_its_mean() -> None:
    (mean,) = fold_seeds([made_up(seed=seed) for seed in (0, 1, 2)])
    filled = [sum("⠀" < sign <= "⣿" for sign in "".join(drawn([subject]))) for subject in (made_up(), mean)]
    assert filled[1] > filled[0] + 40
    assert sum(sign == "." for sign in "".join(drawn([mean], ascii=True))) > 20


def test_smoothing_is_the_same_at_any_zoom() -> None:
    epochs = np.arange(61.0)
    curve = OverlayCurve(epochs, np.sin(epochs) + 0.05 * epochs)
    whole, part = (thinned(curve, XAxis(low, 60.0, 200), 8.0) for low in (0.0, 30.0))
    assert whole.y[-30:].tolist() == part.y[-30:].tolist()
    raw = curve.values[40 - 4 : 40 + 5]
    assert whole.y[40] == pytest.approx(raw.mean())


def test_a_smoothed_end_stays_where_it_was() -> None:
    curve = OverlayCurve(np.arange(50.0), np.arange(50.0) ** 2)
    smoothed = thinned(curve, XAxis(0.0, 49.0, 100), 10.0)
    assert (smoothed.y[0], smoothed.y[-1]) == (0.0, 49.0**2)


def test_the_best_cell_has_a_sign_that_needs_no_colour() -> None:
    comparison = compared([made_up(0.0), made_up(1e-3)])
    row = next(row for row in comparison.rows if row.name == "final_val_loss")
    assert [cell.startswith("•") for cell in cells_of(row, comparison)] == [False, True]


def test_a_baseline_shows_differences_with_their_sign() -> None:
    comparison = compared([made_up(0.0), made_up(1e-3)], baseline=0)
    cells = {row.name: cells_of(row, comparison) for row in comparison.rows}
    assert cells["l2"] == ["0", "0.001"]
    assert cells["hidden"][1] == "="
    val = [subject.final_loss("val") for subject in comparison.subjects]
    assert float(cells["final_val_loss"][1].lstrip("•")) == pytest.approx(val[1] - val[0], abs=1e-4)
    assert cells["val_accuracy"][1].lstrip("•") == "+0.1 pp"


@given(st.lists(st.integers(4, 13), min_size=1, max_size=12), st.integers(10, 120), st.integers(0, 11))
def test_the_selected_column_is_always_there(widths: list[int], room: int, selected: int) -> None:
    selected = min(selected, len(widths) - 1)
    shown = columns_shown(widths, room, selected)
    assert selected in shown
    assert sum(widths[at] for at in shown) <= room or len(shown) == 1


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_the_table_is_too_long_and_no_number_is_cut(width: int) -> None:
    for selected in (0, 7, 11):
        lines = draw_table(compared(TWELVE, selected=selected, all_rows=True), width, 40, PALETTE)
        assert all(line.cell_len <= width for line in lines)
        numbers = [line.plain for line in lines[1:] if not line.plain.startswith("verdict")]
        assert not any("…" in line for line in numbers)


def test_a_name_is_short_and_tells_runs_apart() -> None:
    assert short_name(made_up(name="1124-180659-moons-a293")) == "a293"
    assert short_name(made_up(name="my run")) == "my run"
    assert short_name(made_up_log("keras.csv")) == "keras.csv"


def test_a_fork_says_what_it_shares_and_with_which_column() -> None:
    parent, other = made_up(path="/runs/20260101-moons-aaaa"), made_up(1e-3)
    fork = made_up(1e-2, origin=Origin("20260101-moons-aaaa", 150))

    def said(*subjects: Subject) -> str:
        return draw_selected(compared(list(subjects)), 120, PALETTE, len(subjects) - 1).plain

    assert "the same as a up to 150" in said(parent, fork)
    assert "the same as b up to 150" in said(other, parent, fork)
    assert "fork @150 of 0101-moons-aaaa" in said(other, fork)
    assert "150" not in said(fork, parent)


def test_the_picture_holds_every_curve_its_name_and_the_warning() -> None:
    svg = comparison_picture(compared([made_up(), made_up(1e-3), made_up_log()]), 760, 420)
    assert svg.count("<polyline") >= 3
    assert "NOT COMPARABLE" in svg
    assert "keras.csv" in svg
    same = comparison_picture(compared([made_up(), made_up(1e-3)]), 760, 420)
    assert "NOT COMPARABLE" not in same
    assert "λ 0.001" in same
    assert "stroke-dasharray" in same


def test_a_curve_that_is_not_there_yet_is_drawn_as_nothing() -> None:
    empty = np.empty(0)
    waiting = made_up_log().__class__(name="x", path="x", kind="log", epochs=empty, train=empty, val=empty)
    assert "┤" in "".join(drawn([waiting, made_up()]))
    assert math.isfinite(len(comparison_picture(compared([waiting, made_up()]), 400, 300)))


def test_a_short_curve_does_not_flatten_the_long_ones() -> None:
    long = made_up(val=np.concatenate([[5.0] * 4, 0.3 + 0.1 * np.exp(-np.arange(397) / 50)]), best_epoch=None)
    alone, beside = (drawn(subjects) for subjects in ([long], [long, made_up(1e-3, epochs=40)]))
    tops = [float(next(line for line in text if "┤" in line).partition("┤")[0]) for text in (alone, beside)]
    assert max(tops) < 1.0
