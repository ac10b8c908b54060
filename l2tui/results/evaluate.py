"""How good the best weights are on the validation or the test part."""

from datetime import datetime
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.data.splits import Splits
from l2tui.errors import RunError
from l2tui.nn.network import row_losses
from l2tui.results.bootstrap import bootstrap_means, percentile_interval
from l2tui.results.floors import find_floors, shortfall
from l2tui.results.predict import chosen_classes
from l2tui.results.trained import Trained, load_trained, own_splits
from l2tui.runs.directory import RunDirectory
from l2tui.runs.results import PartResult
from l2tui.runs.reveals import Reveal, add_reveal, count_reveals, read_reveals

Floats = NDArray[np.float64]
Part = Literal["val", "test"]

_MOST_PAIRS = 500


def evaluate_run(run: RunDirectory, part: Part = "test") -> PartResult:
    """Evaluates a run's best weights. A look at the test part is written into the run before it is handed out.

    Args:
        run: The run, which may be training at this moment.
        part: Which part of its data.

    Returns:
        Loss and score with 95 % intervals, by bootstrap over the rows: percentile intervals of 2,000 resamples with a
        fixed seed, see `bootstrap`.

    Raises:
        RunError: There are no best weights yet, the data have changed, or the look cannot be written down.
        L2tuiError: The data cannot be prepared again.
    """
    trained = load_trained(run)
    result = evaluate_part(trained, own_splits(run, trained.run_settings), part)
    if part == "val":
        earlier = tuple(look.l2 for look in read_reveals(run))
        return msgspec.structs.replace(result, looks=count_reveals(run), looks_l2=earlier)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    fields = ("epoch", "l2", "loss", "loss_interval", "score", "score_interval")
    reveals = add_reveal(run, Reveal(count=0, at=now, **{name: getattr(result, name) for name in fields}))
    return msgspec.structs.replace(result, looks=reveals[-1].count, looks_l2=tuple(look.l2 for look in reveals))


def evaluate_part(trained: Trained, splits: Splits, part: Part) -> PartResult:
    """Evaluates weights on one part of prepared data, and simpler rules beside them; `looks` is left at 0.

    Raises:
        RunError: The loss is not finite.
    """
    X, y = (splits.X_val, splits.y_val) if part == "val" else (splits.X_test, splits.y_test)
    Z2 = trained.outputs(X)
    losses = np.asarray(row_losses(Z2, y, trained.loss), np.float64)
    if not np.isfinite(losses).all():
        raise RunError(f"{trained.run.path}: the loss on the {part} part is not finite")
    of_task = _regression if splits.task == "regression" else _classification
    return PartResult(
        part=part,
        rows=len(y),
        epoch=trained.epoch,
        l2=trained.l2,
        looks=0,
        loss=float(losses.mean()),
        class_names=splits.class_names,
        target_name=splits.target_name,
        score_error=shortfall(Z2, y, splits.task).error,
        floors=find_floors(splits, X, y, Z2, trained.settings.seed),
        **of_task(splits, Z2, y, losses),
    )


def _classification(splits: Splits, Z2: Floats, y: NDArray[Any], losses: Floats) -> dict[str, Any]:
    taken = chosen_classes(Z2)
    right = (taken == y).astype(np.float64)
    means = bootstrap_means(np.column_stack((losses, right)))
    n = splits.n_classes
    confusion = np.bincount(y * n + taken, minlength=n * n).reshape(n, n)
    return {
        "loss_interval": percentile_interval(means[:, 0]),
        "score": float(right.mean()),
        "score_interval": percentile_interval(means[:, 1]),
        "confusion": tuple(map(tuple, confusion.tolist())),
    }


def _regression(splits: Splits, Z2: Floats, y: NDArray[Any], losses: Floats) -> dict[str, Any]:
    # Around the part's own mean the variance of a resample loses no digits.
    centred = y - y.mean()
    values = np.column_stack((losses, centred, centred**2))
    means = bootstrap_means(values)
    loss_interval = percentile_interval(means[:, 0])
    rmse_interval = np.sqrt(loss_interval) * splits.y_scale
    pairs = np.stack((y, Z2[:, 0]), axis=1) * splits.y_scale + splits.y_mean
    shown = np.unique(np.linspace(0, len(y) - 1, min(len(y), _MOST_PAIRS)).round().astype(np.int64))
    return {
        "loss_interval": loss_interval,
        "score": float(_r2(values.mean(axis=0, keepdims=True))[0]),
        "score_interval": percentile_interval(_r2(means)),
        "rmse": float(np.sqrt(losses.mean()) * splits.y_scale),
        "rmse_interval": tuple(rmse_interval.tolist()),
        "pairs": tuple(map(tuple, pairs[shown].tolist())),
    }


def _r2(means: Floats) -> Floats:
    """Returns 1 - mean squared error / variance for means of the squared error, of y and of y².

    Where all targets are the same it is 1 without any error and 0 otherwise, as in scikit-learn.
    """
    error, mean, square = means.T
    variance = square - mean**2
    # The square of a rounding error is no variance.
    constant = variance <= 1e-14 * np.maximum(square, 1e-300)
    exact = np.where(error > 0, 0.0, 1.0)
    return np.asarray(np.where(constant, exact, 1.0 - error / np.where(constant, 1.0, variance)))
