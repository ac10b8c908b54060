"""Rules that say whether the validation loss is rising, each an immutable value that takes one epoch at a time.

All of them read finite losses and epochs that grow; epochs may start anywhere and leave gaps, as logs do. With E_opt(t)
the lowest validation loss up to epoch t, E_va(t) the one at t and E_tr(t) the training loss at t, the rules are those
of L. Prechelt, "Early Stopping - But When?" (1998), and the patience rule of Keras' `EarlyStopping`.

A strip is a stretch of k epochs. The first epoch seen ends strip zero; every further strip ends at the first epoch that
is at least k after the end before. Without gaps and from epoch 0 on, these are the multiples of k.
"""

import math
from typing import Any, NamedTuple

import msgspec

from l2tui.overfitting.growing import Growing
from l2tui.overfitting.ratios import rise, show
from l2tui.overfitting.rule import Criterion, Rule
from l2tui.settings import CriterionName

LEAST_PROGRESS = 1e-3


class GL(Rule, frozen=True, gc=False, tag="gl"):
    """Generalisation loss: how many per cent the validation loss lies above its minimum.

    GL(t) = 100 * (E_va(t) / E_opt(t) - 1) > alpha

    Hysteresis: it starts above `alpha` and ends at `alpha / 2` or below, so a curve that wanders about the threshold
    does not switch it on and off. A new minimum has GL = 0 and always ends it.

    Attributes:
        alpha: The threshold, in per cent.
        best: E_opt, the lowest validation loss so far.
        loss: GL after the last epoch, in per cent.
        fires: Whether the rule holds.

    Source: Prechelt (1998), GL_alpha; the hysteresis is an addition.
    """

    alpha: float = 5.0
    best: float = math.inf
    loss: float = 0.0
    fires: bool = False

    @property
    def readout(self) -> str:
        """Such as "+3.1 %, alarm at 5 %"."""
        return f"+{show(self.loss)} %, alarm" + ("" if self.fires else f" at {self.alpha:g} %")

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "GL":
        """Returns the rule after one more epoch."""
        if val_loss <= self.best:
            return GL(self.alpha, val_loss, 0.0, False)
        loss = 100.0 * rise(val_loss, self.best)
        return GL(self.alpha, self.best, loss, loss > (self.alpha / 2 if self.fires else self.alpha))


class UP(Rule, frozen=True, gc=False, tag="up"):
    """Successive rises: the validation loss grew over each of the last s strips of k epochs.

    E_va(t) > E_va(t - k) > ... > E_va(t - s*k), at the end t of a strip

    Between two ends it goes on holding while E_va is above its value where the rise began, so a new minimum ends it at
    once.

    Attributes:
        strips: s, how many rises in a row it takes.
        length: k, epochs in a strip.
        end: Epoch at which the last strip ended, None before the first epoch.
        end_loss: Validation loss there.
        rises: Rises in a row up to there.
        foot: Validation loss where they began.
        fires: Whether the rule holds.

    Source: Prechelt (1998), UP_s.
    """

    strips: int = 3
    length: int = 5
    end: int | None = None
    end_loss: float = math.inf
    rises: int = 0
    foot: float = math.inf
    fires: bool = False

    @property
    def readout(self) -> str:
        """Such as "UP 2/3"."""
        return f"UP {min(self.rises, self.strips)}/{self.strips}"

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "UP":
        """Returns the rule after one more epoch."""
        end, end_loss, rises, foot = self.end, self.end_loss, self.rises, self.foot
        if end is None or epoch - end >= self.length:
            rises, foot = (rises + 1, foot) if val_loss > end_loss else (0, val_loss)
            end, end_loss = epoch, val_loss
        return UP(self.strips, self.length, end, end_loss, rises, foot, rises >= self.strips and val_loss > foot)


class PQ(Rule, frozen=True, gc=False, tag="pq"):
    """Quotient of generalisation loss and progress: it waits as long as training still gets on quickly.

    P_k(t) = 1000 * (sum of E_tr over the strip / (k * min of E_tr in the strip) - 1)
    PQ(t) = GL(t) / P_k(t) > alpha, at the end t of a strip

    With gaps, the epochs that were seen stand for the strip. P_k counts as at least 0.001, a millionth of the loss,
    below which the quotient would measure rounding. Between two ends the answer stays, but a new minimum ends it.

    Attributes:
        alpha: The threshold, per cent by per mille.
        length: k, epochs in a strip.
        best: E_opt, the lowest validation loss so far.
        end: Epoch at which the last strip ended, None before the first epoch.
        count: Epochs seen since then.
        total: Sum of their training losses.
        lowest: Lowest of their training losses.
        quotient: PQ at the last end.
        fires: Whether the rule holds.

    Source: Prechelt (1998), PQ_alpha; the lower limit of P_k is an addition.
    """

    alpha: float = 0.75
    length: int = 5
    best: float = math.inf
    end: int | None = None
    count: int = 0
    total: float = 0.0
    lowest: float = math.inf
    quotient: float = 0.0
    fires: bool = False

    @property
    def readout(self) -> str:
        """Such as "PQ 0.4 of 0.75"."""
        return f"PQ {show(self.quotient)} of {self.alpha:g}"

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "PQ":
        """Returns the rule after one more epoch."""
        alpha, length, best, end = self.alpha, self.length, self.best, self.end
        if end is None:
            return PQ(alpha, length, val_loss, epoch)
        quotient, fires = self.quotient, self.fires
        if val_loss < best:
            best, quotient, fires = val_loss, 0.0, False
        count, total, lowest = self.count + 1, self.total + train_loss, min(self.lowest, train_loss)
        if epoch - end < length:
            return PQ(alpha, length, best, end, count, total, lowest, quotient, fires)
        progress = 1000.0 * rise(total / count, lowest)
        quotient = 100.0 * rise(val_loss, best) / max(progress, LEAST_PROGRESS)
        return PQ(alpha, length, best, epoch, 0, 0.0, math.inf, quotient, quotient > alpha)


class Patience(Rule, frozen=True, gc=False, tag="patience"):
    """Patience: no validation loss below the best by more than `min_delta` for `patience` epochs.

    t - t_best >= patience, where t_best is the last epoch with E_va(t) < best - min_delta

    Epochs are counted, not values, so a log with one value every k epochs is judged like the full curve.

    Attributes:
        patience: Epochs it takes.
        min_delta: What counts as better, in units of the loss.
        best: The loss to be beaten.
        best_epoch: Epoch of that loss, None before the first epoch.
        waited: Epochs since then.

    Source: Keras, `keras.callbacks.EarlyStopping`, mode "min".
    """

    patience: int = 10
    min_delta: float = 0.0
    best: float = math.inf
    best_epoch: int | None = None
    waited: int = 0

    @property
    def fires(self) -> bool:
        """Whether the patience is over."""
        return self.waited >= max(self.patience, 1)

    @property
    def readout(self) -> str:
        """Such as "patience 4/10"."""
        return f"patience {min(self.waited, self.patience)}/{self.patience}"

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "Patience":
        """Returns the rule after one more epoch."""
        if self.best_epoch is None or val_loss < self.best - self.min_delta:
            return Patience(self.patience, self.min_delta, val_loss, epoch, 0)
        return Patience(self.patience, self.min_delta, self.best, self.best_epoch, epoch - self.best_epoch)


class _Entry(NamedTuple):
    kind: type[Criterion]
    words: str


_REGISTRY: dict[CriterionName, _Entry] = {
    "growing": _Entry(Growing, "recent mean 4 % above the minimum, on windows that grow with the run"),
    "gl": _Entry(GL, "validation loss 5 % above its minimum"),
    "up": _Entry(UP, "validation loss up over 3 strips of 5 epochs in a row"),
    "pq": _Entry(PQ, "rise of the validation loss outweighs the progress in training"),
    "patience": _Entry(Patience, "no new minimum of the validation loss for 10 epochs"),
}

CRITERIA: dict[CriterionName, str] = {name: entry.words for name, entry in _REGISTRY.items()}


def make_criterion(name: CriterionName) -> Criterion:
    """Returns the criterion of that name with its usual thresholds, before any epoch."""
    return _REGISTRY[name].kind()


def criterion_from(state: dict[str, Any]) -> Criterion:
    """Returns a criterion from its encoded form, a mapping with its name under "type".

    Raises:
        msgspec.ValidationError: There is no such criterion, or a field has a wrong value.
    """
    entry = _REGISTRY.get(state.get("type", ""))
    if entry is None:
        raise msgspec.ValidationError(f"no criterion {state.get('type')!r}")
    return msgspec.convert(state, entry.kind)
