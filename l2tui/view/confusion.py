"""How often each class was taken for which: numbers with a shade behind them, and recall and F1 of each class."""

from typing import NamedTuple

from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.style import Style
from rich.text import Text

from l2tui.view.cells import fitted
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable

_LONGEST_NAME = 16
_SHORTEST_NAME = 5
_SCORES = f"{'recall':>7}{'F1':>6}"
_STRONGEST = 0.75
# A larger cell would say no more.
_WIDEST, _HIGHEST = 22, 5

Counts = tuple[tuple[int, ...], ...]


class _Layout(NamedTuple):
    """Cells of the number before a class, of its name and of a count, lines of a row, and which classes are shown."""

    prefix: int
    label: int
    cell: int
    rows: int
    shown: list[int]


def recall_and_f1(counts: Counts, index: int) -> tuple[float | None, float | None]:
    """Returns the share of a class that was found, and F1; None where there is nothing to take a share of.

    F1 = 2·right / (2·right + missed + wrongly taken for it), the harmonic mean of recall and precision.
    """
    right, true = counts[index][index], sum(counts[index])
    taken = sum(row[index] for row in counts)
    return right / true if true else None, 2 * right / (true + taken) if true + taken else None


def draw_confusion(names: tuple[str, ...], counts: Counts, width: int, height: int, palette: Palette) -> Text:
    """Draws the matrix: a row for each true class, a column for each predicted one.

    Where not all classes fit, those with the most mistakes are shown. Columns are headed by names where these fit,
    else by numbers that stand before the names of the rows too. Cells grow with the room.

    Args:
        names: Names of the classes.
        counts: Rows of true class i that were taken for class j.
        width: Cells across.
        height: Lines.
        palette: Colours.
    """
    layout, numbered = _layout(names, counts, width, height, grows=palette.shades)
    prefix, label, cell, rows, shown = layout
    left, axis = prefix + label, "predicted →"
    has_axis_line = height > len(shown) * rows + 1 + (len(shown) < len(names)) and left + len(axis) <= width
    lines = [Text(" " * left + axis, palette.muted, no_wrap=True)] if has_axis_line else []
    corner = "true ↓" if has_axis_line else "true \\ predicted"
    head = Text(fitted(corner if len(corner) < left else "true", left), palette.muted, no_wrap=True)
    for index in shown:
        head.append(f"{_centred(str(index + 1) if numbered else names[index], cell - 1)} ")
    lines.append(head.append(_SCORES))
    for index in shown:
        lines += _row(index, names, counts, layout, palette)
    if len(shown) < len(names):
        words = f"{len(shown)} of {count_of(len(names), 'class', 'classes')}, those with the most mistakes"
        lines.append(Text(fitted(words, width), palette.muted, no_wrap=True))
    return Text("\n").join(lines)


def _layout(names: tuple[str, ...], counts: Counts, width: int, height: int, *, grows: bool) -> tuple[_Layout, bool]:
    """Returns the layout, and whether columns are headed by numbers."""
    digits = max((len(str(count)) for line in counts for count in line), default=1)
    longest = max((cell_len(printable(name)) for name in names), default=1)
    label = max(len("true ↓"), min(longest, _LONGEST_NAME, max(_SHORTEST_NAME, width // 4))) + 1
    room = width - label - len(_SCORES)
    by_name = max(digits, longest) + 2
    by_number = max(digits, len(str(len(names)))) + 2
    numbered = by_name > _WIDEST or (by_number < by_name and by_name * len(names) > room)
    cell = by_number if numbered else by_name
    prefix = len(str(len(names))) + 1 if numbered else 0
    across = (room - prefix) // cell
    # Where some are left out, a line says so.
    fit = len(names) if len(names) <= min(across, height - 1) else max(1, min(across, height - 2))
    shown = _most_mistaken(counts, fit) if len(names) > fit else list(range(len(names)))
    cell = max(cell, min(_WIDEST, (room - prefix) // len(shown)))
    rows = max(1, min(_HIGHEST, (height - 3) // len(shown))) if grows else 1
    return _Layout(prefix, label, cell, rows, shown), numbered


def _row(index: int, names: tuple[str, ...], counts: Counts, layout: _Layout, palette: Palette) -> list[Text]:
    """Returns the lines of one true class, of which the middle one has the numbers."""
    prefix, label, cell, rows, shown = layout
    total = sum(counts[index])
    lines = []
    for row in range(rows):
        has_words = row == (rows - 1) // 2
        line = Text(no_wrap=True)
        if prefix:
            line.append(f"{index + 1 if has_words else '':>{prefix - 1}} ", palette.muted)
        line.append(f"{fitted(names[index] if has_words else '', label - 1)} ", palette.text)
        for other in shown:
            count = counts[index][other]
            style = palette.axis
            if count:
                style = shade(count / total, palette.good if other == index else palette.bad, palette)
            text = "" if not has_words else str(count) if count else "·"
            line.append(_centred(text, cell - 1), style).append(" ")
        if has_words:
            recall, f1 = (_percent(value) for value in recall_and_f1(counts, index))
            line.append(f"{recall:>7}{f1:>6}", palette.muted)
        lines.append(line)
    return lines


def _centred(text: str, width: int) -> str:
    text = printable(text)
    right = (width - cell_len(text)) // 2
    return fitted(text, width - right, right=True) + " " * right if right > 0 else fitted(text, width, right=True)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _most_mistaken(counts: Counts, most: int) -> list[int]:
    mistakes = {
        index: sum(row) + sum(other[index] for other in counts) - 2 * row[index] for index, row in enumerate(counts)
    }
    return sorted(sorted(mistakes, key=lambda index: -mistakes[index])[:most])


def shade(share: float, colour: Style, palette: Palette) -> Style:
    """Returns a style whose background goes from that of a row to a colour, with ink that can be read on it.

    Where a terminal has no colours in between, the ink itself is coloured.
    """
    low, high = palette.selected.bgcolor, colour.color
    if not palette.shades or low is None or high is None:
        return colour
    mixed = blend_rgb(low.get_truecolor(), high.get_truecolor(), max(0.0, min(1.0, share)) * _STRONGEST)
    # By luminance, from which on black stands out better than white.
    weighed = zip(mixed, (0.2126, 0.7152, 0.0722), strict=True)
    light = sum(weight * (part / 255) ** 2.2 for part, weight in weighed) > 0.18
    return Style(color="#101418" if light else "#f4f6f8", bgcolor=Color.from_triplet(mixed).name)
