"""The directory of a sweep: its files, and what the small ones hold."""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from l2tui.data.kinds import Task
from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, append_line, take_turn
from l2tui.runs.creation import create_run, versions_here
from l2tui.runs.directory import RunDirectory
from l2tui.settings import Settings

Judge = Literal["end", "best"]
State = Literal["starting", "running", "finished", "stopped", "failed"]


class SweepDirectory(RunDirectory, frozen=True):
    """The files of one sweep; lock, control, status, checkpoint and log are those of a run."""

    @property
    def lanes(self) -> Path:
        """What is known of each lane, a JSON object a line; replaced as a whole."""
        return self.path / "lanes.jsonl"

    @property
    def curves(self) -> Path:
        """Losses of all lanes at the epochs that are kept; replaced as a whole."""
        return self.path / "curves.npz"


class SweepPlan(Struct, frozen=True, kw_only=True):
    """What `sweep.json` holds.

    Attributes:
        settings: The settings of every lane, but for λ and fold.
        l2: The grid to begin with, ascending.
        repeats: How often the rows are shared out into folds.
        racing: Whether a λ that cannot win leaves at a rung.
        judge: Whether λ is chosen by the val_loss at the end or at ★.
        workers: Processes that train.
        created: Local time of creation, ISO 8601.
        versions: Versions of l2tui, Python and NumPy.
        fingerprint: SHA-256 of the run's own split, once it is known.
    """

    settings: Settings
    l2: tuple[float, ...]
    repeats: int = 1
    racing: bool = True
    judge: Judge = "end"
    workers: int = 1
    created: str = ""
    versions: dict[str, str] = {}
    fingerprint: str | None = None

    @property
    def folds(self) -> tuple[int, ...]:
        """The folds to begin with: the run's own split, and each share of its rows in turn.

        The own split counts as one of the folds. Its lanes train on the very rows of the run that λ is wanted for, and
        with it the λ that is named is nearer to the best one for that run.
        """
        return tuple(range(self.repeats * self.settings.folds + 1))


class SweepStatus(Struct, frozen=True, kw_only=True):
    """What a sweep is doing right now.

    Attributes:
        state: In one word.
        pid: Its process.
        heartbeat: Seconds since 1970.
        share: Share of the work that is done, 0 to 1.
        elapsed: Seconds of training so far.
        left: Seconds to go, as far as can be told; None at first.
        training: λ that still train.
        rounds: Why each round was trained, so far.
        val_share: Validation rows for each training row, the mean over the folds.
        task: Whether classes or a number are predicted; None before that is known.
        commands: Bytes of the commands that have acted.
        reason: Why it failed.
        best_l2: The best λ so far.
        loss: Its mean val_loss.
        verdict: That of the answer so far.
        sentence: The answer so far in words.
        notes: What a user should know about how it trains.
    """

    state: State
    pid: int = 0
    heartbeat: float = 0.0
    share: float = 0.0
    elapsed: float = 0.0
    left: float | None = None
    training: int = 0
    rounds: tuple[str, ...] = ()
    val_share: float = 0.5
    task: Task | None = None
    commands: int = 0
    reason: str = ""
    best_l2: float | None = None
    loss: float | None = None
    verdict: str = ""
    sentence: str = ""
    notes: tuple[str, ...] = ()


class StopSweep(Struct, frozen=True, tag="stop"):
    """End now; the sweep can be resumed."""


class Finer(Struct, frozen=True, tag="finer"):
    """Train the quarter decades around the best λ as well."""


class MoreFolds(Struct, frozen=True, tag="folds"):
    """Share the rows out anew, and train the λ that are left on those folds as well."""


SweepCommand = StopSweep | Finer | MoreFolds


def create_sweep(plan: SweepPlan, *, path: Path | None = None) -> SweepDirectory:
    """Makes the directory of a new sweep.

    Raises:
        RunError: It cannot be made or written.
    """
    run = create_run(f"sweep-{Path(plan.settings.data).stem}", path=path)
    sweep = SweepDirectory(run.path)
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    try:
        write_plan(sweep, msgspec.structs.replace(plan, created=created, versions=versions_here()))
    except OSError as error:
        raise RunError(f"{sweep.path}: cannot be written to: {error.strerror}") from None
    return sweep


def write_plan(sweep: SweepDirectory, plan: SweepPlan) -> None:
    """Writes `sweep.json` as a whole.

    Raises:
        OSError: It cannot be written.
    """
    sweep.replace(sweep.sweep, msgspec.json.encode(plan) + b"\n", durable=True)


def is_sweep(path: Path) -> bool:
    """Returns whether a directory is that of a sweep."""
    return SweepDirectory(path).sweep.is_file()


def read_plan(sweep: SweepDirectory) -> SweepPlan:
    """Returns what a sweep began with.

    Raises:
        RunError: It cannot be read.
    """
    try:
        return msgspec.json.decode(sweep.read(sweep.sweep), type=SweepPlan)
    except OSError as error:
        raise RunError(f"{sweep.sweep}: cannot be read: {error.strerror}") from None
    except UNDECODABLE as error:
        raise RunError(f"{sweep.sweep}: damaged: {error}") from None


def read_status(sweep: SweepDirectory) -> SweepStatus | None:
    """Returns the last status; None where there is none that can be read."""
    try:
        return msgspec.json.decode(sweep.read(sweep.status), type=SweepStatus)
    except (OSError, *UNDECODABLE):
        return None


def send_command(sweep: SweepDirectory, command: SweepCommand) -> None:
    """Appends a command as a whole line.

    Raises:
        RunError: The directory cannot be written to; the command does not act then.
    """
    try:
        descriptor = sweep.open(sweep.control, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            take_turn(descriptor)
            append_line(descriptor, msgspec.json.encode(command) + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RunError(f"{sweep.control}: cannot be written: {error.strerror}") from None


def read_commands(sweep: SweepDirectory, position: int) -> tuple[list[SweepCommand], int]:
    """Returns the commands after a position of the file, and the position after them. What is no command is skipped."""
    try:
        data = sweep.read(sweep.control)[position:]
    except OSError:
        return [], position
    complete = data[: data.rfind(b"\n") + 1]
    commands: list[SweepCommand] = []
    for line in complete.splitlines():
        try:
            commands.append(msgspec.json.decode(line, type=SweepCommand))
        except UNDECODABLE:
            continue
    return commands, position + len(complete)
