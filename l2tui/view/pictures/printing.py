"""Pictures as text on a stream, side by side."""

from collections.abc import Callable, Sequence
from typing import TextIO

from rich.segment import Segment

from l2tui.runs.pictures import Kind, PictureRequest, Pictures
from l2tui.view.cells import fitted
from l2tui.view.look import Look
from l2tui.view.page import Page
from l2tui.view.pictures.beside import GAP, Places, Shown, draw_beside
from l2tui.view.pictures.draw import request_for, short_title_of, title_of
from l2tui.view.pictures.shades import form_for

_ROWS, _WIDEST = 20, 60


def print_pictures(
    compute: Callable[[PictureRequest], Pictures],
    kind: Kind,
    names: Sequence[str],
    stream: TextIO,
    look: Look | None = None,
    *,
    width: int | None = None,
    height: int | None = None,
) -> None:
    """Prints pictures in colour where the stream is a terminal, else with characters.

    Args:
        compute: Computes what is asked for, a picture for each name.
        kind: Which picture.
        names: What each picture is called.
        stream: Where to.
        look: Signs and colours; by default those that suit the stream's encoding.
        width: Columns of text; by default those of the terminal.
        height: Lines of a picture, with the line under it.
    """
    count = len(names)
    page = Page(stream, look, width, widest=(_WIDEST + GAP) * count)
    palette = page.palette
    # Blank cells with a background are no picture where nothing can be coloured.
    form = form_for(palette) if page.console.color_system is not None else "signs"
    each, rows = max(8, (page.width - GAP * (count - 1)) // count), _ROWS if height is None else height
    pictures = compute(request_for(kind, "live", each, rows, form)).pictures
    shown = [
        Shown(
            (
                [[Segment(fitted(name, each), palette.strong)]],
                [[Segment(title, palette.text)] for title in (title_of(picture), short_title_of(picture))],
            ),
            picture,
        )
        for name, picture in zip(names, pictures, strict=True)
    ]
    with page.printed():
        page.put_strips(draw_beside(shown, Places(each, rows + 2), palette, form))
