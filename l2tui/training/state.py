"""Where a run is: one value that a trainer, or a lane of a stack, gives and takes, and a checkpoint holds."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from l2tui.nn.parameters import Array
from l2tui.overfitting.phase import Change
from l2tui.overfitting.watch import Watch
from l2tui.settings import LIVE_SETTINGS, Settings

VERSION = 2
# What checkpoints did without once: such a run measures anew from where it is resumed.
LATER_ARRAYS = ("gradient_sum", "window_start")
NAMED_ARRAYS = ("theta", "best_theta", "finite_theta", "gradient", *LATER_ARRAYS)

Epoch = Annotated[int, Meta(ge=0, le=10**9)]
Count = Annotated[int, Meta(ge=0, le=10**18)]


class GeneratorWords(Struct, frozen=True):
    """State and increment of a PCG64, 128 bits each."""

    state: int
    inc: int

    def __post_init__(self) -> None:
        if not (0 <= self.state < 1 << 128 and 0 <= self.inc < 1 << 128):
            raise ValueError("the state of a random generator has 128 bits")


class GeneratorState(Struct, frozen=True):
    """What NumPy calls the state of a PCG64 generator."""

    bit_generator: Literal["PCG64"]
    state: GeneratorWords
    has_uint32: Annotated[int, Meta(ge=0, le=1)] = 0
    uinteger: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0


class TwinProgress(Struct, frozen=True):
    """The small part of the state of a twin, the ghost beside a run.

    Attributes:
        l2: Its λ.
        count: Updates since its optimiser began.
    """

    l2: Annotated[float, Meta(ge=0)]
    count: Count


class Progress(Struct, frozen=True, kw_only=True):
    """The small part of a run's state.

    Attributes:
        settings: The settings in force.
        order: The generator of the order of the rows, as it was when the present epoch began.
        epoch: Finished epochs.
        step: Updates so far.
        step_in_epoch: Updates since the last finished epoch.
        losses: Epochs whose losses are known: the position in the curve.
        diverged: Whether a loss or a weight was no longer finite.
        optimizer_count: Updates since the optimiser began anew.
        gradient_scale: Factor of the gradient that is kept.
        measured: Whether the present epoch is measured at its end.
        summed_rows: Rows of the present epoch whose gradients `RunState.gradient_sum` holds.
        summed_scale: Factor of these.
        summed_squares: Σ ‖gradient‖² of W1 and of W2 over these rows, times that factor squared.
        window_step: Updates before `RunState.window_start`; None in checkpoints that did without.
        changes: What was changed from outside, λ, the learning rate or the weights, in order.
        version: Of the checkpoint: 1 held the losses of all epochs, 2 knows what was changed and leaves the losses to
            the curve.
        session: What the run's controller keeps for a resume, as JSON.
        twin: The ghost beside the run, if there is one.
    """

    settings: Settings
    order: GeneratorState
    epoch: Epoch
    step: Count
    step_in_epoch: Count
    losses: Epoch = 0
    diverged: bool
    optimizer_count: Count
    gradient_scale: float
    measured: bool = True
    summed_rows: Count = 0
    summed_scale: float = 1.0
    summed_squares: tuple[float, float] = (0.0, 0.0)
    window_step: Count | None = None
    changes: tuple[Change, ...] = ()
    version: int = 1
    session: Raw = Raw(b"{}")
    twin: TwinProgress | None = None

    def __post_init__(self) -> None:
        for scale in (self.gradient_scale, self.summed_scale):
            if not math.isfinite(scale) or scale == 0.0:
                raise ValueError(f"gradient_scale is {scale}")


class RunState(Struct, frozen=True, kw_only=True):
    """The whole state of a run.

    The arrays of a state that a trainer gives are the trainer's own: they change as it trains on.

    Attributes:
        progress: Settings and counters.
        watch: What the losses have done so far.
        theta: The parameters.
        best_theta: Those of the best epoch.
        finite_theta: Those of the last finished epoch, known to be finite.
        gradient: Data gradient of the last step, times `progress.gradient_scale`.
        gradient_sum: Data gradients of the present epoch, summed up; see `Forces`.
        window_start: The parameters since which the mean data gradient is taken; see `Forces`.
        slots: The optimiser's arrays.
        twin: Weights and optimiser's arrays of the ghost, by their names; empty without one.
    """

    progress: Progress
    watch: Watch
    theta: Array
    best_theta: Array
    finite_theta: Array
    gradient: Array
    gradient_sum: Array
    window_start: Array
    slots: Mapping[str, Array]
    twin: Mapping[str, Array] = {}

    def arrays(self) -> dict[str, Array]:
        """Returns all arrays by name."""
        named = {name: getattr(self, name) for name in NAMED_ARRAYS}
        slots = {f"optimizer_{name}": slot for name, slot in self.slots.items()}
        return {**named, **slots, **{f"twin_{name}": array for name, array in self.twin.items()}}

    def check(self, steps_per_epoch: int, like: Settings) -> None:
        """Checks that the parts belong together, and to a run of these settings.

        Args:
            steps_per_epoch: Updates in an epoch.
            like: The settings that the run began with.

        Raises:
            ValueError: They do not.
        """
        progress, watch = self.progress, self.watch
        for name in Settings.__struct_fields__:
            if name not in LIVE_SETTINGS and getattr(progress.settings, name) != getattr(like, name):
                raise ValueError(f"it is of a run with another {name}")
        epoch, losses = progress.epoch, progress.losses
        steps = epoch * steps_per_epoch + progress.step_in_epoch
        if progress.step != steps or progress.step_in_epoch > steps_per_epoch:
            raise ValueError(f"{progress.step} steps do not make {epoch} epochs of {steps_per_epoch}")
        if losses != epoch + 1 and (losses or epoch):
            raise ValueError(f"{losses} losses do not belong to epoch {epoch}")
        changed = [change.epoch for change in progress.changes]
        if changed != sorted(changed) or not all(-1 <= one <= epoch for one in changed):
            raise ValueError(f"the changes do not lie one after the other up to epoch {epoch}")
        # A watch has seen the epoch that diverged, which no loss is kept of.
        last = losses - 1 + progress.diverged
        if watch.epoch != (last if last >= 0 else None) or (watch.diverged_epoch is not None) != progress.diverged:
            raise ValueError(f"the watch stands at epoch {watch.epoch}, the run at {epoch}")
        if not 0 <= (watch.best_epoch or 0) <= epoch:
            raise ValueError(f"epoch {watch.best_epoch} cannot be the best of {epoch}")


def generator_state(state: Mapping[str, Any]) -> GeneratorState:
    """Returns NumPy's state of a PCG64 generator as a struct; `msgspec.to_builtins` is the way back."""
    return msgspec.convert(state, GeneratorState)
