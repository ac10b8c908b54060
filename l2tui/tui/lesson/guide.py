"""Takes a person through a lesson: which settings to plan, what the runs have shown, what comes next. No widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from l2tui.learn.lesson import Lesson, LessonRun
from l2tui.runs.events import BestRestored, GhostSwapped, SettingChanged
from l2tui.settings import SETTING_INFO, Settings, show_value
from l2tui.tui.controller import Controller
from l2tui.tui.lesson.course import Course, LessonKeys
from l2tui.view.run_view import LIVE_PHASES, RunView

if TYPE_CHECKING:
    from l2tui.learn.conditions import Finding, Records
    from l2tui.sweep.summary import SweepView

Stage = Literal["text", "question", "run", "result", "after", "end"]
Standing = Literal["waits", "trains", "ended", "other", "cut"]

# These change neither the weights nor when a run ends.
_FREE = ("pace", "criterion", "blas_threads")


class Guide:
    """Where somebody is in a lesson.

    Args:
        course: The lessons, and which one to begin.
        controller: What plans, begins and follows runs.
        keys: What the keys are called.
        stop: Whether a run that was started here and still trains is stopped.

    Attributes:
        course: The lessons, and which one it is.
        stage: Which kind of page is shown.
        index: The run that is due, trains, or has ended.
        seeds: By how much the seed is raised.
        answer: What was answered, counted from 1; None before.
        records: What the runs that have ended recorded.
        sweep: The sweep that a λ was chosen from.
        findings: What the conditions came to, once the last run has ended.
        completed: Names of the lessons whose conditions held since this was made.
    """

    course: Course
    stage: Stage
    index: int
    seeds: int
    answer: int | None
    records: list[Records]
    sweep: SweepView | None
    findings: list[Finding]

    def __init__(self, course: Course, controller: Controller, keys: LessonKeys, *, stop: bool = False) -> None:
        self.controller, self.keys = controller, keys
        self.completed: list[str] = []
        self._begin(course, stop=stop)

    def _begin(self, course: Course, *, stop: bool = True) -> None:
        self.course, self.stage, self.seeds, self.answer = course, "text", 0, None
        self._begin_runs(stop=stop)

    def _begin_runs(self, *, stop: bool = True) -> None:
        self.index, self.records, self.sweep, self.findings = 0, [], None, []
        self._plan(stop=stop)

    def _plan(self, *, stop: bool = True) -> None:
        """Plans the run that is due; a setting that is given its value by hand keeps that of the run before."""
        before = self.lesson.settings_of(max(0, self.index - 1), self.seeds)
        by_hand = {name: getattr(before, name) for name in self.run.by_hand}
        self.controller.prepare(msgspec.structs.replace(self.wanted, **by_hand), stop=stop)

    @property
    def lesson(self) -> Lesson:
        """The lesson."""
        return self.course.lesson

    @property
    def run(self) -> LessonRun:
        """The run that is due, trains, or has ended."""
        return self.lesson.runs[self.index]

    @property
    def wanted(self) -> Settings:
        """The settings that it must have."""
        return self.lesson.settings_of(self.index, self.seeds)

    @property
    def holds(self) -> bool:
        """Whether the conditions hold."""
        return bool(self.findings) and all(finding.holds is not False for finding in self.findings)

    @property
    def awaits_sweep(self) -> bool:
        """Whether a λ is to be chosen from a sweep now."""
        return self.stage == "run" and self.run.sweep

    # What becomes of the runs

    def look(self, view: RunView) -> None:
        """Takes over the records of the run on the screen, once it has ended."""
        if self.stage != "run" or self._is_recorded or self.standing(view) != "ended" or view.snapshot is None:
            return
        from l2tui.learn.conditions import judge

        self.records.append(view.snapshot.columns)
        if len(self.records) == len(self.lesson.runs):
            self.findings, self.stage = judge(self.lesson, self.records), "result"

    def take_sweep(self, view: SweepView, chosen: float) -> str:
        """Takes over the λ that was chosen from a sweep; returns what to say where it does not count."""
        from l2tui.learn.conditions import judge_choice

        if not self.awaits_sweep:
            return ""
        if wrong := list(_differences(view.plan.settings, self.wanted, self._apart)):
            return f"That sweep is not the lesson's: {', '.join(wrong[:2])}."
        if view.status is None or view.status.state != "finished":
            return f"The sweep is not done yet: {self.keys['app.sweep']} goes back to it."
        self.findings = judge_choice(chosen, view.answer)
        self.sweep, self.stage = view, "result"
        return ""

    @property
    def _is_recorded(self) -> bool:
        return len(self.records) > self.index

    def standing(self, view: RunView) -> Standing:
        """Returns what has become of the run that is due. A sweep has a screen of its own, so it is waited for."""
        if self._is_recorded:
            return "ended"
        if self.run.sweep or view.phase == "ready":
            return "waits"
        if self.astray(view):
            return "other"
        if view.phase in LIVE_PHASES:
            return "trains"
        return "ended" if view.phase == "finished" and view.latest("epoch") == self.wanted.epochs else "cut"

    def astray(self, view: RunView) -> list[str]:
        """Returns in what the run on the screen, or without one the plan, is not what the lesson needs."""
        if self.run.sweep or view.phase == "ready":
            return list(_differences(view.pending, self.wanted, self._apart))
        snapshot = view.snapshot
        made = snapshot.settings.settings if snapshot is not None and snapshot.settings is not None else view.began
        found = [] if made is None else list(_differences(made, self.wanted))
        for event in snapshot.events if snapshot is not None else ():
            if isinstance(event, SettingChanged) and event.name not in _FREE:
                found.append(f"{SETTING_INFO[event.name].label} was changed while it trained")
            elif isinstance(event, BestRestored):
                found.append("the best weights were put back")
            elif isinstance(event, GhostSwapped):
                found.append("it was swapped with its ghost")
        if view.origin is not None:
            found.append("it is a fork")
        if not found and view.live is not None:
            found += _differences(view.live, self.wanted)
        return found

    @property
    def _apart(self) -> tuple[str, ...]:
        """Settings that may differ from those of the lesson before it runs."""
        return ("l2",) if self.run.sweep else self.run.by_hand

    # Keys

    def goes_on(self, view: RunView) -> bool:
        """Returns whether there is something to go on to."""
        if self.stage == "question":
            return self.answer is not None
        if self.stage == "run":
            standing = self.standing(view)
            return bool(self.astray(view)) if standing == "waits" else standing != "trains"
        return self.stage != "end"

    def enter(self, view: RunView) -> str:
        """Goes on, where there is something to go on to; returns what to say where there is not."""
        if self.stage == "question" and self.answer is None:
            return f"Answer first: {self._digits}."
        if self.stage == "text":
            self.stage = "question"
        elif self.stage == "question":
            self.stage = "run"
        elif self.stage == "run":
            return self._enter_run(view)
        elif self.stage == "result":
            self._enter_result()
        elif self.stage == "after":
            self.skip()
        return ""

    def _enter_run(self, view: RunView) -> str:
        standing = self.standing(view)
        if standing == "trains":
            if view.phase == "paused":
                return f"Paused: {self.keys['run.toggle']} goes on with the run."
            return f"The run has not ended: {self.keys['lesson.next']} goes on then."
        if standing == "waits" and not self.astray(view):
            # The band shows all of it; a line has room for its first sentence.
            first = self.run.press.split(". ")[0].removesuffix(".")
            return f"Nothing starts by itself. {self.keys.put_into(first)}."
        if standing == "ended":
            self.index += 1
        self._plan()
        return ""

    def _enter_result(self) -> None:
        if self.holds:
            self.completed.append(self.course.name)
            self.stage = "after"
        elif self.sweep is not None and self.findings:
            # Another λ can be chosen from the same sweep.
            self.findings, self.stage = [], "run"
        else:
            self.seeds += 1
            self.stage = "run"
            self._begin_runs()

    def choose(self, answer: int) -> str:
        """Answers the question; returns what to say where there is none."""
        if self.stage != "question":
            return "That key answers a question; there is none now."
        if answer > len(self.lesson.answers):
            return f"The answers are {self._digits}."
        self.answer = answer
        return ""

    def skip(self) -> None:
        """Goes to the next lesson, or to the end."""
        following = self.course.following
        if following is None:
            self.stage = "end"
        else:
            self._begin(following)

    @property
    def _digits(self) -> str:
        digits = self.keys.digits(len(self.lesson.answers))
        return f"{', '.join(digits[:-1])} or {digits[-1]}"


def _differences(made: Settings, wanted: Settings, apart: tuple[str, ...] = ()) -> Iterator[str]:
    """Yields in what two settings differ, for people."""
    if made.table is not None or made.data != wanted.data:
        yield f"data {wanted.data}, not another"
        return
    for name, info in SETTING_INFO.items():
        now, should = getattr(made, name), getattr(wanted, name)
        if now != should and name not in (*_FREE, *apart):
            yield f"{info.label} {show_value(name, should)}, not {show_value(name, now)}"
