"""`l2tui inspect FILE`: looks at a table and shows how it would be prepared."""

import math
import shlex
from collections.abc import Sequence

from l2tui.cli.looking import bar, progress_lines
from l2tui.cli.options import add_table_options, parse, table_choice
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.cli.table import print_table
from l2tui.data.table.summary import ColumnSummary, TableSummary
from l2tui.files import expanded
from l2tui.settings import TableChoice, parse_value
from l2tui.view.figures import sparkline
from l2tui.view.plain import count_of, printable

_CLASSES_SHOWN = 20
_LONGEST = 30


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui inspect",
        description="Look at a table: what its columns are, what would be predicted, and what would be done to it.",
    )
    parser.add_argument("file", metavar="FILE", help="CSV, TSV, Parquet, or NPZ with X and y")
    parser.add_argument("--seed", metavar="SEED", default="0", help="seed of the split")
    parser.add_json()
    add_table_options(parser)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Looks and reports; returns the exit status."""
    options = parse(make_parser(), arguments)
    choice = table_choice(options) or TableChoice()
    seed = parse_value("seed", options.seed)

    from l2tui.data.table.inspect import inspect_table

    path = expanded(options.file)
    if options.json:
        summary = inspect_table(path, choice, seed=seed, progress=progress_lines())
        print_json(summary)
        return 0
    with bar() as progress:
        summary = inspect_table(path, choice, seed=seed, progress=progress)
    _report(summary, arguments)
    return 0


def _report(summary: TableSummary, arguments: Sequence[str]) -> None:
    train, val, test = summary.parts
    print(printable(f"{summary.path}: {summary.format}, {summary.bytes:,} bytes, {summary.rows:,} rows"))
    print(f"{count_of(summary.n_inputs, 'input')}; {train:,} rows train + {val:,} val + {test:,} test\n")
    print_table([("COLUMN", "KIND", "MISSING", "DIFFERENT", "EXAMPLES", "BECOMES"), *map(_row, summary.columns)])
    print()
    if summary.classes:
        most = max(count for _, count in summary.classes)
        rows = [(_cut(name), f"{count:,}", "█" * -(-30 * count // most)) for name, count in summary.classes]
        print_table([("CLASS", "ROWS", ""), *rows[:_CLASSES_SHOWN]])
        if len(rows) > _CLASSES_SHOWN:
            print(f"and {len(rows) - _CLASSES_SHOWN} more")
    elif summary.histogram:
        bars = sparkline([count or math.nan for count in summary.histogram], max(summary.histogram))
        print(printable(f"{summary.target}  {summary.target_low:g} {bars} {summary.target_high:g}"))
    print()
    for alarm in summary.alarms:
        print(printable(f"warning: {alarm}"))
    for note in summary.notes:
        print(printable(note))
    print(f"\nto train it: l2tui train {printable(shlex.join(arguments))}")


def _row(column: ColumnSummary) -> tuple[str, ...]:
    return (
        _cut(column.name),
        column.kind,
        f"{column.missing:,}" if column.missing else "-",
        f"{column.distinct:,}",
        _cut(" ".join(column.examples)),
        printable(_becomes(column)),
    )


def _cut(text: str) -> str:
    from rich.cells import cell_len

    from l2tui.view.cells import fitted

    text = printable(text)
    return fitted(text, min(_LONGEST, cell_len(text))).rstrip()


def _becomes(column: ColumnSummary) -> str:
    what: str = column.role
    if column.role == "input":
        what = count_of(column.n_inputs, "input")
    return f"{what}: {column.note}" if column.note else what
