import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.view.chart.binning import bin_trace
from l2tui.view.chart.epoch_axis import x_axis
from l2tui.view.chart.loss_axis import y_axis
from l2tui.view.chart.rounding import format_loss, round_step


@given(st.floats(1e-240, 1e240), st.booleans())
def test_round_steps_are_next_to_the_value(value: float, up: bool) -> None:
    step = round_step(value, up=up)
    assert float(f"{step:.6e}"[0]) in (1, 2, 5) or math.isclose(step, float(f"{step:.0e}"))
    assert (value * (1 - 1e-6) <= step <= value * 2.6) if up else (value / 2.6 <= step <= value * (1 + 1e-6))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(5, 8))
def test_labels_fit(value: float, width: int) -> None:
    assert len(format_loss(value, width)) <= width
    assert len(format_loss(value, width, max(abs(value) / 10, 1e-250))) <= width


@pytest.mark.parametrize(
    ("newest", "planned", "high"),
    [
        (0, None, 10),
        (10, 1500, 10),
        (11, 1500, 15),
        (401, 1500, 600),
        (801, 1500, 1000),
        (1001, 1500, 1500),
        (801, 1100, 1100),
        (1001, 1700, 1500),
        (1501, 1700, 1700),
        (3, 4, 4),
    ],
)
def test_the_range_of_epochs_grows_in_steps(newest: int, planned: int | None, high: float) -> None:
    axis = x_axis(newest, planned, 50, recent=False)
    assert (axis.low, axis.high) == (0, high)


@given(st.integers(10, 10**6), st.none() | st.integers(10, 10**6))
def test_two_thirds_of_the_axis_of_epochs_are_in_use(newest: int, planned: int | None) -> None:
    axis = x_axis(newest, planned, 50, recent=False)
    assert newest <= axis.high <= 1.5 * newest + 1
    assert planned is None or planned < newest or axis.high <= planned


@given(st.integers(1, 10**7))
def test_the_recent_part_is_about_the_last_quarter(newest: int) -> None:
    axis = x_axis(newest, None, 50, recent=True)
    assert axis.low <= 0.75 * newest + 1e-9
    assert axis.high >= newest
    assert axis.high - axis.low <= max(0.51 * newest, 3)


@given(st.integers(0, 10**6), st.integers(4, 120))
def test_labels_of_epochs_are_true(newest: int, cells: int) -> None:
    axis = x_axis(newest, None, cells, recent=False)
    for cell, label in axis.ticks(4):
        assert abs(cell - Fraction(label) / Fraction(axis.high) * (cells - 1)) <= 1


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=50), st.integers(2, 40), st.booleans())
def test_labels_of_losses_are_true(values: list[float], cells: int, log: bool) -> None:
    axis = y_axis([np.array(values)], cells, log=log)
    for row, label in axis.ticks(7):
        assert abs(row - axis.row(float(label))) <= 1
    if not log:
        assert axis.low <= min(values) * (1 + 1e-9)


def test_a_bin_has_its_middle_value_and_its_extremes() -> None:
    epochs = np.arange(8.0)
    values = np.array([3.0, 1.0, 2.0, 9.0, 1.0, np.nan, 5.0, 4.0])
    trace = bin_trace(epochs, values, np.array([-0.5, 3.5, 7.5]))
    assert trace.x.tolist() == [0, 1]
    assert trace.y.tolist() == [2.0, 4.0]
    assert trace.low.tolist() == [1.0, 1.0]
    assert trace.high.tolist() == [9.0, 5.0]
