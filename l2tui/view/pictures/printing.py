"""Pictures as text on a stream, side by side."""

import shutil
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from l2tui.runs.pictures import Kind, Moment, PictureRequest, Pictures
from l2tui.view.cells import fitted
from l2tui.view.look import Look, look_for
from l2tui.view.pictures.draw import draw_picture, request_for, title_of
from l2tui.view.pictures.shades import form_for
from l2tui.view.print_run import palette_on, print_strips

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
    look = look or look_for("dark", None, {}, stream.encoding or "ascii")
    console = Console(file=stream, highlight=False)
    palette = palette_on(console, look)
    # Blank cells with a background are no picture where nothing can be coloured.
    form = form_for(palette) if console.color_system is not None else "signs"
    count = len(names)
    if width is None:
        width = min((_WIDEST + _GAP) * count, shutil.get_terminal_size((80, 24)).columns - 1)
    each, rows = max(8, (width - _GAP * (count - 1)) // count), _ROWS if height is None else height
    pictures = compute(request_for(kind, moment, each, rows, form)).pictures
    blocks = [
        [
            Strip([Segment(fitted(name, each), palette.strong)]),
            Strip([Segment(fitted(title_of(picture), each), palette.text)]),
            *draw_picture(picture, each, rows, palette, form),
        ]
        for name, picture in zip(names, pictures, strict=True)
    ]
    with console.capture() as drawn:
        print_strips(console, (_joined(line) for line in zip(*blocks, strict=True)))
    stream.write(look.glyphs.show(drawn.get()))


def _joined(strips: Sequence[Strip]) -> Strip:
    joined = list(strips[0])
    for strip in strips[1:]:
        joined += [Segment(" " * _GAP), *strip]
    return Strip(joined)
