"""Judges the records of a lesson's runs: pure functions from arrays to whether a condition holds, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from l2tui.learn.lesson import Balance, ChosenInRange, Compare, Condition, Lesson, Overfits, Place, Value
from l2tui.overfitting import evaluate
from l2tui.runs.curves import FINAL
from l2tui.settings import show_value

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
}


class Finding(Struct, frozen=True):
    """What a condition comes to.

    Attributes:
        holds: Whether it holds; None for numbers that are just shown.
        words: The numbers that prove it, with what they are.
        numbers: The numbers alone.
    """

    holds: bool | None
    words: str
    numbers: tuple[float, float]


def measure(records: Records, value: Value, at: Place = "end") -> float:
    """Returns one value of a run.

    Args:
        records: The run.
        value: Which value: a column, val_loss - train_loss for "gap", the norm of W1 and W2 together for "weight_norm".
        at: The end, which is the mean over the last 5 % of the epochs, or the best epoch ★.
    """
    epoch = records["epoch"]
    series = _series(records, value)
    if at == "best":
        return float(series[np.searchsorted(epoch, records["best_epoch"][-1])])
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
        return _overfits(condition, runs[condition.run - 1])
    if isinstance(condition, Balance):
        return _balance(condition, runs[condition.run - 1])
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
    one_run = len(names) == 1 or than.run == condition.run
    mine = _where("" if one_run else names[condition.run - 1], condition.at if one_run or condition.at == "best" else "")
    if than.run is None:
        other = show(right)
    else:
        other = show(right) + _where("" if one_run else names[than.run - 1], than.at if one_run or than.at == "best" else "")
    sign = {"below": "<", "above": ">", "near": "≈", "beside": "and"}[condition.is_]
    factor = f"{than.times:g} × " if than.times != 1 else ""
    margin = f" {'+' if than.plus > 0 else '-'} {abs(than.plus):g}" if than.plus else ""
    words = f"{_NAMES[condition.value]} {show(left)}{mine} {sign} {factor}{other}{margin}"
    return Finding(holds, words, (left, right))


def _where(name: str, at: str) -> str:
    place = {"best": "at ★", "end": "at the end", "": ""}[at]
    words = " ".join(filter(None, (name, place)))
    return f" ({words})" if words else ""


def _overfits(condition: Overfits, records: Records) -> Finding:
    train, val = records["train_loss"], records["val_loss"]
    watch = evaluate("growing", records["epoch"].astype(int).tolist(), train.tolist(), val.tolist())
    end, best = measure(records, "val_loss"), measure(records, "val_loss", "best")
    falls = measure(records, "train_loss") < measure(records, "train_loss", "best")
    holds = watch.confirmed_epoch is not None and end > condition.times * best and falls
    factor = f"{condition.times:g} × " if condition.times != 1 else ""
    return Finding(holds, f"val loss {show(end)} (at the end) > {factor}{show(best)} (at ★)", (end, best))


def _balance(condition: Balance, records: Records) -> Finding:
    last = records["epoch"] > records["epoch"][-1] - condition.epochs
    pairs = [
        tuple(float(records[f"{force}_grad_norm_{layer}"][last].mean()) for force in ("data", "decay"))
        for layer in (1, 2)
    ]
    apart = [abs(data - decay) / max(data, decay, 1e-300) for data, decay in pairs]
    words = " · ".join(f"W{layer}: data {show(data)}, decay {show(decay)}" for layer, (data, decay) in enumerate(pairs, 1))
    data, decay = pairs[int(np.argmax(apart))]
    return Finding(max(apart) <= condition.within, words, (data, decay))


def judge_choice(chosen: float, low: float | None, high: float | None) -> Finding | None:
    """Judges the λ that was chosen from the curve of a sweep.

    Args:
        chosen: The λ.
        low: The smallest λ that the sweep calls as good as its best; None where it names no range.
        high: The largest one.

    Returns:
        The finding, None where the sweep names no range.
    """
    if low is None or high is None:
        return None
    shown, start, end = (show_value("l2", value) for value in (chosen, low, high))
    return Finding(low <= chosen <= high, f"λ {shown}, as good as the best from {start} to {end}", (low, high))


def show(value: float) -> str:
    """Returns a number with three digits, short."""
    return f"{value:.3g}" if not 0.001 <= abs(value) < 1000 else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def holds(findings: Sequence[Finding]) -> bool:
    """Returns whether all conditions hold that claim anything."""
    return all(finding.holds is not False for finding in findings)


def as_records(columns: Mapping[str, Any]) -> Records:
    """Returns records as arrays of float64."""
    return {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
