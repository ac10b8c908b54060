"""`l2tui predict RUN FILE`: predictions for new rows."""

import sys
from collections.abc import Sequence
from pathlib import Path

from l2tui.cli.parser import Parser
from l2tui.errors import DataError
from l2tui.runs.listing import find_run
from l2tui.view.plain import printable
from l2tui.worker.control import have_best_written


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui predict",
        description="Predict with a run's best weights, for each row of a file with the same columns: the class and "
        "the probability of each class, or the value in the target's own units. The rows keep their order.",
        epilog="What was noticed about the file goes to standard error.",
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV, TSV, Parquet or NPZ; the target may be missing")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="a .csv, .tsv or .parquet file; by default CSV on standard output"
    )
    return parser


def run(arguments: Sequence[str]) -> int:
    """Predicts; returns the exit status."""
    options = make_parser().parse_args(arguments)
    chosen = find_run(options.run)
    have_best_written(chosen)
    from l2tui.results.predict import csv_pieces, output_kind, predict, write_predictions
    from l2tui.results.trained import load_trained

    if options.out is not None:
        output_kind(options.out)
        if _same(options.out, options.file):
            raise DataError(f"{options.out}: holds the rows to predict, and would be lost; name another file")
    predictions = predict(load_trained(chosen), options.file)
    for note in predictions.notes:
        print(f"note: {printable(note)}", file=sys.stderr)
    if options.out is not None:
        write_predictions(predictions, options.out)
        return 0
    for piece in csv_pieces(predictions):
        # The output may become a file that is read again, so it is UTF-8 whatever the terminal.
        sys.stdout.buffer.write(piece.encode())
    return 0


def _same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        return False
