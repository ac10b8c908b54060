"""Whether the verdict and its advice point the right way, by counterfactual.

Run `python -m tests.benchmarks.verdict_study`, with `--quick` for a look. Each kind of run (data set, size, optimiser,
noise) is trained to its end with every λ of the ladder and many seeds. For a run at λ the right direction is *up* if
the mean final val_loss is more than 2 % lower one to three notches up, *down* likewise, else *stay*. Verdict and advice
are scored at the end of those runs, and at every tenth of the last phase of runs that are steered on the way.

The verdict was tuned on seeds 0 to 9; what it does on the held-out seeds from 100 on is what counts. A steered run is
judged by what its last λ comes to in a run of its own, also where the rate was changed.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import platformdirs

from l2tui.tui.ladders import L2_LADDER
from tests.benchmarks.verdict_judge import Field, Said, Told, fields, follow
from tests.benchmarks.verdict_kinds import KINDS, Run, constant, runs, steered

TUNING, HELD_OUT = range(10), range(100, 120)
QUICK = ("moons lr .3", "sine n=30", "breast-cancer")
HEAD = "                          points    wrong   too strong at    direction named    direction    about right:\n"
HEAD += "                                  direction  or below best   and right     named at all    within 5 %"
GOAL = "goal                                <= .01         <= .01          >= .90"


def main() -> None:
    """Trains or loads the runs, follows them and prints the tables."""
    options = _options()
    kinds = QUICK if options.quick else tuple(KINDS)
    for title, seeds in (("Tuning", TUNING), ("Held-out", HELD_OUT)):
        if options.part in ("all", title.lower()):
            chosen = seeds[:5] if options.quick else seeds
            _part(f"{title} seeds {chosen[0]} to {chosen[-1]}", kinds, chosen, options)


def _part(title: str, kinds: Sequence[str], seeds: Sequence[int], options: argparse.Namespace) -> None:
    plain = list(runs({kind: constant() for kind in kinds}, seeds, options.cache, options.jobs))
    field = fields(plain)
    live = list(runs({kind: steered(kind, field[kind].best) for kind in kinds}, seeds, options.cache, options.jobs))
    print(f"\n{title}: {len(plain)} runs with constant λ, {len(live)} steered ones")
    if options.verbose:
        _print_fields(field)
    alone = _follow_all([*plain, *live], field, options.jobs)
    print(f"\n{HEAD}")
    ends = [told.said[-1] for told in alone if not told.steered]
    later = [one for told in alone if told.steered for one in told.said]
    print(_row("constant λ, at the end", ends))
    print(_row("steered, every tenth", later))
    print(_row("both", [*ends, *later]))
    print(GOAL)
    print()
    for act in dict.fromkeys(one.act for one in later):
        delays = [told.delay for told in alone if told.steered and told.said[0].act == act]
        print(f"{_row(act, [one for one in later if one.act == act])}   {_delay(delays)}")
    print(f"after any change: {_delay([told.delay for told in alone if told.steered])}; goal 150 at the median")
    _print_changes(alone)
    _print_verdicts(ends)
    print("\nThe other runs of the seed known; the truth is that of the seed alone")
    by_others = [told.said[-1] for told in _follow_all(plain, field, options.jobs, known=True)]
    print(_row("constant λ, at the end", by_others))
    if options.verbose:
        print()
        for kind in kinds:
            print(_row(kind, [one for one in (*ends, *later) if one.kind == kind]))


def _follow_all(some: Sequence[Run], field: dict[str, Field], jobs: int, *, known: bool = False) -> list[Told]:
    tasks = [(run, field[run.kind], known) for run in some]
    if jobs == 1:
        return [_follow(task) for task in tasks]
    with get_context("fork").Pool(jobs) as pool:
        return pool.map(_follow, tasks, chunksize=20)


def _follow(task: tuple[Run, Field, bool]) -> Told:
    run, field, known = task
    return follow(run, field, known=known)


def _row(name: str, said: Sequence[Said]) -> str:
    below = [one for one in said if one.at_or_below]
    directed = [one for one in said if one.truth != "stay"]
    praised = [one for one in said if one.assessment.verdict == "about_right"]
    return (
        f"{name:24s}{len(said):8d}{_share(one.wrong for one in said):>9s}"
        f"{_share(one.assessment.verdict == 'l2_too_strong' for one in below):>15s}"
        f"{_share(one.right for one in directed):>16s}"
        f"{_share(one.assessment.direction in ('up', 'down') for one in directed):>17s}"
        f"{_share(one.excess <= 0.05 for one in praised):>14s} of {len(praised)}"
    )


def _delay(delays: Sequence[int | None]) -> str:
    found = np.array([np.inf if delay is None else delay for delay in delays])
    middle = float(np.median(found))
    return f"right after {middle:.0f} epochs (median), never {np.mean(np.isinf(found)):.2f}"


def _print_changes(told: Sequence[Told]) -> None:
    counts = np.array([one.changes for one in told])
    close = sum(one.closest is not None and one.closest < 100 for one in told)
    lapsed = np.mean([one.lapsed for one in told])
    print(
        f"\nchanges of the verdict without an act: median {np.median(counts):.0f}, 90th percentile "
        f"{np.percentile(counts, 90):.0f}, most {counts.max()}; two within 100 epochs in {close} of {len(told)} runs; "
        f"no longer held, and said so, {lapsed:.3f} of the epochs"
    )


def _print_verdicts(ends: Sequence[Said]) -> None:
    print("\nVerdict at the end of runs with constant λ, by where λ should go")
    truths = ("up", "stay", "down")
    counts = Counter((one.assessment.verdict, one.truth) for one in ends)
    print(f"{'':16s}" + "".join(f"{truth:>8s}" for truth in truths))
    for verdict in dict.fromkeys(one.assessment.verdict for one in ends):
        print(f"{verdict:16s}" + "".join(f"{counts[verdict, truth]:8d}" for truth in truths))


def _print_fields(field: dict[str, Field]) -> None:
    print(f"\n{'final val_loss':24s}" + "".join(f"{l2:>8g}" for l2 in L2_LADDER))
    for kind, one in field.items():
        print(f"{kind:24s}" + "".join(f"{loss:8.3f}" for loss in one.finals) + f"   best {L2_LADDER[one.best]:g}")


def _share(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{np.mean(listed):.3f}" if listed else "-"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures whether the verdict and its advice point the right way.")
    parser.add_argument("--quick", action="store_true", help="three kinds of runs and five seeds")
    parser.add_argument("--part", choices=("all", "tuning", "held-out"), default="all", help="which seeds")
    parser.add_argument("--verbose", action="store_true", help="final losses and scores of each kind as well")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    usual = platformdirs.user_cache_path("l2tui") / "verdict-study"
    parser.add_argument("--cache", type=Path, default=usual, help=f"where losses are kept (default {usual})")
    options: argparse.Namespace = parser.parse_args()
    return options


if __name__ == "__main__":
    main()
