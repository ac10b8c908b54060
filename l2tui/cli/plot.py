"""`l2tui plot RUN`: the chart of a run as text, or as a picture."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_text
from l2tui.errors import L2tuiError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.listing import find_run
from l2tui.runs.pictures import KINDS
from l2tui.sweep.directory import SweepDirectory, is_sweep
from l2tui.view.plain import printable

TEXT_LIMITS = ((30, 1000), (8, 500))


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui plot",
        description="Print the chart of a run or a sweep as text, with what it says. Or a picture of the network: "
        "what it has learnt. Pictures of several runs stand side by side on one scale.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="name, part of a name, or path")
    parser.add_argument("--picture", choices=KINDS, help="a picture of the network, instead of the chart")
    parser.add_argument(
        "--at",
        metavar="EPOCH",
        default="last",
        help="its weights: last, best or an epoch, or one for each run with commas between (last)",
    )
    parser.add_argument("--ghost", action="store_true", help="also the picture of the ghost beside each run")
    parser.add_argument("--json", action="store_true", help="the numbers of the picture as one JSON object")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write a file for a browser instead")
    parser.add_argument(
        "--width", metavar="N", type=int, help="columns of text, or pixels of a file (760; with --picture 380 a run)"
    )
    parser.add_argument("--height", metavar="N", type=int, help="lines of text (20), or pixels of a file (420)")
    parser.add_argument("--log-y", action="store_true", help="a logarithmic loss axis of the chart")
    return parser


def run(arguments: Sequence[str]) -> int:
    """Prints or writes the chart; returns the exit status."""
    options = make_parser().parse_args(arguments)
    if options.picture is not None:
        if options.log_y:
            raise L2tuiError("--log-y: a picture of the network has no loss axis; leave --log-y or --picture out")
        from l2tui.cli.plot_picture import plot_pictures

        plot_pictures([find_run(name) for name in options.runs], options)
        return 0
    if len(options.runs) > 1 or options.json or options.at != "last":
        raise L2tuiError("plot: several runs, --json and --at go with --picture; l2tui compare draws several charts")
    chosen = find_run(options.runs[0], sweeps=True)
    (_plot_sweep if is_sweep(chosen.path) else _plot_run)(chosen, options)
    return 0


def _plot_run(chosen: RunDirectory, options: argparse.Namespace) -> None:
    from l2tui.runs.reader import RunReader

    snapshot = RunReader(chosen).poll()
    if options.svg is None:
        from l2tui.view.print_run import print_run

        check_size(options, TEXT_LIMITS)
        print_run(snapshot, sys.stdout, width=options.width, height=options.height, log_y=options.log_y)
        return
    from l2tui.view.picture import picture

    name = chosen.path.resolve().name
    write_svg(options, lambda width, height: picture(snapshot, name, width=width, height=height, log_y=options.log_y))


def _plot_sweep(chosen: RunDirectory, options: argparse.Namespace) -> None:
    from l2tui.sweep.summary import read_view

    view = read_view(SweepDirectory(chosen.path))
    if options.svg is None:
        from l2tui.view.print_run import print_sweep

        check_size(options, TEXT_LIMITS)
        print_sweep(view, sys.stdout, width=options.width, height=options.height, log_y=options.log_y)
        return
    from l2tui.view.chart.svg_sweep import draw_sweep_svg

    write_svg(options, lambda width, height: draw_sweep_svg(view, width, height, log_y=options.log_y))


def write_svg(
    options: argparse.Namespace, draw: Callable[[int, int], str], default: tuple[int, int] = (760, 420)
) -> None:
    """Writes what is drawn for the size that was asked for, and says where it is."""
    from l2tui.files import write_file
    from l2tui.view.chart.svg_chart import LARGEST, SMALLEST

    check_size(options, tuple(zip(SMALLEST, LARGEST, strict=True)))
    text = draw(options.width or default[0], options.height or default[1])
    write_file(options.svg, lambda file: file.write(text.encode()))
    print_text(printable(str(options.svg)))


def check_size(options: argparse.Namespace, limits: tuple[tuple[int, int], ...]) -> None:
    """Checks the width and the height that were asked for.

    Raises:
        L2tuiError: One of them is out of its limits.
    """
    for name, (low, high) in zip(("width", "height"), limits, strict=True):
        value = getattr(options, name)
        if value is not None and not low <= value <= high:
            raise L2tuiError(f"--{name}: expected a whole number from {low} to {high}, got {value}")
