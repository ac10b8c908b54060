"""Judges the records of a lesson's runs: pure functions from arrays to whether a condition holds, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.learn.lesson import Balance, Compare, Condition, Lesson, Overfits, Place, Value
from l2tui.overfitting import evaluate
from l2tui.runs.curves import FINAL
from l2tui.settings import show_value
from l2tui.sweep.answer import Answer

Records = Mapping[str, NDArray[np.float64]]
"""The columns of `metrics.csv`, a value for each recorded epoch."""

_NAMES: dict[Value, str] = {
    "train_loss": "train loss",
    "val_loss": "val loss",
    "gap": "gap",
    "train_accuracy": "train accuracy",
    "val_accuracy": "val accuracy",
    "weight_norm": "weight norm",
    "w1_norm": "W1 norm",
    "w2_norm": "W2 norm",
    "sensitivity": "sensitivity",
    "wrong_memorised": "wrong labels memorised",
    "wrong_right": "true class in their place",
}


_COUNTS = ("wrong_memorised", "wrong_right")


class Finding(Struct, frozen=True):
    """The result of a condition.

    Attributes:
        holds: Whether it holds; None for numbers that are just shown.
        of: Which runs it is about.
        words: The numbers that prove it or speak against it, with what they are.
        numbers: The numbers alone.
    """

    holds: bool | None
    of: str
    words: str
    numbers: tuple[float, float]


def measure(records: Records, value: Value, at: Place = "end") -> float:
    """Returns one value of a run.

    Args:
        records: The run.
        value: Which value: a column, val_loss - train_loss for "gap", the norm of W1 and W2 together for "weight_norm".
        at: The end, which is the mean over the last 5 % of the epochs, or the best epoch ★. Of a value that is not
            measured at every epoch, those at which it is count.
    """
    series = _series(records, value)
    measured = np.isfinite(series)
    if not measured.any():
        return math.nan
    epoch, series = records["epoch"][measured], series[measured]
    if at == "best":
        return float(series[min(np.searchsorted(epoch, records["best_epoch"][-1]), len(series) - 1)])
    return float(series[epoch > (1 - FINAL) * epoch[-1]].mean()) if epoch[-1] > 0 else float(series[-1])


def _series(records: Records, value: Value) -> NDArray[np.float64]:
    if value == "gap":
        return records["val_loss"] - records["train_loss"]
    if value == "weight_norm":
        return np.hypot(records["w1_norm"], records["w2_norm"])
    return records[value]


def judge(lesson: Lesson, runs: Sequence[Records]) -> list[Finding]:
    """Judges all conditions of a lesson that trains.

    Args:
        lesson: The lesson.
        runs: The records of its runs, in order.
    """
    names = [run.name for run in lesson.runs]
    return [_judge_one(condition, runs, names) for condition in lesson.conditions]


def _judge_one(condition: Condition, runs: Sequence[Records], names: Sequence[str]) -> Finding:
    if isinstance(condition, Compare):
        return _compare(condition, runs, names)
    if isinstance(condition, Overfits):
        return _overfits(condition, runs[condition.run - 1], names[condition.run - 1])
    if isinstance(condition, Balance):
        return _balance(condition, runs[condition.run - 1], names[condition.run - 1])
    raise TypeError(f"{condition} is judged by `judge_choice`")


def _compare(condition: Compare, runs: Sequence[Records], names: Sequence[str]) -> Finding:
    than = condition.than
    left = measure(runs[condition.run - 1], condition.value, condition.at)
    if than.run is None:
        right = math.nan if than.number is None else than.number
    else:
        right = measure(runs[than.run - 1], condition.value, than.at)
    bound = than.times * right + than.plus
    holds = {
        "below": left < bound,
        "above": left > bound,
        "near": abs(left - bound) <= condition.within,
        "beside": None,
    }[condition.is_]
    sign = {"below": "<", "above": ">", "near": "≈", "beside": "and"}[condition.is_]
    same = than.run is None or than.run == condition.run
    of = names[condition.run - 1] + ("" if same else f" against {names[(than.run or 1) - 1]}")
    # The end needs no mention, except beside ★ of the same run.
    at_end = " at the end" if than.run == condition.run else ""
    places = [" at ★" if at == "best" else at_end for at in (condition.at, than.at)]
    factor = f"{than.times:g} × " if than.times != 1 else ""
    margin = f" {'+' if than.plus > 0 else '-'} {abs(than.plus):g}" if than.plus else ""
    negation = "not " if holds is False else ""
    shown = [show(number, condition.value) for number in (left, right)]
    words = f"{_NAMES[condition.value]} {shown[0]}{places[0]} {negation}{sign} {factor}{shown[1]}{places[1]}{margin}"
    return Finding(holds, of, words, (left, right))


def _overfits(condition: Overfits, records: Records, name: str) -> Finding:
    train, val = records["train_loss"], records["val_loss"]
    watch = evaluate("growing", records["epoch"].astype(int).tolist(), train.tolist(), val.tolist())
    end, best = measure(records, "val_loss"), measure(records, "val_loss", "best")
    rises, falls = end > condition.times * best, measure(records, "train_loss") < watch.best_train_loss
    factor = f"{condition.times:g} × " if condition.times != 1 else ""
    words = f"val loss {show(end)} at the end {'' if rises else 'not '}> {factor}{show(best)} at ★"
    if not falls:
        words += ", train loss not below its value at ★"
    if watch.confirmed_epoch is None:
        words += ", no ▲ at the end"
    return Finding(rises and falls and watch.confirmed_epoch is not None, name, words, (end, best))


def _balance(condition: Balance, records: Records, name: str) -> Finding:
    last = records["epoch"] > records["epoch"][-1] - condition.epochs
    pairs = [
        tuple(float(records[f"{force}_grad_norm_{layer}"][last].mean()) for force in ("data", "decay"))
        for layer in (1, 2)
    ]
    apart = [abs(data - decay) / max(data, decay, 1e-300) for data, decay in pairs]
    holds = max(apart) <= condition.within
    words = " · ".join(
        f"W{layer} data {show(data)}, decay {show(decay)}" for layer, (data, decay) in enumerate(pairs, 1)
    )
    data, decay = pairs[int(np.argmax(apart))]
    far = "" if holds else f"more than {100 * condition.within:g} % apart, "
    return Finding(holds, name, far + words, (data, decay))


def judge_choice(chosen: float, answer: Answer) -> list[Finding]:
    """Judges the λ that was chosen from the curve of a sweep.

    Args:
        chosen: The λ.
        answer: What the sweep says.

    Returns:
        The finding; none where the sweep does not say that decay helps.
    """
    low, high = answer.low, answer.high
    if answer.verdict != "helps" or low is None or high is None:
        return []
    inside = low <= chosen <= high
    shown, start, end = (show_value("l2", value) for value in (chosen, low, high))
    words = f"λ {shown} is {'' if inside else 'not '}among those as good as the best, {start} to {end}"
    return [Finding(inside, "sweep", words, (low, high))]


def in_words(findings: Sequence[Finding]) -> str:
    """Returns findings as a text that names the runs once for consecutive findings of the same runs."""
    groups: list[tuple[str, list[str]]] = []
    for finding in findings:
        if not groups or groups[-1][0] != finding.of:
            groups.append((finding.of, []))
        groups[-1][1].append(finding.words)
    return " ".join(f"{of}: {' · '.join(words)}." for of, words in groups)


def show(value: float, name: Value | None = None) -> str:
    """Returns a number with three significant digits, and a count of rows as one."""
    if name in _COUNTS:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:#.3g}".removesuffix(".")


def holds(findings: Sequence[Finding]) -> bool:
    """Returns whether all conditions hold that claim anything."""
    return all(finding.holds is not False for finding in findings)


def as_records(columns: Mapping[str, Any]) -> Records:
    """Returns records as arrays of float64."""
    return {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
