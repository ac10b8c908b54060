"""What can be in `events.jsonl`, `control.jsonl`, `status.json` and `settings.json`, as validated structs.

Events carry no clock: their epoch and step say when, so that two runs that did the same thing wrote the same file.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from l2tui.overfitting.verdict import Assessment
from l2tui.runs.pictures import PictureRequest
from l2tui.settings import Settings

Value = float | int | str | bool | None


class Event(Struct, frozen=True, tag_field="event", kw_only=True):
    """Something that happened after `step` updates, in or at the end of `epoch`."""

    epoch: int
    step: int


class Started(Event, frozen=True, tag="started"):
    """Training began."""


class SettingChanged(Event, frozen=True, tag="setting"):
    """A live setting took a new value, in force from the next update on."""

    name: str
    old: Value
    new: Value


class Paused(Event, frozen=True, tag="paused"):
    """Training was paused."""


class Resumed(Event, frozen=True, tag="resumed"):
    """Training went on after a pause."""


class Confirmed(Event, frozen=True, tag="overfitting confirmed"):
    """The criterion confirmed that val_loss rises since `onset_epoch`."""

    onset_epoch: int
    criterion: str


class Withdrawn(Event, frozen=True, tag="overfitting withdrawn"):
    """The mark of overfitting no longer holds."""


class BestRestored(Event, frozen=True, tag="best weights restored"):
    """The weights of `from_epoch` were put back in."""

    from_epoch: int


class Diverged(Event, frozen=True, tag="diverged"):
    """A loss or a weight was no longer finite."""

    advice: str


class Finished(Event, frozen=True, tag="finished"):
    """Training ended, and why."""

    reason: Literal["epochs", "stopped", "overfitting"]


class Failed(Event, frozen=True, tag="failed"):
    """The worker could not go on."""

    reason: str


class GhostBegan(Event, frozen=True, tag="ghost began"):
    """A twin at λ `l2` began to train along."""

    l2: float


class GhostEnded(Event, frozen=True, tag="ghost ended"):
    """The twin trains along no more: asked, diverged, or left behind by a fork."""

    reason: str


class GhostSwapped(Event, frozen=True, tag="ghost swapped"):
    """The run took weights, optimiser's state and λ of the twin, and the twin those of the run."""

    l2: float
    ghost_l2: float


AnyEvent = (
    Started
    | SettingChanged
    | Paused
    | Resumed
    | Confirmed
    | Withdrawn
    | BestRestored
    | Diverged
    | Finished
    | Failed
    | GhostBegan
    | GhostEnded
    | GhostSwapped
)


class Command(Struct, frozen=True, tag_field="command"):
    """Something that a controller asks of the worker."""


class Pause(Command, frozen=True, tag="pause"):
    """Pause after the current update."""


class Resume(Command, frozen=True, tag="resume"):
    """Go on."""


class Advance(Command, frozen=True, tag="step"):
    """Do some updates, or go to the end of the current epoch, and pause."""

    steps: int = 1
    epoch: bool = False


class SetValue(Command, frozen=True, tag="set"):
    """Give a live setting a new value."""

    name: str
    value: Value


class RestoreBest(Command, frozen=True, tag="restore best"):
    """Put the weights of the best epoch back in."""


class SaveWeights(Command, frozen=True, tag="snapshot"):
    """Write the live weights, and the best ones."""


class ShowPicture(Command, frozen=True, tag="show picture"):
    """Hand out the numbers of a picture, anew as the weights change, for some seconds."""

    request: PictureRequest
    seconds: float = 10.0


class Stop(Command, frozen=True, tag="stop"):
    """End the run, keeping what it has."""


class Ghost(Command, frozen=True, tag="ghost"):
    """Have a twin train along at another λ, or with None no longer."""

    l2: float | None = None


class Swap(Command, frozen=True, tag="swap"):
    """Go on with the weights and λ of the twin, and the twin with those of the run."""


AnyCommand = Pause | Resume | Advance | SetValue | RestoreBest | SaveWeights | ShowPicture | Stop | Ghost | Swap

State = Literal["starting", "running", "paused", "finished", "diverged", "failed"]


class Facts(Struct, frozen=True):
    """What is known of a run once its data are prepared.

    Attributes:
        task: Whether classes or a number are to be predicted.
        rows: Rows of the training, validation and test part.
        shape: Inputs, hidden units and outputs.
        alarms: What makes a result on these data look better or worse than it is, a line each.
        wrong_labels: Rows of the training part whose label was flipped.
        uninformed_loss: The val_loss of outputs that are the same for all rows, the training part's class shares or its
            mean target; None where that is unknown or infinite.
    """

    task: Literal["classification", "regression"]
    rows: tuple[int, int, int]
    shape: tuple[int, int, int]
    alarms: tuple[str, ...] = ()
    wrong_labels: int = 0
    uninformed_loss: float | None = None


class Status(Struct, frozen=True, kw_only=True):
    """What the worker does right now.

    Attributes:
        state: In short.
        pid: The worker's process.
        heartbeat: Unix time of this status, in seconds.
        settings: The settings in force.
        epoch: Finished epochs.
        step: Updates so far.
        step_in_epoch: Updates in the current epoch.
        steps_per_epoch: Updates in an epoch.
        steps_per_second: Updates a second of late, with the pauses that the pace asks for.
        facts: What is known of the data and the network.
        commands: Bytes of `control.jsonl` acted upon.
        assessment: What the criterion and the verdict say.
        reason: Why it ended, for people; empty while it goes on.
    """

    state: State
    pid: int
    heartbeat: float
    settings: Settings
    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0
    steps_per_epoch: int = 0
    steps_per_second: float = 0.0
    facts: Facts | None = None
    commands: int = 0
    assessment: Assessment | None = None
    reason: str = ""


class Origin(Struct, frozen=True):
    """Where a fork comes from.

    Attributes:
        run: The name of the parent's directory.
        epoch: The last epoch that both share.
        name: What people call the parent.
        rebuilt: Whether the optimiser is another one since, so that the epochs before cannot be computed again from the
            settings of the fork.
    """

    run: str
    epoch: int
    name: str = ""
    rebuilt: bool = False


class RunSettings(Struct, frozen=True, kw_only=True):
    """What `settings.json` holds.

    Attributes:
        settings: The settings that the run began with.
        created: Local time of creation, ISO 8601 with its offset from UTC.
        versions: Versions of l2tui, Python and NumPy.
        paused: Whether the run begins paused.
        fingerprint: SHA-256 of the prepared data, once they are known.
        origin: Where the run comes from, if it is a fork.
    """

    settings: Settings
    created: str
    versions: dict[str, str]
    paused: bool = False
    fingerprint: str | None = None
    origin: Origin | None = None


_encode_line = msgspec.json.Encoder().encode_lines
_event_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_command_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode_line(item: Struct) -> bytes:
    """Returns an event or a command as one line of JSON, with its line end."""
    return _encode_line([item])


def decode_event(line: bytes) -> AnyEvent:
    """Returns the event of one line.

    Raises:
        msgspec.DecodeError: The line is not an event.
    """
    return _event_decoder.decode(line)


def decode_command(line: bytes) -> AnyCommand:
    """Returns the command of one line.

    Raises:
        msgspec.DecodeError: The line is not a command.
    """
    return _command_decoder.decode(line)
