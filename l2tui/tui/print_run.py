"""A run as text on a stream: the chart, the values under it and the verdict."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from l2tui.settings import Settings
from l2tui.tui.look import Look, look_for
from l2tui.tui.renderables.loss_plot import LossPlotOptions, draw_loss_plot
from l2tui.tui.renderables.status import draw_legend, draw_verdict
from l2tui.tui.run_view import RunView
from l2tui.tui.themes import DARK, THEMES, palette_for, theme_named
from l2tui.tui.widgets.loss_chart import chart_data

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

_ROWS = 20


def print_run(
    snapshot: Snapshot,
    stream: TextIO,
    look: Look | None = None,
    *,
    width: int | None = None,
    height: int | None = None,
    log_y: bool = False,
) -> None:
    """Prints a run, in colour where the stream is a terminal, with the signs that it takes.

    Args:
        snapshot: The run.
        stream: Where to.
        look: Signs and colours; by default those that suit the stream's encoding.
        width: Columns of text; by default those of the terminal, 100 at most.
        height: Lines of the chart.
        log_y: Whether the loss axis is logarithmic.
    """
    look = look or look_for("dark", None, {}, stream.encoding or "ascii")
    console = Console(file=stream, highlight=False)
    if width is None:
        width = min(100, shutil.get_terminal_size((80, 24)).columns - 1)
    rows = _ROWS if height is None else height
    view = RunView(Settings(), snapshot, is_log=snapshot.settings is None, watching=True)
    name = theme_named(look.theme, few_colours=look.few_colours)
    theme = next((theme for theme in THEMES if theme.name == name), DARK)
    palette = msgspec.structs.replace(palette_for(theme), glyphs=look.glyphs)
    options = LossPlotOptions(width, rows, log_y=log_y, ascii=not look.glyphs.braille)
    with console.capture() as drawn:
        for strip in draw_loss_plot(chart_data(view, None), options, palette.chart, "no epoch yet"):
            line = Text()
            for segment in strip:
                line.append(segment.text, segment.style)
            line.rstrip()
            console.print(line, soft_wrap=True)
        console.print(draw_legend(view, -1, width, palette, pointed=False), soft_wrap=True)
        console.print(draw_verdict(view, "", width, _ROWS, palette), soft_wrap=True)
    stream.write(look.glyphs.show(drawn.get()))
