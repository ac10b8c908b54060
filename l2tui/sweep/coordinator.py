"""The process of a sweep: hands stretches to a pool, collects the results, and obeys commands."""

import os
import time
from collections.abc import Callable

import msgspec
import numpy as np

from l2tui.data.kinds import Task
from l2tui.errors import L2tuiError, RunError
from l2tui.sweep.answer import Answer
from l2tui.sweep.curves import Curves
from l2tui.sweep.directory import (
    Finer,
    MoreFolds,
    State,
    StopSweep,
    SweepDirectory,
    SweepPlan,
    SweepStatus,
    read_commands,
    read_plan,
)
from l2tui.sweep.grid import finer, wider
from l2tui.sweep.origin import check_data, keep_fingerprint, other_versions
from l2tui.sweep.pool import LocalPool, Pool
from l2tui.sweep.results import Results
from l2tui.sweep.round import FoldState, Round, RoundPlan
from l2tui.sweep.state import Saved, load, save
from l2tui.sweep.stretch import TrainedStretch

# How often a grid whose loss still falls at its edge is widened.
MOST_EXTENSIONS = 2

_LOOK_SECONDS = 0.1
# Seconds between two checkpoints at least, and how many times as long as writing one took.
_SAVE_SECONDS = 1.0
_SAVE_SHARE = 20


def run_sweep(
    sweep: SweepDirectory,
    *,
    make_pool: Callable[[SweepPlan], Pool] | None = None,
    on_coordinator: Callable[["Coordinator"], None] | None = None,
    on_status: Callable[[SweepStatus], None] | None = None,
) -> SweepStatus:
    """Trains a sweep to its end, from its checkpoint if it has one, and holds its lock.

    Args:
        sweep: Its directory, with `sweep.json`.
        make_pool: Makes the pool that trains; by default processes on this machine.
        on_coordinator: Called before training begins, for signal handlers.
        on_status: Called with each status that is written.

    Raises:
        RunError: Another process has it, or the directory is unusable.
        L2tuiError: The data cannot be prepared, or a stretch cannot be trained.
    """
    with sweep.locked() as held:
        held = SweepDirectory(held.path, held.held)
        plan = read_plan(held)
        make_pool = make_pool or (lambda plan: LocalPool(plan.settings, plan.workers))
        coordinator = Coordinator(held, plan, make_pool(plan), on_status)
        if on_coordinator is not None:
            on_coordinator(coordinator)
        try:
            return coordinator.run()
        except (L2tuiError, OSError) as error:
            coordinator.fail(str(error))
            if isinstance(error, OSError):
                raise RunError(f"{error.filename or sweep.path}: {error.strerror}") from error
            raise


class Coordinator:
    """Drives the rounds of a sweep.

    Args:
        sweep: The directory, held.
        plan: What it began with.
        pool: Trains the stretches.
        on_status: Called with each status that is written.
    """

    def __init__(
        self,
        sweep: SweepDirectory,
        plan: SweepPlan,
        pool: Pool,
        on_status: Callable[[SweepStatus], None] | None = None,
    ) -> None:
        self._sweep, self._plan, self._pool, self._on_status = sweep, plan, pool, on_status
        self.results = Results(plan.settings.epochs)
        self._curves = Curves()
        self._rounds = [RoundPlan(plan.l2, plan.folds, plan.racing)]
        self._said = Answer("waiting")
        self._commands = 0
        self._val_shares: dict[int, float] = {}
        self._task: Task | None = None
        self._elapsed, self._began = 0.0, time.monotonic()
        self._stopped = False
        self._notes: dict[str, str] = {}
        self._round = Round(self._rounds[0], plan.settings, self.results)
        self._resumed = self._resume()
        self._save_at = 0.0
        self._total = max(1, self._round.lane_epochs_left)

    def stop(self) -> None:
        """Ends at the next look, with a checkpoint; safe in a signal handler."""
        self._stopped = True

    def run(self) -> SweepStatus:
        """Trains until nothing is left or a stop; returns the last status."""
        self._status("running")
        try:
            while not self._stopped:
                self._obey()
                if self._round.finished and not self._next_round():
                    break
                self._hand_out()
                for fold, trained in self._pool.results(_LOOK_SECONDS):
                    self._curves.take(fold, self._round.plan.l2, trained)
                    self._val_shares[fold], self._task = trained.rows[1] / trained.rows[0], trained.task
                    self._note(fold, trained)
                    self._round.take(fold, trained)
                    self._hand_out()
                self._keep_up()
        finally:
            self._pool.close()
        self._export()
        return self._status("stopped" if self._stopped else "finished")

    def fail(self, reason: str) -> None:
        """Records why the sweep failed."""
        self._pool.close()
        self._status("failed", reason)

    @property
    def answer(self) -> Answer:
        """The answer so far."""
        done = self._round.finished
        return self.results.answer(val_share=self._val_share, judge=self._plan.judge, done=done)

    @property
    def _val_share(self) -> float:
        """The mean over the folds, in their order, so that it does not depend on which ended last."""
        shares = [self._val_shares[fold] for fold in sorted(self._val_shares)]
        return sum(shares) / len(shares) if shares else 0.5

    def _hand_out(self) -> None:
        training = sum(fold.training for fold in self._round.folds.values())
        while training < self._pool.size:
            following = self._round.next_stretch()
            if following is None:
                return
            if self._resumed:
                self._resumed = False
                self._plan = check_data(self._sweep, self._plan)
                self._notes["versions"] = other_versions(self._plan)
            self._pool.submit(*following)
            training += 1

    def _note(self, fold: int, trained: TrainedStretch) -> None:
        if fold == 0:
            self._plan = keep_fingerprint(self._sweep, self._plan, trained.fingerprint)
        if trained.fits:
            held = f"Memory holds {trained.fits} of {len(self._round.lanes)} λ of a fold at a time"
            each = f" in each of {self._pool.size} processes" if self._pool.size > 1 else ""
            self._notes["memory"] = f"{held}{each}: they train in turns."

    def _keep_up(self) -> None:
        now = time.monotonic()
        # Without the fingerprint of its data nobody could tell later that they are others.
        if self.results.l2 and self._plan.fingerprint is not None and now >= self._save_at:
            self._export()
            took = time.monotonic() - now
            self._save_at = now + max(_SAVE_SECONDS, _SAVE_SHARE * took)
        self._status("running")

    def _obey(self) -> None:
        commands, position = read_commands(self._sweep, self._commands)
        for command in commands:
            if isinstance(command, StopSweep):
                self._stopped = True
            elif isinstance(command, Finer | MoreFolds):
                # Rounds that are asked for while one trains come after it.
                self._rounds.append(RoundPlan((), (), False, "finer" if isinstance(command, Finer) else "folds"))
        self._commands = position

    def _next_round(self) -> bool:
        """Begins the next round that was asked for, or that the answer calls for; returns whether there is one."""
        position = next(i for i, one in enumerate(self._rounds) if one is self._round.plan) + 1
        while position < len(self._rounds):
            plan = self._filled(self._rounds[position].why)
            if plan.l2 and plan.folds:
                self._rounds[position] = plan
                self._begin(plan)
                return True
            del self._rounds[position]
        if self.answer.verdict == "edge" and sum(one.why == "edge" for one in self._rounds) < MOST_EXTENSIONS:
            plan = self._filled("edge")
            if plan.l2:
                self._rounds.append(plan)
                self._begin(plan)
                return True
        return False

    def _filled(self, why: str) -> RoundPlan:
        """Returns a round that follows from the answer so far."""
        answer, folds = self.answer, self.results.folds
        if why == "edge":
            return RoundPlan(wider(self.results.l2, self._plan.settings.learning_rate), folds, False, why)
        if why == "finer":
            return RoundPlan(finer(self.results.l2, answer.best_l2 or 0.0), folds, False, why)
        whole = np.flatnonzero(np.isfinite(self.results.matrix("val_loss")).all(axis=0))
        left = tuple(self.results.l2[lane] for lane in whole)
        count = self._plan.settings.folds
        draw = max(folds) // count
        return RoundPlan(left, tuple(range(draw * count + 1, (draw + 1) * count + 1)), False, why)

    def _begin(self, plan: RoundPlan) -> None:
        self._round = Round(plan, self._plan.settings, self.results)
        self._total += self._round.lane_epochs_left

    def _resume(self) -> bool:
        """Takes over the checkpoint; returns whether there is one."""
        found = load(self._sweep)
        if found is None:
            return False
        saved, folds, curves = found
        self.results = Results(self._plan.settings.epochs, list(saved.lanes))
        self._curves = Curves(curves)
        self._rounds = list(saved.rounds)
        self._commands, self._elapsed = saved.commands, saved.elapsed
        self._val_shares, self._task = saved.val_shares, saved.task
        current = max(i for i, plan in enumerate(self._rounds) if plan.l2)
        self._round = Round(self._rounds[current], self._plan.settings, self.results)
        self._round.resume(saved.training, folds, saved.rungs_done)
        return True

    def _export(self) -> None:
        """Writes the checkpoint, and from the same state what readers look at."""
        lanes, self._said = self.results.lanes, self.answer
        saved = Saved(
            rounds=tuple(self._rounds),
            lanes=tuple(lanes),
            training=self._round.lanes,
            rungs_done=self._round.rungs_done,
            folds={},
            commands=self._commands,
            elapsed=self._seconds(),
            val_shares=self._val_shares,
            task=self._task,
        )
        curves = self._curves.arrays()
        folds = {} if self._round.finished else self._round.folds
        save(self._sweep, saved, folds or self._ended_folds(), curves)
        self._sweep.replace(self._sweep.lanes, b"".join(msgspec.json.encode(lane) + b"\n" for lane in lanes))
        self._sweep.replace(self._sweep.curves, lambda file: np.savez(file, allow_pickle=False, **curves))

    def _ended_folds(self) -> dict[int, FoldState]:
        return {number: FoldState(fold.epoch) for number, fold in self._round.folds.items()}

    def _seconds(self) -> float:
        return self._elapsed + time.monotonic() - self._began

    def _status(self, state: State, reason: str = "") -> SweepStatus:
        left = self._round.lane_epochs_left
        done = max(0, self._total - left)
        seconds = time.monotonic() - self._began
        status = SweepStatus(
            state=state,
            pid=os.getpid(),
            heartbeat=time.time(),
            share=1.0 if state == "finished" else min(1.0, done / self._total),
            elapsed=self._seconds(),
            left=seconds * left / done if done and state == "running" else None,
            training=len(self._round.lanes),
            rounds=tuple(plan.why for plan in self._rounds if plan.l2),
            val_share=self._val_share,
            task=self._task,
            commands=self._commands,
            reason=reason,
            best_l2=self._said.best_l2,
            loss=self._said.loss,
            verdict=self._said.verdict,
            sentence=self._said.sentence,
            notes=tuple(filter(None, self._notes.values())),
        )
        self._sweep.replace(self._sweep.status, msgspec.json.encode(status) + b"\n")
        if self._on_status is not None:
            self._on_status(status)
        return status
