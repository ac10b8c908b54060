"""Conditions on records that are worked out by hand."""

from typing import Any

import numpy as np
import pytest

from l2tui.learn.conditions import Records, in_words, judge, judge_choice, measure, show
from l2tui.learn.lesson import Lesson, decode_lesson
from l2tui.sweep.answer import Answer
from tests.unit.learn.test_lesson import GOOD, RUN


def records(epochs: int = 100, **columns: Any) -> Records:
    """A run whose train_loss falls from 1 to 0 and whose val_loss falls to 0.5 in the middle, and rises to 1 again."""
    epoch = np.arange(epochs + 1.0)
    share = epoch / epochs
    made = {
        "epoch": epoch,
        "train_loss": 1 - share,
        "val_loss": 0.5 + np.abs(share - 0.5),
        "best_epoch": np.minimum(epoch, epochs // 2),
        "w1_norm": np.full_like(epoch, 3.0),
        "w2_norm": np.full_like(epoch, 4.0),
        **{f"{force}_grad_norm_{layer}": np.full_like(epoch, 0.5) for force in ("data", "decay") for layer in (1, 2)},
    }
    return {**made, **{name: np.broadcast_to(column, epoch.shape) for name, column in columns.items()}}


def lesson(*conditions: dict[str, Any], runs: int = 2) -> Lesson:
    return decode_lesson({**GOOD, "runs": [RUN] * runs, "conditions": list(conditions)}, "here")


def compare(is_: str, than: dict[str, Any], value: str = "val_loss", **other: Any) -> dict[str, Any]:
    return {"kind": "compare", "value": value, "run": 2, "is": is_, "than": than, **other}


def test_the_end_is_the_mean_of_the_last_twentieth() -> None:
    assert measure(records(), "val_loss") == pytest.approx(np.mean([0.96, 0.97, 0.98, 0.99, 1.0]))
    assert measure(records(epochs=4), "val_loss") == 1.0


def test_values_are_what_their_names_say() -> None:
    assert measure(records(), "val_loss", "best") == 0.5
    assert measure(records(), "train_loss", "best") == 0.5
    assert measure(records(), "gap", "best") == 0.0
    assert measure(records(), "weight_norm") == 5.0


def test_thinned_records_are_read_by_their_epochs() -> None:
    thin = {name: column[::2] for name, column in records(epochs=200).items()}
    assert measure(thin, "val_loss", "best") == 0.5
    assert measure(thin, "val_loss") == pytest.approx(np.mean([0.96, 0.97, 0.98, 0.99, 1.0]))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (compare("below", {"run": 1}), True),
        (compare("below", {"run": 1, "times": 0.5}), False),
        (compare("below", {"run": 1, "times": 0.5, "plus": 0.2}), True),
        (compare("above", {"run": 1}), False),
        (compare("above", {"run": 1, "at": "best"}), True),
        (compare("below", {"run": 2, "at": "best"}), False),
        (compare("below", {"number": 0.61}), True),
        (compare("near", {"number": 0.61}, within=0.02), True),
        (compare("near", {"number": 0.63}, within=0.02), False),
        (compare("beside", {"run": 1}), None),
    ],
)
def test_a_comparison_holds_as_arithmetic_says(condition: dict[str, Any], holds: bool | None) -> None:
    # The second run ends at 0.6, the first at 0.98 with 0.5 at its best.
    found = judge(lesson(condition), [records(), records(val_loss=0.6)])
    assert [finding.holds for finding in found] == [holds]


def test_what_does_not_hold_is_not_said_to_hold() -> None:
    (finding,) = judge(lesson(compare("below", {"run": 1, "times": 0.5})), [records(), records(val_loss=0.6)])
    assert finding.words == "val loss 0.600 not < 0.5 × 0.980"


def test_a_run_that_memorises_does_and_one_that_learns_does_not() -> None:
    overfits = lesson({"kind": "overfits", "times": 1.2}, runs=1)
    learns = records(val_loss=1.2 - np.arange(101) / 100, best_epoch=np.arange(101.0))
    forgets = records(train_loss=np.abs(np.arange(101) / 100 - 0.5))
    assert judge(overfits, [records()])[0].holds
    assert not judge(overfits, [learns])[0].holds
    # val_loss rises but train_loss does too: that is no memorising.
    assert not judge(overfits, [forgets])[0].holds


def test_two_forces_are_balanced_only_if_they_are_in_both_layers() -> None:
    balance = lesson({"kind": "balance", "within": 0.1}, runs=1)
    assert judge(balance, [records()])[0].holds
    assert judge(balance, [records(data_grad_norm_1=0.46)])[0].holds
    assert not judge(balance, [records(data_grad_norm_1=0.44)])[0].holds
    assert not judge(balance, [records(decay_grad_norm_2=0.6)])[0].holds


@pytest.mark.parametrize(("chosen", "holds"), [(3e-4, False), (1e-3, True), (3e-3, True), (1e-2, False)])
def test_a_chosen_l2_is_judged_by_the_range_of_the_sweep(chosen: float, holds: bool) -> None:
    (finding,) = judge_choice(chosen, Answer("helps", 1e-3, 1e-3, 3e-3))
    assert finding.holds is holds
    assert ("not among" in finding.words) is not holds


@pytest.mark.parametrize("verdict", ["no_help", "cannot_tell", "edge", "diverged", "waiting"])
def test_a_sweep_without_a_range_judges_nothing(verdict: Any) -> None:
    assert judge_choice(1e-3, Answer(verdict, 1e-3, 0.0, 3e-3)) == []


def test_findings_of_the_same_runs_are_said_together() -> None:
    conditions = [compare("below", {"run": 1}), compare("below", {"run": 1}, "gap"), compare("below", {"number": 9})]
    words = in_words(judge(lesson(*conditions), [records(), records(val_loss=0.6)]))
    assert words == "λ 0 against λ 0: val loss 0.600 < 0.980 · gap 0.580 < 0.960. λ 0: val loss 0.600 < 9.00."


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.98, "0.980"), (12.345, "12.3"), (123.4, "123"), (5678.9, "5679"), (0.00171, "0.00171"), (0, "0.00")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert show(value) == text


def test_counts_of_rows_are_shown_as_counts() -> None:
    runs = [records(wrong_memorised=40.0), records(wrong_memorised=3.5)]
    fewer = compare("below", {"run": 1, "times": 0.5}, "wrong_memorised")
    assert judge(lesson(fewer), runs)[0].words == "wrong labels memorised 3.5 < 0.5 × 40"
