"""Pictures of compared runs: which there are, how many fit beside each other, and what stands above each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from l2tui.runs.comparison import Subject
from l2tui.runs.pictures import KINDS, Kind, Picture
from l2tui.view.chart.overlay import COLOURS, LETTERS, curve_styles
from l2tui.view.compare import Comparison
from l2tui.view.palette import Palette
from l2tui.view.pictures.beside import GAP, Line, Places, Shown, draw_beside, top_of
from l2tui.view.pictures.draw import NAMES, kinds_for, l2_of, when_of
from l2tui.view.pictures.shades import Form
from l2tui.view.plain import printable

# A picture narrower than this, of several side by side, is hard to read.
_LEAST_WIDTH = 24
_LETTER = 2

NONE_OF = {
    "log": "Another program's log: its weights are not known.",
    "lane": "A λ of a sweep keeps no weights.",
    "mean": "A mean of several runs has no weights.",
}
"""Why what is compared has no pictures, by its kind."""


def kinds_of_subject(subject: Subject) -> tuple[Kind, ...]:
    """Returns which pictures there are of one that is compared."""
    if subject.kind != "run" or subject.shape is None or subject.settings is None:
        return ()
    return kinds_for(subject.shape, subject.task, subject.settings.label_noise)


def kinds_compared(subjects: Sequence[Subject]) -> tuple[Kind, ...]:
    """Returns which pictures at least one of those that are compared has, in the order in which they are turned to."""
    return tuple(kind for kind in KINDS if any(kind in kinds_of_subject(subject) for subject in subjects))


def words_without_picture(subject: Subject, kind: Kind) -> str:
    """Returns why one that is compared has no such picture; empty where it has one."""
    if subject.kind in NONE_OF:
        return NONE_OF[subject.kind]
    if subject.shape is None:
        return "There are no weights yet."
    return "" if kind in kinds_of_subject(subject) else f'These data have no picture "{NAMES[kind].lower()}".'


def without_pictures(subjects: Sequence[Subject]) -> str:
    """Returns why nothing that is compared has a picture."""
    kinds = {subject.kind for subject in subjects} - {"run"}
    return NONE_OF[min(kinds)] if kinds else "There are no weights yet."


def on_the_page(count: int, selected: int, width: int) -> range:
    """Returns the positions of the pictures that are shown side by side: a page with the selected one among them."""
    fitting = max(1, min(count, (width + GAP) // (_LEAST_WIDTH + GAP)))
    first = min(selected // fitting * fitting, count - fitting)
    return range(first, first + fitting)


def places_on_page(page: range, width: int, height: int) -> Places:
    """Returns the places of a page's pictures."""
    return Places((width - GAP * (len(page) - 1)) // len(page), height)


def draw_compared(
    comparison: Comparison,
    pictures: Sequence[Picture | str],
    width: int,
    height: int,
    palette: Palette,
    form: Form,
) -> list[Strip]:
    """Draws the pictures of a page side by side.

    Args:
        comparison: What is compared.
        pictures: A picture of each, or words why there is none.
        width: Cells across.
        height: Cells down.
        palette: Colours.
        form: How areas are drawn.
    """
    page = on_the_page(len(pictures), comparison.selected, width)
    shown = [Shown([_head(place, pictures[place], comparison, palette)], pictures[place]) for place in page]
    groups = comparison.apart.groups
    top = {group: top_of([one for one, its in zip(pictures, groups, strict=True) if its == group]) for group in groups}
    tops = [top[groups[place]] for place in page]
    return draw_beside(shown, places_on_page(page, width, height), palette, form, tops)


def picture_words(comparison: Comparison, kind: Kind, width: int) -> str:
    """Returns which pictures are shown, and of how many."""
    count = len(comparison.subjects)
    page = on_the_page(count, comparison.selected, width)
    part = f", {LETTERS[page[0]]}-{LETTERS[page[-1]]} of {count}" if len(page) < count else ""
    return f"{NAMES[kind].lower()}{part}"


def scale_warning(comparison: Comparison, kind: Kind) -> str:
    """Returns what has to be said of pictures of different data; empty where all are of the same."""
    pairs = zip(comparison.subjects, comparison.apart.groups, strict=True)
    groups = {group for subject, group in pairs if kind in kinds_of_subject(subject)}
    return " Their pictures have no common scale." if len(groups) > 1 else ""


def _head(at: int, picture: Picture | str, comparison: Comparison, palette: Palette) -> list[Line]:
    letter = Segment(LETTERS[at].ljust(_LETTER), curve_styles(palette)[at % COLOURS] + Style(bold=True))
    style = palette.strong if at == comparison.selected else palette.text
    if isinstance(picture, str):
        return [[letter, Segment(printable(comparison.subjects[at].name), style)]]
    when = when_of(picture)
    forms = [f"{l2_of(picture)} · {each}" for each in (when, when.replace("best epoch", "★"))]
    return [[letter, Segment(words, style)] for words in forms]
