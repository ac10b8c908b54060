"""What a sweep found, as one object: for `--json`, for a screen, and for readers of its directory."""

from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE
from l2tui.sweep.answer import Answer
from l2tui.sweep.directory import SweepDirectory, SweepPlan, SweepStatus, read_plan, read_status
from l2tui.sweep.results import Lane, Results


class PerL2(Struct, frozen=True, kw_only=True):
    """One λ over all folds. What is not known is None.

    Attributes:
        l2: λ.
        epoch: Epochs trained; fewer than planned where it was dropped at a rung.
        left: Whether it was dropped.
        diverged: Folds in which it diverged.
        val_loss: Mean final val_loss over the folds.
        val_error: Standard error of that mean.
        train_loss: Mean final train_loss.
        best_val_loss: Mean val_loss at ★.
        val_accuracy: Mean accuracy, or R², on the validation part.
        w1_norm: Mean norm of W1.
        w2_norm: Mean norm of W2.
        val_losses: Final val_loss in each fold.
        best_val_losses: val_loss at ★ in each fold.
    """

    l2: float
    epoch: int
    left: bool
    diverged: int
    val_loss: float | None
    val_error: float | None
    train_loss: float | None
    best_val_loss: float | None
    val_accuracy: float | None
    w1_norm: float | None
    w2_norm: float | None
    val_losses: tuple[float | None, ...]
    best_val_losses: tuple[float | None, ...]


class SweepView(Struct, frozen=True, kw_only=True):
    """A sweep at one moment.

    Attributes:
        sweep: Its directory.
        plan: What it began with.
        status: What it is doing, None before its process has said so.
        alive: Whether its process lives.
        per_l2: One entry for each λ so far, ascending.
        folds: The folds so far.
        answer: The answer so far.
    """

    sweep: SweepDirectory
    plan: SweepPlan
    status: SweepStatus | None
    alive: bool
    per_l2: tuple[PerL2, ...]
    folds: tuple[int, ...]
    answer: Answer


def read_lanes(sweep: SweepDirectory) -> list[Lane]:
    """Returns what is known of each lane so far.

    Raises:
        RunError: The file is damaged.
    """
    try:
        return [msgspec.json.decode(line, type=Lane) for line in sweep.read(sweep.lanes).splitlines()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{sweep.lanes}: cannot be read: {error.strerror}") from None
    except UNDECODABLE as error:
        raise RunError(f"{sweep.lanes}: damaged: {error}") from None


def read_view(sweep: SweepDirectory) -> SweepView:
    """Returns a sweep as its files show it now.

    Raises:
        RunError: A file is damaged.
    """
    plan, alive = read_plan(sweep), sweep.is_locked()
    status = read_status(sweep)
    results = Results(plan.settings.epochs, read_lanes(sweep))
    done = status is not None and status.state == "finished"
    share = status.val_share if status is not None else 0.5
    answer = results.answer(val_share=share, judge=plan.judge, done=done) if results.l2 else Answer("waiting")
    return SweepView(
        sweep=sweep,
        plan=plan,
        status=status,
        alive=alive,
        per_l2=per_l2(results),
        folds=results.folds,
        answer=answer,
    )


def per_l2(results: Results) -> tuple[PerL2, ...]:
    """Returns the lanes joined over the folds, one entry for each λ."""
    names = ("val_loss", "train_loss", "best_val_loss", "val_accuracy", "w1_norm", "w2_norm")
    figures = {name: results.matrix(name, whole=False) for name in names}
    by_l2: dict[float, list[Lane]] = {l2: [] for l2 in results.l2}
    for lane in results.lanes:
        by_l2[lane.l2].append(lane)
    found = []
    for column, (l2, lanes) in enumerate(by_l2.items()):
        means: dict[str, float | None] = {}
        for name, figure in figures.items():
            known = figure[:, column][np.isfinite(figure[:, column])]
            means[name] = float(known.mean()) if len(known) else None
        losses = figures["val_loss"][:, column]
        known = losses[np.isfinite(losses)]
        error = float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
        found.append(
            PerL2(
                l2=l2,
                epoch=min(lane.epoch for lane in lanes),
                left=any(lane.left for lane in lanes),
                diverged=sum(lane.diverged_epoch is not None for lane in lanes),
                val_error=error,
                val_losses=_known(losses),
                best_val_losses=_known(figures["best_val_loss"][:, column]),
                **means,
            )
        )
    return tuple(found)


def as_json(view: SweepView) -> dict[str, Any]:
    """Returns what `l2tui sweep --json` prints, but for the version of its keys."""
    answer = view.answer
    return {
        "sweep": str(view.sweep.path.absolute()),
        "verdict": answer.verdict,
        "best_l2": answer.best_l2,
        "range": [answer.low, answer.high],
        "one_se_l2": answer.one_se_l2,
        "val_loss": answer.loss,
        "without_decay": answer.without_decay,
        "gain": msgspec.to_builtins(answer.helps),
        "stopping_without_decay": msgspec.to_builtins(answer.stopping),
        "sentence": answer.sentence,
        "judge": view.plan.judge,
        "epochs": view.plan.settings.epochs,
        "folds": list(view.folds),
        "elapsed": view.status.elapsed if view.status else None,
        "l2": [msgspec.to_builtins(one) for one in view.per_l2],
    }


def _known(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
