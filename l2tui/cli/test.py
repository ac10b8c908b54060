"""`l2tui test RUN`: how good a run's best weights are on rows that were neither trained nor tuned on."""

import shutil
from collections.abc import Sequence

from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json, print_text
from l2tui.runs.listing import find_run
from l2tui.runs.results import Interval, PartResult
from l2tui.view.plain import printable
from l2tui.worker.control import have_best_written

# Of a confusion matrix; of more classes than this, those with the most mistakes are shown.
_MOST_LINES = 40


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui test",
        description="Evaluate a run's best weights on its test part. Every look is written into the run: a test part "
        "that is looked at again and again while λ is chosen no longer shows how good the network is on new rows.",
        epilog="Intervals are 95 % bootstrap percentile intervals over rows. A look at the validation part leaves "
        "no trace.",
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    parser.add_argument("--part", choices=("test", "val"), default="test", help="which part (test)")
    parser.add_json()
    return parser


def run(arguments: Sequence[str]) -> int:
    """Evaluates; returns the exit status."""
    options = make_parser().parse_args(arguments)
    chosen = find_run(options.run)
    have_best_written(chosen)
    from l2tui.results.evaluate import evaluate_run

    result = evaluate_run(chosen, options.part)
    if options.json:
        print_json(result)
    else:
        print_text("\n".join(result_lines(result, shutil.get_terminal_size((80, 24)).columns)))
    return 0


def result_lines(result: PartResult, width: int) -> list[str]:
    """Returns a result as lines for people, none wider than `width` as far as that can be."""
    from l2tui.cli.floors import floor_lines
    from l2tui.view.confusion import draw_confusion
    from l2tui.view.palette import palette_named

    part = {"test": "test", "val": "validation"}[result.part]
    lines = [
        f"best weights, of epoch {result.epoch} at λ {result.l2:g}, on the {result.rows:,} rows of the {part} part"
    ]
    if result.class_names:
        lines.append(_line("loss", f"{result.loss:.4g}", result.loss_interval, "{:.4g}"))
        lines.append(_line("accuracy", f"{result.score:.1%}", result.score_interval, "{:.1%}"))
        mono = palette_named("l2tui-mono")
        matrix = draw_confusion(result.class_names, result.confusion, width, _MOST_LINES, mono)
        lines += ["", *(line.rstrip() for line in matrix.plain.splitlines())]
    else:
        target = printable(result.target_name)
        lines.append(_line("loss", f"{result.loss:.4g}", result.loss_interval, "{:.4g}", "of the standardised target"))
        lines.append(_line("R²", f"{result.score:.3f}", result.score_interval, "{:.3f}"))
        if result.rmse is not None and result.rmse_interval is not None:
            lines.append(_line("RMSE", f"{result.rmse:.4g}", result.rmse_interval, "{:.4g}", f"in units of {target}"))
    lines += [*floor_lines(result), "", _looks(result)]
    return lines


def _line(label: str, value: str, interval: Interval, form: str, remark: str = "") -> str:
    low, high = (form.format(end) for end in interval)
    return f"{label:<10}{value:>9}  95 % from {low} to {high}" + (f"  ({remark})" if remark else "")


def _looks(result: PartResult) -> str:
    times = {0: "not looked at yet", 1: "looked at once"}.get(result.looks, f"looked at {result.looks} times")
    text = f"test part of this run: {times}"
    if result.looks_l2:
        seen = dict.fromkeys(f"{l2:g}" for l2 in result.looks_l2)
        text += f", at λ {', '.join(seen)}"
    return text
