"""Joins points by lines of dots.

This is the one module that touches plotext, and plotext gets nothing but whole numbers inside its canvas.

plotext could draw axes and ticks as well. Measured with plotext 6.1 at 72 x 20 cells and 1,200 epochs: a whole figure
of two lines with axes takes 4.4 ms each time; our chart takes 1.6 ms where only its last stretch is new, as while a run
goes on, and 7.6 ms where all of it is. A figure has neither a thick line, nor shades, nor lines that take turns where
they meet, and its colours have to be taken apart again. So plotext joins the dots, and the rest is put round them.
"""

import sys
import threading
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from l2tui.view.chart.binning import DOTS_ACROSS
from l2tui.view.chart.braille import Dots, from_text
from l2tui.view.chart.loss_axis import DOTS_DOWN

_HELP_PAGES = "plotext._doc.doc"


def load_plotext() -> Any:
    """Loads plotext without its help pages, which would take twice as long as all the rest of it.

    Where plotext has no such module any more, it is loaded as it is.
    """
    if "plotext" in sys.modules or _HELP_PAGES in sys.modules:
        return import_module("plotext")
    no_help = ModuleType(_HELP_PAGES)
    vars(no_help)["docs"] = None
    sys.modules[_HELP_PAGES] = no_help
    try:
        return import_module("plotext")
    finally:
        del sys.modules[_HELP_PAGES]


_plotext = load_plotext()

# There is one figure in a process.
_figure_lock = threading.Lock()


@lru_cache(maxsize=128)
def rasterise(points: bytes, columns: int, rows: int) -> Dots:
    """Joins points by lines.

    Args:
        points: Bytes of int64 numbers, three a point: its column of dots, from 0 to 2·columns - 1; its row of dots
            from below, from 0 to 4·rows - 1; and 1 where no line leads to it, else 0.
        columns: Cells across, at least 2.
        rows: Cells down, at least 2.

    Returns:
        The dots, read-only.
    """
    x, y, breaks = np.frombuffer(points, np.int64).reshape(-1, 3).T.tolist()
    with _figure_lock:
        figure = _figure(columns, rows)
        figure.clear.data()
        signal = figure.signal(x, y, marker=_marker()).lines()
        for index, is_break in enumerate(breaks):
            if is_break:
                signal.line(index, False)
        figure.draw(signal)
        text = figure.build().string(colorless=True)
    dots = from_text(text.split("\n")[:rows])
    dots.setflags(write=False)
    return dots


# One entry: the figure keeps the last size that was asked for.
@lru_cache(maxsize=1)
def _figure(columns: int, rows: int) -> Any:
    figure = _bare_figure()
    figure.plot_size(columns, rows)
    # The limits are the middles of the outer cells, between two dots across and the second and third of four down.
    for axis, cells, dots in (("x", columns, DOTS_ACROSS), ("y", rows, DOTS_DOWN)):
        middle = (dots - 1) / 2
        figure.ruler(axis).lim(middle, cells * dots - 1 - middle)
    return figure


@cache
def _bare_figure() -> Any:
    _plotext.terminal.limit(False, False)
    figure = _plotext.figure
    figure.clear()
    figure.canvas("default")
    figure.axes(False)
    for axis in "xy":
        figure.ruler(axis).ticks([])
    return figure


@cache
def _marker() -> Any:
    return _plotext.marker("braille")
