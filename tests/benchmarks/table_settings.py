"""How good the settings are that a table gets with no option, on named tables that nobody of this project wrote.

    python -m tests.benchmarks.table_settings [--seeds 0-4] [--only MASS/] [--set hidden=32] [--cache FILE.jsonl]

For each table and seed three rules learn from the same prepared inputs and are scored on the same test part, by
accuracy or R²:

- this program's network at its best epoch, whose weights `test` and `predict` use;
- logistic or ridge regression, fitted on the training part with the λ of the lowest validation loss;
- scikit-learn's `MLPClassifier` or `MLPRegressor`: alpha and hidden size are chosen by 3-fold cross-validation on the
  training and validation rows, the weights are fitted on the training rows. "All rows" are fitted on both parts.

The differences are paired over seeds. A table counts as below where the one-sided t test says so at 5 %, and after
Holm's correction for all tables. Seeds from 100 on and the first half of `TABLES` chose the settings. `--set` tries
others, `--l2s` takes the λ with the lowest val_loss, `--no-theirs` leaves scikit-learn out.
Needs `pip install '.[benchmark]'`.
"""

import argparse
import functools
import importlib
import json
import math
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.data.table.inspect import inspect_table
from l2tui.nn.network import forward
from l2tui.results.floors import shortfall
from l2tui.results.linear import fit_linear
from l2tui.settings import Settings, TableChoice, changed
from l2tui.training.trainer import Trainer
from tests.benchmarks.table_sources import all_tables
from tests.benchmarks.table_targets import TABLES, Table

_TUNING = [table.name for table in TABLES].index("MASS/biopsy")


class Trial(NamedTuple):
    """Scores of one table and seed.

    Attributes:
        table: Its name.
        rows: Training rows.
        inputs: Inputs of the network.
        ours: Score of the network at its best epoch.
        end: That of its last weights.
        best_at: The best epoch, as a share of all.
        linear: Score of the linear rule.
        theirs: Score of scikit-learn's network; None where it was left out.
        theirs_more: The same with its weights fitted on the validation rows as well.
    """

    table: str
    rows: int
    inputs: int
    ours: float
    end: float
    best_at: float
    linear: float
    theirs: float | None = None
    theirs_more: float | None = None


class Cache:
    """Results by key, in a file with a line each.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self._known = dict(map(json.loads, lines))

    def get(self, key: Any, find: Callable[[], Any]) -> Any:
        """Returns the result for a key, found where it is not known."""
        text = json.dumps(key)
        if text not in self._known:
            print(f"\r{text:<100}", end="", file=sys.stderr, flush=True)
            self._known[text] = find()
            if self._path:
                with self._path.open("a") as file:
                    file.write(json.dumps([text, self._known[text]]) + "\n")
        return self._known[text]


def try_table(
    table: Table, path: Path, seed: int, values: dict[str, str], l2s: Sequence[str], cache: Cache, *, theirs: bool
) -> Trial:
    """Trains, fits and scores all three on one split; of several λ the one with the lowest val_loss counts."""

    @functools.cache
    def prepared() -> tuple[Settings, Splits]:
        choice = TableChoice(target=table.target, drop=table.drop)
        settings = changed(inspect_table(path, choice, seed=seed).settings, **values)
        return settings, prepare(settings)

    def mine() -> dict[str, Any]:
        settings, splits = prepared()
        tried = [train(changed(settings, l2=l2), splits) for l2 in l2s or (settings.l2,)]
        _, best, last, epoch = min(tried, key=lambda entry: entry[0])
        linear = fit_linear(splits, seed).outputs(splits.X_test)
        rows, inputs = splits.X_train.shape
        scores = {"ours": score(splits, best), "end": score(splits, last), "linear": score(splits, linear)}
        return {"table": table.name, "rows": rows, "inputs": inputs, "best_at": epoch / settings.epochs, **scores}

    trial = Trial(**cache.get([table.name, seed, values, *l2s], mine))
    if not theirs:
        return trial
    one, more = cache.get([table.name, seed, "scikit-learn"], lambda: scikit_learn(prepared()[1], seed))
    return trial._replace(theirs=one, theirs_more=more)


def train(settings: Settings, splits: Splits) -> tuple[float, Any, Any, int]:
    """Returns the lowest val_loss, the outputs for the test part there and at the end, and the best epoch."""
    trainer = Trainer(settings, splits)
    while not trainer.finished:
        trainer.advance(seconds=1.0)
    weights = (trainer.parameters.views(theta) for theta in (trainer.best_theta, trainer.finite_theta))
    best, last = (forward(each, splits.X_test, settings.activation)[1] for each in weights)
    return trainer.watch.best_val_loss, best, last, trainer.watch.best_epoch or 0


def score(splits: Splits, outputs: Any) -> float:
    """Accuracy, or R², on the test part."""
    return 1.0 - shortfall(outputs, splits.y_test, splits.task).share


def scikit_learn(splits: Splits, seed: int) -> tuple[float, float]:
    """Returns the scores of their tuned network, fitted on the training rows and on those and the validation rows."""
    selection, network = map(importlib.import_module, ("sklearn.model_selection", "sklearn.neural_network"))
    regression = splits.task == "regression"
    model = (network.MLPRegressor if regression else network.MLPClassifier)(random_state=seed)
    parts = (selection.KFold if regression else selection.StratifiedKFold)(3, shuffle=True, random_state=seed)
    X, y = np.vstack((splits.X_train, splits.X_val)), np.concatenate((splits.y_train, splits.y_val))
    grid = {"alpha": [1e-4, 0.1, 10.0], "hidden_layer_sizes": [(16,), (100,)]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        more = selection.GridSearchCV(model, grid, cv=parts).fit(X, y)
        model.set_params(**more.best_params_).fit(splits.X_train, splits.y_train)
        return float(model.score(splits.X_test, splits.y_test)), float(more.score(splits.X_test, splits.y_test))


class Difference(NamedTuple):
    """This program's score less another's, over the seeds of one table.

    Attributes:
        mean: Its mean.
        error: The standard error of the mean.
        p: How probable a mean as low or lower is where the true one is 0; one-sided t test.
    """

    mean: float
    error: float
    p: float


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Compares scores that are paired by seed."""
    t = importlib.import_module("scipy.stats").t
    gaps = np.subtract(ours, theirs)
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1) / math.sqrt(len(gaps)))
    if error == 0:
        return Difference(mean, 0.0, 0.0 if mean < 0 else 1.0)
    return Difference(mean, error, float(t.cdf(mean / error, len(gaps) - 1)))


def below_by_holm(ps: Sequence[float], level: float = 0.05) -> int:
    """Returns how many of several tests are significant after Holm's correction."""
    for done, p in enumerate(sorted(ps)):
        if p > level / (len(ps) - done):
            return done
    return len(ps)


def report(trials: Sequence[Trial]) -> Iterator[str]:
    """Yields a line a table, and the counts."""
    names = [table.name for table in TABLES if sum(trial.table == table.name for trial in trials) > 1]
    by_rule: dict[str, list[Difference]] = {}
    yield f"{'table':<24}{'rows':>6}{'inputs':>7}{'best at':>8}{'end':>7}{'★':>7}{'linear':>8}{'MLP':>7}{'all rows':>9}"
    for name in names:
        own = [trial for trial in trials if trial.table == name]
        lines = [f"{name:<24}{own[0].rows:>6}{own[0].inputs:>7}{np.mean([trial.best_at for trial in own]):>8.0%}"]
        lines += [f"{np.mean([trial.end for trial in own]):>7.3f}{np.mean([trial.ours for trial in own]):>7.3f}"]
        for rule, width in (("linear", 8), ("theirs", 7), ("theirs_more", 9)):
            scores = [value for trial in own if (value := getattr(trial, rule)) is not None]
            if len(scores) == len(own):
                found = difference([trial.ours for trial in own], scores)
                by_rule.setdefault(rule, []).append(found)
                mark = "*" if found.p < 0.05 else " "
                lines.append(f"{np.mean(scores):>{width}.3f} {found.mean:+.3f} ±{found.error:.3f}{mark}")
        yield "".join(lines)
    yield "* this program's ★ is significantly below (p < 0.05, one-sided, uncorrected); ± is the standard error"
    for rule, differences in by_rule.items():
        low = sum(entry.p < 0.05 for entry in differences)
        lower = sum(entry.mean < -entry.error for entry in differences)
        yield (
            f"{rule:<12} {len(differences)} tables: mean difference {np.mean([d.mean for d in differences]):+.4f}, "
            f"below by more than its standard error {lower}, significantly {low}, "
            f"after Holm's correction {below_by_holm([entry.p for entry in differences])}"
        )


def run(
    tables: Sequence[Table],
    seeds: Sequence[int],
    values: dict[str, str],
    l2s: Sequence[str],
    cache: Cache,
    *,
    theirs: bool,
) -> list[Trial]:
    """Returns the trials of all tables and seeds."""
    names = {table.name for table in tables}
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, content in all_tables():
            if name in names:
                paths[name] = Path(folder) / (name.replace("/", "-") + ".csv")
                paths[name].write_bytes(content)
        return [
            try_table(table, paths[table.name], seed, values, l2s, cache, theirs=theirs)
            for seed in seeds
            for table in tables
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-4", help="first and last seed")
    parser.add_argument("--only", default="", help="tables whose name contains this")
    parser.add_argument("--tuning", action="store_true", help="only the tables by which settings were chosen")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting to try")
    parser.add_argument("--l2s", nargs="+", default=[], help="λ to choose from by the lowest val_loss")
    parser.add_argument("--no-theirs", action="store_true", help="leave scikit-learn's network out")
    parser.add_argument("--cache", type=Path, help="file of results, which are not computed again")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    values = dict(entry.split("=", 1) for entry in options.set)
    tables = [table for table in TABLES[: _TUNING if options.tuning else None] if options.only in table.name]
    seeds = range(int(first), int(last or first) + 1)
    print(
        "\n".join(report(run(tables, seeds, values, options.l2s, Cache(options.cache), theirs=not options.no_theirs)))
    )


if __name__ == "__main__":
    main()
