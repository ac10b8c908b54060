"""How often each class was taken for which: numbers with a shade behind them."""

from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.style import Style
from rich.text import Text

from l2tui.tui.renderables.cells import fitted
from l2tui.tui.renderables.plain import count_of, printable
from l2tui.tui.themes import Palette

_LONGEST_NAME = 16
_SHORTEST_NAME = 5
_FOUND = " found"
_STRONGEST = 0.75


def draw_confusion(
    names: tuple[str, ...], counts: tuple[tuple[int, ...], ...], width: int, height: int, palette: Palette
) -> Text:
    """Draws the matrix: a line for each true class, a column for each predicted one.

    Where not all classes fit, those with the most mistakes are shown. Columns are headed by names where these fit,
    else by numbers that stand before the names of the lines too.

    Args:
        names: Names of the classes.
        counts: Rows of true class i that were taken for class j.
        width: Cells across.
        height: Lines.
        palette: Colours.
    """
    digits = max((len(str(count)) for line in counts for count in line), default=1)
    longest = max((cell_len(printable(name)) for name in names), default=1)
    label = max(len("true"), min(longest, _LONGEST_NAME, max(_SHORTEST_NAME, width // 4))) + 1
    room = width - label - len(_FOUND) - 1
    by_name = max(digits, min(longest, 12)) + 2
    by_number = max(digits, len(str(len(names)))) + 2
    numbered = longest > 12 or (by_number < by_name and by_name * len(names) > room)
    cell = by_number if numbered else by_name
    prefix = len(str(len(names))) + 1 if numbered else 0
    across = (room - prefix) // cell
    # Where some are left out, a line says so.
    fit = len(names) if len(names) <= min(across, height - 1) else max(1, min(across, height - 2))
    shown = _most_mistaken(counts, fit) if len(names) > fit else list(range(len(names)))
    head = Text(no_wrap=True, style=palette.muted)
    head.append(fitted("true \\ predicted" if prefix + label >= 16 else "true", prefix + label))
    for index in shown:
        head.append(f"{fitted(str(index + 1) if numbered else names[index], cell - 1, right=True)} ")
    lines = [head.append(_FOUND)]
    lines += [_line(index, shown, names, counts, (prefix, label, cell), palette) for index in shown]
    if len(shown) < len(names):
        words = f"{len(shown)} of {count_of(len(names), 'class', 'classes')}, those with the most mistakes"
        lines.append(Text(fitted(words, width), palette.muted, no_wrap=True))
    return Text("\n").join(lines)


def _line(
    index: int,
    shown: list[int],
    names: tuple[str, ...],
    counts: tuple[tuple[int, ...], ...],
    sizes: tuple[int, int, int],
    palette: Palette,
) -> Text:
    prefix, label, cell = sizes
    row = counts[index]
    total = sum(row)
    line = Text(no_wrap=True)
    if prefix:
        line.append(f"{index + 1:>{prefix - 1}} ", palette.muted)
    line.append(f"{fitted(names[index], label - 1)} ", palette.text)
    for other in shown:
        share = row[other] / total if total else 0.0
        colour = palette.good if other == index else palette.bad
        text = str(row[other]) if row[other] else "·"
        line.append(f"{text:>{cell - 1}} ", shade(share, colour, palette) if row[other] else palette.axis)
    found = f"{100 * row[index] / total:.0f} %" if total else "-"
    return line.append(found.rjust(len(_FOUND)), palette.muted)


def _most_mistaken(counts: tuple[tuple[int, ...], ...], most: int) -> list[int]:
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
