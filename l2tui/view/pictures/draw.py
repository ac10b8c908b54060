"""Which pictures a run has, what each is called, and drawing them in cells."""

from __future__ import annotations

import math
from textwrap import wrap

from rich.segment import Segment
from textual.strip import Strip

from l2tui.runs.pictures import (
    FieldNumbers,
    FitNumbers,
    InputNumbers,
    Kind,
    LabelNumbers,
    Moment,
    Picture,
    PictureRequest,
    PixelNumbers,
    WeightNumbers,
)
from l2tui.settings import show_value
from l2tui.view.cells import fitted
from l2tui.view.palette import Palette
from l2tui.view.pictures.bars import draw_inputs, draw_label_bars
from l2tui.view.pictures.field import draw_field, field_key, points_of
from l2tui.view.pictures.fit import draw_fit, fit_key, points_across
from l2tui.view.pictures.histogram import bins_in, draw_histograms
from l2tui.view.pictures.pixels import draw_pixels
from l2tui.view.pictures.shades import Form
from l2tui.view.plain import count_of, printable
from l2tui.view.run_view import RunView

NAMES: dict[Kind, str] = {
    "field": "Decision field",
    "fit": "Fitted curve",
    "inputs": "Inputs used",
    "weights": "Weights",
    "labels": "Wrong labels",
}
_KEY_ROWS = 1


def kinds_of(view: RunView) -> tuple[Kind, ...]:
    """Returns which pictures a run has, in the order in which they are turned to; none before its data are known."""
    facts = view.status.facts if view.status is not None else None
    if facts is None or view.live is None:
        return ()
    return kinds_for(facts.shape, facts.task, view.live.label_noise)


def kinds_for(shape: tuple[int, int, int], task: str, label_noise: float) -> tuple[Kind, ...]:
    """Returns which pictures a network has, by its numbers of inputs, hidden units and outputs, and by its data."""
    inputs, _, outputs = shape
    of_classes = task == "classification"
    has: dict[Kind, bool] = {
        "field": of_classes and inputs == 2,
        "fit": inputs == 1 and outputs == 1,
        "inputs": inputs > 2,
        "labels": of_classes and label_noise > 0,
        "weights": True,
    }
    return tuple(kind for kind, there in has.items() if there)


def request_for(
    kind: Kind, moment: Moment, width: int, height: int, form: Form, *, ghost: bool = False
) -> PictureRequest:
    """Returns what to ask for, to draw a picture in so many cells."""
    columns, rows = 1, 1
    if kind in ("field", "labels"):
        columns, rows = points_of(max(1, width), max(1, height - _KEY_ROWS), form)
    elif kind == "fit":
        columns = points_across(width)
    elif kind == "weights":
        columns = bins_in(width)
    return PictureRequest(kind=kind, moment=moment, columns=min(2000, columns), rows=min(2000, rows), ghost=ghost)


def draw_picture(
    picture: Picture, width: int, height: int, palette: Palette, form: Form, top: float | None = None
) -> list[Strip]:
    """Draws a picture, with a line under it that says how to read it.

    Args:
        picture: Its numbers.
        width: Cells across.
        height: Cells down.
        palette: Colours.
        form: How areas are drawn.
        top: What the longest bar stands for, or the strongest pixel; by default the most there is in the picture.

    Returns:
        `height` strips of `width` cells.
    """
    numbers, room = picture.numbers, height - _KEY_ROWS
    if width < 4 or room < 2:
        return [Strip.blank(width)] * height
    if isinstance(numbers, FieldNumbers):
        return [*draw_field(numbers, width, room, palette, form), field_key(numbers, width, palette, form)]
    if isinstance(numbers, FitNumbers):
        return [*draw_fit(numbers, width, room, palette), fit_key(numbers, width, palette)]
    if isinstance(numbers, InputNumbers):
        strips = draw_inputs(numbers, width, room, palette, top)
    elif isinstance(numbers, PixelNumbers):
        strips = draw_pixels(numbers, width, room, palette, form, top)
    elif isinstance(numbers, WeightNumbers):
        strips = draw_histograms(numbers, width, room, palette)
    else:
        strips = draw_label_bars(numbers.counts, width, room, palette)
    words = next((words for words in key_words(picture) if len(words) <= width), key_words(picture)[-1])
    return [*strips, Strip([Segment(fitted(words, width), palette.muted)])]


def draw_words(words: str, width: int, height: int, palette: Palette) -> list[Strip]:
    """Draws words in the place of a picture that there is not."""
    lines = wrap(printable(words), max(1, width - 4))[:height]
    above = (height - len(lines)) // 2
    middle = [Strip([Segment(line.center(width), palette.muted)]).crop(0, width) for line in lines]
    return [Strip.blank(width)] * above + middle + [Strip.blank(width)] * (height - above - len(lines))


def key_words(picture: Picture) -> tuple[str, ...]:
    """Returns how to read a picture without a key of its own, from the longest words to the shortest."""
    numbers = picture.numbers
    if isinstance(numbers, InputNumbers):
        return (
            "norm of each column's rows of W1, weighted by W2",
            "row norms of W1, weighted by W2",
            "row norms, W1·|W2|",
        )
    if isinstance(numbers, PixelNumbers):
        most, mean = max(numbers.uses), sum(numbers.uses) / len(numbers.uses)
        times = f"{most / mean:.1f} times" if mean > 0 and math.isfinite(most / mean) else "1.0 times"
        return (
            f"stronger: used more; the most used pixel has {times} the mean",
            f"the most used pixel has {times} the mean",
            f"most: {times} the mean",
        )
    if isinstance(numbers, WeightNumbers):
        return ("height: square root of how many weights", "height: root of the count")
    if isinstance(numbers, LabelNumbers):
        counts = numbers.counts
        some = "" if counts.looked_at == counts.wrong else f"; {counts.looked_at:,} looked at"
        return (f"{counts.wrong:,} training rows have a wrong label{some}", f"{counts.wrong:,} wrong labels")
    return ("",)


def title_of(picture: Picture, steps_per_epoch: int = 0) -> str:
    """Returns what a picture shows, and of which weights."""
    return f"{name_of(picture)} · {short_title_of(picture, steps_per_epoch)}"


def short_title_of(picture: Picture, steps_per_epoch: int = 0) -> str:
    """Returns of which weights a picture is, where it is known what it shows."""
    return f"{when_of(picture, steps_per_epoch)} · {l2_of(picture)}"


def name_of(picture: Picture) -> str:
    """Returns what a picture shows."""
    return "Pixels used" if isinstance(picture.numbers, PixelNumbers) else NAMES[picture.request.kind]


def when_of(picture: Picture, steps_per_epoch: int = 0) -> str:
    """Returns from when the weights of a picture are."""
    epoch = picture.epoch
    more = picture.step - epoch * steps_per_epoch if picture.step is not None and steps_per_epoch else 0
    when = f"best epoch {epoch}" if picture.request.moment == "best" else f"epoch {epoch}"
    return when + (f" + {count_of(more, 'step')}" if more > 0 else "")


def l2_of(picture: Picture) -> str:
    """Returns λ of a picture in words."""
    return f"λ {show_value('l2', picture.l2)}"
