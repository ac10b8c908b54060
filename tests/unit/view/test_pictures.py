"""Drawn pictures, read back cell by cell."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from l2tui.runs.pictures import FieldNumbers, Picture, PictureRequest, WeightNumbers
from l2tui.view.palette import palette_named
from l2tui.view.pictures.draw import draw_picture, title_of
from l2tui.view.pictures.field import draw_field, points_of
from l2tui.view.pictures.histogram import bins_in, draw_histograms
from l2tui.view.pictures.shades import DARK, Form, shades_for

# Which quarters of a cell each character fills, as the Unicode charts show them.
QUARTERS = {" ": "", "▀": "ab", "▄": "cd", "▌": "ac", "▐": "bd", "█": "abcd"} | dict(
    zip("▘▝▖▗▚▞▛▜▙▟", ("a", "b", "c", "d", "ad", "bc", "abc", "abd", "acd", "bcd"), strict=True)
)
EIGHTHS = " ▁▂▃▄▅▆▇█"


def field(columns: int, rows: int, classes: bytes, names: tuple[str, ...] = ("a", "b")) -> FieldNumbers:
    return FieldNumbers(
        columns=columns,
        rows=rows,
        classes=classes,
        low=(0.0, 0.0),
        high=(1.0, 1.0),
        names=("x", "y"),
        class_names=names,
        across=(),
        up=(),
        labels=b"",
        marked=b"",
        wrong_side=0,
        looked_at=0,
        total=0,
    )


def colours(strips: list[Strip], tall: int, wide: int) -> list[list[str]]:
    """The colour of each point, from characters and their styles."""
    points: list[list[str]] = []
    for strip in strips:
        cells = [(character, segment.style) for segment in strip for character in segment.text]
        for y in range(tall):
            row = []
            for character, style in cells:
                for x in range(wide):
                    part = "abcd"[2 * y + (x if wide == 2 else 0)]
                    colour = style.color if part in QUARTERS[character] else style.bgcolor
                    row.append(colour.name)
            points.append(row)
    return points


@given(st.lists(st.integers(0, 8), min_size=8 * 6, max_size=8 * 6))
@settings(max_examples=60, deadline=None)
def test_half_blocks_show_the_shade_of_every_point(levels: list[int]) -> None:
    palette = palette_named("l2tui-dark")
    strips = draw_field(field(8, 6, bytes(levels)), 8, 3, palette, "shades")
    expected = [[DARK.area(level) for level in levels[start : start + 8]] for start in range(0, 48, 8)]
    assert colours(strips, 2, 1) == expected


@given(st.lists(st.integers(0, 5), min_size=8 * 6, max_size=8 * 6))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("form", ["quadrants", "halves"])
def test_two_colours_show_the_likeliest_class_of_every_point(form: Form, levels: list[int]) -> None:
    palette = palette_named("l2tui-dark-16")
    shades = shades_for(palette)
    tall, wide = 2, 2 if form == "quadrants" else 1
    assert points_of(8 // wide, 3, form) == (8, 6)
    strips = draw_field(field(8, 6, bytes(levels)), 8 // wide, 3, palette, form)
    expected = [[shades.area(level // 3 * 3) for level in levels[start : start + 8]] for start in range(0, 48, 8)]
    assert colours(strips, tall, wide) == expected


def test_a_picture_of_another_size_is_stretched_until_the_right_one_is_there() -> None:
    small = field(2, 2, bytes([0, 3, 3, 0]))
    strips = draw_field(small, 6, 3, palette_named("l2tui-dark"), "shades")
    blue, amber = DARK.area(0), DARK.area(3)
    upper, lower = [blue] * 3 + [amber] * 3, [amber] * 3 + [blue] * 3
    assert colours(strips, 2, 1) == [upper] * 3 + [lower] * 3


def test_bars_of_a_histogram_are_as_high_as_the_roots_of_their_counts() -> None:
    width = 31
    counts = tuple(k * k for k in range(bins_in(width)))
    numbers = WeightNumbers(limit=1.0, counts=(counts, counts[::-1]), largest=(1.0, 1.0))
    lines = [strip.text for strip in draw_histograms(numbers, width, 15, palette_named("l2tui-dark"))]
    rows = (15 - 3) // 2
    heights = [sum(EIGHTHS.index(lines[1 + row][column]) for row in range(rows)) for column in range(width)]
    assert heights == [max(k > 0, round(8 * rows * k / (width - 1))) for k in range(width)]
    assert lines[-1].split() == ["-1", "0", "1"]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (4, 3), (8, 4), (20, 6), (53, 13), (150, 60)])
def test_any_picture_fills_any_size(width: int, height: int) -> None:
    from tests.tui.made_up_pictures import picture_for, pixels

    for theme in ("l2tui-dark", "l2tui-light-16", "l2tui-mono"):
        palette = palette_named(theme)
        for kind in ("field", "fit", "inputs", "weights", "labels"):
            picture = picture_for(PictureRequest(kind=kind, columns=9, rows=9))
            for form in ("shades", "quadrants", "halves", "signs"):
                strips = draw_picture(picture, width, height, palette, form)
                assert [strip.cell_length for strip in strips] == [width] * height
        image = Picture(request=PictureRequest(kind="inputs"), epoch=1, l2=0.0, numbers=pixels(picture.request))
        strips = draw_picture(image, width, height, palette, "shades")
        assert [strip.cell_length for strip in strips] == [width] * height


def test_a_title_says_which_weights_and_where_within_an_epoch() -> None:
    numbers = WeightNumbers(limit=1.0, counts=((1,), (1,)), largest=(0.5, math.pi))
    live = Picture(request=PictureRequest(kind="weights"), epoch=12, step=87, l2=1e-3, numbers=numbers)
    assert title_of(live) == "Weights · epoch 12 · λ 0.001"
    assert title_of(live, steps_per_epoch=7) == "Weights · epoch 12 + 3 steps · λ 0.001"
    best = Picture(request=PictureRequest(kind="weights", moment="best"), epoch=12, l2=0.0, numbers=numbers)
    assert title_of(best, steps_per_epoch=7) == "Weights · best epoch 12 · λ 0"
