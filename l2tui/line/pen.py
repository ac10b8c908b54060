"""The terminal's cursor: where it is, the look with which it writes, and the cheapest way to change either."""

from msgspec import Struct

from l2tui.line.looks import CellStyle, blank_of, change_look


class Pen(Struct):
    """The state of the terminal's cursor, as far as it is known.

    Attributes:
        x: Its column, None where unknown.
        y: Its row, None where unknown.
        look: The look with which it writes, None where unknown.
    """

    x: int | None = None
    y: int | None = None
    look: CellStyle | None = None

    def move(self, x: int, y: int) -> str:
        """Returns the shortest way to a cell."""
        choices = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self.y == y and self.x == x:
            return ""
        if self.y == y:
            choices.append("\r" if x == 0 else f"\x1b[{x + 1}G")
            if self.x is not None:
                choices.append(_steps(x - self.x, "C", "D"))
                if 0 < self.x - x <= 3:
                    choices.append("\b" * (self.x - x))
        elif self.y is not None:
            down = _steps(y - self.y, "B", "A")
            if self.x == x:
                choices.append(down)
            elif x == 0:
                choices.append("\r" + down)
        self.x, self.y = x, y
        return min(choices, key=len)

    def take(self, look: CellStyle) -> str:
        """Returns what makes the terminal write with a look."""
        sequence = change_look(self.look, look)
        self.look = look
        return sequence

    def take_blank(self, look: CellStyle) -> str:
        """Returns what makes the terminal write spaces that look like those of a look; colours of text may stay."""
        if self.look is not None and blank_of(self.look) == blank_of(look):
            return ""
        if self.look is not None and self.look.is_plain and look.is_plain:
            return self.take(self.look.behind(look.background))
        return self.take(blank_of(look))


def _steps(distance: int, forward: str, backward: str) -> str:
    letter = forward if distance > 0 else backward
    return f"\x1b[{abs(distance) if abs(distance) > 1 else ''}{letter}"
