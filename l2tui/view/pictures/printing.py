"""Pictures as text on a stream, side by side."""

from collections.abc import Callable, Sequence
from typing import TextIO

from rich.segment import Segment
from textual.strip import Strip

from l2tui.runs.pictures import Kind, Moment, PictureRequest, Pictures
from l2tui.view.cells import fitted
from l2tui.view.look import Look
from l2tui.view.page import Page
from l2tui.view.pictures.draw import draw_picture, request_for, title_of
from l2tui.view.pictures.shades import form_for

_GAP, _ROWS, _WIDEST = 2, 20, 60


def print_pictures(
    compute: Callable[[PictureRequest], Pictures],
    kind: Kind,
    moment: Moment,
    names: Sequence[str],
    stream: TextIO,
    look: Look | None = None,
    *,
    width: int | None = None,
    height: int | None = None,
) -> None:
    """Prints pictures in colour where the stream is a terminal, else with characters.

    Args:
        compute: Computes what is asked for, one picture of each run.
        kind: Which picture.
        moment: Of which weights.
        names: What the runs are called.
        stream: Where to.
        look: Signs and colours; by default those that suit the stream's encoding.
        width: Columns of text; by default those of the terminal.
        height: Lines of a picture, with the line under it.
    """
    count = len(names)
    page = Page(stream, look, width, widest=(_WIDEST + _GAP) * count)
    palette = page.palette
    # Blank cells with a background are no picture where nothing can be coloured.
    form = form_for(palette) if page.console.color_system is not None else "signs"
    each, rows = max(8, (page.width - _GAP * (count - 1)) // count), _ROWS if height is None else height
    pictures = compute(request_for(kind, moment, each, rows, form)).pictures
    blocks = [
        [
            Strip([Segment(fitted(name, each), palette.strong)]),
            Strip([Segment(fitted(title_of(picture), each), palette.text)]),
            *draw_picture(picture, each, rows, palette, form),
        ]
        for name, picture in zip(names, pictures, strict=True)
    ]
    with page.printed():
        page.put_strips(_joined(line) for line in zip(*blocks, strict=True))


def _joined(strips: Sequence[Strip]) -> Strip:
    joined = list(strips[0])
    for strip in strips[1:]:
        joined += [Segment(" " * _GAP), *strip]
    return Strip(joined)
