"""How far the mark of overfitting can be trusted: every criterion on thousands of curves.

Run `python -m tests.benchmarks.mark_study`, with `--quick` for a look in less than a minute. The first run trains the
curves, a quarter of an hour on one core, and keeps them in a cache. The default criterion was tuned on seeds 0 to 4;
what it does on the held-out seeds from 10 on is what counts. Seeds 5 to 9 were looked at once on the way, so they are
neither.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from l2tui.overfitting import CRITERIA
from l2tui.settings import CriterionName, Settings
from tests.benchmarks.mark_curves import Curve, curves, sparse
from tests.benchmarks.mark_judge import Outcome, Score, outcome, patience_stop, score, stopping
from tests.benchmarks.mark_made_up import made_up
from tests.benchmarks.mark_scenarios import scenarios

SPARSE = (2, 5, 20)
HELD_OUT = 10
DEFAULT = Settings().criterion
GOAL = "goal                       >= .98       <= .01         <= 1     <= 30 / <= 250"
HEAD = "criterion                 found     false marks   withdrawn   delay median / p90"


def main() -> None:
    """Trains or loads the curves, judges them and prints the tables."""
    options = _options()
    seeds = options.seeds or (4 if options.quick else 10)
    tuning, held_out = range((seeds + 1) // 2), range(HELD_OUT, HELD_OUT + seeds // 2)
    wanted = [one for part in (tuning, held_out) for one in scenarios(part, quick=options.quick)]
    trained = list(curves(wanted, options.cache, options.jobs))
    for title, chosen in (("Tuning", tuning), ("Held-out", held_out)):
        _print_part(
            f"{title} seeds {chosen[0]} to {chosen[-1]}", [one for one in trained if one.seed in chosen], chosen
        )
    _print_speed(trained)


def _print_part(title: str, some: list[Curve], seeds: range) -> None:
    outcomes = {name: [outcome(curve, name) for curve in some] for name in CRITERIA}
    total = score(outcomes[DEFAULT])
    between = total.runs - total.overfit - total.fine
    print(f"\n{title}: {total.runs} runs, {total.overfit} overfit, {total.fine} not, {between} between and left out")
    print(f"\n{HEAD}")
    for name in CRITERIA:
        print(_row(name, score(outcomes[name])))
    print(GOAL)
    print(f"\n{DEFAULT} by kind of run")
    made = [outcome(curve, DEFAULT) for curve in made_up(seeds)]
    thin = [outcome(sparse(curve, every), DEFAULT) for every in SPARSE for curve in some if len(curve.val) > 20 * every]
    _print_kinds([*outcomes[DEFAULT], *made, *thin])
    print("\nEvery criterion against the lowest mean of 5 % of the values instead of the lowest value")
    for name in CRITERIA:
        print(_row(name, score(outcomes[name], smooth=True)))
    _print_stopping(some, outcomes)


def _print_kinds(outcomes: Sequence[Outcome]) -> None:
    for group in dict.fromkeys(one.curve.group for one in outcomes):
        result = score([one for one in outcomes if one.curve.group == group])
        print(f"{_row(group, result)}   {result.runs} runs, {result.overfit} overfit, {result.fine} not")


def _print_stopping(some: list[Curve], outcomes: dict[CriterionName, list[Outcome]]) -> None:
    print("\nStopping              runs stopped   epochs saved   best val_loss worse by: mean / p90   by over 5 %")
    rules: dict[str, list[int | None]] = {
        f"on {DEFAULT}": [one.first for one in outcomes[DEFAULT]],
        f"on {DEFAULT}, stood 20": [one.stood for one in outcomes[DEFAULT]],
        "on gl": [one.first for one in outcomes["gl"]],
        "patience 10": [patience_stop(curve, 10) for curve in some],
        "patience 50": [patience_stop(curve, 50) for curve in some],
        "patience 100": [patience_stop(curve, 100) for curve in some],
        "at the end": [None for _ in some],
    }
    for name, stops in rules.items():
        result = stopping(zip(some, stops, strict=True))
        print(
            f"{name:22s}{result.stopped:10.0%}{result.saved:15.0%}{result.cost:24.1%} / {result.cost_p90:.1%}"
            f"{result.dear:18.0%}"
        )


def _print_speed(trained: list[Curve]) -> None:
    curve = max(trained, key=lambda curve: len(curve.val))
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        outcome(curve, DEFAULT)
        best = min(best, time.process_time() - began)
    print(f"\n{1e6 * best / len(curve.val):.1f} µs an update of the whole watch, on {len(curve.val):,} epochs")


def _row(name: str, result: Score) -> str:
    delay = "-" if result.delay is None else f"{result.delay:.0f} / {result.delay_p90:.0f}"
    return f"{name:22s}{_share(result.found):>9s}{_share(result.false):>16s}{result.withdrawn:12.2f}{delay:>21s}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _two_or_more(text: str) -> int:
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError("at least 2: one for tuning, one held out")
    return number


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures how far the mark of overfitting can be trusted.")
    parser.add_argument("--quick", action="store_true", help="fewer data sets and seeds, a third of the epochs")
    parser.add_argument(
        "--seeds", type=_two_or_more, help="how many seeds, half of them held out (default 10, quick 4)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that train (default 1)")
    usual = platformdirs.user_cache_path("l2tui") / "mark-study"
    parser.add_argument("--cache", type=Path, default=usual, help=f"where curves are kept (default {usual})")
    options: argparse.Namespace = parser.parse_args()
    return options


if __name__ == "__main__":
    main()
