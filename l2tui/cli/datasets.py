"""`l2tui datasets`: lists the built-in data sets, and exports their prepared splits."""

from collections.abc import Sequence
from pathlib import Path

from l2tui.cli.options import add_setting_options, add_table_options, gather_settings, parse
from l2tui.cli.parser import Parser
from l2tui.cli.table import print_table
from l2tui.data.builtin.catalogue import CATALOGUE, DatasetInfo


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    return Parser(
        prog="l2tui datasets",
        description="List the built-in data sets.",
        epilog="`l2tui datasets export NAME --out FILE.npz` writes the prepared splits of one.",
    )


def run(arguments: Sequence[str]) -> int:
    """Lists or exports; returns the exit status."""
    if arguments and arguments[0] == "export":
        return _export(arguments[1:])
    parse(make_parser(), arguments)
    print_table([("NAME", "TASK", "ROWS", "INPUTS", "CLASSES", ""), *(_row(info) for info in CATALOGUE.values())])
    return 0


def _row(info: DatasetInfo) -> tuple[str, str, str, str, str, str]:
    rows = "any" if info.rows is None else str(info.rows)
    return info.name, info.task, rows, str(info.n_inputs), str(info.n_classes or "-"), info.summary


def make_export_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui datasets export",
        description="Write the prepared splits of a data set: X_train, y_train, X_val, y_val, X_test, y_test.",
        epilog="Inputs are standardised with the training part's mean and deviation; regression targets as well.",
    )
    parser.add_argument("data", metavar="NAME", help="name of a built-in data set, or a file with a table")
    parser.add_argument("--out", metavar="FILE.npz", type=Path, required=True, help="where to write")
    add_setting_options(parser)
    add_table_options(parser)
    return parser


def _export(arguments: Sequence[str]) -> int:
    options = parse(make_export_parser(), arguments)
    settings = gather_settings(options, default_data=str(options.data))

    from l2tui.data.prepare import prepare
    from l2tui.data.splits import export_npz

    splits = prepare(settings)
    export_npz(splits, options.out)
    parts = (splits.y_train, splits.y_val, splits.y_test)
    print(f"{options.out}: {' + '.join(str(len(part)) for part in parts)} rows of {settings.data}, train + val + test")
    return 0
