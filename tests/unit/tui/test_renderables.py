"""Gauge, status line, legend, verdict, keys, settings rows and introduction as text."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.runs.events import Facts, Status
from l2tui.runs.reader import Snapshot
from l2tui.settings import SETTING_INFO, changed
from l2tui.tui.glyphs import ASCII
from l2tui.tui.renderables.figures import figure
from l2tui.tui.renderables.gauge import LayerWeights, draw_gauge, layers_of
from l2tui.tui.renderables.intro import draw_intro
from l2tui.tui.renderables.settings_rows import PANEL_SETTINGS, draw_row, rows_of
from l2tui.tui.renderables.status import _fitting, draw_keys, draw_legend, draw_status, draw_verdict
from l2tui.tui.run_view import RunView
from l2tui.tui.themes import DARK, LIGHT, palette_for
from tests.tui.made_up_runs import MOONS, make_snapshot

PALETTE = palette_for(DARK)
numbers = st.floats(width=64) | st.sampled_from([0.0, math.nan, math.inf, 5e-324, 1e308])


def layer(**values: float) -> LayerWeights:
    given_values = {"norm": 18.0, "count": 128, "largest": 4.5, "start_norm": 9.0, "data_pull": 0.3, "decay_pull": 0.1}
    return LayerWeights(history=(9.0, 12.0, 18.0), **{**given_values, **values})


def test_the_gauge_compares_with_the_start() -> None:
    lines = draw_gauge((layer(), layer(norm=4.5)), 53, 4, PALETTE).plain.split("\n")
    assert "2.00x" in lines[0]
    assert "0.50x" in lines[1]
    assert f"rms {figure(18 / math.sqrt(128), 4).strip()}" in lines[0]
    assert "max 4.50" in lines[0]
    assert lines[0].count("━") > lines[1].count("━")


def test_the_longer_pull_is_the_stronger_one() -> None:
    for data, decay in ((0.3, 0.1), (0.1, 0.3), (0.0, 0.3), (0.3, 0.0)):
        line = draw_gauge((layer(data_pull=data, decay_pull=decay), layer()), 53, 4, PALETTE).plain.split("\n")[2]
        assert (line.count("━") > line.count("╍")) == (data > decay)
        assert (line.count("━") == 0) == (data == 0)
        assert (line.count("╍") == 0) == (decay == 0)
    still = draw_gauge((layer(data_pull=0, decay_pull=0), layer()), 53, 4, PALETTE).plain.split("\n")[2]
    assert not {"━", "╍"} & set(still)


def test_layers_are_those_of_the_record() -> None:
    shown = make_snapshot(changed(MOONS, l2=1e-2), 400)
    first, second = layers_of(shown)
    assert first.norm == shown.column("w1_norm")[-1]
    assert first.start_norm == first.history[0] == shown.column("w1_norm")[0]
    assert first.history[-1] == first.norm
    assert len(first.history) == 64
    assert (first.count, second.count) == (2 * 64, 64)
    recent = shown.column("data_grad_norm_2")[-25:]
    assert second.data_pull == pytest.approx(math.sqrt(sum(recent**2) / 25))


def test_there_are_no_layers_before_the_first_record() -> None:
    assert layers_of(Snapshot()) is None
    assert "once it trains" in draw_gauge(None, 53, 4, PALETTE).plain


@settings(max_examples=60)
@given(norm=numbers, start=numbers, pull=numbers, width=st.integers(1, 140), height=st.integers(1, 8))
def test_no_number_breaks_the_gauge(norm: float, start: float, pull: float, width: int, height: int) -> None:
    odd = layer(norm=abs(norm), start_norm=abs(start), largest=abs(norm), data_pull=abs(pull), decay_pull=abs(pull))
    assert draw_gauge((odd, odd), width, height, PALETTE).plain


@pytest.mark.parametrize(("width", "height"), [(36, 2), (58, 2), (51, 4), (53, 4), (84, 6), (260, 6)])
def test_the_gauge_fills_its_lines_and_no_more(width: int, height: int) -> None:
    lines = draw_gauge((layer(), layer()), width, height, PALETTE).plain.split("\n")
    assert len(lines) <= height
    assert all(cell_len(line) == width for line in lines if line)


@pytest.mark.parametrize("width", [60, 80, 120, 300])
@pytest.mark.parametrize("epochs", [50, 3000, 10**9])
def test_the_status_line_fills_the_width_exactly(width: int, epochs: int) -> None:
    view = RunView(MOONS, make_snapshot(changed(MOONS, epochs=epochs), 40))
    line = draw_status(view, width, PALETTE).plain
    assert cell_len(line) == width
    assert f"40/{epochs}" in line
    assert "running" in line


@given(width=st.integers(1, 200), index=st.integers(-1, 30), pointed=st.booleans())
def test_the_legend_never_cuts_a_number(width: int, index: int, *, pointed: bool) -> None:
    view = RunView(MOONS, make_snapshot(epochs=30))
    line = draw_legend(view, index, width, PALETTE, pointed=pointed).plain
    numbers_shown = [word for word in line.split() if word[0].isdigit()]
    assert all(len(word) in (5, 6) for word in numbers_shown)
    assert ("@" in line) == pointed
    if width >= 36:
        assert cell_len(line) <= width


def test_a_loss_that_is_not_finite_is_shown_as_such() -> None:
    known = make_snapshot(epochs=3)
    columns = {name: values.copy() for name, values in known.columns.items()}
    columns["train_loss"][-1], columns["val_loss"][-1] = math.inf, math.nan
    view = RunView(MOONS, Snapshot(settings=known.settings, status=known.status, columns=columns))
    line = draw_legend(view, -1, 84, PALETTE, pointed=False).plain
    assert "train      ∞" in line
    assert "val      -" in line


@pytest.mark.parametrize(
    ("state", "alive", "words"),
    [
        ("failed", False, "The run failed."),
        ("running", False, "The run was cut off."),
        ("running", True, "Overfitting"),
    ],
)
def test_the_verdict_begins_with_what_is_the_matter(state: str, words: str, *, alive: bool) -> None:
    view = RunView(MOONS, make_snapshot(state=state, alive=alive))
    assert draw_verdict(view, "", 23, 6, PALETTE).plain.startswith(words)


def test_a_run_that_failed_before_its_first_epoch_says_why() -> None:
    status = Status(state="failed", pid=1, heartbeat=0.0, settings=MOONS, reason="no such table")
    view = RunView(MOONS, Snapshot(status=status))
    assert draw_verdict(view, "", 23, 6, PALETTE).plain == "The run failed.\nno such table"


@pytest.mark.parametrize("overfits", [True, False])
@pytest.mark.parametrize("epochs", [5, 50, 120, 400, 2900])
@pytest.mark.parametrize(("width", "height"), [(21, 4), (23, 6), (32, 20)])
def test_advice_is_whole_and_evidence_ends_where_a_part_of_it_ends(
    epochs: int, width: int, height: int, *, overfits: bool
) -> None:
    view = RunView(MOONS, make_snapshot(MOONS, epochs, overfits=overfits))
    lines = draw_verdict(view, "", width, height, PALETTE).plain.split("\n")
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    shown = " ".join(" ".join(lines).split())
    advice = view.assessment.advice.replace("raise λ", "raise λ (+)").replace("lower λ", "lower λ (-)")
    assert f"▸ {advice}" in shown
    parts = view.assessment.evidence.split("; ")
    whole = ["; ".join(parts[: count + 1]) for count in range(len(parts))]
    said = shown.partition(f"▸ {advice}")[2].strip()
    assert said in (*whole, parts[0].partition(" of ")[0])


@pytest.mark.parametrize(
    ("height", "shown"),
    [
        (4, "the loss is no longer finite: lower λ or the learning rate"),
        (2, "the loss is no longer finite"),
        (1, ""),
        (0, ""),
        (-1, ""),
    ],
)
def test_evidence_is_never_cut_in_the_middle(height: int, shown: str) -> None:
    evidence = "the loss is no longer finite: lower λ or the learning rate"
    assert " ".join(_fitting(evidence, 23, height)) == shown


def test_before_the_first_epoch_it_is_starting() -> None:
    status = Status(state="starting", pid=1, heartbeat=0.0, settings=MOONS)
    view = RunView(MOONS, Snapshot(status=status, alive=True))
    assert draw_verdict(view, "", 23, 6, PALETTE).plain == "Starting..."


@pytest.mark.parametrize("data", CATALOGUE)
@pytest.mark.parametrize("width", [21, 23, 32])
def test_the_hint_on_the_data_is_whole(data: str, width: int) -> None:
    hint = f"{data}: {CATALOGUE[data].summary}"
    shown = draw_verdict(RunView(recommended_settings(data)), hint, width, 6, PALETTE).plain
    assert hint.split() == shown.split("\n", 1)[1].split()
    assert all(len(line) <= width for line in shown.split("\n"))


@given(width=st.integers(1, 140))
def test_keys_are_whole_and_the_last_two_are_always_there(width: int) -> None:
    pairs = (("space", "run"), ("+ -", "λ"), ("b", "best"), ("?", "help"), ("q", "quit"))
    line = draw_keys(pairs, width, PALETTE).plain
    shown = [f"{key} {word}" for key, word in pairs if f" {key} {word} " in line]
    assert shown[-2:] == ["? help", "q quit"]
    if width >= 15:
        assert len(line.rstrip()) <= width


def test_every_setting_that_the_run_does_not_have_waits() -> None:
    running = recommended_settings("moons")
    planned = changed(running, hidden=8, l2=0.5, seed=9)
    assert [row.name for row in rows_of(planned, running) if row.waits] == ["seed", "hidden", "l2"]
    assert not any(row.waits for row in rows_of(planned, None))
    assert [row.name for row in rows_of(planned, running)] == list(PANEL_SETTINGS)


def test_live_settings_that_came_with_other_data_wait_as_well() -> None:
    running = recommended_settings("moons")
    planned = recommended_settings("diabetes")
    waits = {row.name for row in rows_of(planned, running) if row.waits}
    assert waits == {name for name in PANEL_SETTINGS if getattr(running, name) != getattr(planned, name)}
    assert "learning_rate" in waits


@pytest.mark.parametrize("data", CATALOGUE)
@pytest.mark.parametrize("width", [20, 23, 32])
def test_a_row_fills_its_width_and_shows_its_value_whole(data: str, width: int) -> None:
    planned = recommended_settings(data, seed=2**32 - 1, pace=1000)
    for row in rows_of(planned, changed(planned, hidden=5)):
        text = draw_row(row, width, PALETTE, selected=row.name == "l2", focused=True).plain
        assert len(text) == width
        assert row.value in text
        assert SETTING_INFO[row.name].label in text or row.label in text
        assert text.startswith("▸") == (row.name == "l2")
        assert text.endswith(" R") == (row.name == "hidden")


def test_a_value_longer_than_its_row_is_cut_visibly() -> None:
    planned = changed(recommended_settings("moons"), l2=0.1234567890123456789)
    row = next(row for row in rows_of(planned, None) if row.name == "l2")
    text = draw_row(row, 16, PALETTE, selected=False, focused=False).plain
    assert len(text) == 16
    assert text.endswith("…")


@given(width=st.integers(1, 120), height=st.integers(1, 50))
def test_the_introduction_stays_inside(width: int, height: int) -> None:
    lines = draw_intro(width, height, PALETTE)
    assert len(lines) <= height
    assert any("space" in line.plain for line in lines)
    if width >= 36:
        assert all(line.cell_len <= width for line in lines), (width, [line.plain for line in lines])


def test_the_introduction_can_do_without_unicode_marks() -> None:
    drawn = "\n".join(line.plain for line in draw_intro(60, 20, replace(PALETTE, glyphs=ASCII)))
    shown = ASCII.show(drawn)
    assert shown.isascii()
    assert "*      best epoch" in shown
    assert "weight decay L2" in shown


def test_facts_of_a_regression_say_r2() -> None:
    known = make_snapshot(facts=Facts("regression", (100, 200, 1000), (1, 64, 1)))
    line = draw_legend(RunView(MOONS, known), -1, 100, PALETTE, pointed=False).plain
    assert "R² train" in line


def test_both_themes_tell_their_parts_apart() -> None:
    for theme in (DARK, LIGHT):
        palette = palette_for(theme)
        colours = [getattr(palette, part).color for part in ("text", "muted", "train", "val", "good", "bad", "decay")]
        assert len(set(colours)) == len(colours)
