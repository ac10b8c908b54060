"""A λ of a sweep as something that can be compared: the mean of its lanes, one a fold, with their band."""

from typing import Any

import numpy as np

from l2tui.runs.comparison import Subject, mean_of
from l2tui.runs.subjects import stamp_of
from l2tui.settings import changed, show_value
from l2tui.sweep.curves import read_curves
from l2tui.sweep.directory import SweepDirectory, SweepPlan, read_plan, read_status
from l2tui.sweep.results import Lane, Results
from l2tui.sweep.summary import PerL2, per_l2, read_lanes


class LaneSource:
    """One λ of a sweep.

    Args:
        sweep: Its directory.
        l2: λ.
    """

    def __init__(self, sweep: SweepDirectory, l2: float) -> None:
        self.sweep, self.path, self._l2 = sweep, sweep.path, l2
        self._plan: SweepPlan | None = None
        self._stamp: object = None
        self._subject: Subject | None = None

    def poll(self) -> Subject:
        """As `Source.poll` of runs.

        Raises:
            RunError: A file of the sweep is damaged, or gone.
        """
        sweep = self.sweep
        alive = sweep.is_locked()
        stamp = (alive, *map(stamp_of, (sweep.curves, sweep.lanes)))
        if self._subject is None or stamp != self._stamp:
            self._subject, self._stamp = self._read(alive=alive), stamp
        return self._subject

    def _read(self, *, alive: bool) -> Subject:
        plan = self._plan = self._plan or read_plan(self.sweep)
        lanes = [lane for lane in read_lanes(self.sweep) if lane.l2 == self._l2]
        status, curves = read_status(self.sweep), read_curves(self.sweep)
        settings = changed(plan.settings, l2=self._l2)
        one = next(iter(per_l2(Results(plan.settings.epochs, lanes))), None) if lanes else None
        known: dict[str, Any] = {
            "name": f"{self.sweep.name} λ {show_value('l2', self._l2)}",
            "path": str(self.sweep.path),
            "kind": "lane",
            "settings": settings,
            "task": status.task or "" if status is not None else "",
            "state": _state(one, plan, alive=alive),
            "is_live": alive,
            "planned": plan.settings.epochs,
            "verdict": "",
            "folds": tuple(sorted(lane.fold for lane in lanes)),
        }
        if one is not None:
            figures = {name: getattr(one, name) for name in ("val_accuracy", "w1_norm", "w2_norm")}
            known["figures"] = {name: value for name, value in figures.items() if value is not None}
            # The level of an earlier epoch, or of the folds alone that have not diverged, compares with no other.
            ended = one.epoch >= plan.settings.epochs and not one.diverged
            known["final"] = (one.train_loss, one.val_loss) if ended else (None, None)
        members = [self._member(lane, curves.lane(lane.fold, self._l2), known["name"]) for lane in lanes]
        members = [member for member in members if len(member.epochs)]
        if not members:
            empty = np.empty(0)
            return Subject(epochs=empty, train=empty, val=empty, **known)
        return mean_of(members, **known)

    def _member(self, lane: Lane, curve: Any, name: str) -> Subject:
        epochs, losses = curve if curve is not None else (np.empty(0), np.empty((0, 2)))
        return Subject(
            name=name,
            path=str(self.sweep.path),
            kind="lane",
            epochs=np.asarray(epochs, np.float64),
            train=np.asarray(losses[:, 0], np.float64),
            val=np.asarray(losses[:, 1], np.float64),
        )


def _state(one: PerL2 | None, plan: SweepPlan, *, alive: bool) -> str:
    if one is None:
        return "starting"
    if one.diverged:
        return "diverged"
    if one.epoch >= plan.settings.epochs:
        return "finished"
    return "dropped" if one.left else "running" if alive else "stopped"
