"""A run or a sweep as text on a stream: the chart and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from l2tui.settings import Settings
from l2tui.view.chart.data import chart_data
from l2tui.view.chart.loss_plot import LossPlotOptions, draw_loss_plot
from l2tui.view.look import Look
from l2tui.view.page import Page
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
    page = Page(stream, look, width)
    view = RunView(Settings(), snapshot, is_log=snapshot.settings is None, watching=True)
    options = LossPlotOptions(page.width, _ROWS if height is None else height, log_y=log_y, ascii=page.ascii)
    with page.printed():
        page.put_strips(draw_loss_plot(chart_data(view, None), options, page.palette.chart, "no epoch yet"))
        page.put(draw_legend(view, -1, page.width, page.palette, pointed=False))
        page.put(draw_verdict(view, "", page.width, _ROWS, page.palette))


def print_sweep(
    view: SweepView, stream: TextIO, *, width: int | None = None, height: int | None = None, log_y: bool = False
) -> None:
    """Prints the U of a sweep and what it says, as `print_run` does a run.

    Args:
        view: The sweep.
        stream: Where to.
        width: Columns of text; by default those of the terminal, 100 at most.
        height: Lines of the chart.
        log_y: Whether the loss axis is logarithmic.
    """
    from l2tui.view.chart.sweep_plot import SweepOptions, SweepStyles, draw_sweep
    from l2tui.view.sweep_text import draw_answer, draw_sweep_status

    page = Page(stream, width=width)
    rows = _ROWS if height is None else height
    options = SweepOptions(page.width, rows, cursor=-1, log_y=log_y, ascii=page.ascii)
    with page.printed():
        page.put(draw_sweep_status(view, page.palette))
        page.put_strips(draw_sweep(view, options, SweepStyles.of(page.palette)))
        page.put(draw_answer(view, page.palette))
