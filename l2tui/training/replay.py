"""Trains a run again, with what was changed from outside at the steps at which it was."""

from collections.abc import Callable, Iterable

from l2tui.errors import RunError
from l2tui.runs.events import AnyEvent, BestRestored, GhostBegan, GhostEnded, GhostSwapped, SettingChanged
from l2tui.settings import LIVE_SETTINGS
from l2tui.training.trainer import Trainer

Act = SettingChanged | BestRestored | GhostBegan | GhostEnded | GhostSwapped


def replay(
    trainer: Trainer, events: Iterable[AnyEvent], epoch: int, on_epoch: Callable[[int], None] = lambda _: None
) -> None:
    """Trains on to the end of an epoch as the run did.

    Args:
        trainer: A trainer of the run, at some point of it.
        events: What happened from that point on, up to the first update after `epoch`.
        epoch: The epoch at whose end to stop.
        on_epoch: Called with each finished epoch.

    Raises:
        RunError: The loss is no longer finite, or an event has a step outside its epoch.
    """
    for event in events:
        if isinstance(event, Act):
            if event.step > (event.epoch + 1) * trainer.steps_per_epoch:
                raise RunError(f"the events are damaged: step {event.step} is not in epoch {event.epoch}")
            _train_to(trainer, event.epoch, event.step, on_epoch)
            _do(trainer, event)
    _train_to(trainer, epoch, epoch * trainer.steps_per_epoch, on_epoch)


def _train_to(trainer: Trainer, epoch: int, step: int, on_epoch: Callable[[int], None]) -> None:
    while trainer.epoch < epoch or not trainer.curve:
        if trainer.advance() is not None:
            on_epoch(trainer.epoch)
        if trainer.diverged:
            raise RunError(
                f"the loss is no longer finite after epoch {trainer.epoch}: there is nothing to share behind"
            )
    while trainer.step < step:
        left = step - trainer.step
        if trainer.step_in_epoch + left == trainer.steps_per_epoch:
            # Behind the last step of an epoch, but before its losses: no time is left for those.
            trainer.advance(seconds=-1.0)
        else:
            trainer.advance(max_steps=left)


def _do(trainer: Trainer, event: Act) -> None:
    if isinstance(event, BestRestored):
        trainer.restore_best()
    elif isinstance(event, GhostBegan):
        trainer.begin_twin(event.l2)
    elif isinstance(event, GhostSwapped):
        trainer.swap_twin()
    elif isinstance(event, GhostEnded):
        trainer.end_twin()
    elif event.name in LIVE_SETTINGS:
        trainer.set(event.name, event.new)
