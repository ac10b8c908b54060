"""`l2tui plot RUN --picture KIND`: what a network has learnt, as text, as a file for a browser, or as numbers."""

import argparse
import sys
from collections.abc import Callable, Sequence

import msgspec

from l2tui.cli.plot import TEXT_LIMITS, check_size, write_svg
from l2tui.cli.printing import print_json
from l2tui.errors import L2tuiError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import Kind, Moment, PictureRequest, Pictures

# Points of a field in a file, and bins of a histogram.
_POINTS, _BINS = 120, 61
_SIDE, _PANEL = 420, 380


def plot_pictures(runs: Sequence[RunDirectory], options: argparse.Namespace) -> None:
    """Prints or writes one picture of each run, and of its ghost, side by side on one scale."""
    kind, moments = options.picture, [_moment(text) for text in options.at.split(",")]
    if len(moments) not in (1, len(runs)):
        raise L2tuiError(f"--at: expected one epoch, or one for each of {len(runs)} runs, got {len(moments)}")
    moments *= len(runs) // len(moments)

    def compute(request: PictureRequest) -> Pictures:
        from l2tui.results.picture import pictures_of

        return Pictures(pictures_of(runs, msgspec.structs.replace(request, ghost=options.ghost), moments))

    if options.json:
        check_size(options, ((1, 2000), (1, 2000)))
        print_json(compute(PictureRequest(kind=kind, columns=options.width or 48, rows=options.height or 48)))
        return
    names = [run.path.resolve().name for run in runs]
    if options.ghost:
        names = [words for name in names for words in (name, f"ghost of {name}")]

    def compute_all(request: PictureRequest) -> Pictures:
        pictures = compute(request)
        if len(pictures.pictures) < len(names):
            raise L2tuiError("--ghost: not every run has a ghost at these weights; of best weights none is kept")
        return pictures

    if options.svg is not None:
        _write(compute_all, kind, names, options)
    else:
        from l2tui.view.pictures.printing import print_pictures

        check_size(options, TEXT_LIMITS)
        print_pictures(compute_all, kind, names, sys.stdout, width=options.width, height=options.height)


def _write(
    compute: Callable[[PictureRequest], Pictures], kind: Kind, names: Sequence[str], options: argparse.Namespace
) -> None:
    from l2tui.view.pictures.svg import draw_pictures_svg

    columns = _BINS if kind == "weights" else _POINTS
    pictures = compute(PictureRequest(kind=kind, columns=columns, rows=_POINTS)).pictures
    write_svg(
        options,
        lambda width, height: draw_pictures_svg(pictures, names, width, height),
        (_PANEL * len(names), _SIDE),
    )


def _moment(text: str) -> Moment:
    if text == "last":
        return "live"
    if text == "best":
        return "best"
    if text.isdecimal():
        return int(text)
    raise L2tuiError(f"--at: expected last, best or the number of an epoch, got {text}")
