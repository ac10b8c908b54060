"""How much each pixel of a square image is used, as a map."""

from textual.strip import Strip

from l2tui.runs.pictures import PixelNumbers
from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.palette import Palette
from l2tui.view.pictures.shades import Form, painted, shades_for

_RAMP, _ASCII_RAMP = " ░▒▓█", " .:+#@"


def draw_pixels(
    numbers: PixelNumbers, width: int, height: int, palette: Palette, form: Form, top: float | None = None
) -> list[Strip]:
    """Draws the map as large as whole pixels allow; one that has no room for all pixels leaves some out."""
    most = max(numbers.uses) if top is None else top
    grid = CellGrid(width, height)
    shades = shades_for(palette)
    if form != "shades":
        # A character is about twice as high as wide.
        ramp = _ASCII_RAMP if palette.glyphs.name == "ascii" else _RAMP
        size = _size(numbers.side, min(width // 2, height))
        levels = _levels(numbers, most, size, len(ramp))
        for row, line in enumerate(levels):
            grid.put((width - 2 * size) // 2, row, "".join(2 * ramp[level] for level in line), "sign")
        return grid.strips({"sign": palette.train})
    size = _size(numbers.side, min(width, 2 * height))
    levels = _levels(numbers, most, size, len(shades.ramp))
    left = (width - size) // 2
    styles = {}
    for row in range(-(-size // 2)):
        upper, lower = levels[2 * row], levels[min(2 * row + 1, size - 1)]
        for column, (front, back) in enumerate(zip(upper, lower, strict=True)):
            role = f"{front} {back}"
            styles[role] = painted(shades.ramp[front], shades.ramp[back])
            grid.put(left + column, row, " " if front == back else "▀", role)
    return grid.strips(styles)


def _size(side: int, room: int) -> int:
    """Returns the points across of a map: a whole number a pixel where there is room."""
    return max(1, room // side * side if room >= side else room)


def _levels(numbers: PixelNumbers, most: float, size: int, steps: int) -> list[list[int]]:
    places = [place * numbers.side // size for place in range(size)]
    return [[_step(numbers.uses[y * numbers.side + x], most, steps) for x in places] for y in places]


def _step(value: float, most: float, steps: int) -> int:
    return min(steps - 1, int(value / most * steps)) if most > 0 else 0
