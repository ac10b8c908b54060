"""A run as text on a stream: the chart, the values under it and the verdict."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from l2tui.settings import Settings
from l2tui.tui.renderables.loss_plot import LossPlotOptions, draw_loss_plot
from l2tui.tui.renderables.status import draw_legend, draw_verdict
from l2tui.tui.run_view import RunView
from l2tui.tui.themes import DARK, palette_for
from l2tui.tui.widgets.loss_chart import chart_data

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

_ROWS = 20


def print_run(snapshot: Snapshot, stream: TextIO) -> None:
    """Prints a run, in colour where the stream is a terminal.

    Args:
        snapshot: The run.
        stream: Where to.
    """
    console = Console(file=stream, highlight=False)
    width = min(100, shutil.get_terminal_size((80, 24)).columns - 1)
    view = RunView(Settings(), snapshot, is_log=snapshot.settings is None)
    palette = palette_for(DARK)
    options = LossPlotOptions(width, _ROWS, ascii=not _is_unicode(stream))
    for strip in draw_loss_plot(chart_data(view, None), options, palette.chart):
        line = Text()
        for segment in strip:
            line.append(segment.text, segment.style)
        line.rstrip()
        console.print(line, soft_wrap=True)
    console.print(draw_legend(view, -1, width, palette, pointed=False), soft_wrap=True)
    console.print(draw_verdict(view, "", width, _ROWS, palette), soft_wrap=True)


def _is_unicode(stream: TextIO) -> bool:
    try:
        "★⣿".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
