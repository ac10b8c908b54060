import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.cells import cell_len
from rich.style import Style

from l2tui.tui.renderables.chart_model import ASCII_GLYPHS, UNICODE_GLYPHS, ChartStyles, LossPlotData, LossPlotOptions
from l2tui.tui.renderables.loss_plot import draw_loss_plot

GOLDEN = Path(__file__).parent / "golden"
LEFT = 6
WIDTH, HEIGHT = 60, 14
STYLES = ChartStyles(
    train=Style.parse("blue"),
    val=Style.parse("yellow"),
    axis=Style.parse("dim"),
    label=Style.parse("white"),
    best=Style.parse("bold yellow"),
    confirmed=Style.parse("bold red"),
    onset=Style.parse("green"),
    change=Style.parse("magenta"),
    cursor=Style.parse("white on black"),
)


def overfitting_run(epochs: int, *, noise: float = 0.0, planned: int | None = None, **marks: object) -> LossPlotData:
    """A validation loss with its minimum after some hundred epochs, above a training loss that keeps falling."""
    epoch = np.arange(1, epochs + 1)
    factor = 1 + noise * np.random.default_rng(0).standard_normal((2, epochs))
    train = 0.05 + 0.75 * np.exp(-epoch / 25) + 0.18 * np.exp(-epoch / 300)
    val = 0.2 + 0.6 * np.exp(-epoch / 22) + 0.0005 * epoch
    val = val * factor[1]
    best = int(epoch[np.argmin(val)])
    return LossPlotData(epoch, train * factor[0], val, planned, **{"best_epoch": best, **marks})


def draw(data: LossPlotData, **options: object) -> list[str]:
    strips = draw_loss_plot(data, LossPlotOptions(**{"width": WIDTH, "height": HEIGHT, **options}), STYLES)
    return [strip.text for strip in strips]


def column_of(character: str, lines: list[str]) -> int:
    columns = [line.index(character) for line in lines if character in line]
    assert len(columns) == 1, lines
    return columns[0]


STRAIN = """
import numpy as np
from rich.style import Style
from l2tui.tui.renderables.loss_plot import ChartStyles, LossPlotData, LossPlotOptions, draw_loss_plot
random = np.random.default_rng(1)
pool = np.array([np.nan, np.inf, -np.inf, 0, -1, 1e308, -1e308, 1e5, 5e-324, 0.3, 0.5])
styles = ChartStyles(*[Style()] * 9)
for i in range(200):
    n, width, height = (int(random.integers(low, high)) for low, high in ((0, 80), (1, 100), (1, 30)))
    train, val = random.choice(pool, (2, n))
    options = LossPlotOptions(width, height, log_y=i % 2 == 0, smooth=i % 3 == 0, recent=i % 5 == 0)
    draw_loss_plot(LossPlotData(np.arange(n), train, val), options, styles)
"""

losses = st.floats(width=64) | st.sampled_from([0.0, -1.0, 1e308, -1e308, 5e-324, 0.3, 0.31])
epochs_or_none = st.none() | st.integers(-5, 3000)


@st.composite
def runs(draw_value: st.DrawFn) -> LossPlotData:
    n = draw_value(st.integers(0, 60))
    steps = draw_value(arrays.arrays(np.int64, n, elements=st.integers(1, 200)))
    series = [draw_value(arrays.arrays(np.float64, n, elements=losses)) for _ in range(2)]
    changes = draw_value(st.lists(st.tuples(st.integers(-5, 3000), st.sampled_from(["λ 3e-4", "λ 0", "", " "]))))
    best, onset, confirmed, cursor = (draw_value(epochs_or_none) for _ in range(4))
    last = draw_value(st.none() | st.integers(0, 5000))
    epochs = np.cumsum(steps) - 1
    return LossPlotData(epochs, series[0], series[1], last, best, onset, confirmed, tuple(sorted(changes)), cursor)


class TestEveryInput:
    @settings(max_examples=300, deadline=None)
    @given(data=runs(), width=st.integers(1, 130), height=st.integers(1, 40), flags=st.tuples(*[st.booleans()] * 4))
    def test_strips_fill_the_given_size(
        self, data: LossPlotData, width: int, height: int, flags: tuple[bool, bool, bool, bool]
    ) -> None:
        log_y, smooth, recent, ascii_only = flags
        options = LossPlotOptions(width, height, log_y=log_y, smooth=smooth, recent=recent, ascii=ascii_only)
        strips = draw_loss_plot(data, options, STYLES, hint="press space")
        assert len(strips) == height
        for strip in strips:
            assert strip.cell_length == width
            assert sum(cell_len(segment.text) for segment in strip) == width
            assert not ascii_only or strip.text.replace("λ", "").isascii()

    @pytest.mark.parametrize("log_y", [False, True])
    @pytest.mark.parametrize("value", [0.0, -3.0, 0.25, 1e308, -1e308, 5e-324, np.nan, np.inf, -np.inf])
    def test_constant_losses(self, value: float, log_y: bool) -> None:
        losses = np.full(30, value)
        assert len(draw(LossPlotData(np.arange(30), losses, losses), log_y=log_y)) == HEIGHT

    def test_nothing_is_printed_and_the_process_lives(self) -> None:
        done = subprocess.run([sys.executable, "-c", STRAIN], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_an_empty_run_shows_the_hint(self) -> None:
        empty = np.empty(0)
        strips = draw_loss_plot(
            LossPlotData(empty, empty, empty), LossPlotOptions(WIDTH, HEIGHT), STYLES, hint="press space"
        )
        assert any("press space" in strip.text for strip in strips)


class TestMarks:
    @settings(max_examples=60, deadline=None)
    @given(newest=st.integers(2, 3000), share=st.floats(0, 1), width=st.integers(24, 120))
    def test_best_stands_at_its_epoch(self, newest: int, share: float, width: int) -> None:
        best = max(1, round(share * newest))
        epochs = np.arange(1, newest + 1)
        val = 0.5 + abs(epochs - best) / newest
        lines = draw(LossPlotData(epochs, val / 2, val, last_epoch=newest, best_epoch=best), width=width)
        columns = width - LEFT
        assert abs(column_of(UNICODE_GLYPHS.best, lines) - LEFT - best / newest * (columns - 1)) <= 1

    def test_best_stands_at_its_loss(self) -> None:
        epochs = np.arange(0, 101)
        val = 0.4 + abs(epochs - 50) / 100
        lines = draw(LossPlotData(epochs, np.zeros(101), val, last_epoch=100, best_epoch=50))
        row = next(row for row, line in enumerate(lines) if UNICODE_GLYPHS.best in line)
        labelled = next(row for row, line in enumerate(lines) if line.startswith("  0.4"))
        assert row == labelled

    def test_both_marks_in_one_cell_are_both_seen(self) -> None:
        lines = draw(overfitting_run(900, planned=1500, onset_epoch=90, best_epoch=90, confirmed_epoch=91))
        assert column_of(UNICODE_GLYPHS.confirmed, lines) == column_of(UNICODE_GLYPHS.best, lines) + 1

    def test_marks_outside_the_recent_part_are_left_out(self) -> None:
        text = "".join(draw(overfitting_run(1000, best_epoch=90, onset_epoch=90, confirmed_epoch=130), recent=True))
        assert not set(text) & {UNICODE_GLYPHS.best, UNICODE_GLYPHS.confirmed, UNICODE_GLYPHS.onset}

    def test_onset_epoch_is_written(self) -> None:
        assert "rising since 92" in "".join(draw(overfitting_run(900, onset_epoch=92, confirmed_epoch=130)))

    def test_marks_hide_no_curve_but_under_the_two_symbols(self) -> None:
        plain = draw(overfitting_run(900, noise=0.05, best_epoch=None))
        run = overfitting_run(
            900, noise=0.05, best_epoch=80, onset_epoch=80, confirmed_epoch=150, cursor_epoch=400,
            l2_changes=((300, "λ 1e-5"), (302, "λ 3e-5"), (850, "λ 1e-4"), (890, "λ 3e-4")),
        )  # fmt: skip
        marked = draw(run)
        hidden = [
            new
            for old_line, new_line in zip(plain[:-2], marked[:-2], strict=True)
            for old, new in zip(old_line[LEFT:], new_line[LEFT:], strict=True)
            if old != " " and old != new
        ]
        assert sorted(hidden) == sorted(UNICODE_GLYPHS.best + UNICODE_GLYPHS.confirmed)

    def test_labels_of_changes_do_not_collide(self) -> None:
        changes = ((300, "λ 1e-5"), (305, "λ 3e-5"), (310, "λ 1e-4"), (600, "λ 3e-4"))
        text = "".join(draw(overfitting_run(900, l2_changes=changes)))
        assert "λ 1e-4" in text
        assert "λ 3e-4" in text
        assert "1e-5" not in text
        assert "3e-5" not in text

    def test_cursor_says_its_epoch_and_tints_its_column(self) -> None:
        strips = draw_loss_plot(overfitting_run(900, cursor_epoch=500), LossPlotOptions(WIDTH, HEIGHT), STYLES)
        assert " 500 " in strips[-1].text
        tinted = [[bool(s.style and s.style.bgcolor) for s in strip for _ in s.text] for strip in strips]
        assert len({line.index(True) for line in tinted[:-1]}) == 1


class TestStability:
    @settings(max_examples=40, deadline=None)
    @given(
        epochs=st.integers(120, 990), more=st.integers(1, 30), noise=st.sampled_from([0.0, 0.05]), log_y=st.booleans()
    )
    def test_new_epochs_change_nothing_left_of_the_last_column(
        self, epochs: int, more: int, noise: float, log_y: bool
    ) -> None:
        """With one and the same range of epochs and losses on the axes."""
        whole = overfitting_run(min(epochs + more, 1000), noise=noise, planned=1000, best_epoch=None)
        parts = [
            LossPlotData(whole.epochs[:n], whole.train[:n], whole.val[:n], last_epoch=1000)
            for n in (epochs, len(whole.epochs))
        ]
        before, after = (draw(part, log_y=log_y) for part in parts)
        assume([line[:LEFT] for line in before] == [line[:LEFT] for line in after])
        assume(before[-1] == after[-1])
        last = LEFT + int(epochs / 1000 * (WIDTH - LEFT))
        # The line that leads to the last bin begins in the column before it.
        assert [line[: last - 1] for line in before] == [line[: last - 1] for line in after]

    def test_limits_change_rarely(self) -> None:
        run = overfitting_run(1000, noise=0.02, planned=1000)
        scales = []
        for n in range(20, 1000, 5):
            lines = draw(LossPlotData(run.epochs[:n], run.train[:n], run.val[:n], last_epoch=1000))
            scales.append((tuple(line[:LEFT] for line in lines), lines[-1]))
        assert sum(a != b for a, b in pairwise(scales)) <= 10


class TestTellingCurvesApart:
    @pytest.mark.parametrize("ascii_only", [False, True])
    def test_without_colour(self, ascii_only: bool) -> None:
        epochs = np.arange(0, 101)
        high, low = 0.8 + 0 * epochs, 0.3 + 0 * epochs
        lines = draw(LossPlotData(epochs, low, high, last_epoch=100), ascii=ascii_only)[:-2]
        curves = [set(line[LEFT:]) for line in lines if line[LEFT:].strip()]
        val, train = curves
        assert not val & train

    def test_by_colour(self) -> None:
        strips = draw_loss_plot(overfitting_run(900), LossPlotOptions(WIDTH, HEIGHT), STYLES)
        drawn = {segment.style for strip in strips for segment in strip if "⠁" <= segment.text[0] <= "⣿"}
        assert drawn == {STYLES.train, STYLES.val}


class TestShape:
    def test_early_outliers_do_not_flatten_the_rest(self) -> None:
        run = overfitting_run(900, best_epoch=None)
        train, val = run.train.copy(), run.val.copy()
        train[:5] = val[:5] = 40.0
        lines = draw(LossPlotData(run.epochs, train, val))[:-2]
        later = [row for row, line in enumerate(lines) if line[WIDTH // 2 :].strip()]
        assert max(later) - min(later) >= HEIGHT // 2

    def test_a_missing_stretch_is_a_gap(self) -> None:
        epochs = np.arange(0, 1001)
        loss = np.full(1001, 0.5)
        loss[400:600] = np.nan
        lines = draw(LossPlotData(epochs, np.full(1001, np.nan), loss, last_epoch=1000))[:-2]
        curve = next(line[LEFT:] for line in lines if line[LEFT:].strip())
        columns = WIDTH - LEFT
        assert curve[: int(0.39 * columns)].strip(" ") == curve[: int(0.39 * columns)]
        assert not curve[int(0.41 * columns) + 1 : int(0.59 * columns)].strip()
        assert " " not in curve[int(0.61 * columns) + 1 :]

    def test_a_narrow_spike_is_seen_among_many_epochs(self) -> None:
        loss = np.full(100_000, 0.2)
        loss[54_321] = 0.9
        lines = draw(LossPlotData(np.arange(100_000), loss, np.full(100_000, 0.1), last_epoch=100_000))
        column = LEFT + round(0.54321 * (WIDTH - LEFT))
        assert lines[1][column - 2 : column + 3].strip()

    def test_smoothing_narrows_the_band(self) -> None:
        run = overfitting_run(900, noise=0.1)
        rough, smooth = (
            sum(character != " " for line in draw(run, smooth=smooth)[:-2] for character in line[LEFT:])
            for smooth in (False, True)
        )
        assert smooth < rough

    @pytest.mark.parametrize(("name", "options"), [("unicode", {}), ("ascii", {"ascii": True})])
    def test_golden(self, name: str, options: dict[str, bool]) -> None:
        run = overfitting_run(
            900, planned=1500, onset_epoch=92, confirmed_epoch=150, cursor_epoch=412, l2_changes=((700, "λ 3e-4"),)
        )
        drawn = "\n".join(line.rstrip() for line in draw(run, width=56, height=12, **options)) + "\n"
        assert drawn == (GOLDEN / f"loss_plot_{name}.txt").read_text(encoding="utf-8")


def test_every_glyph_is_one_cell() -> None:
    for glyphs in (UNICODE_GLYPHS, ASCII_GLYPHS):
        for name in glyphs.__slots__:
            text = getattr(glyphs, name)
            assert cell_len(text) == len(text)
    assert cell_len("λ") == 1
