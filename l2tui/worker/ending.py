"""How a run ends: its last event, and the reason in words."""

from typing import Literal

from l2tui.runs.events import Diverged, Finished
from l2tui.training.trainer import Trainer

StopReason = Literal["stopped", "overfitting"]

_REASONS = {"overfitting": "overfitting was confirmed", "stopped": "stopped", "epochs": "all epochs done"}


def last_words(trainer: Trainer, stopped: StopReason | None) -> tuple[Finished | Diverged, str]:
    """Returns the last event of a run and the reason for people.

    Args:
        trainer: The trainer in its final state.
        stopped: Why it was stopped, None where it was not.
    """
    at = {"epoch": trainer.epoch, "step": trainer.step}
    if trainer.diverged:
        advice = "lower the learning rate"
        if trainer.settings.l2 * trainer.settings.learning_rate >= 0.5:
            advice = "lower λ or the learning rate: 2·lr·λ is 1 or more, so that decay alone overshoots zero"
        return Diverged(**at, advice=advice), f"the loss is no longer finite: {advice}"
    reason: Literal["epochs", "stopped", "overfitting"] = stopped or "epochs"
    return Finished(**at, reason=reason), _REASONS[reason]
