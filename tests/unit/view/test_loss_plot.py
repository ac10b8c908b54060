import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec import structs
from rich.cells import cell_len
from rich.style import Style

from l2tui.view.chart.loss_plot import draw_loss_plot
from l2tui.view.chart.model import ASCII_GLYPHS, UNICODE_GLYPHS, ChartStyles, LossPlotData, LossPlotOptions

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
    train_spread=Style.parse("dim blue"),
    val_spread=Style.parse("dim yellow"),
)
NO_SHADES = structs.replace(STYLES, train_spread=None, val_spread=None)


def overfitting_run(epochs: int, *, noise: float = 0.0, planned: int | None = None, **marks: object) -> LossPlotData:
    """A validation loss with its minimum after some hundred epochs, above a training loss that keeps falling."""
    epoch = np.arange(1, epochs + 1)
    factor = 1 + noise * np.random.default_rng(0).standard_normal((2, epochs))
    train = 0.05 + 0.75 * np.exp(-epoch / 25) + 0.18 * np.exp(-epoch / 300)
    val = 0.2 + 0.6 * np.exp(-epoch / 22) + 0.0005 * epoch
    val = val * factor[1]
    best = int(epoch[np.argmin(val)])
    return LossPlotData(epoch, train * factor[0], val, planned, **{"best_epoch": best, **marks})


def draw(data: LossPlotData, styles: ChartStyles = STYLES, **options: object) -> list[str]:
    strips = draw_loss_plot(data, LossPlotOptions(**{"width": WIDTH, "height": HEIGHT, **options}), styles)
    return [strip.text for strip in strips]


def roles(data: LossPlotData, **options: object) -> list[list[str]]:
    """The name of the style of each cell."""
    strips = draw_loss_plot(data, LossPlotOptions(**{"width": WIDTH, "height": HEIGHT, **options}), STYLES)
    names = {getattr(STYLES, name): name for name in STYLES.__struct_fields__}
    return [[names.get(segment.style, "") for segment in strip for _ in segment.text] for strip in strips]


def column_of(character: str, lines: list[str]) -> int:
    columns = [line.index(character) for line in lines if character in line]
    assert len(columns) == 1, lines
    return columns[0]


STRAIN = """
import numpy as np
from rich.style import Style
from l2tui.view.chart.loss_plot import ChartStyles, LossPlotData, LossPlotOptions, draw_loss_plot
random = np.random.default_rng(1)
pool = np.array([np.nan, np.inf, -np.inf, 0, -1, 1e308, -1e308, 1e5, 5e-324, 0.3, 0.5])
styles = ChartStyles(*[Style()] * 11)
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
    changes = draw_value(st.lists(st.tuples(st.integers(-5, 3000), st.sampled_from([0.0, 1e-5, 1.0]), st.just(3e-4))))
    best, onset, confirmed, cursor = (draw_value(epochs_or_none) for _ in range(4))
    withdrawn = tuple(draw_value(st.lists(st.integers(-5, 3000))))
    last = draw_value(st.none() | st.integers(0, 5000))
    epochs = np.cumsum(steps) - 1
    marks = (best, onset, confirmed, withdrawn, tuple(sorted(changes)), cursor)
    return LossPlotData(epochs, series[0], series[1], last, *marks)


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
            assert not ascii_only or re.sub("[λ→…]", "", strip.text).isascii()

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
        run = overfitting_run(900, onset_epoch=92, confirmed_epoch=130)
        assert "rising since 92" in "".join(draw(run))
        # Also where λ was changed in the same column.
        assert "rising since 92" in "".join(draw(structs.replace(run, l2_changes=((92, 0.0, 1e-5),))))

    def test_marks_hide_no_line_but_under_the_symbols(self) -> None:
        run = overfitting_run(900, noise=0.05, best_epoch=None)
        marks: dict[str, Any] = {"best_epoch": 80, "onset_epoch": 80, "confirmed_epoch": 150, "cursor_epoch": 400}
        # A strip under the axis takes a row of the chart.
        marked = structs.replace(run, **marks, withdrawn_epochs=(600,), l2_changes=((300, 0, 1e-5), (850, 1e-5, 1e-4)))
        plain = structs.replace(run, l2_changes=((10_000, 0, 1e-5),))
        lines = ("train", "val")
        hidden = [
            new
            for old, roles_before, new_line in zip(draw(plain), roles(plain), draw(marked), strict=True)
            for old_sign, role, new in zip(old[LEFT:], roles_before[LEFT:], new_line[LEFT:], strict=True)
            if role in lines and old_sign != new
        ]
        glyphs = UNICODE_GLYPHS
        assert sorted(hidden) == sorted(glyphs.best + glyphs.confirmed + glyphs.withdrawn)

    @pytest.mark.parametrize("epoch", [100, 237, 555, 901])
    def test_marks_stand_on_the_line_also_where_their_value_lies_far_from_it(self, epoch: int) -> None:
        run = overfitting_run(1000)
        val = run.val.copy()
        val[epoch - 1] = 0.05
        lines = draw(structs.replace(run, val=val, best_epoch=epoch))
        row = next(row for row, line in enumerate(lines) if UNICODE_GLYPHS.best in line)
        column = lines[row].index(UNICODE_GLYPHS.best)
        beside = [r for r in range(HEIGHT) for c in (column - 1, column + 1) if roles(run)[r][c] == "val"]
        assert min(abs(row - near) for near in beside) <= 1

    def test_a_withdrawn_mark_stays_with_its_epoch(self) -> None:
        lines = draw(overfitting_run(900, withdrawn_epochs=(300, 700)))
        assert sum(line.count(UNICODE_GLYPHS.withdrawn) for line in lines) == 2
        assert "(300)" in "".join(lines)
        assert "(700)" in "".join(lines)

    def test_quick_presses_are_one_step_and_others_have_their_own(self) -> None:
        presses = ((300, 0.0, 1e-5), (305, 1e-5, 3e-5), (310, 3e-5, 1e-4), (700, 1e-4, 3e-3))
        strip = draw(overfitting_run(900, l2_changes=presses))[-1]
        assert strip.split() == ["λ", "0", "→", "0.0001", "→", "0.003"]

    def test_where_a_log_counts_anew_the_line_is_broken_and_a_mark_says_where(self) -> None:
        epochs = np.arange(1, 41)
        losses = np.where(epochs < 21, 1.0, 0.0)
        whole = LossPlotData(epochs, losses, losses)
        joined, broken = draw(whole), draw(structs.replace(whole, restarts=(21,)))
        column = next(line.index("restart 21") for line in broken if "restart 21" in line)
        middle = slice(3, HEIGHT // 2)
        # The way from one level down to the other is drawn only where the line is joined.
        assert any(set(line[column - 3 : column]) - {" "} for line in joined[middle])
        assert not any(set(line[column - 3 : column]) - {" "} for line in broken[middle])

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
        losses, epochs = [], []
        for n in range(20, 1000, 5):
            lines = draw(LossPlotData(run.epochs[:n], run.train[:n], run.val[:n], last_epoch=1000))
            losses.append(tuple(line[:LEFT] for line in lines))
            epochs.append(lines[-1])
        assert sum(a != b for a, b in pairwise(losses)) <= 4
        # The ranges are 20, 30, 40, 60, 80, 100 ... 1000 epochs.
        assert sum(a != b for a, b in pairwise(epochs)) <= 12


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
        assert drawn - {STYLES.train_spread, STYLES.val_spread} == {STYLES.train, STYLES.val}

    def test_where_they_lie_on_each_other_both_are_seen(self) -> None:
        epochs = np.arange(0, 101)
        same = 0.5 + 0 * epochs
        for ascii_only in (False, True):
            run = LossPlotData(epochs, same, same, last_epoch=100)
            row = next(row for row in roles(run, ascii=ascii_only) if "val" in row)
            assert row.count("train") == pytest.approx(row.count("val"), abs=1)
            line = next(line[LEFT:] for line in draw(run, ascii=ascii_only) if line[LEFT:].strip())
            assert len(set(line)) >= 2

    def test_where_they_cross_each_keeps_its_own_dots(self) -> None:
        epochs = np.arange(0, 1001)
        falls, rises = 1 - epochs / 1000, epochs / 1000
        nothing = np.full(1001, np.nan)
        both, train, val = (
            draw(LossPlotData(epochs, *pair, last_epoch=1000), NO_SHADES)
            for pair in ((falls, rises), (falls, nothing), (nothing, rises))
        )
        assert [line[:LEFT] for line in both] == [line[:LEFT] for line in train] == [line[:LEFT] for line in val]
        for line, one, other in zip(both, train, val, strict=True):
            assert all(sign in (a, b) for sign, a, b in zip(line, one, other, strict=True))

    def test_a_terminal_without_shades_gets_the_lines_alone(self) -> None:
        run = overfitting_run(900, noise=0.1)
        strips = draw_loss_plot(run, LossPlotOptions(WIDTH, HEIGHT), NO_SHADES)
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
        marks = {"onset_epoch": 92, "confirmed_epoch": 150, "withdrawn_epochs": (560,), "cursor_epoch": 412}
        run = overfitting_run(900, noise=0.05, planned=1500, l2_changes=((700, 0.0, 3e-4),), **marks)
        drawn = "\n".join(line.rstrip() for line in draw(run, width=56, height=12, **options)) + "\n"
        assert drawn == (GOLDEN / f"loss_plot_{name}.txt").read_text(encoding="utf-8")


def test_every_glyph_is_one_cell() -> None:
    for glyphs in (UNICODE_GLYPHS, ASCII_GLYPHS):
        for name in glyphs.__slots__:
            text = getattr(glyphs, name)
            assert cell_len(text) == len(text)
    assert cell_len("λ") == 1
