import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.view.figures import bar, figure, sparkline, step_above
from l2tui.view.plain import printable


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (None, 6, "     -"),
        (math.nan, 6, "     -"),
        (math.inf, 6, "     ∞"),
        (-math.inf, 6, "    -∞"),
        (0.0, 6, "0.0000"),
        (0.57, 6, "0.5700"),
        (12.3456, 6, "12.346"),
        (123456.7, 6, "123457"),
        (1234567.0, 6, "1.23e6"),
        (0.00012345, 6, "1.2e-4"),
        (-0.5, 6, "-0.500"),
        (18.375, 5, "18.38"),
    ],
)
def test_figures(value: float | None, width: int, text: str) -> None:
    assert figure(value, width) == text


@given(value=st.floats(-1e99, 1e99) | st.just(5e-324), width=st.integers(6, 12))
def test_a_figure_has_its_width_and_says_the_number(value: float, width: int) -> None:
    text = figure(value, width)
    if abs(value) > 1e-99 or value == 0:
        assert len(text) == width
        # At least one significant digit, as there is room for no more beside a sign and an exponent.
        assert float(text) == pytest.approx(value, rel=0.5)


@given(value=st.floats(1e-3, 9e4))
def test_six_cells_give_three_digits_of_an_ordinary_number(value: float) -> None:
    assert float(figure(value, 6)) == pytest.approx(value, rel=0.051)


@given(share=st.floats(-1, 2), width=st.integers(0, 60))
def test_a_bar_has_its_width_and_fills_its_share(share: float, width: int) -> None:
    text = bar(share, width)
    assert len(text) == width
    filled = text.count("━") + text.count("╸") / 2
    assert abs(filled - width * min(1, max(0, share))) <= 0.25 + 1e-9


def test_a_sparkline_rises_with_its_values_and_leaves_gaps() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▁▂▃▄▅▆▇█"
    assert sparkline([1, math.nan, 2], 2) == "▄ █"
    assert sparkline([9.0], 2) == "█"


@pytest.mark.parametrize("top", [0, -1, math.nan])
def test_a_sparkline_without_a_scale_is_blank(top: float) -> None:
    assert sparkline([1, 2, 3], top) == "   "


@given(value=st.floats(1e-200, 1e200))
def test_a_scale_moves_in_steps_just_above(value: float) -> None:
    top = step_above(value)
    assert value <= top * (1 + 1e-12)
    assert top <= 2 * value
    mantissa = top / 10 ** math.floor(math.log10(top) + 1e-9)
    assert min(abs(mantissa - step) for step in (1, 1.5, 2, 3, 5, 7, 10)) < 1e-6


@pytest.mark.parametrize("value", [0, -3, math.nan, math.inf])
def test_a_scale_for_nothing_is_one(value: float) -> None:
    assert step_above(value) == 1


@given(text=st.text())
def test_printable_text_is_printable_and_as_long(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    if text.isprintable():
        assert shown == text


def test_printable_keeps_words_apart() -> None:
    assert printable("a\nb\tc\x1b[31m") == "a b c\N{REPLACEMENT CHARACTER}[31m"
