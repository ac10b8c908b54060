"""What the screen shows of a run at one moment: a frozen view on a snapshot. Importing it loads no number library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from l2tui.overfitting.verdict import Assessment
from l2tui.runs.events import Confirmed, SettingChanged, Status, Withdrawn
from l2tui.settings import Settings

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

Phase = Literal["ready", "starting", "running", "paused", "finished", "diverged", "failed", "interrupted", "watching"]

LIVE_PHASES: tuple[Phase, ...] = ("starting", "running", "paused")


class RunView(Struct, frozen=True, eq=False):
    """A run as the screen shows it.

    Attributes:
        planned: The settings on the screen; where a setting cannot change live, the run may still have another value.
        snapshot: The run's files, None before there is a run.
        worker_started: Whether a worker was started that has not ended yet, as far as this process knows.
        is_log: Whether it is another program's log, which knows of epochs and losses alone.
    """

    planned: Settings
    snapshot: Snapshot | None = None
    worker_started: bool = False
    is_log: bool = False

    @property
    def status(self) -> Status | None:
        """The worker's last status."""
        return self.snapshot.status if self.snapshot is not None else None

    @property
    def phase(self) -> Phase:
        """The state in one word. A worker whose lock is free has ended, whatever its last status says."""
        if self.snapshot is None:
            return "starting" if self.worker_started else "ready"
        if self.is_log:
            return "watching"
        status = self.snapshot.status
        if self.snapshot.alive or self.worker_started:
            if status is None or status.state == "starting":
                return "starting"
            if status.state in ("running", "paused"):
                return "running" if status.state == "running" else "paused"
        if status is None:
            return "failed"
        if status.state == "failed":
            return "failed"
        if status.state in ("finished", "diverged"):
            return "finished" if status.state == "finished" else "diverged"
        return "interrupted"

    @property
    def is_live(self) -> bool:
        """Whether there is a worker to steer."""
        return self.phase in LIVE_PHASES

    @property
    def can_go_on(self) -> bool:
        """Whether the run has ended with epochs left, counting those that the screen plans."""
        if self.phase == "interrupted":
            return True
        return self.phase == "finished" and self.epoch < self.planned.epochs

    @property
    def running(self) -> Settings | None:
        """The settings in force in the run, None before there is one."""
        if self.snapshot is None:
            return None
        if self.snapshot.status is not None:
            return self.snapshot.status.settings
        return self.snapshot.settings.settings if self.snapshot.settings else None

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
        """Epochs planned."""
        return (self.running or self.planned).epochs

    def latest(self, name: str) -> float | None:
        """Returns the last recorded value of a metric, None before there is one."""
        return self.at(name, -1)

    def at(self, name: str, index: int) -> float | None:
        """Returns one recorded value of a metric by its position, None where there is none."""
        if self.snapshot is None or name not in self.snapshot.columns:
            return None
        return float(self.snapshot.column(name)[index])

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
