"""A run or a sweep as text on a stream: the chart and what it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

import msgspec
from rich.console import Console
from rich.text import Text
from textual.strip import Strip

from l2tui.settings import Settings
from l2tui.view.chart.data import chart_data
from l2tui.view.chart.loss_plot import LossPlotOptions, draw_loss_plot
from l2tui.view.look import Look, look_for
from l2tui.view.palette import Palette, palette_named, theme_named
from l2tui.view.run_view import RunView
from l2tui.view.status import draw_legend, draw_verdict

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot
    from l2tui.sweep.summary import SweepView

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
    palette = palette_on(console, look)
    options = LossPlotOptions(width, rows, log_y=log_y, ascii=not look.glyphs.braille)
    with console.capture() as drawn:
        print_strips(console, draw_loss_plot(chart_data(view, None), options, palette.chart, "no epoch yet"))
        console.print(draw_legend(view, -1, width, palette, pointed=False), soft_wrap=True)
        console.print(draw_verdict(view, "", width, _ROWS, palette), soft_wrap=True)
    stream.write(look.glyphs.show(drawn.get()))


def print_sweep(view: SweepView, stream: TextIO, *, width: int | None = None, height: int | None = None) -> None:
    """Prints the U of a sweep and what it says, as `print_run` does a run.

    Args:
        view: The sweep.
        stream: Where to.
        width: Columns of text; by default those of the terminal, 100 at most.
        height: Lines of the chart.
    """
    from l2tui.view.chart.sweep_plot import SweepOptions, SweepStyles, draw_sweep
    from l2tui.view.sweep_text import draw_answer, draw_sweep_status

    look = look_for("dark", None, {}, stream.encoding or "ascii")
    console = Console(file=stream, highlight=False)
    palette = palette_on(console, look)
    if width is None:
        width = min(100, shutil.get_terminal_size((80, 24)).columns - 1)
    options = SweepOptions(width, _ROWS if height is None else height, cursor=-1, ascii=not look.glyphs.braille)
    with console.capture() as drawn:
        console.print(draw_sweep_status(view, palette), soft_wrap=True)
        print_strips(console, draw_sweep(view, options, SweepStyles.of(palette)))
        console.print(draw_answer(view, palette), soft_wrap=True)
    stream.write(look.glyphs.show(drawn.get()))


def palette_on(console: Console, look: Look) -> Palette:
    """Returns the colours that a console has."""
    palette = palette_named(theme_named(look.theme, few_colours=look.few_colours))
    # Without shades, the spread would look like the line.
    has_shades = palette.shades and console.color_system in ("256", "truecolor")
    return msgspec.structs.replace(palette, glyphs=look.glyphs, shades=has_shades)


def print_strips(console: Console, strips: Iterable[Strip]) -> None:
    """Prints strips without the blanks at their ends."""
    for strip in strips:
        line = Text()
        for segment in strip:
            line.append(segment.text, segment.style)
        line.rstrip()
        console.print(line, soft_wrap=True)
