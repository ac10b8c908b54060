"""What the list of runs knows of one run or sweep."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Origin
from l2tui.settings import Settings

ListedState = Literal[
    "starting", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted", "unreadable"
]

LIVE_STATES: tuple[ListedState, ...] = ("starting", "running", "paused")


class Note(Struct, frozen=True):
    """What a person has written about a run.

    Attributes:
        title: A name of their own for it.
        text: Whatever there is to say.
    """

    title: str = ""
    text: str = ""


class RunInfo(Struct, frozen=True, kw_only=True):
    """One run in the list of runs.

    Attributes:
        name: The name of its directory.
        path: The directory.
        state: What it is doing, or how it ended. "stopped": it ended before its last epoch. "interrupted": its worker
            is gone without having finished it.
        created: When it was made, ISO 8601; empty where that is not known.
        data: Name of the data.
        l2: λ in force.
        epoch: Finished epochs.
        epochs: Planned epochs.
        best_val_loss: Lowest val_loss so far, None before the first epoch.
        best_epoch: The epoch of it.
        onset_epoch: Since when val_loss rises, None where it does not.
        verdict: What the run looked like last; empty before the first epoch.
        task: Whether it predicts classes or a number; empty before that is known.
        settings: Those in force, None where they cannot be read.
        best_l2: λ at the best epoch; None before it is known.
        final_val_loss: Mean of val_loss over the last 5 % of the epochs, None where it is not known or not finite.
        final_val_accuracy: The same of the accuracy, or of R².
        curve: val_loss at evenly spaced epochs; empty before it is known.
        rank: Place among the runs on the same data set by final val_loss, from 1 on; 0 for none.
        ranked: How many there are.
        title: The name that a person has given.
        note: What a person has written about it.
        reason: Why it ended or cannot be read.
        test_looks: How often its test part was looked at.
        grid: λ that it compares, where it is a sweep; 0 for a run. `l2` and `final_val_loss` are then those of the best
            λ so far, `reason` is its answer in words.
        share: Share of a sweep that is done.
        origin: Where the run comes from, if it is a fork.
    """

    name: str
    path: str
    state: ListedState
    created: str = ""
    data: str = ""
    l2: float = 0.0
    epoch: int = 0
    epochs: int = 0
    best_val_loss: float | None = None
    best_epoch: int | None = None
    onset_epoch: int | None = None
    verdict: str = ""
    task: str = ""
    settings: Settings | None = None
    best_l2: float | None = None
    final_val_loss: float | None = None
    final_val_accuracy: float | None = None
    curve: tuple[float, ...] = ()
    rank: int = 0
    ranked: int = 0
    title: str = ""
    note: str = ""
    reason: str = ""
    test_looks: int = 0
    grid: int = 0
    share: float = 0.0
    origin: Origin | None = None

    @property
    def run(self) -> RunDirectory:
        """The run's files."""
        return RunDirectory(Path(self.path))

    @property
    def is_live(self) -> bool:
        """Whether a worker is at it."""
        return self.state in LIVE_STATES

    def age_seconds(self, now: datetime) -> float | None:
        """Returns the seconds from the run's creation to `now`, None where the creation is not known."""
        try:
            return (now - datetime.fromisoformat(self.created)).total_seconds()
        except (ValueError, TypeError):
            return None
