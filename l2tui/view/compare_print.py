"""A comparison on a stream: the chart and the table as text, or a picture."""

from __future__ import annotations

from typing import TextIO

from l2tui.view.chart.overlay import LETTERS, Overlay, OverlayOptions
from l2tui.view.chart.svg_overlay import draw_overlay_svg
from l2tui.view.compare import Comparison, curves_of, draw_selected, draw_top, warning
from l2tui.view.compare_table import cells_of, draw_table, label_words
from l2tui.view.look import Look
from l2tui.view.page import Page

_ROWS = 20
# A table on a stream has all its columns, however many.
_WIDEST = 10_000


def print_comparison(
    comparison: Comparison,
    stream: TextIO,
    look: Look | None = None,
    *,
    width: int | None = None,
    height: int | None = None,
    log_y: bool = False,
) -> None:
    """Prints the chart, and under it the table with all its columns.

    Args:
        comparison: What to print.
        stream: Where to.
        look: Signs and colours; by default those that suit the stream's encoding.
        width: Columns of the chart; by default those of the terminal, 100 at most.
        height: Lines of the chart.
        log_y: Whether the loss axis is logarithmic.
    """
    page = Page(stream, look, width)
    palette = page.palette
    options = OverlayOptions(
        page.width,
        _ROWS if height is None else height,
        log_y=log_y,
        ascii=page.ascii,
        x_name=comparison.x if comparison.x != "epoch" else "",
    )
    with page.printed():
        page.put(draw_top(comparison, f"{comparison.part} loss", (), _WIDEST, palette))
        if words := warning(comparison):
            page.put(palette.say(f" {words}"), palette.bad)
        page.put_strips(Overlay().draw(curves_of(comparison), options, palette))
        for position, _ in enumerate(comparison.subjects):
            page.put(draw_selected(comparison, _WIDEST, palette, position))
        for line in draw_table(comparison, _WIDEST, 1 + len(comparison.rows), palette, selects=False):
            line.rstrip()
            page.put(line)


def comparison_picture(comparison: Comparison, width: int, height: int, *, log_y: bool = False) -> str:
    """Returns the chart as an SVG document, with a line a curve of what differs in its settings."""
    settings = [row for row in comparison.shown if not row.is_result]
    lines = [(label_words(row, comparison), cells_of(row, comparison)) for row in settings]
    best = next(row for row in comparison.rows if row.name == "best_val_loss")
    lowest = cells_of(best, comparison)
    names = []
    for at, subject in enumerate(comparison.subjects):
        words = [subject.name, *(f"{label} {cells[at]}" for label, cells in lines)]
        at_epoch = f" at {subject.best_epoch}" if subject.best_epoch is not None else ""
        names.append(" · ".join([*words, f"best val {lowest[at].lstrip('•')}{at_epoch}"]))
    title = f"{comparison.part} loss of {LETTERS[0]} to {LETTERS[len(names) - 1]}"
    return draw_overlay_svg(
        curves_of(comparison), names, title, warning(comparison), width, height, x_name=comparison.x, log_y=log_y
    )
