"""`l2tui plot RUN`: the chart of a run as text, or as a picture."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_text
from l2tui.errors import L2tuiError
from l2tui.runs.listing import find_run
from l2tui.tui.renderables.plain import printable

_TEXT_LIMITS = ((30, 1000), (8, 500))


def run(arguments: Sequence[str]) -> int:
    """Prints or writes the chart; returns the exit status."""
    parser = Parser(
        prog="l2tui plot",
        description="Print the chart of a run as text: both losses, their marks and the verdict. Or write a picture.",
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write a picture instead")
    parser.add_argument("--width", metavar="N", type=int, help="columns of text, or pixels of a picture (760)")
    parser.add_argument("--height", metavar="N", type=int, help="lines of text (20), or pixels of a picture (420)")
    parser.add_argument("--log-y", action="store_true", help="a logarithmic loss axis")
    options = parser.parse_args(arguments)
    chosen = find_run(options.run)
    from l2tui.runs.reader import RunReader

    snapshot = RunReader(chosen).poll()
    if options.svg is None:
        from l2tui.tui.print_run import print_run

        _check(options, _TEXT_LIMITS)
        print_run(snapshot, sys.stdout, width=options.width, height=options.height, log_y=options.log_y)
        return 0
    from l2tui.files import write_file
    from l2tui.tui.picture import LARGEST, SMALLEST, picture

    _check(options, tuple(zip(SMALLEST, LARGEST, strict=True)))
    name = chosen.path.resolve().name
    text = picture(snapshot, name, width=options.width or 760, height=options.height or 420, log_y=options.log_y)
    write_file(options.svg, lambda file: file.write(text.encode()))
    print_text(printable(str(options.svg)))
    return 0


def _check(options: argparse.Namespace, limits: tuple[tuple[int, int], ...]) -> None:
    for name, (low, high) in zip(("width", "height"), limits, strict=True):
        value = getattr(options, name)
        if value is not None and not low <= value <= high:
            raise L2tuiError(f"--{name}: expected a whole number from {low} to {high}, got {value}")
