"""`l2tui plot RUN --picture KIND`: what a network has learnt, as text, as a file for a browser, or as numbers."""

import argparse
import sys
from collections.abc import Sequence

from l2tui.cli.plot import TEXT_LIMITS, check_size, write_svg
from l2tui.cli.printing import print_json
from l2tui.errors import L2tuiError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import Kind, Moment, PictureRequest, Pictures

# Points of a field in a file, and bins of a histogram.
_POINTS, _BINS = 120, 61
_SIDE, _PANEL = 420, 380


def plot_pictures(runs: Sequence[RunDirectory], options: argparse.Namespace) -> None:
    """Prints or writes one picture of each run, side by side on one scale."""
    kind, moment = options.picture, _moment(options.at)
    if options.json:
        from l2tui.results.picture import pictures_of

        check_size(options, ((1, 2000), (1, 2000)))
        request = PictureRequest(kind=kind, moment=moment, columns=options.width or 48, rows=options.height or 48)
        print_json(Pictures(pictures_of(runs, request)))
    elif options.svg is not None:
        _write(runs, kind, moment, options)
    else:
        from l2tui.view.pictures.printing import print_pictures

        check_size(options, TEXT_LIMITS)

        def compute(request: PictureRequest) -> Pictures:
            from l2tui.results.picture import pictures_of

            return Pictures(pictures_of(runs, request))

        names = [run.path.resolve().name for run in runs]
        print_pictures(compute, kind, moment, names, sys.stdout, width=options.width, height=options.height)


def _write(runs: Sequence[RunDirectory], kind: Kind, moment: Moment, options: argparse.Namespace) -> None:
    from l2tui.results.picture import pictures_of
    from l2tui.view.pictures.svg import draw_pictures_svg

    columns = _BINS if kind == "weights" else _POINTS
    pictures = pictures_of(runs, PictureRequest(kind=kind, moment=moment, columns=columns, rows=_POINTS))
    names = [run.path.resolve().name for run in runs]
    write_svg(
        options,
        lambda width, height: draw_pictures_svg(pictures, names, width, height),
        (_PANEL * len(runs), _SIDE),
    )


def _moment(text: str) -> Moment:
    if text == "last":
        return "live"
    if text == "best":
        return "best"
    if text.isdecimal():
        return int(text)
    raise L2tuiError(f"--at: expected last, best or the number of an epoch, got {text}")
