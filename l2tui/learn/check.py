"""Trains a lesson without a screen, over many seeds, and reports whether its conditions hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from msgspec import Struct

from l2tui.data.prepare import prepare
from l2tui.learn.conditions import Finding, Records, as_records, holds, judge, judge_choice
from l2tui.learn.lesson import Lesson
from l2tui.settings import Settings, changed
from l2tui.training.records import EpochRecord
from l2tui.training.trainer import Trainer


class Checked(Struct, frozen=True):
    """The result of a lesson with one seed.

    Attributes:
        seed: The seed.
        findings: A finding for each condition.
        seconds: How long its longest run takes at the lesson's pace; 0 where it has none.
    """

    seed: int
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether all conditions hold."""
        return bool(self.findings) and holds(self.findings)


def check_lesson(lesson: Lesson, seeds: Iterable[int], *, workers: int = 1) -> Iterator[Checked]:
    """Trains the runs of a lesson and judges them, once for each seed.

    Args:
        lesson: The lesson.
        seeds: Offsets to add to the lesson's own seed.
        workers: Processes of a sweep.
    """
    for seed in seeds:
        settings = [lesson.settings_of(index, seed) for index in range(len(lesson.runs))]
        if lesson.runs[0].sweep:
            yield Checked(settings[0].seed, _swept(settings[0], workers), 0.0)
        else:
            findings = judge(lesson, [train_records(one) for one in settings])
            longest = max(one.epochs / one.pace if one.pace else 0.0 for one in settings)
            yield Checked(settings[0].seed, tuple(findings), longest)


def train_records(settings: Settings) -> Records:
    """Trains a run to its end, and returns what a run directory would record of it."""
    trainer = Trainer(settings, prepare(settings))
    rows: list[EpochRecord] = []
    while not trainer.finished:
        end = trainer.advance(seconds=1.0)
        if end is not None and end.record is not None:
            rows.append(end.record)
    return as_records(dict(zip(EpochRecord._fields, np.array(rows, dtype=np.float64).T, strict=True)))


def _swept(settings: Settings, workers: int) -> tuple[Finding, ...]:
    """Sweeps as `w` does, and chooses the λ at the lowest filled dot of the curve, as a learner would."""
    from l2tui.sweep.coordinator import run_sweep
    from l2tui.sweep.directory import SweepPlan, create_sweep
    from l2tui.sweep.grid import default_grid
    from l2tui.sweep.summary import read_view

    plan = SweepPlan(settings=changed(settings, pace=None), l2=default_grid(settings), workers=workers)
    with tempfile.TemporaryDirectory() as folder:
        sweep = create_sweep(plan, path=Path(folder) / "sweep")
        run_sweep(sweep)
        view = read_view(sweep)
    losses = {one.l2: one.val_loss for one in view.per_l2 if one.val_loss is not None and not one.left}
    return tuple(judge_choice(min(losses, key=losses.__getitem__), view.answer)) if losses else ()
