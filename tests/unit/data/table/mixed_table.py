"""A table with a bit of everything, and what becomes of it."""

import datetime

import numpy as np
import polars as pl

from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.settings import TableChoice, changed

N = 300
PARTS = ("train", "val", "test")


def columns(n=N, seed=0):
    """A table with a bit of everything, its values as Python objects."""
    rng = np.random.default_rng(seed)
    day = datetime.date(2020, 1, 1)
    table = {
        "id": list(range(100, 100 + n)),
        "size": rng.normal(5, 2, n).round(3).tolist(),
        "gap": [None if rng.random() < 0.2 else float(round(x, 3)) for x in rng.normal(size=n)],
        "rich": np.exp(rng.normal(0, 2.5, n)).round(4).tolist(),
        "paid": rng.choice(["yes", "no"], n).tolist(),
        "when": [str(day + datetime.timedelta(days=int(d))) for d in rng.integers(0, 900, n)],
        "town": rng.choice(["Oslo", "Rome", "Bonn", "Nice"], n, p=[0.4, 0.3, 0.2, 0.1]).tolist(),
        "firm": [None if rng.random() < 0.1 else str(name) for name in rng.choice(["x", "y"], n)],
        "same": ["1"] * n,
        "text": [f"word {k} {rng.integers(10**9)}" for k in range(n)],
        "who": [f"p{k}" for k in rng.integers(0, 40, n)],
        "kind": rng.choice(["a10", "a2", "b"], n).tolist(),
    }
    table["town"][:8] = ["Ypres", "Lund", "Graz", "Vaduz"] * 2
    return table


def write(path, table, **options):
    pl.DataFrame(table).write_csv(path, **options)
    return path


def splits_of(path, seed=0, label_noise=0.0, train_size=None, **choice):
    settings = inspect_table(path, TableChoice(**choice), seed=seed).settings
    values = {} if train_size is None else {"train_size": train_size}
    return prepare_table(changed(settings, label_noise=label_noise, **values))


def plan_of(splits, name):
    return next(plan for plan in splits.preparation.columns if plan.name == name)


def raw(splits, part="train"):
    """Inputs before they were standardised, by name."""
    X = getattr(splits, f"X_{part}") * splits.x_scale + splits.x_mean
    return dict(zip(splits.feature_names, X.T, strict=True))
