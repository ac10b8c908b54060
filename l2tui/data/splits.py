"""The three parts of a data set: the standardised arrays that a network is trained on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.data.kinds import Task
from l2tui.data.preparation import Floats, Ints, Preparation, standard
from l2tui.data.seeds import generator
from l2tui.files import write_file

ARRAYS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """The three parts of a data set, ready to train on.

    X is float64 of shape (n, n_inputs), C-contiguous, standardised by the training part: (x - x_mean) / x_scale.
    y is int64 of class indices, or float64 targets standardised in the same way, of shape (n,).

    Attributes:
        task: Whether y holds classes or targets.
        n_outputs: Output units: 1 for two classes and for regression, else one for each class.
        n_classes: Classes; 0 for regression.
        X_train: Features of the training part.
        y_train: Its labels, with label noise.
        X_val: Features of the validation part.
        y_val: Its labels.
        X_test: Features of the test part.
        y_test: Its labels.
        x_mean: Means of the training part's features, shape (n_inputs,).
        x_scale: Their deviations, 1 for a feature that is constant there, shape (n_inputs,).
        y_mean: Mean of the training part's targets; 0 for classes.
        y_scale: Their deviation; 1 for classes.
        feature_names: A name for each column of X.
        class_names: A name for each class index; empty for regression.
        target_name: What y is.
        fingerprint: SHA-256 of the six arrays, in hex.
        preparation: What makes the same inputs of new rows.
        true_y_train: The training part's labels before any were flipped; None where none were.
    """

    task: Task
    n_outputs: int
    n_classes: int
    X_train: Floats
    y_train: Ints | Floats
    X_val: Floats
    y_val: Ints | Floats
    X_test: Floats
    y_test: Ints | Floats
    x_mean: Floats
    x_scale: Floats
    y_mean: float
    y_scale: float
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    fingerprint: str
    preparation: Preparation
    true_y_train: Ints | None = None

    @property
    def wrong_rows(self) -> Ints:
        """The rows of the training part whose label was flipped."""
        return np.flatnonzero(self.y_train != (self.y_train if self.true_y_train is None else self.true_y_train))


def joined(
    preparation: Preparation, X: list[Floats], labels: list[Ints | Floats], seed: int, label_noise: float
) -> Splits:
    """Joins the three parts, with targets standardised and noise on the labels of the training part.

    Args:
        preparation: How the inputs were made; the target's mean and deviation are filled in.
        X: Standardised inputs of each part.
        labels: Class indices, or targets in their own units, of each part.
        seed: Seed of the label noise.
        label_noise: As for `l2tui.data.builtin.prepare.split`.
    """
    n_classes = len(preparation.class_names)
    y_mean, y_scale = 0.0, 1.0
    wrong = generator(seed, "label noise")
    true = labels[0].astype(np.int64) if n_classes and label_noise else None
    if n_classes:
        labels = [_flipped(labels[0].astype(np.int64), n_classes, label_noise, wrong), *labels[1:]]
    else:
        mean, scale = standard(labels[0].astype(np.float64))
        y_mean, y_scale = float(mean), float(scale)
        labels = [(y.astype(np.float64) - y_mean) / y_scale for y in labels]
        labels[0] = labels[0] + label_noise * wrong.standard_normal(len(labels[0]))
    preparation = msgspec.structs.replace(preparation, y_mean=y_mean, y_scale=y_scale)
    return Splits(
        task=preparation.task,
        n_outputs=n_classes if n_classes > 2 else 1,
        n_classes=n_classes,
        X_train=X[0],
        y_train=labels[0],
        X_val=X[1],
        y_val=labels[1],
        X_test=X[2],
        y_test=labels[2],
        x_mean=preparation.x_mean,
        x_scale=preparation.x_scale,
        y_mean=y_mean,
        y_scale=y_scale,
        feature_names=preparation.input_names,
        class_names=preparation.class_names,
        target_name=preparation.target,
        fingerprint=_fingerprint([array for pair in zip(X, labels, strict=True) for array in pair]),
        preparation=preparation,
        true_y_train=true,
    )


def export_npz(splits: Splits, path: Path) -> None:
    """Writes the six arrays to a NumPy archive without pickles: all of it, or nothing.

    Args:
        splits: The parts.
        path: The file, replaced if it is there.

    Raises:
        DataError: It cannot be written.
    """
    arrays = {name: getattr(splits, name) for name in ARRAYS}
    write_file(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def _flipped(y: Ints, n_classes: int, share: float, rng: np.random.Generator) -> Ints:
    """Gives exactly round(share·n) labels another class. A larger share flips the same ones and more."""
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    shift = rng.integers(1, n_classes, size=len(y))
    noisy = y.copy()
    noisy[chosen] = (y[chosen] + shift[chosen]) % n_classes
    return noisy


def _fingerprint(arrays: list[NDArray[np.int64] | Floats]) -> str:
    digest = hashlib.sha256()
    for name, array in zip(ARRAYS, arrays, strict=True):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
