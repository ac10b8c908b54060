"""How the main screen divides its room, and what the box of the chart says on its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widgets import Static

from l2tui.tui.widgets.panels import ChartBox
from l2tui.tui.widgets.picture import BESIDE_COLUMNS, PicturePanel
from l2tui.view.settings_rows import width_for
from l2tui.view.status import criterion_words, score_words

if TYPE_CHECKING:
    from l2tui.tui.screens.run import RunScreen

_MIN_COLUMNS, _MIN_ROWS = 60, 16


def divide(screen: RunScreen, size: Size) -> None:
    """Suits the screen to the size of the terminal."""
    columns, rows = size
    too_small = columns < _MIN_COLUMNS or rows < _MIN_ROWS
    screen.set_class(too_small, "too-small")
    screen.set_class(columns < 80 or rows < 24, "compact")
    screen.set_class(rows >= 34, "tall")
    fit_settings(screen)
    if too_small:
        text = f"l2tui needs {_MIN_COLUMNS} x {_MIN_ROWS} cells to draw\nin; here are {columns} x {rows}."
        screen.query_one("#too-small", Static).update(text)
    for panel in screen.query(PicturePanel):
        panel.settle()


def fit_settings(screen: RunScreen) -> None:
    """Gives the settings the width that they need, where there is room."""
    columns, rows = screen.size
    roomy = columns >= 100 and rows >= 24
    width = width_for(screen.pending, screen.live, columns, tall=screen.has_class("tall")) if roomy else None
    for left in screen.query("#left"):
        left.styles.width = width


def title_chart(screen: RunScreen) -> None:
    """Says how the chart is drawn, where the criterion stands and what the scores are."""
    view = screen.view
    modes = [
        "log" if screen.log_y else "",
        "smoothed" if screen.smooth else "",
        "recent part" if screen.recent else "",
    ]
    forms = [
        " · ".join(filter(None, (*modes, words)))
        for words in criterion_words(view.assessment if view else None, view.x if view else "epoch")
    ]
    # The run is followed until the last moment, when the box may be gone already.
    for box in screen.query(ChartBox):
        box.say(*forms)
        box.head(score_words(view, -1 if screen.index is None else screen.index))


def turn_picture(screen: RunScreen, *, beside: bool) -> None:
    """Shows the next picture of the network, or puts it beside the chart or in its place."""
    panel = screen.query_one(PicturePanel)
    if not beside:
        panel.turn()
    elif not panel.turn_beside():
        screen.notify(f"Side by side, chart and picture need {BESIDE_COLUMNS} columns.", timeout=3)
