"""What a run has measured besides its losses, as values and in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from l2tui.view.figures import figure, round_digits

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot
    from l2tui.settings import Settings

# Adam divides the decay by the size of the gradients: λ alone does not say how much of a weight it takes.
_KNOWN_DECAY = ("sgd", "momentum", "adamw")


class LatestMeasures(Struct, frozen=True):
    """What was measured last, up to a moment of a run.

    Attributes:
        sensitivity: Mean norm of the outputs' gradient by the inputs; None where it is unknown.
        shrink: Share of a weight that decay takes in an epoch; None where λ does not say it.
        wrong_labels: Rows of the training part with a flipped label.
        memorised: Those for which the network predicts that label; None where it is unknown.
        right: Those for which it predicts the true class, likewise.
        b1: Norm of b1, likewise.
        b2: Norm of b2, likewise.
    """

    sensitivity: float | None = None
    shrink: float | None = None
    wrong_labels: int = 0
    memorised: int | None = None
    right: int | None = None
    b1: float | None = None
    b2: float | None = None


def last_measured(snapshot: Snapshot, name: str, index: int | None = None) -> int | None:
    """Returns the position of the last record that holds a measure, None where there is none.

    Args:
        snapshot: The run.
        name: The measure's column; older runs lack it.
        index: Position of the last record to look at; None for all.
    """
    values = snapshot.column(name)
    stop = len(values) if index is None or index < 0 else min(index + 1, len(values))
    return next((i for i in range(stop - 1, -1, -1) if not math.isnan(values[i])), None)


def measures_of(snapshot: Snapshot, index: int | None = None) -> LatestMeasures:
    """Returns what was measured last, up to the record at a position; None for the last one."""
    status = snapshot.status

    def value(name: str) -> float | None:
        place = last_measured(snapshot, name, index)
        return None if place is None else float(snapshot.column(name)[place])

    shrink = None
    if status is not None and len(snapshot):
        place = -1 if index is None else min(index, len(snapshot) - 1)
        l2, rate = (float(snapshot.column(name)[place]) for name in ("l2", "learning_rate"))
        shrink = shrink_of(status.settings, l2, rate, status.steps_per_epoch)
    memorised, right = value("wrong_memorised"), value("wrong_right")
    return LatestMeasures(
        value("sensitivity"),
        shrink,
        status.facts.wrong_labels if status is not None and status.facts is not None else 0,
        None if memorised is None else round(memorised),
        None if right is None else round(right),
        value("b1_norm"),
        value("b2_norm"),
    )


def shrink_of(settings: Settings, l2: float, learning_rate: float, steps: int) -> float | None:
    """Returns the share of a weight that decay alone takes in an epoch, 1 - (1 - 2·lr·λ)^steps.

    With momentum a pull lasts, so that in the long run it takes 1/(1 - μ) times as much a step.

    Args:
        settings: The optimiser and its momentum.
        l2: λ.
        learning_rate: The rate.
        steps: Steps in an epoch.

    Returns:
        The share; None with Adam, and where a step takes all of a weight or more.
    """
    if settings.optimizer not in _KNOWN_DECAY:
        return None
    lasting = 1.0 - settings.momentum if settings.optimizer == "momentum" else 1.0
    decay = 2.0 * learning_rate * l2 / lasting
    return -math.expm1(steps * math.log1p(-decay)) if decay < 1.0 else None


def measure_forms(measures: LatestMeasures) -> tuple[str, ...]:
    """Returns what was measured in words, the longest form first; none of them where nothing was."""
    if measures.sensitivity is None or not math.isfinite(measures.sensitivity):
        return ("",)
    name, moved = f"sensitivity {figure(measures.sensitivity, 4).strip()}", round_digits(measures.sensitivity / 10, 2)
    long = f"{name}: inputs that are 0.1 off move the output by up to {moved:g}"
    short = f"{name}: input ±0.1, output up to ±{moved:g}"
    wrong, shrink = wrong_words(measures), f"decay takes {figure(100 * (measures.shrink or 0), 4).strip()} %"
    if wrong:
        with_shrink = f"{short} · {shrink} an epoch" if measures.shrink else long
        return (f"{long} · {wrong}", with_shrink, f"{name}, {wrong}", wrong)
    if measures.shrink:
        return (f"{long} · {shrink} of a weight an epoch", f"{short} · {shrink} an epoch", long, short, name)
    return (long, short, name)


def wrong_words(measures: LatestMeasures) -> str:
    """Returns how many wrong labels are memorised; empty where there are none, or nothing is known of them."""
    if not measures.wrong_labels or measures.memorised is None:
        return ""
    return f"{measures.memorised} of {measures.wrong_labels} wrong labels memorised"
