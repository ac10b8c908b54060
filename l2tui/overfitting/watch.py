"""The two marks of a run: its best epoch, and the epoch at which a criterion confirmed the rise from there."""

import math
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from l2tui.overfitting.criteria import CRITERIA, criterion_from, make_criterion
from l2tui.overfitting.evidence import SLIPPED, rises
from l2tui.overfitting.phase import Change, Phase
from l2tui.overfitting.ratios import rise
from l2tui.overfitting.rule import SETTLE, Criterion
from l2tui.overfitting.standing import LOOK, Standing, is_refuted, look
from l2tui.overfitting.trend import Trend
from l2tui.settings import CriterionName

MEMORY = 10
TRAIN_MARGIN = 0.01


class Watch(Struct, frozen=True, gc=False):
    """Everything that the epochs so far say about overfitting, in constant memory.

    ★ best is the first epoch with the exact minimum of val_loss; epoch 0, the untrained network, is an epoch like any
    other. ▲ confirmed is the epoch at which the criterion fires while val_loss is above its minimum and train_loss is
    below its value at ★: both halves of the definition of overfitting. The onset is then ★.

    train_loss jumps about from one epoch to the next when batches are small, so its value at ★ is compared with the
    mean of what came since: of all values from ★ on, that one included, up to ten, and from then on exponential with
    weight 1/10. A running mean that reaches back before ★ would not do: train_loss was high there, so the mean would
    still be falling while train_loss itself already rises.

    The mark is withdrawn on a new minimum of val_loss, when the criterion no longer fires, or when that mean of
    train_loss lies more than 1 % above its value at ★. A criterion that judges train_loss itself is taken at its word.

    A change of λ, the learning rate or the weights begins a phase. ★ stays the reference over all of them, but for ten
    epochs no mark is set: the losses are on their way to a new level. A mark that is up stays up, as long as the
    criterion holds. What the losses do now is judged within the phase, by `standing`. Where the best weights are put
    back, val_loss is at its minimum again: that takes the mark down, and the criterion starts anew from ★.

    A loss that is not finite ends the watch: what comes later changes nothing, and a mark stays as it was.

    Attributes:
        criterion: The rule, with what it remembers.
        epoch: Last epoch, None before the first.
        train_loss: Data loss on the training part after it.
        val_loss: Data loss on the validation part after it.
        seen: Epochs seen.
        best_epoch: ★, None before the first epoch.
        best_val_loss: Lowest val_loss; infinite before the first epoch.
        best_train_loss: train_loss at ★.
        since_best: Epochs seen from ★ on, ★ included.
        train_since: Mean of train_loss since ★, as above.
        val_since: The same of val_loss.
        confirmed_epoch: ▲, None while there is no mark.
        withdrawn: How often a mark was withdrawn.
        diverged_epoch: Epoch with the first loss that is not finite, or None.
        settling: Epochs still to be seen before a mark can be set again.
        trend: How the losses move in the present phase.
        phase: What began that phase, and where the losses were before.
        standing: The verdict, which has more patience than the mark.
        first_train_loss: train_loss of the first epoch.
        nothing: train_loss of a network whose outputs do not depend on its inputs; None where that is not known.
    """

    criterion: Criterion
    epoch: int | None = None
    train_loss: float = math.inf
    val_loss: float = math.inf
    seen: int = 0
    best_epoch: int | None = None
    best_val_loss: float = math.inf
    best_train_loss: float = math.inf
    since_best: int = 0
    train_since: float = math.inf
    val_since: float = math.inf
    confirmed_epoch: int | None = None
    withdrawn: int = 0
    diverged_epoch: int | None = None
    settling: int = 0
    trend: Trend = Trend()
    phase: Phase = Phase()
    standing: Standing = Standing()
    first_train_loss: float = math.inf
    nothing: float | None = None

    @classmethod
    def start(cls, name: CriterionName, l2: float = 0.0, nothing: float | None = None) -> "Watch":
        """Returns the watch before any epoch.

        Args:
            name: The criterion.
            l2: λ at the start.
            nothing: train_loss of a network that knows nothing, where that is known.
        """
        return cls(make_criterion(name), phase=Phase(l2=l2), nothing=nothing)

    @property
    def changed_epoch(self) -> int | None:
        """Last epoch before the latest change of λ, the learning rate or the weights, or None."""
        return self.phase.changed

    @property
    def onset_epoch(self) -> int | None:
        """Epoch since which val_loss rises: ★ while it is confirmed, else None."""
        return None if self.confirmed_epoch is None else self.best_epoch

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "Watch":
        """Returns the watch after one more epoch.

        Args:
            epoch: Its number, larger than the one before; gaps are allowed.
            train_loss: Mean data loss on the training part, without the penalty.
            val_loss: Mean data loss on the validation part.

        Raises:
            ValueError: The epoch is not larger than the one before.
        """
        if self.diverged_epoch is not None:
            return self
        if self.epoch is not None and epoch <= self.epoch:
            raise ValueError(f"epoch {epoch} after epoch {self.epoch}")
        if not (math.isfinite(train_loss) and math.isfinite(val_loss)):
            return msgspec.structs.replace(
                self, epoch=epoch, train_loss=train_loss, val_loss=val_loss, seen=self.seen + 1, diverged_epoch=epoch
            )
        criterion = self.criterion.update(epoch, train_loss, val_loss)
        best_epoch, best_val, best_train = self.best_epoch, self.best_val_loss, self.best_train_loss
        confirmed, withdrawn = self.confirmed_epoch, self.withdrawn
        settling = self.settling - 1 if self.settling else 0
        if val_loss < best_val:
            best_epoch, best_val, best_train = epoch, val_loss, train_loss
            since_best, train_since, val_since = 1, train_loss, val_loss
            mark = False
        else:
            since_best = self.since_best + 1
            weight = 1.0 / min(since_best, MEMORY)
            train_since = self.train_since + weight * (train_loss - self.train_since)
            val_since = self.val_since + weight * (val_loss - self.val_since)
            mark = criterion.fires
            if mark and confirmed is None:
                below = criterion.judges_train or train_since < best_train
                mark = below and val_loss > best_val and not self.settling
            elif mark and not criterion.judges_train:
                mark = rise(train_since, best_train) <= TRAIN_MARGIN
        trend = self.trend.update(epoch, train_loss, val_loss)
        if mark:
            confirmed = epoch if confirmed is None else confirmed
        elif confirmed is not None:
            confirmed, withdrawn = None, withdrawn + 1
        watch = Watch(
            criterion,
            epoch,
            train_loss,
            val_loss,
            self.seen + 1,
            best_epoch,
            best_val,
            best_train,
            since_best,
            train_since,
            val_since,
            confirmed,
            withdrawn,
            None,
            settling,
            trend,
            self.phase,
            self.standing,
            self.first_train_loss if self.seen else train_loss,
            self.nothing,
        )
        if trend.seen % LOOK == 0 or (confirmed is None) != (self.confirmed_epoch is None) or is_refuted(watch):
            standing = look(watch)
            if standing is not self.standing:
                return msgspec.structs.replace(watch, standing=standing)
        return watch

    def changed(self, change: Change) -> "Watch":
        """Returns the watch after λ, the learning rate or the weights were changed from outside: a new phase begins."""
        if self.diverged_epoch is not None:
            return self
        phase = self.phase.next(change, self.trend, marked=self.confirmed_epoch is not None or rises(self, SLIPPED / 2))
        if not self.seen:
            return msgspec.structs.replace(self, phase=Phase(l2=phase.l2))
        now = self._restored() if change.act == "weights" else self
        return msgspec.structs.replace(
            now,
            criterion=now.criterion.changed(),
            settling=SETTLE,
            trend=Trend(),
            phase=phase,
            standing=Standing(),
        )

    def _restored(self) -> "Watch":
        """Returns the watch with the best weights in force."""
        epoch, train, val = self.epoch or 0, self.best_train_loss, self.best_val_loss
        return msgspec.structs.replace(
            self,
            criterion=type(self.criterion)().update(epoch, train, val),
            since_best=1,
            train_since=train,
            val_since=val,
            confirmed_epoch=None,
            withdrawn=self.withdrawn + (self.confirmed_epoch is not None),
        )

    def dump(self) -> bytes:
        """Returns the watch as bytes (MessagePack) for a checkpoint."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def load(cls, data: bytes) -> "Watch":
        """Returns the watch that `dump` wrote; it goes on exactly where that one was.

        Raises:
            msgspec.DecodeError: The bytes are not such a watch.
        """
        return msgspec.msgpack.decode(data, type=cls, dec_hook=_decode)


def evaluate(
    name: CriterionName,
    epochs: Iterable[int],
    train: Iterable[float],
    val: Iterable[float],
    changes: Collection[Change] = (),
    *,
    l2: float = 0.0,
    nothing: float | None = None,
    start: Watch | None = None,
) -> Watch:
    """Returns the watch of a whole curve.

    Args:
        name: The criterion.
        epochs: Epoch numbers, growing.
        train: Their training losses, of the same length.
        val: Their validation losses, of the same length.
        changes: What was changed from outside, in order.
        l2: λ at the start.
        nothing: train_loss of a network that knows nothing, where that is known.
        start: The watch of the epochs before these, where the curve comes in pieces; the three others are its own then.

    Raises:
        ValueError: The lengths differ, or the epochs do not grow.
    """
    watch, pending = start or Watch.start(name, l2, nothing), list(changes)[::-1]
    for epoch, train_loss, val_loss in zip(epochs, train, val, strict=True):
        while pending and pending[-1].epoch < epoch:
            watch = watch.changed(pending.pop())
        watch = watch.update(int(epoch), float(train_loss), float(val_loss))
    for change in reversed(pending):
        watch = watch.changed(change)
    return watch


def evaluate_all(
    epochs: Collection[int], train: Collection[float], val: Collection[float], changes: Collection[Change] = ()
) -> dict[CriterionName, Watch]:
    """Returns the watch of a whole curve by every criterion, by name; arguments and errors as `evaluate`."""
    return {name: evaluate(name, epochs, train, val, changes) for name in CRITERIA}


def _decode(kind: type, value: Any) -> Any:
    if kind is Criterion:
        return criterion_from(value)
    raise NotImplementedError(kind)
