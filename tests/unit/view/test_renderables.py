"""Gauge, status line, legend, verdict, keys, settings rows and introduction as text."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.runs.events import Facts, Status
from l2tui.runs.reader import Snapshot
from l2tui.settings import SETTING_INFO, changed
from l2tui.tui.themes import DARK, LIGHT
from l2tui.view.figures import figure
from l2tui.view.gauge import LayerWeights, draw_gauge, draw_gauge_header, layers_of
from l2tui.view.glyphs import ASCII
from l2tui.view.intro import draw_intro
from l2tui.view.measures import measure_forms, measures_of
from l2tui.view.palette import palette_named
from l2tui.view.run_view import RunView
from l2tui.view.settings_rows import PANEL_SETTINGS, draw_row, rows_of
from l2tui.view.status import _fitting, draw_facts, draw_keys, draw_legend, draw_status, draw_verdict, score_words
from tests.tui.made_up_runs import MOONS, make_snapshot, without_measures

PALETTE = palette_named("l2tui-dark")
numbers = st.floats(width=64) | st.sampled_from([0.0, math.nan, math.inf, 5e-324, 1e308])


def layer(**values: float) -> LayerWeights:
    given_values = {
        "norm": 18.0,
        "count": 128,
        "largest": 4.5,
        "start_norm": 9.0,
        "peak": values.get("norm", 18.0),
        "data_pull": 0.3,
        "decay_pull": 0.1,
    }
    return LayerWeights(history=(9.0, 12.0, 18.0), **{**given_values, **values})


def gauge(
    first: LayerWeights, second: LayerWeights | None = None, width: int = 53, height: int = 4, *, header: bool = True
) -> list[str]:
    return draw_gauge((first, second or layer()), width, height, PALETTE, header=header).plain.split("\n")


def test_the_gauge_compares_with_the_start() -> None:
    lines = gauge(layer(), layer(norm=4.5))
    assert "2.00x" in lines[0]
    assert "0.50x" in lines[1]
    assert lines[0].endswith(f"{figure(18 / math.sqrt(128), 4)}  4.50")
    assert "2.00x start" in gauge(layer(), width=36, height=2, header=False)[0]


def test_both_layers_have_one_scale() -> None:
    lines = gauge(layer(norm=20.0, start_norm=10.0), layer(norm=5.0, start_norm=2.5), width=84)
    filled = [len(re.findall("[━╸┿]", line)) for line in lines[:2]]
    assert filled[0] / filled[1] == pytest.approx(4, rel=0.15)
    ticks = [re.search("[┿│]", line).start() - 9 for line in lines[:2]]
    assert ticks[0] / ticks[1] == pytest.approx(4, rel=0.3)


@pytest.mark.parametrize("width", [51, 53, 60, 84, 140])
def test_each_label_of_the_header_stands_over_its_figures(width: int) -> None:
    # The text of a box begins two cells in, its title three.
    title = "   " + draw_gauge_header(width).plain
    line = "  " + gauge(layer(), width=width)[0]
    assert len(title) <= len(line)
    columns = {
        "× start": line.index("2.00x"),
        "history": re.search("[▁-█]", line).start(),
        "rms": line.index(figure(18 / math.sqrt(128), 4)),
        "max": line.rindex("4.50"),
    }
    for label, column in columns.items():
        assert abs(title.index(label) - column) <= 2, label
    assert re.search("norm.*│ (at the )?start.*× start", title)


def test_a_header_without_room_leaves_the_label_of_the_tick_out_and_the_others_in_place() -> None:
    usual, long = draw_gauge_header(51).plain, draw_gauge_header(51, "Norm at 1000000").plain
    assert "│ start" in usual
    assert "│" not in long
    assert long.index("× start") == usual.index("× start")
    assert long.index("max") == usual.index("max")


@pytest.mark.parametrize("value", [1e148, 1.79e308, 3e-320, 1e-99, 1e-5, 0.0, 12345.678])
@pytest.mark.parametrize("header", [True, False])
def test_no_figure_pushes_others_out_of_their_place(value: float, *, header: bool) -> None:
    usual = gauge(layer(), header=header)
    odd = gauge(layer(norm=value, start_norm=1.0, largest=value, data_pull=value, decay_pull=value), header=header)
    assert [len(line) for line in odd] == [len(line) for line in usual]
    assert odd[0].index("x") == usual[0].index("x")


def test_the_gauge_shows_the_epoch_that_is_pointed_at() -> None:
    shown = make_snapshot(changed(MOONS, l2=1e-2), 400)
    last, early = layers_of(shown), layers_of(shown, 32)
    assert [layer.norm for layer in early] == [shown.column(f"w{i}_norm")[32] for i in (1, 2)]
    # Epoch 32 is measured, epoch 33 is not.
    assert early[0].data_pull == shown.column("mean_data_grad_norm_1")[32]
    assert layers_of(shown, 33)[0].data_pull == early[0].data_pull
    assert layers_of(shown, 33)[0].pull_epoch == 32
    assert early[0].history[-1] == early[0].norm
    # The scale stays as it is while the cursor moves.
    assert [layer.peak for layer in early] == [layer.peak for layer in last]
    assert layers_of(shown, 400) == layers_of(shown, 10**6) == last
    assert layers_of(shown, 0)[0].data_pull == 0


def test_the_longer_pull_is_the_stronger_one() -> None:
    for data, decay in ((0.3, 0.1), (0.1, 0.3), (0.0, 0.3), (0.3, 0.0)):
        line = gauge(layer(data_pull=data, decay_pull=decay))[2]
        assert (line.count("━") > line.count("╍")) == (data > decay)
        assert (line.count("━") == 0) == (data == 0)
        assert (line.count("╍") == 0) == (decay == 0)
    still = gauge(layer(data_pull=0, decay_pull=0))[2]
    assert not {"━", "╍"} & set(still)


def test_layers_are_those_of_the_record() -> None:
    shown = make_snapshot(changed(MOONS, l2=1e-2), 400)
    first, second = layers_of(shown)
    assert first.norm == shown.column("w1_norm")[-1]
    assert first.start_norm == first.history[0] == shown.column("w1_norm")[0]
    assert first.history[-1] == first.norm
    assert len(first.history) == 64
    assert (first.count, second.count) == (2 * 64, 64)
    assert second.data_pull == shown.column("mean_data_grad_norm_2")[384]
    assert second.decay_pull == shown.column("decay_grad_norm_2")[384]
    assert second.noise == 0.96


def test_a_run_of_before_shows_the_pull_of_its_batches_and_claims_no_noise() -> None:
    shown = without_measures(make_snapshot(changed(MOONS, l2=1e-2), 400))
    first, second = layers_of(shown)
    recent = shown.column("data_grad_norm_2")[-25:]
    assert second.data_pull == pytest.approx(math.sqrt(sum(recent**2) / 25))
    assert first.noise is None
    lines = draw_gauge((first, second), 85, 6, PALETTE, header=True).plain.split("\n")
    assert "mean norm over 25 epochs" in lines[3]
    assert "noise" not in lines[4]
    assert measure_forms(measures_of(shown))[0] == ""
    assert "bias norms" not in draw_facts(RunView(MOONS, shown), PALETTE).plain


def test_there_are_no_layers_before_the_first_record() -> None:
    assert layers_of(Snapshot()) is None
    assert "once it trains" in draw_gauge(None, 53, 4, PALETTE, header=True).plain


@settings(max_examples=60)
@given(norm=numbers, start=numbers, pull=numbers, width=st.integers(1, 140), height=st.integers(1, 8))
def test_no_number_breaks_the_gauge(norm: float, start: float, pull: float, width: int, height: int) -> None:
    odd = layer(norm=abs(norm), start_norm=abs(start), largest=abs(norm), data_pull=abs(pull), decay_pull=abs(pull))
    assert gauge(odd, odd, width, height, header=width > 50)
    assert draw_gauge_header(width).plain


@pytest.mark.parametrize(("width", "height"), [(36, 2), (58, 2), (51, 4), (53, 4), (84, 6), (260, 6)])
def test_the_gauge_fills_its_lines_and_no_more(width: int, height: int) -> None:
    lines = gauge(layer(), None, width, height, header=height >= 4)
    assert len(lines) <= height
    assert all(cell_len(line) == width for line in lines if line and not line.startswith("Gradient"))


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


@pytest.mark.parametrize(("width", "height"), [(21, 4), (23, 6)])
def test_a_verdict_of_until_when_it_held_is_whole_and_not_in_the_colour_of_one_that_holds(
    width: int, height: int
) -> None:
    judged = make_snapshot(MOONS, 400).status.assessment
    words = "λ seemed too strong until 1230"
    judged = replace(judged, verdict="l2_too_strong", headline=words, until=1230, advice="train longer")
    text = draw_verdict(RunView(MOONS, make_snapshot(MOONS, 400, assessment=judged)), "", width, height, PALETTE)
    lines = text.plain.split("\n")
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    assert " ".join(lines).startswith(f"{words} ▸ train longer")
    assert text.spans[0].style.color == PALETTE.text.color


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


@pytest.mark.parametrize(("width", "height"), [(36, 8), (53, 14), (84, 26)])
def test_the_introduction_explains_every_sign_of_the_chart(width: int, height: int) -> None:
    shown = "\n".join(line.plain for line in draw_intro(width, height, PALETTE))
    for words in (
        "start",
        "⠤⠤ .*train",
        "⠶⠶ .*val.* rows",
        "★ .*best epoch: val at its lowest",
        "▲ .*overfitting: val rises",
    ):
        assert re.search(words, shown), words
    assert "all keys" in shown


def test_the_introduction_can_do_without_unicode_marks() -> None:
    drawn = "\n".join(line.plain for line in draw_intro(60, 20, replace(PALETTE, glyphs=ASCII)))
    shown = ASCII.show(drawn)
    assert shown.isascii()
    assert "*      best epoch" in shown
    assert "weight decay L2" in shown


def test_facts_of_a_regression_say_r2() -> None:
    known = make_snapshot(facts=Facts("regression", (100, 200, 1000), (1, 64, 1)))
    assert score_words(RunView(MOONS, known), -1).startswith("R² train")


def test_both_themes_tell_their_parts_apart() -> None:
    for theme in (DARK, LIGHT):
        palette = palette_named(theme.name, dark=theme.dark)
        colours = [getattr(palette, part).color for part in ("text", "muted", "train", "val", "good", "bad", "decay")]
        assert len(set(colours)) == len(colours)


def test_facts_count_the_warnings_on_the_data_and_name_the_key() -> None:
    known = make_snapshot(facts=Facts("regression", (100, 200, 1000), (1, 64, 1), alarms=("a leaks", "b leaks")))
    assert "2 warnings on these data: D" in draw_facts(RunView(MOONS, known), PALETTE).plain
