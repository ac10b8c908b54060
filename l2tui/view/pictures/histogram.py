"""Histograms of the weights of both layers, on one axis."""

import math

from textual.strip import Strip

from l2tui.runs.pictures import WeightNumbers
from l2tui.view.chart.cell_grid import CellGrid
from l2tui.view.figures import figure
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def bins_in(width: int) -> int:
    """Returns how many bins a histogram of so many cells has: an odd number, so that one is about zero."""
    return max(1, width - 1 + width % 2)


def draw_histograms(numbers: WeightNumbers, width: int, height: int, palette: Palette) -> list[Strip]:
    """Draws both histograms, one above the other. Heights are square roots, so that a single weight is seen."""
    grid = CellGrid(width, height)
    rows = max(1, (height - 3) // 2)
    for layer in range(2):
        top = layer * (rows + 1)
        counts, role = numbers.counts[layer], ("w1", "w2")[layer]
        name, weights, most = f"W{layer + 1}", sum(counts), figure(numbers.largest[layer], 5).strip()
        forms = (f"{name}  {count_of(weights, 'weight')}, the largest {most}", f"{name}  {weights:,}, largest {most}")
        words = next((words for words in forms if len(words) <= width), f"{name}  largest {most}")
        _put_bars(grid, _fitted(counts, bins_in(width)), top + 1, rows, role)
        grid.put(0, top, words, "words")
    if height > 2 * rows + 2:
        end = f"{numbers.limit:g}"
        below = 2 * rows + 2
        for text, start in ((f"-{end}", 0), ("0", bins_in(width) // 2), (end, bins_in(width) - len(end))):
            grid.put(start, below, text, "label")
    return grid.strips({"w1": palette.train, "w2": palette.decay, "words": palette.strong, "label": palette.muted})


def _put_bars(grid: CellGrid, counts: tuple[int, ...], top: int, rows: int, role: str) -> None:
    most = math.sqrt(max(counts, default=0))
    for column, count in enumerate(counts):
        # The smallest count that there is can be seen.
        eighths = max(int(count > 0), round(8 * rows * math.sqrt(count) / most)) if most else 0
        for row in range(rows):
            filled = max(0, min(8, eighths - 8 * (rows - 1 - row)))
            if filled:
                grid.put(column, top + row, _EIGHTHS[filled], role)


def _fitted(counts: tuple[int, ...], bins: int) -> tuple[int, ...]:
    """Returns counts in another number of bins, for the moment until those of this size are there."""
    if len(counts) == bins:
        return counts
    fitted = [0] * bins
    for place, count in enumerate(counts):
        fitted[place * bins // len(counts)] += count
    return tuple(fitted)
