"""Which column of a table is most likely to be predicted: by names, by kinds, and by how well the others predict it."""

import re
from collections import Counter

import numpy as np

from l2tui.data.preparation import Floats
from l2tui.data.table.loading import RawColumn, RawTable
from l2tui.data.table.roles import (
    is_index,
    names_group,
    names_identifier,
    names_time,
    present,
    tokens,
    words,
)

USUAL_NAMES = ("target", "label", "class", "y")
_RESPONSES = words(
    """
    outcome response result resp species survived survival diagnosis quality price salary wage wages score rating
    status death deaths dead died sales yield default churn medv charges cost rate count counts freq frequency mpg
    demand consumption event case cancer disease infection grade gpa pass vote accident accidents profit revenue
    crime mortality growth strength conversion dv choice choose affairs visits bids deny denied approved admit
    admitted accepted dropout mode depvar dependent win won passed fail failed failure defect fraud spam purchase
    bought click converted subscribed sold answer answers murder patent patents violent
    """
)
_COVARIATES = words(
    """
    age sex gender male female race black white ethnicity treat treatment trt dose group weights offset constant
    intercept married smoker education educ
    """
)
_OFTEN_EITHER = words("type kind category income earnings prestige y")
_ROWS_LOOKED_AT = 20_000
_MOST_COLUMNS, _MOST_ROWS, _MOST_LABELS = 40, 500, 8
_RIDGE, _STRONG_RIDGE = 1e-3, 0.1
_DERIVED, _DERIVED_SCORE = 0.99, -0.4
# Inputs that are much the same predict each other as well as they predict the target, so this counts least.
_WEIGHT = 0.5


def ranked(raw: RawTable, names: list[str]) -> list[str]:
    """Returns columns in the order in which they are likely to be predicted. No seed has a part in it.

    Args:
        raw: The table.
        names: The columns that are left to choose from, in the file's order.
    """
    usual = [name for wanted in USUAL_NAMES for name in names if name.strip().lower() == wanted]
    columns = [raw.columns[name] for name in names if not is_index(raw, raw.columns[name])]
    predicted = _predictability(columns)
    scores = {
        column.name: predicted.get(column.name, 0.0) + _by_name(column.name) + _by_values(column) for column in columns
    }
    for name, bonus in zip([column.name for column in columns[-1:] + columns[:1]], (0.5, 0.45), strict=False):
        scores[name] += bonus
    stems = Counter(_stem(column.name) for column in columns)
    for name in scores:
        # One of a row of columns such as x1 to x6 is seldom the one.
        scores[name] -= 0.7 if stems[_stem(name)] > 2 else 0.0
    order = sorted(scores, key=lambda name: -scores[name])
    rest = [name for name in names if name not in scores]
    return list(dict.fromkeys([*usual, *order, *rest]))


def _stem(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def _by_name(name: str) -> float:
    found = set(tokens(name))
    score = 0.0
    if found & _RESPONSES:
        score += 1.0
    elif found & _OFTEN_EITHER:
        score += 0.4
    if found & _COVARIATES:
        score -= 0.7
    if names_identifier(name):
        score -= 3.0
    elif names_group(name):
        score -= 1.5
    if names_time(name):
        # A duration may well be predicted; a date or a period is not.
        score -= 0.3 if any(word.endswith("time") for word in found) else 2.0
    return score


def _by_values(column: RawColumn) -> float:
    kind = column.reading.kind
    if kind == "date" or column.overflow:
        return -5.0
    every = column.values[column.values >= 0] if kind == "category" else present(column.values)
    there = every[:: max(1, len(every) // _ROWS_LOOKED_AT)]
    different, counts = np.unique(there, return_counts=True)
    if len(different) < 2 or (len(different) > 0.9 * len(there) and kind == "category"):
        return -5.0
    score = -2.0 * column.missing / len(column.values)
    # An experiment gives each level of what it sets as many rows; what it measures is not so even.
    balanced = 2 <= len(different) <= 0.5 * len(there) and counts.max() - counts.min() <= 0.02 * counts.max()
    if balanced and not _RESPONSES.intersection(tokens(column.name)):
        score -= 0.9
    if len(different) == 2 and counts.max() > 0.85 * len(there):
        score -= 0.3
    if kind == "category":
        return score + (0.3 if len(different) <= 6 else -0.3 if len(different) <= 20 else -1.5)
    steps = np.diff(there)
    whole = bool((there == np.floor(there)).all())
    rising = bool((steps >= 0).all() or (steps <= 0).all())
    even = len(steps) > 1 and bool(np.allclose(steps, steps[0], rtol=1e-3, atol=0))
    years = len(different) > 10 and there.min() >= 1500 and there.max() <= 2100
    counts_up = len(different) == len(there) and every.max() - every.min() == len(every) - 1
    if even or (whole and rising and len(different) > 2):
        score -= 2.0
    elif whole and (years or counts_up):
        score -= 1.5
    return score + (0.4 if len(different) > 10 or len(different) == 2 else 0.2)


def _predictability(columns: list[RawColumn]) -> dict[str, float]:
    """Returns half the share of each column's variance that a ridge regression on all others explains, at most 0.4.

    With G the inputs' correlations and S the Schur complement of a column's own block in G + λI, the share is
    1 - tr(S - λI) / tr(G_block), then adjusted for the number of inputs.
    """
    half = _MOST_COLUMNS // 2
    if len(columns) > _MOST_COLUMNS:
        columns = columns[:half] + columns[-half:]
    blocks: list[Floats] = []
    names: list[str] = []
    for column in columns:
        block = _design(column)
        if block.shape[1]:
            blocks.append(block)
            names.append(column.name)
    if len(blocks) < 2:
        return {}
    X = np.hstack(blocks)
    n, p = X.shape
    G = X.T @ X / n
    many = 3 * p > n
    ridge = _STRONG_RIDGE if many else _RIDGE
    P = np.linalg.inv(G + ridge * np.eye(p))
    found, at = {}, 0
    for name, block in zip(names, blocks, strict=True):
        k = block.shape[1]
        own = slice(at, at + k)
        left = np.trace(np.linalg.inv(P[own, own])) - ridge * k
        share = 1.0 - left / np.trace(G[own, own])
        adjusted = 1.0 - (1.0 - share) * (n - 1) / max(1.0, n - (p - k) - 1)
        if share > _DERIVED and not many:
            # What follows from the others without a rest was computed from them.
            found[name] = _DERIVED_SCORE
        else:
            found[name] = _WEIGHT * float(np.clip(adjusted, 0.0, 0.8)) if np.isfinite(adjusted) else 0.0
        at += k
    return found


def _design(column: RawColumn) -> Floats:
    """Returns a sample of a column as standardised inputs, (rows, inputs); none for what is constant or has no use."""
    n = len(column.values)
    values = column.values[np.linspace(0, n - 1, min(n, _MOST_ROWS)).astype(np.int64)]
    if column.reading.kind == "category":
        if column.overflow or not 2 <= len(column.labels) <= 50:
            return np.empty((len(values), 0))
        often = np.argsort(-np.bincount(values[values >= 0], minlength=len(column.labels)), kind="stable")
        X = (values[:, None] == often[: min(_MOST_LABELS, len(column.labels) - 1)]).astype(np.float64)
    else:
        middle = np.median(present(values)) if (~np.isnan(values)).any() else 0.0
        X = np.where(np.isnan(values), middle, values)[:, None]
    with np.errstate(all="ignore"):
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    kept: Floats = np.clip(X[:, np.isfinite(X).all(axis=0)], -5.0, 5.0)
    return kept
