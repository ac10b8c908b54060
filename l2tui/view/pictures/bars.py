"""Bars: how much each column of a table is used, and what has become of wrong labels."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from l2tui.runs.pictures import InputNumbers, LabelCounts
from l2tui.view.cells import fitted
from l2tui.view.figures import bar, figure
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable

_LONGEST_NAME, _FIGURE = 22, 6
_LABELS_NAMED = "Of the rows with a wrong label, the network names"


def draw_inputs(
    numbers: InputNumbers, width: int, height: int, palette: Palette, top: float | None = None
) -> list[Strip]:
    """Draws a bar for each column of a table, as many as there is room for, most used first; `top` fills the width."""
    shown = len(numbers.names) if numbers.total <= height else max(0, height - 1)
    names = [printable(name) for name in numbers.names[:shown]]
    strips = _bars(list(zip(names, numbers.uses, strict=False)), width, palette, top=top)
    if (left := numbers.total - len(strips)) and len(strips) < height:
        words = f"and {count_of(left, 'column')} more"
        most = f", each below {figure(numbers.uses[shown - 1], 5).strip()}" if shown else ""
        strips.append(_line(words + most if len(words + most) <= width else words, width, palette))
    return _filled(strips, width, height)


def draw_label_bars(counts: LabelCounts, width: int, height: int, palette: Palette) -> list[Strip]:
    """Draws what the network names the rows with a wrong label."""
    other = counts.looked_at - counts.memorised - counts.true
    names, words = ("the wrong label", "the true class", "another class"), _LABELS_NAMED
    if width < len(words):
        names, words = ("wrong", "true", "other"), "Wrong labels, named as"
    bars = [(name, float(count)) for name, count in zip(names, (counts.memorised, counts.true, other), strict=True)]
    strips = [_line(words, width, palette), Strip.blank(width)]
    strips += _bars(bars, width, palette, top=counts.looked_at, whole=True)
    return _filled(strips, width, height)


def _bars(
    bars: list[tuple[str, float]], width: int, palette: Palette, *, top: float | None = None, whole: bool = False
) -> list[Strip]:
    longest = max((cell_len(name) for name, _ in bars), default=0)
    name_width = min(longest, _LONGEST_NAME, max(4, width // 3))
    room = max(1, width - name_width - _FIGURE - 2)
    top = max((value for _, value in bars), default=0.0) if top is None else top
    strips = []
    for name, value in bars:
        number = f"{value:,.0f}" if whole else figure(value, _FIGURE - 1)
        strips.append(
            Strip(
                [
                    Segment(fitted(name, name_width), palette.text),
                    Segment(" "),
                    Segment(bar(value / top if top > 0 else 0.0, room), palette.train),
                    Segment(f" {number:>{_FIGURE}}"[: _FIGURE + 1], palette.strong),
                ]
            )
        )
    return strips


def _line(text: str, width: int, palette: Palette) -> Strip:
    return Strip([Segment(fitted(text, width), palette.muted)])


def _filled(strips: list[Strip], width: int, height: int) -> list[Strip]:
    strips = [strip.extend_cell_length(width).crop(0, width) for strip in strips[:height]]
    return strips + [Strip.blank(width)] * (height - len(strips))
