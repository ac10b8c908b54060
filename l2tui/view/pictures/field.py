"""The decision field: which class the network names in each place of a plane, and the training rows in it."""

from collections import Counter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from l2tui.runs.pictures import FieldNumbers, LabelCounts
from l2tui.view.cells import fitted
from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.palette import Palette
from l2tui.view.pictures.shades import Form, painted, shades_for
from l2tui.view.plain import count_of

# By which of its four quarters are filled: upper left 1, upper right 2, lower left 4, lower right 8.
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_ROW, _MARKED = "•", "×"
_PLAIN_ROW, _PLAIN_MARKED = "o", "x"
_SIGNS, _ASCII_SIGNS = ("░", " ", "▒", "▓"), (":", " ", "%", "#")
_DOUBT, _ASCII_DOUBT = "·", "."
_DOUBT_LEVEL = 2
_MOST_SWATCHES, _LONGEST_NAME = 6, 12


def points_of(width: int, height: int, form: Form) -> tuple[int, int]:
    """Returns how many points, across and down, a field has in so many cells."""
    return {
        "shades": (width, 2 * height),
        "halves": (width, 2 * height),
        "quadrants": (2 * width, 2 * height),
        "signs": (width, height),
    }[form]


def draw_field(numbers: FieldNumbers, width: int, height: int, palette: Palette, form: Form) -> list[Strip]:
    """Draws the field.

    Args:
        numbers: What is to be drawn.
        width: Cells across.
        height: Cells down.
        palette: Colours.
        form: How areas are drawn.

    Returns:
        `height` strips of `width` cells.
    """
    grid, styles = CellGrid(width, height), _Styles(palette, form)
    across, down = points_of(width, height, form)
    # A picture that was computed for another size is shown in this one until the right one is there.
    columns = [min(numbers.columns - 1, x * numbers.columns // across) for x in range(across)]
    rows = [min(numbers.rows - 1, y * numbers.rows // down) for y in range(down)]
    levels = [[numbers.classes[y * numbers.columns + x] for x in columns] for y in rows]
    wide, tall = across // width, down // height
    for row in range(height):
        for column in range(width):
            cell = [levels[row * tall + y][column * wide + x] for y in range(tall) for x in range(wide)]
            grid.put(column, row, *styles.area(cell))
    for (column, row), number in _shown_rows(numbers, width, height).items():
        level = numbers.classes[
            _cell(1 - numbers.up[number], numbers.rows) * numbers.columns
            + _cell(numbers.across[number], numbers.columns)
        ]
        grid.put(column, row, *styles.row(numbers.labels[number], level, marked=bool(numbers.marked[number])))
    return grid.strips(styles.used)


def _shown_rows(numbers: FieldNumbers, width: int, height: int) -> dict[tuple[int, int], int]:
    """Returns the number of the training row to be drawn in each cell that has one."""
    places: dict[tuple[int, int], int] = {}
    for number, (across, up) in enumerate(zip(numbers.across, numbers.up, strict=True)):
        cell = _cell(across, width), _cell(1 - up, height)
        # Of several rows in a cell, one that is marked says more.
        if cell not in places or numbers.marked[number] > numbers.marked[places[cell]]:
            places[cell] = number
    return places


def _cell(share: float, cells: int) -> int:
    return min(cells - 1, int(max(0.0, min(1.0, share)) * cells))


class _Styles:
    """Which character and which style stand for areas and rows."""

    def __init__(self, palette: Palette, form: Form) -> None:
        self._palette, self._form, self._shades = palette, form, shades_for(palette)
        self._coloured = palette.train.color is not None
        self.used: dict[str, Style] = {}

    def area(self, levels: list[int]) -> tuple[str, str]:
        if self._form == "signs":
            return self._sign(levels[0])
        levels = [self._shade(level) for level in levels]
        # The same two areas are always drawn in the same way, so that less changes from picture to picture.
        back = max(levels)
        front = min(levels) if len(levels) == 2 else Counter(levels).most_common(2)[-1][0]
        if len(levels) == 4 and front == back:
            front = min(levels)
        if front == back or len(set(levels)) == 1:
            return " ", self._role(" ", back, back)
        if len(levels) == 2:
            return ("▀" if levels[0] == front else "▄"), self._role("", front, back)
        mask = sum(1 << place for place, level in enumerate(levels) if level == front)
        return _QUADRANTS[mask], self._role("", front, back)

    def row(self, label: int, level: int, *, marked: bool) -> tuple[str, str]:
        if self._form == "signs":
            role = f"row {label} {marked}"
            style = Style(color=self._shades.row(label)) if self._coloured else self._palette.text
            self.used[role] = style + Style(bold=True)
            return (_PLAIN_MARKED if marked else _PLAIN_ROW), role
        level = self._shade(level)
        role = f"row {label} {level} {marked}"
        self.used[role] = painted(self._shades.row(label), self._shades.area(level), bold=marked)
        return (_MARKED if marked else _ROW), role

    def _shade(self, level: int) -> int:
        """Returns an area as it is told apart from others: doubt has one shade, and two colours have none."""
        if self._form != "shades":
            return level // 3 * 3
        return _DOUBT_LEVEL if level % 3 == _DOUBT_LEVEL else level

    def _sign(self, level: int) -> tuple[str, str]:
        number, doubt = divmod(level, 3)
        signs = _signs(self._palette)
        sign = _doubt(self._palette) if doubt == _DOUBT_LEVEL else signs[number % len(signs)]
        role = f"sign {number if self._coloured and doubt < _DOUBT_LEVEL else ''}"
        muted = self._palette.muted
        self.used[role] = (
            Style(color=self._shades.area(3 * number)) if self._coloured and doubt < _DOUBT_LEVEL else muted
        )
        return sign, role

    def _role(self, kind: str, front: int, back: int) -> str:
        role = f"area{kind}{front} {back}"
        if role not in self.used:
            shades = self._shades
            blank = Style(bgcolor=shades.area(back))
            self.used[role] = blank if kind else painted(shades.area(front), shades.area(back))
        return role


def field_key(numbers: FieldNumbers, width: int, palette: Palette, form: Form) -> Strip:
    """Draws the line under a field: how many rows are on the wrong side, and which colour is which class."""
    first, *rest = label_words(numbers.counts) if numbers.counts is not None else [_counted(numbers)]
    pieces = [
        [Segment(first, palette.strong)],
        *_swatches(numbers, palette, form),
        *([Segment(words, palette.muted)] for words in rest),
    ]
    segments: list[Segment] = []
    used = 0
    for piece in pieces:
        gap = [Segment("  ")] if segments else []
        cells = sum(segment.cell_length for segment in (*gap, *piece))
        if used + cells <= width:
            segments += [*gap, *piece]
            used += cells
    return Strip(segments).extend_cell_length(width)


def counted_words(numbers: FieldNumbers) -> str:
    """Returns how many rows are on the wrong side, or what has become of the wrong labels, in a sentence."""
    if numbers.counts is not None:
        return ", ".join(label_words(numbers.counts))
    return f"{_MARKED} {numbers.wrong_side:,} of {_looked_at(numbers)} training rows on the wrong side"


def _counted(numbers: FieldNumbers) -> str:
    return f"{_MARKED} wrong side: {numbers.wrong_side:,} of {_looked_at(numbers)}"


def _looked_at(numbers: FieldNumbers) -> str:
    return f"{numbers.looked_at:,}" if numbers.looked_at == numbers.total else f"the first {numbers.looked_at:,}"


def label_words(counts: LabelCounts) -> list[str]:
    """Returns what has become of wrong labels, a piece each."""
    of = count_of(counts.looked_at, "wrong label")
    if counts.looked_at < counts.wrong:
        of += f" looked at, of {counts.wrong:,}"
    return [f"{_MARKED} {counts.memorised:,} of {of} memorised", f"true class named: {counts.true:,}"]


def _swatches(numbers: FieldNumbers, palette: Palette, form: Form) -> list[list[Segment]]:
    shades, names = shades_for(palette), numbers.class_names
    signs = _signs(palette)
    pieces = []
    for number, name in enumerate(names[:_MOST_SWATCHES]):
        sign = signs[number % len(signs)] if form == "signs" else "█"
        colour = Style() if palette.train.color is None else Style(color=shades.area(3 * number))
        shown = fitted(name, min(_LONGEST_NAME, cell_len(name)))
        words = f" {shown}" if sign != " " else f"blank {shown}"
        pieces.append([*([Segment(sign, colour)] if sign != " " else []), Segment(words, palette.muted)])
    if form in ("shades", "signs"):
        sign = _doubt(palette) if form == "signs" else "█"
        colour = palette.muted if form == "signs" else Style(color=shades.doubt)
        pieces.append([Segment(sign, colour), Segment(" doubt", palette.muted)])
    return pieces


def _signs(palette: Palette) -> tuple[str, ...]:
    return _ASCII_SIGNS if palette.glyphs.name == "ascii" else _SIGNS


def _doubt(palette: Palette) -> str:
    return _ASCII_DOUBT if palette.glyphs.name == "ascii" else _DOUBT
