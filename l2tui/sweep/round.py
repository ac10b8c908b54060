"""One round of a sweep: a grid of λ over some folds, and which stretch is to be trained next."""

import numpy as np
from msgspec import Struct

from l2tui.settings import Settings, changed
from l2tui.sweep.race import rung_epochs, stretch_ends, survivors
from l2tui.sweep.results import Results
from l2tui.sweep.stretch import Stretch, TrainedStretch
from l2tui.training.lanes import LaneState


class RoundPlan(Struct, frozen=True):
    """What a round trains.

    Attributes:
        l2: λ of its lanes, ascending.
        folds: The folds that each is trained on.
        racing: Whether a λ that cannot win leaves at a rung.
        why: "grid", "edge" (the loss still fell at the largest λ), "finer" or "folds".
    """

    l2: tuple[float, ...]
    folds: tuple[int, ...]
    racing: bool
    why: str = "grid"


# Share of the λ that stay at a rung, about, to tell the time left.
_STAY = 0.7


class FoldState(Struct):
    """How far one fold of a round is.

    Attributes:
        epoch: Finished epochs; -1 before the first stretch.
        states: Its stacks.
        training: Whether a stretch of it is being trained now.
    """

    epoch: int = -1
    states: tuple[LaneState, ...] = ()
    training: bool = False


class Round:
    """Hands out the stretches of a round and collects their results.

    Between two rungs each fold trains independently, the one furthest behind first; at a rung the folds wait for
    each other. So the result does not depend on who trains what, or when.

    Args:
        plan: What is trained.
        settings: The settings of every lane but for λ and fold.
        results: Where lanes are written to.
    """

    def __init__(self, plan: RoundPlan, settings: Settings, results: Results) -> None:
        self.plan, self.settings, self.results = plan, settings, results
        self.lanes: tuple[int, ...] = tuple(range(len(plan.l2)))
        self.folds = {fold: FoldState() for fold in plan.folds}
        self.rungs = rung_epochs(settings.epochs) if plan.racing and len(plan.l2) > 2 else ()
        self._ends = stretch_ends(settings.epochs)
        self._next_rung = 0

    @property
    def finished(self) -> bool:
        """Whether all lanes are trained."""
        return not self.lanes or all(fold.epoch >= self.settings.epochs for fold in self.folds.values())

    @property
    def lane_epochs_left(self) -> int:
        """Epochs of lanes still to train, if no more λ leave than at the rungs to come."""
        left, lanes = 0, len(self.lanes)
        rungs = [*self.rungs[self._next_rung :], self.settings.epochs]
        reached = [max(0, fold.epoch) for fold in self.folds.values()]
        for rung in rungs:
            left += lanes * sum(max(0, rung - epoch) for epoch in reached)
            reached = [max(epoch, rung) for epoch in reached]
            lanes = min(lanes, max(4, round(lanes * _STAY)))
        return left

    def next_stretch(self) -> tuple[int, Stretch] | None:
        """Returns a fold and its next stretch; None where there is none to train now."""
        if self.finished:
            return None
        barrier = self.rungs[self._next_rung] if self._next_rung < len(self.rungs) else self.settings.epochs
        waiting = [(fold.epoch, number) for number, fold in self.folds.items() if not fold.training]
        ready = [(epoch, number) for epoch, number in waiting if epoch < barrier]
        if not ready:
            return None
        epoch, number = min(ready)
        fold = self.folds[number]
        fold.training = True
        until = min(end for end in (*self._ends, barrier) if end > epoch and end <= barrier)
        settings = changed(self.settings, fold=number)
        return number, Stretch(settings, self.plan.l2, self.lanes, until, fold.states, len(self.folds))

    def take(self, number: int, trained: TrainedStretch) -> tuple[float, ...]:
        """Collects the result of a fold's stretch; returns the λ that leave because of it."""
        fold = self.folds[number]
        fold.epoch, fold.states, fold.training = trained.epoch, trained.states, False
        self.results.take(number, self.plan.l2, trained)
        if self._next_rung >= len(self.rungs):
            return ()
        rung = self.rungs[self._next_rung]
        if any(one.epoch < rung for one in self.folds.values()):
            return ()
        return self._drop()

    def resume(self, lanes: tuple[int, ...], folds: dict[int, FoldState], rungs_done: int) -> None:
        """Resumes from a checkpoint."""
        self.lanes, self._next_rung = lanes, rungs_done
        self.folds.update(folds)

    @property
    def rungs_done(self) -> int:
        """Rungs behind."""
        return self._next_rung

    def _drop(self) -> tuple[float, ...]:
        columns = [self.results.l2.index(l2) for l2 in self.plan.l2]
        rows = [self.results.folds.index(fold) for fold in self.plan.folds]
        levels = self.results.matrix("val_loss", whole=False)[np.ix_(rows, columns)]
        alive = np.isin(np.arange(len(self.plan.l2)), self.lanes)
        stay = survivors(self.plan.l2, levels, alive, self._next_rung)
        leaving = tuple(self.plan.l2[lane] for lane in np.flatnonzero(alive & ~stay))
        self.lanes = tuple(int(lane) for lane in np.flatnonzero(stay))
        for l2 in leaving:
            self.results.drop(l2)
        self._next_rung += 1
        return leaving
