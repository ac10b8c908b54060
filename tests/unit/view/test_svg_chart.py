import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.view.chart.model import LossPlotData
from l2tui.view.chart.svg_chart import Caption, draw_svg

SPACE = "{http://www.w3.org/2000/svg}"
WIDTH, HEIGHT = 760, 420


def picture(data: LossPlotData, caption: Caption | None = None, **options: bool) -> ElementTree.Element:
    return ElementTree.fromstring(draw_svg(data, caption or Caption("title"), WIDTH, HEIGHT, **options))


def losses(*val: float, **marks: Any) -> LossPlotData:
    values = np.array(val, float)
    return LossPlotData(np.arange(len(values)), values / 2, values, **marks)


def points_of(element: ElementTree.Element) -> np.ndarray:
    return np.array([[float(n) for n in point.split(",")] for point in element.get("points", "").split()])


def test_a_curve_goes_through_its_values_on_the_scale_of_the_ticks() -> None:
    epochs = np.arange(0, 101)
    val = 1.0 - 0.008 * epochs
    root = picture(LossPlotData(epochs, val / 2, val))
    train_line, val_line = (points_of(line) for line in root.iter(SPACE + "polyline"))
    texts = [text for text in root.iter(SPACE + "text") if text.get("text-anchor") == "end" and text.text != "epoch"]
    ticks = {float(text.text or ""): float(text.get("y", "")) - 4 for text in texts}
    assert len(ticks) >= 3
    per_unit = (ticks[0.0] - ticks[1.0]) / 1.0
    for line, first, last in ((val_line, 1.0, 0.2), (train_line, 0.5, 0.1)):
        assert line[0, 1] == pytest.approx(ticks[0.0] - first * per_unit, abs=1.5)
        assert line[-1, 1] == pytest.approx(ticks[0.0] - last * per_unit, abs=1.5)
        assert line[0, 0] == pytest.approx(62, abs=0.5)
        assert line[-1, 0] == pytest.approx(WIDTH - 18, abs=0.5)
    assert (np.diff(val_line[:, 0]) > 0).all()


def test_marks_stand_where_the_curve_is() -> None:
    root = picture(losses(3, 2, 1, 2, 3, best_epoch=2, confirmed_epoch=4, onset_epoch=2))
    triangle, star = (points_of(shape).mean(axis=0) for shape in root.iter(SPACE + "polygon"))
    line = points_of(list(root.iter(SPACE + "polyline"))[1])
    assert star == pytest.approx(line[2], abs=1.5)
    assert triangle == pytest.approx(line[4], abs=2.5)
    dashed = [path for path in root.iter(SPACE + "path") if path.get("stroke-dasharray")]
    assert len(dashed) == 1
    assert re.match(rf"M{line[2, 0]:.0f}\.", dashed[0].get("d", ""))


def test_a_ghost_is_dotted_through_its_own_values_and_named() -> None:
    ghost = (np.array([2.0, 4.0]), np.array([0.5, 0.5]), np.array([6.0, 5.0]))
    root = picture(losses(3, 2, 1, 2, 3, ghost=ghost), Caption("t", ghost="ghost λ 0"))
    lines = list(root.iter(SPACE + "polyline"))
    dotted = [points_of(line) for line in lines if line.get("stroke-dasharray")]
    val = points_of(lines[-1])
    assert len(dotted) == 2
    assert dotted[1][:, 0] == pytest.approx(val[[2, 4], 0], abs=1.0)
    per_unit = (val[2, 1] - val[0, 1]) / 2
    assert dotted[1][:, 1] == pytest.approx(val[0, 1] - per_unit * np.array([3, 2]), abs=1.5)
    assert "ghost λ 0" in [text.text for text in root.iter(SPACE + "text")]


def test_thousands_of_epochs_make_a_small_file() -> None:
    epochs = np.arange(200_000)
    val = np.random.default_rng(0).random(200_000)
    assert len(draw_svg(LossPlotData(epochs, val, val), Caption("t"), WIDTH, HEIGHT)) < 60_000


def test_a_gap_breaks_the_line_and_a_single_value_is_a_dot() -> None:
    nan = float("nan")
    root = picture(losses(1, 2, nan, 1, 2, nan, 3))
    assert len(list(root.iter(SPACE + "polyline"))) == 4
    assert len(list(root.iter(SPACE + "circle"))) == 2


@pytest.mark.parametrize("text", ['<b>&"]]>', "\x1b[2J\x00", "λ·Σw²", "a" * 500])
def test_any_words_make_well_formed_xml(text: str) -> None:
    root = picture(losses(1, 2), Caption(text, text, text, text, text, text))
    assert not any("\x1b" in (element.text or "") for element in root.iter())


@settings(max_examples=40)
@given(
    values=st.lists(st.floats(width=32) | st.floats(0, 10), max_size=8),
    best=st.none() | st.integers(0, 9),
    log_y=st.booleans(),
)
def test_whatever_the_losses_all_places_are_on_the_picture(values: list[float], best: int | None, log_y: bool) -> None:
    root = picture(losses(*values, best_epoch=best, confirmed_epoch=best, onset_epoch=best), log_y=log_y)
    for shape in (*root.iter(SPACE + "polyline"), *root.iter(SPACE + "polygon")):
        points = points_of(shape)
        assert np.isfinite(points).all()
        assert (points >= 0).all()
        assert (points <= [WIDTH, HEIGHT]).all()


def test_a_small_picture_leaves_words_out_instead_of_cutting_them_off() -> None:
    caption = Caption(
        "t", "first part; second part of it " * 9, "train 0.1", "val 0.2", "best 0.1 at 20", "confirmed at 30"
    )
    root = ElementTree.fromstring(draw_svg(losses(1, 2), caption, 320, 240))
    texts = [(float(text.get("x", "")), text.text or "") for text in root.iter(SPACE + "text")]
    words = [text for _, text in texts]
    assert "val 0.2" in words
    assert "confirmed at 30" not in words
    assert all(x + 6 * len(text) <= 320 for x, text in texts if text in (caption.train, caption.val, caption.best))
    assert "first part" in words


def test_a_withdrawn_mark_stays_with_its_epoch() -> None:
    root = picture(losses(3, 2, 1, 2, 3, withdrawn_epochs=(3,)))
    assert [text.text for text in root.iter(SPACE + "text") if text.text == "(3)"]
    (triangle,) = root.iter(SPACE + "polygon")
    line = points_of(list(root.iter(SPACE + "polyline"))[1])
    assert points_of(triangle).mean(axis=0) == pytest.approx(line[3], abs=2.5)


def test_noise_lies_in_an_area_around_the_line() -> None:
    epochs = np.arange(20_000)
    val = 1 + np.random.default_rng(0).random(20_000)
    root = picture(LossPlotData(epochs, val - 1, val))
    areas = [points_of(shape) for shape in root.iter(SPACE + "polygon")]
    lines = [points_of(line) for line in root.iter(SPACE + "polyline")]
    assert len(areas) == len(lines) == 2
    for area, line in zip(areas, lines, strict=True):
        assert np.ptp(area[:, 1]) > 2 * np.ptp(line[:, 1])
        assert area[:, 1].min() < line[:, 1].min()
        assert area[:, 1].max() > line[:, 1].max()


def test_it_needs_nothing_from_outside() -> None:
    text = draw_svg(losses(1, 2, l2_changes=((1, 0.0, 3e-4),)), Caption("t"), WIDTH, HEIGHT)
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert "href" not in text
    assert "λ 0 → 0.0003" in text
