"""Pictures beside each other: one scale, their places, and what stands above each."""

import msgspec
import pytest
from rich.segment import Segment

from l2tui.runs.comparison import Subject, told_apart
from l2tui.runs.differences import table_of
from l2tui.runs.pictures import InputNumbers, Picture, PictureRequest, PixelNumbers
from l2tui.view.compare import Comparison
from l2tui.view.palette import palette_named
from l2tui.view.pictures.beside import LEAST_HEIGHT, LEAST_WIDTH, Places, Shown, draw_beside, places_for
from l2tui.view.pictures.compared import draw_compared, kinds_compared, on_the_page, scale_warning
from tests.subjects import made_up, made_up_log
from tests.tui.made_up_pictures import picture_for

PALETTE = palette_named("dark")
SHAPE = (2, 64, 1)


def used(*uses: float, l2: float = 0.0) -> Picture:
    numbers = InputNumbers(names=tuple("abcdef"[: len(uses)]), uses=uses, total=len(uses))
    return Picture(request=PictureRequest(kind="inputs"), epoch=7, l2=l2, numbers=numbers)


def compared(*subjects: Subject, selected: int = 0) -> Comparison:
    apart = told_apart(subjects)
    return Comparison(subjects, apart, table_of(subjects, apart, None), selected=selected)


def bars(lines: list[str], left: int, right: int) -> list[float]:
    return [line[left:right].count("━") + line[left:right].count("╸") / 2 for line in lines]


def test_the_same_weights_give_the_same_picture_and_larger_ones_longer_bars() -> None:
    shown = [Shown((), used(4.0, 2.0)), Shown((), used(4.0, 2.0)), Shown((), used(1.0, 0.5))]
    lines = [strip.text for strip in draw_beside(shown, Places(30, 8), PALETTE, "shades")]
    first, second, third = (bars(lines, 32 * k, 32 * k + 30) for k in range(3))
    assert first == second
    assert first[0] == pytest.approx(2 * first[1], abs=0.5)
    assert third[0] == pytest.approx(first[0] / 4, abs=0.5)


def test_pixels_beside_each_other_are_as_strong_as_they_are_used() -> None:
    request = PictureRequest(kind="inputs")
    strong, weak = (
        Picture(request=request, epoch=7, l2=0.0, numbers=PixelNumbers(side=2, uses=(use,) * 4)) for use in (4.0, 1.0)
    )
    mono = palette_named("mono")
    lines = [strip.text for strip in draw_beside([Shown((), strong), Shown((), weak)], Places(20, 8), mono, "signs")]
    assert "█" in lines[0][:20]
    assert "█" not in "".join(line[22:] for line in lines)


@pytest.mark.parametrize("size", [(53, 13), (85, 27), (42, 27), (39, 11), (10, 4), (200, 6)])
def test_pictures_have_places_inside_the_room_or_none(size: tuple[int, int]) -> None:
    width, height = size
    places = places_for(2, width, height)
    if places is None:
        assert width < 2 * LEAST_WIDTH + 2
        assert height < 2 * LEAST_HEIGHT
        return
    across, down = (1, 2) if places.stacked else (2, 1)
    assert across * places.width + 2 * (across - 1) <= width
    assert down * places.height <= height


@pytest.mark.parametrize("width", [30, 60, 80, 120, 300])
def test_every_run_has_a_page(width: int) -> None:
    for count in range(2, 13):
        pages = [on_the_page(count, selected, width) for selected in range(count)]
        assert all(selected in page for selected, page in enumerate(pages))
        assert len({len(page) for page in pages}) == 1
        assert all(page.start >= 0 and page.stop <= count for page in pages)


@pytest.mark.parametrize("size", [(60, 9), (80, 15), (120, 27), (20, 5), (5, 2)])
@pytest.mark.parametrize("look", ["dark", "mono"])
def test_each_picture_of_a_comparison_has_its_letter_l2_and_epoch(look: str, size: tuple[int, int]) -> None:
    subjects = [made_up(l2, shape=SHAPE) for l2 in (0.0, 1e-3, 1e-2)]
    field = picture_for(PictureRequest(kind="field", columns=20, rows=20))
    best = PictureRequest(kind="field", moment="best")
    pictures = [
        field,
        msgspec.structs.replace(field, l2=1e-3, epoch=130, request=best),
        msgspec.structs.replace(field, l2=0.01, epoch=128),
    ]
    strips = draw_compared(compared(*subjects), pictures, *size, palette_named(look), "signs")
    assert len(strips) == size[1]
    assert {strip.cell_length for strip in strips[1:]} <= set(range(size[0] - 2, size[0] + 1))
    heads = ["a λ 0 · epoch 400", "b λ 0.001 · best epoch 130", "c λ 0.01 · epoch 128"]
    for head in heads[: len(on_the_page(3, 0, size[0]))] if size[0] >= 60 else []:
        assert head in strips[0].text or head.replace("best epoch", "★") in strips[0].text


def test_bars_have_one_scale_on_all_pages_within_the_same_data() -> None:
    subjects = [made_up(l2, shape=(13, 64, 3)) for l2 in (0.0, 1e-4, 1e-3, 1e-2)]
    pictures = [used(4.0), used(2.0), used(2.0), used(1.0)]
    first, last = (
        [strip.text for strip in draw_compared(compared(*subjects, selected=at), pictures, 50, 8, PALETTE, "shades")]
        for at in (0, 3)
    )
    assert bars(first, 26, 50)[1] == bars(last, 0, 24)[1] > bars(last, 26, 50)[1] > 0


def test_what_has_no_picture_is_left_out_or_named() -> None:
    log, unborn, moons = made_up_log(), made_up(1e-3), made_up(shape=SHAPE)
    wine = made_up(1e-2, shape=(13, 64, 3), fingerprint="wine")
    assert kinds_compared([log, unborn]) == ()
    assert kinds_compared([moons, log]) == ("field", "weights")
    assert kinds_compared([moons, wine]) == ("field", "inputs", "weights")
    both = compared(moons, wine)
    assert "no common scale" in scale_warning(both, "weights")
    assert scale_warning(both, "field") == ""
    assert scale_warning(compared(moons, made_up(1e-3, shape=SHAPE)), "weights") == ""


def test_a_line_above_a_picture_is_cut_to_its_width() -> None:
    shown = Shown([[[Segment("a long name of a run")], [Segment("a short one")]]], "no weights")
    strips = draw_beside([shown], Places(12, 4), PALETTE, "shades")
    assert strips[0].text == "a short one "
    assert {strip.cell_length for strip in strips} == {12}
