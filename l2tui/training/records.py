"""What is kept of an epoch, and of which epochs it is kept."""

import math
from typing import NamedTuple

import numpy as np

from l2tui.nn.parameters import Array, Parameters
from l2tui.overfitting.watch import Watch
from l2tui.settings import Settings
from l2tui.training.forces import NO_PULLS, Pull
from l2tui.training.measures import Measured

# Every epoch up to here is recorded; from here on every 2nd, 4th, 8th, ... each time the number doubles.
ALL_RECORDED = 4096
# What takes its time is measured at the powers of two up to the first, at every epoch that it divides up to the second,
# and then half as often. The epoch of a measure costs about twice what the others do.
_MEASURED_STRIDE, _MEASURED_OFTEN = 64, 256


class EpochRecord(NamedTuple):
    """One row of `metrics.csv`. The losses are data losses (no penalty) at the weights at the end of the epoch.

    Attributes:
        epoch: Passes over the training part so far; 0 is the untrained network.
        step: Updates of the weights so far.
        elapsed: Seconds of training so far, pauses left out.
        train_loss: Mean loss a row on the training part (above 16,384 rows: on a fixed sample of that many).
        val_loss: Mean loss a row on the validation part.
        penalty: λ·(ΣW1² + ΣW2²).
        train_accuracy: Share of rows classified rightly; R² for regression.
        val_accuracy: The same on the validation part.
        w1_norm: Frobenius norm of W1.
        w2_norm: Frobenius norm of W2.
        w1_max: Largest |w| in W1.
        w2_max: Largest |w| in W2.
        data_grad_norm_1: Norm of dW1 from the data, of the last batch of the epoch.
        decay_grad_norm_1: Norm of 2·λ·W1.
        data_grad_norm_2: Norm of dW2 from the data, of the last batch of the epoch.
        decay_grad_norm_2: Norm of 2·λ·W2.
        l2: λ at the end of the epoch.
        learning_rate: Learning rate at the end of the epoch.
        best_epoch: Epoch of the lowest val_loss so far, over every epoch and not just the recorded ones.
        best_val_loss: That loss.
        b1_norm: Norm of b1. NaN, like all that follows, at the epochs that are not measured; see `is_measured`.
        b2_norm: Norm of b2.
        sensitivity: Mean norm of the outputs' gradient by the inputs over the validation part, see `Sensitivity`.
        mean_data_grad_norm_1: Norm of the mean of dW1 from the data since the epoch measured before; see `Forces`.
        mean_data_grad_norm_2: The same of dW2.
        step_noise_1: Share of a step's dW1, squared, that is noise.
        step_noise_2: The same of dW2.
        wrong_memorised: Training rows with a flipped label that the network predicts; NaN without label noise.
        wrong_right: Training rows with a flipped label whose true class it predicts; NaN without label noise.
    """

    epoch: int
    step: int
    elapsed: float
    train_loss: float
    val_loss: float
    penalty: float
    train_accuracy: float
    val_accuracy: float
    w1_norm: float
    w2_norm: float
    w1_max: float
    w2_max: float
    data_grad_norm_1: float
    decay_grad_norm_1: float
    data_grad_norm_2: float
    decay_grad_norm_2: float
    l2: float
    learning_rate: float
    best_epoch: int
    best_val_loss: float
    b1_norm: float = math.nan
    b2_norm: float = math.nan
    sensitivity: float = math.nan
    mean_data_grad_norm_1: float = math.nan
    mean_data_grad_norm_2: float = math.nan
    step_noise_1: float = math.nan
    step_noise_2: float = math.nan
    wrong_memorised: float = math.nan
    wrong_right: float = math.nan


# What is NaN where an epoch is not measured.
MEASURED = EpochRecord._fields[EpochRecord._fields.index("b1_norm") :]


class EpochEnd(NamedTuple):
    """The end of an epoch.

    Attributes:
        epoch: Its number; 0 is the untrained network.
        record: Its row of the metrics, or None where the epoch is thinned out.
        improved: Whether its val_loss is the lowest so far.
    """

    epoch: int
    record: EpochRecord | None
    improved: bool


def is_recorded(epoch: int) -> bool:
    """Returns whether an epoch is kept, by its number alone, so that every run of the same length keeps the same ones.

    Every epoch up to 4,096, every 2nd up to 8,192, every 4th up to 16,384, and so on: between 2,048 and 4,096 rows
    for each doubling however long a run gets. The last epoch of a run is kept as well.
    """
    stride = 1 if epoch <= ALL_RECORDED else 1 << ((epoch - 1).bit_length() - ALL_RECORDED.bit_length() + 1)
    return epoch % stride == 0


def is_measured(epoch: int) -> bool:
    """Returns whether a recorded epoch is measured, see `Measures`; by its number alone, like `is_recorded`.

    The powers of two up to 64, every 64th up to 256 and every 128th from there on. The last epoch of a run is
    measured as well.
    """
    if epoch < _MEASURED_STRIDE:
        return epoch & (epoch - 1) == 0
    stride = _MEASURED_STRIDE if epoch <= _MEASURED_OFTEN else 2 * _MEASURED_STRIDE
    return epoch % stride == 0 and is_recorded(epoch)


def without_measures(record: EpochRecord) -> tuple[int | float, ...]:
    """Returns the row of a record as it would be of an epoch that is not measured."""
    return (*record[: -len(MEASURED)], *(math.nan for _ in MEASURED))


def has_measures(record: EpochRecord) -> bool:
    """Returns whether anything was measured at the epoch of a record."""
    # The norm of a bias is a number wherever it is measured.
    return not math.isnan(record.b1_norm)


def make_record(
    parameters: Parameters,
    gradient: Array,
    *,
    gradient_scale: float,
    settings: Settings,
    watch: Watch,
    epoch: int,
    step: int,
    elapsed: float,
    train: tuple[float, float],
    val: tuple[float, float],
    measured: Measured | None = None,
    pulls: tuple[Pull, Pull] = NO_PULLS,
) -> EpochRecord:
    """Returns the record of an epoch.

    Args:
        parameters: The network after it.
        gradient: Data gradient of its last step, times `gradient_scale`.
        gradient_scale: That factor.
        settings: The settings in force.
        watch: What the losses have done so far, this epoch included.
        epoch: Its number.
        step: Updates so far.
        elapsed: Seconds of training so far.
        train: Loss and score on the training part.
        val: Loss and score on the validation part.
        measured: What was measured of it; None for nothing.
        pulls: What the data do to W1 and to W2, where it was measured.
    """
    W1, W2 = parameters.decayed()
    dW1, dW2 = parameters.decayed(gradient)
    l2, w1_norm, w2_norm = settings.l2, _norm(W1), _norm(W2)
    record = EpochRecord(
        epoch=epoch,
        step=step,
        elapsed=elapsed,
        train_loss=train[0],
        val_loss=val[0],
        penalty=l2 * (w1_norm**2 + w2_norm**2),
        train_accuracy=train[1],
        val_accuracy=val[1],
        w1_norm=w1_norm,
        w2_norm=w2_norm,
        w1_max=_largest(W1),
        w2_max=_largest(W2),
        data_grad_norm_1=_norm(dW1) / gradient_scale,
        decay_grad_norm_1=2 * l2 * w1_norm,
        data_grad_norm_2=_norm(dW2) / gradient_scale,
        decay_grad_norm_2=2 * l2 * w2_norm,
        l2=l2,
        learning_rate=settings.learning_rate,
        best_epoch=watch.best_epoch or 0,
        best_val_loss=watch.best_val_loss,
    )
    if measured is None:
        return record
    first, second = pulls
    means, noises = (first.mean, second.mean), (first.noise, second.noise)
    # In the order of the columns.
    return EpochRecord._make((*record[: -len(MEASURED)], *measured[:3], *means, *noises, *measured[3:]))


def _norm(flat: Array) -> float:
    return math.sqrt(float(flat.dot(flat)))


def _largest(flat: Array) -> float:
    # The ufuncs themselves: the methods of an array take a way round through Python.
    return max(float(np.maximum.reduce(flat)), -float(np.minimum.reduce(flat)))
