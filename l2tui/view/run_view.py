"""What the screen shows of a run at one moment: a frozen view on a snapshot. Importing it loads no number library."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from l2tui.overfitting.verdict import Assessment
from l2tui.runs.events import BestRestored, Confirmed, Origin, SettingChanged, Status, Withdrawn
from l2tui.settings import Settings
from l2tui.view.data_names import same_data

if TYPE_CHECKING:
    from l2tui.runs.ghost import GhostCurve
    from l2tui.runs.reader import Snapshot

Phase = Literal[
    "ready", "starting", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted", "watching"
]

WATCHING = "Watching only: nothing is trained or steered from this window."
LIVE_PHASES: tuple[Phase, ...] = ("starting", "running", "paused")


class RunView(Struct, frozen=True, eq=False):
    """A run as the screen shows it.

    Attributes:
        pending: The settings that the next run begins with.
        snapshot: The run's files, None before there is a run.
        worker_started: Whether a worker was started that has not ended yet, as far as this process knows.
        is_log: Whether it is another program's log, which knows of epochs and losses alone.
        watching: Whether this window steers nothing and trains nothing.
        name: What the run is called; empty before there is one.
        began: The settings that the run began with, for as long as its files do not say what is in force.
        resuming: Whether a worker has been started to go on, and has said nothing yet.
        asked: Live settings that the worker has been asked for and has not acted upon yet.
    """

    pending: Settings
    snapshot: Snapshot | None = None
    worker_started: bool = False
    is_log: bool = False
    watching: bool = False
    name: str = ""
    began: Settings | None = None
    resuming: bool = False
    asked: Mapping[str, Any] = {}

    @property
    def status(self) -> Status | None:
        """The worker's last status."""
        return self.snapshot.status if self.snapshot is not None else None

    @property
    def phase(self) -> Phase:
        """The state in one word. A worker whose lock is free has ended, whatever its last status says."""
        if self.snapshot is None:
            return "starting" if self.worker_started else "ready"
        if self.resuming:
            return "starting"
        if self.is_log:
            return "watching"
        status = self.snapshot.status
        if self.snapshot.alive or self.worker_started:
            if status is None or status.state == "starting":
                return "starting"
            if status.state in ("running", "paused"):
                return "running" if status.state == "running" else "paused"
        if status is None:
            # Killed before its first status; what it has written says that it had begun.
            return "interrupted" if len(self.snapshot) else "failed"
        if status.state == "failed":
            return "failed"
        if status.state == "finished":
            return "finished" if status.epoch >= status.settings.epochs else "stopped"
        return "diverged" if status.state == "diverged" else "interrupted"

    @property
    def is_live(self) -> bool:
        """Whether there is a worker that trains or waits."""
        return self.phase in LIVE_PHASES

    @property
    def steers(self) -> bool:
        """Whether there is a worker that this window may steer."""
        return self.is_live and not self.watching

    @property
    def can_go_on(self) -> bool:
        """Whether the run has ended and can go on as planned: on its own data, with epochs left."""
        if self.live is None or not same_data(self.live, self.pending):
            return False
        if self.phase in ("finished", "stopped"):
            return self.epoch < self.pending.epochs
        return self.phase == "interrupted"

    @property
    def toggle(self) -> Literal["run", "pause", "go on"] | None:
        """What the key that starts and pauses does now; None for nothing."""
        if self.watching:
            return None
        if self.phase in ("starting", "running"):
            return "pause"
        if self.phase == "paused" or self.can_go_on:
            return "go on"
        return "run" if self.phase in ("ready", "failed") or self.pending != self.live else None

    @property
    def live(self) -> Settings | None:
        """The settings in force in the run, those that it ended with after its end; None before there is a run."""
        settings = self.began
        if self.status is not None:
            settings = self.status.settings
        elif self.snapshot is not None and self.snapshot.settings is not None:
            settings = self.snapshot.settings.settings
        if settings is None or not self.asked:
            return settings
        return msgspec.structs.replace(settings, **self.asked)

    @property
    def ghost(self) -> GhostCurve | None:
        """The twin that trains along, None without one."""
        return self.snapshot.ghost if self.snapshot is not None else None

    @property
    def origin(self) -> Origin | None:
        """Where the run comes from, if it is a fork."""
        settings = self.snapshot.settings if self.snapshot is not None else None
        return settings.origin if settings is not None else None

    @property
    def assessment(self) -> Assessment | None:
        """What the criterion and the verdict say, None before the first epoch."""
        return self.status.assessment if self.status else None

    @property
    def epoch(self) -> int:
        """Finished epochs."""
        return self.status.epoch if self.status else 0

    @property
    def epochs(self) -> int:
        """Epochs that the run has in all; before there is one, those of the next."""
        return (self.live or self.pending).epochs

    @property
    def planned(self) -> int | None:
        """The epoch at which the run is to end; None for another program's log, whose end nobody knows."""
        return None if self.is_log else self.epochs

    @property
    def x(self) -> str:
        """What is counted along the axis: epochs, or what another program's log counts."""
        log = self.snapshot.log if self.snapshot is not None else None
        return "epoch" if log is None else log.x

    @property
    def pairs(self) -> tuple[str, ...]:
        """The pairs of losses of another program's log, where there are several."""
        log = self.snapshot.log if self.snapshot is not None else None
        return () if log is None else log.pairs

    def latest(self, name: str) -> float | None:
        """Returns the last recorded value of a metric, None before there is one."""
        return self.at(name, -1)

    def at(self, name: str, index: int) -> float | None:
        """Returns one recorded value of a metric by its position, None where there is none.

        The last penalty is that of the λ in force: λ may have changed since it was recorded.
        """
        if self.snapshot is None or name not in self.snapshot.columns:
            return None
        if name == "penalty" and index == -1 and self.live is not None:
            w1_norm, w2_norm = self.latest("w1_norm"), self.latest("w2_norm")
            if w1_norm is not None and w2_norm is not None:
                return self.live.l2 * (w1_norm**2 + w2_norm**2)
        return float(self.snapshot.column(name)[index])

    @property
    def restored(self) -> Snapshot | None:
        """The records up to the epoch whose weights the network has again; None where it has those of the last."""
        snapshot, status = self.snapshot, self.status
        if snapshot is None or status is None or not len(snapshot):
            return None
        last = next((event for event in reversed(snapshot.events) if isinstance(event, BestRestored)), None)
        if last is None or last.step != status.step:
            return None
        count = int(snapshot.column("epoch").searchsorted(last.from_epoch, side="right"))
        columns = {name: column[:count] for name, column in snapshot.columns.items()}
        return dataclasses.replace(snapshot, columns=columns) if count else None

    def l2_changes(self) -> tuple[tuple[int, float, float], ...]:
        """Returns the epochs at which λ changed, with its value before and after; several in one epoch are one."""
        changes: dict[int, tuple[float, float]] = {}
        for event in self.snapshot.events if self.snapshot is not None else ():
            if isinstance(event, SettingChanged) and event.name == "l2":
                old, _ = changes.get(event.epoch, (event.old, event.new))
                changes[event.epoch] = (float(old or 0), float(event.new or 0))
        return tuple((epoch, old, new) for epoch, (old, new) in changes.items())

    def withdrawn_epochs(self) -> tuple[int, ...]:
        """Returns the epochs at which a rise was confirmed that was withdrawn later."""
        withdrawn, confirmed = [], None
        for event in self.snapshot.events if self.snapshot is not None else ():
            if isinstance(event, Confirmed):
                confirmed = event.epoch
            elif isinstance(event, Withdrawn) and confirmed is not None:
                withdrawn.append(confirmed)
                confirmed = None
        return tuple(withdrawn)
