import tracemalloc

import numpy as np
import pytest

from l2tui.results import bootstrap
from l2tui.results.bootstrap import bootstrap_means, percentile_interval


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    return percentile_interval(bootstrap_means(values[:, None])[:, 0])


def test_it_is_that_of_drawing_rows_one_by_one() -> None:
    values = np.random.default_rng(0).normal(size=(7, 2))
    # The same draws, written out: each resample is n row numbers.
    drawn = np.random.Generator(np.random.PCG64(5)).integers(0, 7, (30, 7))
    expected = values[drawn].mean(axis=1)
    np.testing.assert_allclose(bootstrap_means(values, resamples=30, seed=5), expected, atol=1e-14)


@pytest.mark.parametrize("rows", [400, 30_000])
def test_for_many_rows_it_is_the_normal_interval(rows: int) -> None:
    values = np.random.default_rng(1).exponential(size=rows)
    low, high = mean_interval(values)
    half = 1.96 * values.std() / np.sqrt(rows)
    assert (high - low) / 2 == pytest.approx(half, rel=0.06)
    assert (high + low) / 2 == pytest.approx(values.mean(), abs=0.15 * half)


def test_many_rows_are_drawn_as_a_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(4).normal(2.0, 1.0, (4_900, 2))
    few = bootstrap_means(values)
    monkeypatch.setattr(bootstrap, "_MANY_ROWS", 4_900)
    many = bootstrap_means(values)
    assert not np.array_equal(few, many)
    assert many.mean(axis=0) == pytest.approx(few.mean(axis=0), abs=0.001)
    assert many.std(axis=0) == pytest.approx(few.std(axis=0), rel=0.08)


def test_it_covers_the_true_mean_about_19_times_in_20() -> None:
    rng = np.random.default_rng(2)
    trials = 400
    covered = 0
    for _ in range(trials):
        draws = bootstrap_means(rng.normal(3.0, 2.0, (60, 1)), resamples=400)
        low, high = percentile_interval(draws[:, 0])
        covered += low <= 3.0 <= high
    # 94.5 % are expected at 60 rows; four standard errors of a share of 400 are 4.5 %.
    assert 0.90 <= covered / trials <= 0.99


def test_the_same_rows_have_the_same_interval() -> None:
    values = np.random.default_rng(3).normal(size=50)
    assert mean_interval(values) == mean_interval(values)


def test_a_single_row_has_no_width() -> None:
    assert mean_interval(np.array([2.5])) == (2.5, 2.5)


def test_memory_does_not_grow_with_the_resamples() -> None:
    values = np.zeros((50_000, 2))
    tracemalloc.start()
    try:
        bootstrap_means(values, resamples=200)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All row numbers at once would be 80 MB.
    assert peak < 16_000_000
