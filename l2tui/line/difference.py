"""The bytes that turn the picture on a terminal into another one: only the cells that differ, in the cheapest way."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import NamedTuple

from l2tui.line.grid import SECOND_HALF, Grid, is_wide
from l2tui.line.looks import PLAIN, CellStyle, blank_of
from l2tui.line.pen import Pen

_ERASE_TO_END = "\x1b[K"
_WORTH_ERASING = 9
_LONGEST_BRIDGE = 4
# Bytes of a move and a change of look, about.
_USUAL_WAY = 8
_MOST_TO_SORT = 80


class Stroke(NamedTuple):
    """Something to write in one go, with one look.

    Attributes:
        x: Its first column.
        y: Its row.
        text: The characters, or the sequence that erases.
        look: The look.
        end: The column in which it leaves the cursor, None where that is not known.
        blank: Whether it holds spaces only, for which the colour of text does not matter.
    """

    x: int
    y: int
    text: str
    look: CellStyle
    end: int | None
    blank: bool


class Difference:
    """Writes the difference between two grids of the same size.

    Args:
        sent: What is on the terminal; rows that have been written are taken over into it.
        wanted: What is to be there.
        pen: The terminal's cursor.
        erases: Whether the terminal erases with the background colour that it writes with.
    """

    def __init__(self, sent: Grid, wanted: Grid, pen: Pen, *, erases: bool) -> None:
        self._sent, self._wanted, self._pen, self._erases = sent, wanted, pen, erases

    def write(self, rows: Iterable[int], limit: float = float("inf")) -> tuple[str, set[int]]:
        """Returns the bytes for some rows, as text, and the rows that are done.

        Args:
            rows: Rows that may differ, the most urgent first.
            limit: The row with which the text becomes longer than about so many bytes is the last one.
        """
        strokes: list[Stroke] = []
        done: set[int] = set()
        size = 0
        for y in rows:
            if size > limit:
                break
            new = list(self._strokes(y))
            if new:
                strokes += new
                size += sum(len(stroke.text.encode()) + _USUAL_WAY for stroke in new)
                self._sent.copy_row(y, self._wanted)
            done.add(y)
        return self._shorter(strokes), done

    def _shorter(self, strokes: list[Stroke]) -> str:
        """Writes row by row, or look by look if that takes fewer bytes."""
        pen = copy(self._pen)
        text = self._draw(strokes, pen)
        if 1 < len(strokes) <= _MOST_TO_SORT:
            other = copy(self._pen)
            sorted_text = self._draw(_by_look(strokes, other.look), other)
            if len(sorted_text.encode()) < len(text.encode()):
                text, pen = sorted_text, other
        self._pen.x, self._pen.y, self._pen.look = pen.x, pen.y, pen.look
        return text

    def _draw(self, strokes: list[Stroke], pen: Pen) -> str:
        parts: list[str] = []
        for x, y, text, look, end, blank in strokes:
            bridge = self._bridge(pen, x, y)
            parts.append(bridge or pen.move(x, y))
            parts.append(pen.take_blank(look) if blank else pen.take(look))
            parts.append(text)
            pen.x, pen.y = (end, y) if end is not None and end < self._wanted.width else (None, None)
        return "".join(parts)

    def _bridge(self, pen: Pen, x: int, y: int) -> str:
        """Returns what lies between the cursor and a cell if writing it again is cheaper than to move."""
        if pen.y != y or pen.x is None or not 0 < x - pen.x <= _LONGEST_BRIDGE or pen.look is None:
            return ""
        characters, looks = self._wanted.characters[y][pen.x : x], self._wanted.looks[y][pen.x : x]
        blank = blank_of(pen.look)
        for character, look in zip(characters, looks, strict=True):
            alike = look == pen.look or (character == " " and blank_of(look) == blank)
            if not alike or len(character) != 1 or is_wide(character):
                return ""
        text = "".join(characters)
        if len(text.encode()) > (3 if len(text) == 1 else 4):
            return ""
        pen.x = x
        return text

    def _strokes(self, y: int) -> Iterator[Stroke]:
        spans = changed_spans(self._sent, self._wanted, y)
        if not spans:
            return
        tail = self._blank_tail(y)
        for index, (start, end) in enumerate(spans):
            yield from self._span(y, start, min(end, tail))
            behind = end - max(start, tail) + sum(b - a for a, b in spans[index + 1 :])
            if end > tail and behind > len(_ERASE_TO_END):
                x = max(start, tail)
                yield Stroke(x, y, _ERASE_TO_END, blank_of(self._wanted.looks[y][-1]), x, True)
                return
            if end > tail:
                yield from self._span(y, max(start, tail), end)

    def _blank_tail(self, y: int) -> int:
        """Returns the column from which a row is nothing but background, its width if that cannot be erased."""
        characters, looks = self._wanted.characters[y], self._wanted.looks[y]
        start, last = self._wanted.width, blank_of(looks[-1])
        if self._erases and last.is_plain:
            while start > 0 and characters[start - 1] == " " and blank_of(looks[start - 1]) == last:
                start -= 1
        return start

    def _span(self, y: int, x: int, end: int) -> Iterator[Stroke]:
        while x < end:
            stop = self._erasable(y, x, end)
            if stop > x:
                yield Stroke(x, y, f"\x1b[{stop - x}X", blank_of(self._wanted.looks[y][x]), x, True)
                x = stop
            else:
                stroke, x = self._text(y, x, end)
                yield stroke

    def _erasable(self, y: int, x: int, end: int) -> int:
        """Returns the end of a stretch of background that is cheaper to erase than to write, or `x`."""
        characters, looks = self._wanted.characters[y], self._wanted.looks[y]
        if not self._erases or characters[x] != " " or not looks[x].is_plain:
            return x
        blank, stop = blank_of(looks[x]), x + 1
        while stop < end and characters[stop] == " " and blank_of(looks[stop]) == blank:
            stop += 1
        return stop if stop - x > (_WORTH_ERASING if stop < end else len(_ERASE_TO_END)) else x

    def _text(self, y: int, x: int, end: int) -> tuple[Stroke, int]:
        """Returns what can be written from a cell on with one look, and the column behind it."""
        characters, looks = self._wanted.characters[y], self._wanted.looks[y]
        start, blank = x, blank_of(looks[x])
        look: CellStyle | None = None
        known = True
        while x < end and known:
            character, own = characters[x], looks[x]
            if character == " ":
                if blank_of(own) != blank or (x > start and self._erasable(y, x, end) > x):
                    break
            elif look is None and blank_of(own) == blank:
                look = own
            elif own != look:
                break
            # Terminals differ in how far a character of several parts moves the cursor.
            known = len(character) < 2
            x += 2 if x + 1 < end and characters[x + 1] == SECOND_HALF else 1
        text = "".join(characters[start:x])
        return Stroke(start, y, text, look or blank, x if known else None, look is None), x


def _by_look(strokes: list[Stroke], first: CellStyle | None) -> list[Stroke]:
    """Sorts strokes by look, beginning with the one that the terminal writes with already."""
    groups: dict[CellStyle, list[Stroke]] = {} if first is None else {first: []}
    for stroke in strokes:
        if not stroke.blank:
            groups.setdefault(stroke.look, []).append(stroke)
    for stroke in strokes:
        if stroke.blank:
            alike = next((look for look in groups if blank_of(look) == stroke.look), stroke.look)
            groups.setdefault(alike, []).append(stroke)
    return [stroke for group in groups.values() for stroke in sorted(group, key=lambda one: (one.y, one.x))]


def changed_spans(sent: Grid, wanted: Grid, y: int) -> list[tuple[int, int]]:
    """Returns the stretches of cells of a row that look different, as first columns and columns behind the last.

    Both halves of a wide character are in it if one is, and both of one that is written over.
    """
    old, new, before, after = sent.characters[y], wanted.characters[y], sent.looks[y], wanted.looks[y]
    if old == new and before == after:
        return []
    changed = [
        x
        for x, (a, b, p, q) in enumerate(zip(old, new, before, after, strict=True))
        if a != b or (p is not q and p != q and (b != " " or blank_of(p) != blank_of(q)))
    ]
    if SECOND_HALF in old or SECOND_HALF in new:
        changed = _with_halves(old, new, set(changed))
    spans: list[tuple[int, int]] = []
    for x in changed:
        if spans and spans[-1][1] == x:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def _with_halves(old: list[str], new: list[str], changed: set[int]) -> list[int]:
    waiting = list(changed)
    while waiting:
        x = waiting.pop()
        for row in (old, new):
            for other in (x - 1 if row[x] == SECOND_HALF else None, x + 1 if is_wide(row[x]) else None):
                if other is not None and 0 <= other < len(row) and other not in changed:
                    changed.add(other)
                    waiting.append(other)
    return sorted(changed)


def clear_for(wanted: Grid, pen: Pen, *, erases: bool) -> tuple[str, Grid]:
    """Returns what clears the terminal before a whole picture, and the grid that is on it then.

    Args:
        wanted: The picture that will follow.
        pen: The terminal's cursor.
        erases: Whether the terminal erases with the background colour that it writes with.
    """
    background = PLAIN
    if erases and wanted.width:
        counts: dict[CellStyle, int] = {}
        for characters, looks in zip(wanted.characters, wanted.looks, strict=True):
            for character, look in zip(characters, looks, strict=True):
                if character == " " and look.is_plain:
                    counts[blank_of(look)] = counts.get(blank_of(look), 0) + 1
        background = max(counts, key=lambda look: counts[look], default=PLAIN)
    pen.x = pen.y = pen.look = None
    return pen.take(background) + "\x1b[2J", Grid(wanted.width, wanted.height, background)
