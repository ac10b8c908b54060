"""Judges the curve of a log as it grows."""

import math
from collections.abc import Collection
from typing import NamedTuple

from msgspec.structs import replace

from l2tui.overfitting.verdict import Assessment, assess
from l2tui.overfitting.watch import Watch
from l2tui.runs.logs.curve import LogCurve, Point
from l2tui.runs.logs.words import foreign
from l2tui.settings import CriterionName


class _Segment(NamedTuple):
    """A training as far as it is in the log, and the x at which it begins; None for the first in it."""

    watch: Watch
    began: int | None = None


class Judge:
    """Judges a curve; of one that has only grown, the new points alone.

    Where the count begins anew, so may the training: a train_loss that is back in the upper half of its way is that of
    a new one, which is judged by itself. A lower one is that of the same training, which goes on.

    Args:
        criterion: The rule that confirms overfitting.
    """

    def __init__(self, criterion: CriterionName) -> None:
        self._criterion = criterion
        self._begin()

    def _begin(self) -> None:
        self._segment = _Segment(Watch.start(self._criterion))
        self._folded: list[Point] = []
        self._key: tuple[str, float | None] | None = None

    def judge(self, curve: LogCurve) -> Assessment:
        """Returns the verdict on a curve."""
        # Where train_loss is first logged after some validations, its first value stands in for the missing ones.
        first = next((point.train for point in curve.points if point.train is not None), None)
        points = [point for point in curve.points if point.val is not None or not _finite(point.train)]
        settled = points[:-1] if first is not None else []
        key = curve.x, first
        if key != self._key or settled[: len(self._folded)] != self._folded:
            self._begin()
            self._key = key
        for point in settled[len(self._folded) :]:
            self._segment = self._with(self._segment, point, first, curve.restarts)
            self._folded.append(point)
        segment = self._segment
        if first is not None:
            for point in points[-1:]:
                segment = self._with(segment, point, first, curve.restarts)
        # Any look may be the last one: a mark that is up is said at once.
        assessment = foreign(assess(segment.watch, 0.0, ended=True), curve.x)
        if segment.watch.seen:
            return replace(assessment, evidence=assessment.evidence + _about_restarts(segment, curve))
        missing = "validation" if first is not None else "training"
        return _nothing_yet(assessment, f"no {missing} loss in it yet")

    def _with(self, segment: _Segment, point: Point, first: float | None, restarts: Collection[int]) -> _Segment:
        train = point.train if point.train is not None else first
        train, val = (math.nan if loss is None else loss for loss in (train, point.val))
        watch, began = segment
        if point.x in restarts and (watch.diverged_epoch is not None or train > _middle(watch)):
            watch, began = Watch.start(self._criterion), point.x
        return _Segment(watch.update(point.x, train, val), began)


def _middle(watch: Watch) -> float:
    return (watch.first_train_loss + watch.train_loss) / 2 if watch.seen else math.inf


def _about_restarts(segment: _Segment, curve: LogCurve) -> str:
    later = [x for x in curve.restarts if segment.began is None or x > segment.began]
    parts = [] if segment.began is None else [f"a new training since {curve.x} {segment.began}"]
    if later:
        parts.append(f"epochs count anew at {curve.x} {' and '.join(map(str, later[-2:]))}")
    return "".join(f"; {part}" for part in parts)


def _nothing_yet(assessment: Assessment, evidence: str) -> Assessment:
    """Returns an assessment of a log that has nothing to judge."""
    return replace(assessment, evidence=evidence, advice="overfitting shows in both losses together")


def _finite(loss: float | None) -> bool:
    return loss is None or loss - loss == 0
