"""How right a sweep is: the λ that it names, the range that it gives and what it claims, against held-out rows.

    python -m tests.benchmarks.sweep_study [--sweeps 200] [--first-seed 1000] [--processes 2] [--cache FILE.jsonl]

Each case is a data set with a size, an optimiser and label noise, on rows of its own. A sweep sees the training and
validation rows. What is true comes from the test rows: each λ is trained on the run's own split with three seeds of
weights and order, and the mean test loss at the last epochs is its truth. Regret is the test loss of the λ that is
named over that of the best λ of the grid, less 1.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from l2tui.data.builtin import catalogue
from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.nn.evaluate import Evaluator
from l2tui.nn.network import loss_for
from l2tui.settings import Settings, changed
from l2tui.sweep.grid import default_grid
from l2tui.sweep.race import tail_length
from l2tui.sweep.results import Lane, Results
from l2tui.sweep.round import Round, RoundPlan
from l2tui.sweep.stretch import train
from l2tui.training.lanes import LaneStack

# Generated sets have 200 validation rows, more than most tables: here they have half of the training rows.
catalogue.MIN_VAL_ROWS = 1

TRUTH_SEEDS = 3


class Case(NamedTuple):
    """One kind of sweep; values override what is recommended for the data."""

    name: str
    data: str
    values: dict[str, Any]


# Decay is not needed here, or hardly: many rows, few units, or few epochs. What is true of a sweep its test rows say.
NULL_CASES = (
    Case(
        "moons, 1000 rows, 8 units",
        "moons",
        {"train_size": 1000, "hidden": 8, "batch_size": 50, "learning_rate": 0.1, "epochs": 120},
    ),
    Case(
        "xor, 800 rows, 8 units",
        "xor",
        {"train_size": 800, "hidden": 8, "batch_size": 40, "learning_rate": 0.1, "epochs": 120},
    ),
    Case(
        "breast-cancer, stopped at once",
        "breast-cancer",
        {"train_size": 300, "hidden": 8, "batch_size": 32, "learning_rate": 0.05, "epochs": 12},
    ),
    Case(
        "sine, 400 rows, 8 units",
        "sine",
        {"train_size": 400, "hidden": 8, "batch_size": 20, "learning_rate": 0.05, "epochs": 100},
    ),
    Case(
        "moons, 1000 rows, 10 % wrong, 4 units",
        "moons",
        {"train_size": 1000, "hidden": 4, "label_noise": 0.1, "batch_size": 50, "learning_rate": 0.1, "epochs": 80},
    ),
    Case(
        "moons, 60 rows, 3 units",
        "moons",
        {"train_size": 60, "hidden": 3, "batch_size": 10, "learning_rate": 0.05, "epochs": 100},
    ),
    Case(
        "circles, 500 rows, 6 units",
        "circles",
        {"train_size": 500, "hidden": 6, "batch_size": 25, "learning_rate": 0.1, "epochs": 120},
    ),
    Case(
        "diabetes, stopped at once",
        "diabetes",
        {"train_size": 150, "hidden": 4, "batch_size": 16, "learning_rate": 0.01, "epochs": 10},
    ),
    Case("iris, stopped at once", "iris", {"train_size": 60, "hidden": 4, "learning_rate": 0.1, "epochs": 40}),
    Case("wine, stopped at once", "wine", {"train_size": 60, "hidden": 4, "learning_rate": 0.05, "epochs": 20}),
    Case(
        "moons, 300 rows, 4 units, adam",
        "moons",
        {"train_size": 300, "hidden": 4, "optimizer": "adam", "learning_rate": 0.01, "batch_size": 16, "epochs": 100},
    ),
)

CASES = (
    Case("moons", "moons", {"learning_rate": 0.1, "batch_size": 10, "epochs": 800}),
    Case("moons, 10 % wrong", "moons", {"learning_rate": 0.1, "batch_size": 10, "epochs": 800, "label_noise": 0.1}),
    Case("moons, 300 rows", "moons", {"train_size": 300, "learning_rate": 0.1, "batch_size": 16, "epochs": 400}),
    Case("moons, adam", "moons", {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 10, "epochs": 300}),
    Case("moons, 32 units", "moons", {"hidden": 32, "noise": 0.25, "learning_rate": 0.2, "epochs": 800}),
    Case("circles", "circles", {"learning_rate": 0.1, "batch_size": 10, "epochs": 800}),
    Case("xor", "xor", {"learning_rate": 0.1, "batch_size": 10, "epochs": 600}),
    Case("sine", "sine", {"epochs": 1000}),
    Case("sine, 60 rows", "sine", {"train_size": 60, "epochs": 600}),
    Case("wine", "wine", {"train_size": 60, "learning_rate": 0.1, "epochs": 300}),
    Case("breast-cancer", "breast-cancer", {"train_size": 100, "learning_rate": 0.1, "epochs": 400}),
    Case("diabetes", "diabetes", {"train_size": 150, "learning_rate": 0.02, "batch_size": 16, "epochs": 300}),
    Case(
        "diabetes, momentum",
        "diabetes",
        {"train_size": 150, "optimizer": "momentum", "learning_rate": 0.003, "batch_size": 16, "epochs": 200},
    ),
    Case("iris", "iris", {"train_size": 60, "learning_rate": 0.1, "epochs": 300}),
    *NULL_CASES[:4],
)


def settings_of(case: Case, seed: int) -> Settings:
    """Returns the settings of a case on rows of its own."""
    return recommended_settings(case.data, **{"dtype": "float32", "l2": 0.0, **case.values, "seed": seed})


def sweep_once(case: Case, seed: int) -> dict[str, Any]:
    """Sweeps once and finds the truth; returns both as plain values."""
    settings, grid = settings_of(case, seed), default_grid()
    results = Results(settings.epochs)
    scheduler = Round(RoundPlan(grid, tuple(range(settings.folds + 1)), True), settings, results)
    splits: dict[int, Any] = {}
    rows = (1, 1)
    while (following := scheduler.next_stretch()) is not None:
        fold, stretch = following
        if fold not in splits:
            splits[fold] = prepare(stretch.settings)
        trained = train(splits[fold], stretch)
        rows = trained.rows
        scheduler.take(fold, trained)
    return {
        "case": case.name,
        "seed": seed,
        "epochs": settings.epochs,
        "val_share": rows[1] / rows[0],
        "lanes": [[lane.fold, lane.l2, lane.epoch, lane.val_loss, lane.best_val_loss] for lane in results.lanes],
        "truth": truth(settings, grid),
        "one_split": one_split(settings, grid),
    }


def truth(settings: Settings, grid: tuple[float, ...]) -> list[float | None]:
    """Returns the test loss of each λ on the run's own split, a mean over seeds and the last epochs."""
    splits = prepare(settings)
    total, known = np.zeros(len(grid)), np.ones(len(grid), bool)
    for extra in range(TRUTH_SEEDS):
        # A seed of the fold 0 settings would draw other rows; another fold number draws other weights and order only.
        stack = LaneStack(changed(settings, fold=9000 + extra), splits, grid)
        X1 = np.column_stack([splits.X_test, np.ones(len(splits.X_test))]).astype(settings.dtype)
        losses, tail = np.zeros(len(grid)), tail_length(settings.epochs)
        while not stack.finished:
            if stack.advance(9.0) and stack.epoch > settings.epochs - tail and len(stack.lanes):
                test = Evaluator(
                    stack.parameters, settings.activation, loss_for(splits.task, splits.n_outputs), X1, splits.y_test
                )
                for _ in test.pieces():
                    pass
                losses[stack.lanes] += test.losses / tail
        known[list(stack.diverged)] = False
        total += losses / TRUTH_SEEDS
    return [float(value) if ok else None for value, ok in zip(total, known, strict=True)]


def one_split(settings: Settings, grid: tuple[float, ...]) -> list[float | None]:
    """Returns the final val_loss of each λ on the run's own split alone."""
    from l2tui.sweep.stretch import Stretch

    trained = train(prepare(settings), Stretch(settings, grid, tuple(range(len(grid))), settings.epochs))
    return [float(value) if np.isfinite(value) else None for value in trained.level[1]]


def answer_of(row: dict[str, Any]) -> Any:
    """Returns what the sweep of a row says."""
    results = Results(
        row["epochs"],
        [Lane(fold, l2, epoch, val_loss=val, best_val_loss=best) for fold, l2, epoch, val, best in row["lanes"]],
    )
    return results.answer(val_share=row["val_share"], judge="end", done=True)


def report(rows: list[dict[str, Any]]) -> str:
    """Returns the tables."""
    grid = np.array(default_grid())
    lines, everything = [], []
    for name in [*dict.fromkeys(row["case"] for row in rows), "all"]:
        judged = [judge(row, grid) for row in rows if name in (row["case"], "all")]
        if name == "all":
            everything = judged
        lines.append(
            f"{name:32} {len(judged):4} "
            + " ".join(f"{100 * np.mean([one[rule] for one in judged]):7.1f}" for rule in RULES)
            + f" {np.mean([one['holds'] for one in judged]):6.2f} {np.median([one['width'] for one in judged]):5.2f} "
            + " ".join(
                f"{verdict}:{sum(one['verdict'] == verdict for one in judged)}"
                for verdict in ("helps", "no_help", "cannot_tell", "edge", "diverged")
            )
        )
    tenth = " ".join(f"{rule} {100 * np.quantile([one[rule] for one in everything], 0.9):.0f}" for rule in RULES)
    null, real = [one for one in everything if one["gain"] < 0.02], [one for one in everything if one["gain"] > 0.05]
    head = f"{'mean regret, %':32} {'n':>4} " + " ".join(f"{rule:>7}" for rule in RULES) + "  holds width verdicts"
    claimed = np.mean([one["verdict"] == "helps" for one in null]) if null else float("nan")
    missed = np.mean([one["verdict"] not in ("helps", "edge") for one in real]) if real else float("nan")
    return "\n".join(
        [
            head,
            *lines,
            f"90th percentile of regret, %: {tenth}",
            f"decay helps (true gain > 5 %): missed {missed:.3f} of {len(real)}",
            f"decay is not needed (true gain < 2 %): claimed {claimed:.3f} of {len(null)}",
        ]
    )


RULES = ("sweep", "one", "one_se", "zero")


def judge(row: dict[str, Any], grid: Any) -> dict[str, Any]:
    """Scores one sweep against the truth."""
    true = np.array([np.inf if value is None else value for value in row["truth"]])
    found, best = answer_of(row), int(np.argmin(true))
    single = np.array([np.inf if value is None else value for value in row["one_split"]])
    place = {value: index for index, value in enumerate(grid)}

    def regret(l2: float) -> float:
        return float(true[place[l2]] / true[best] - 1)

    low, high = place[found.low], place[found.high]
    width = np.log10(max(grid[high], 1e-6) / max(grid[low], 1e-6))
    return {
        "sweep": regret(found.best_l2),
        "one": regret(float(grid[int(np.argmin(single))])),
        "one_se": regret(found.one_se_l2),
        "zero": regret(0.0),
        "holds": low - 1 <= best <= high + 1,
        "width": width,
        "gain": 1 - true[best] / true[0],
        "verdict": found.verdict,
    }


def rows_of(path: Path, wanted: list[tuple[Case, int]], processes: int) -> Iterator[dict[str, Any]]:
    """Yields all rows, those of the cache first."""
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    there = {(row["case"], row["seed"]) for row in known}
    asked = {(case.name, seed) for case, seed in wanted}
    yield from (row for row in known if (row["case"], row["seed"]) in asked)
    missing = [(case, seed) for case, seed in wanted if (case.name, seed) not in there]
    with path.open("a") as file, ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(sweep_once, case, seed) for case, seed in missing]):
            file.write(json.dumps(done.result()) + "\n")
            file.flush()
            yield done.result()


def main() -> None:
    """Runs the study and prints its tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sweep_study", description=__doc__)
    parser.add_argument("--sweeps", type=int, default=216, help="sweeps in all")
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--null", action="store_true", help="only cases in which decay is not needed, or hardly")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("sweep-study.jsonl"))
    options = parser.parse_args()
    cases = NULL_CASES if options.null else CASES
    each = -(-options.sweeps // len(cases))
    wanted = [(case, options.first_seed + i) for i in range(each) for case in cases][: options.sweeps]
    rows = []
    for row in rows_of(options.cache, wanted, options.processes):
        rows.append(row)
        print(f"\r{len(rows)}/{len(wanted)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(report(rows))


if __name__ == "__main__":
    main()
