"""From settings to the arrays a network is trained on: split, standardised, with noise on the training labels."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.data.catalogue import Task, check_settings, dataset_info, split_sizes
from l2tui.data.datasets import Dataset, Floats, generate, load_table
from l2tui.data.preparation import Preparation, plain_preparation, standard
from l2tui.data.seeds import generator
from l2tui.errors import DataError
from l2tui.files import write_file
from l2tui.settings import Settings

Ints = NDArray[np.int64]

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


def prepare(settings: Settings) -> Splits:
    """Makes the splits that settings describe. The same settings give the same bytes.

    Args:
        settings: Of these, `data`, `table`, `noise`, `label_noise`, `train_size` and `seed` are used. For a generated
            set, a `noise` of None is the set's default.

    Returns:
        The three parts.

    Raises:
        DataError: There is no such data set, it does not fit into memory, or it is a table that cannot be used.
        SettingsError: A value is not allowed for this data set.
    """
    if settings.table is not None:
        from l2tui.data.tables import prepare_table

        return prepare_table(settings)
    info = dataset_info(settings.data)
    check_settings(info, settings)
    sizes = split_sizes(info, settings.train_size)
    try:
        if info.noise is None:
            dataset = load_table(info.name)
        else:
            noise = info.noise if settings.noise is None else settings.noise
            dataset = generate(info.name, sum(sizes), noise, settings.seed)
        return split(dataset, sizes, settings.seed, settings.label_noise)
    except MemoryError:
        raise DataError(f"{info.name}: no memory for {settings.train_size} training rows; use fewer") from None


def split(dataset: Dataset, sizes: tuple[int, int, int], seed: int, label_noise: float) -> Splits:
    """Splits and standardises a data set.

    Args:
        dataset: The rows.
        sizes: Rows in the training, validation and test part; together no more than there are.
        seed: Seed of the choice of rows and of the label noise, which are drawn independently.
        label_noise: Share of training labels that are flipped, exactly round(share·n), each to one of the other
            classes with equal chance; for regression, the deviation of the Gaussian noise that is added to the
            standardised training targets.

    Returns:
        The three parts. For classes, each has every class's share within one row where that is possible, and the
        training part has at least one row of every class.
    """
    n_classes = len(dataset.class_names)
    rows = generator(seed, "split")
    if n_classes:
        parts = stratified(dataset.y.astype(np.int64), n_classes, sizes, rows)
    else:
        parts = np.split(rows.permutation(len(dataset.y))[: sum(sizes)], np.cumsum(sizes[:2]))
    x_mean, x_scale = standard(dataset.X[parts[0]])
    X = [np.ascontiguousarray((dataset.X[part] - x_mean) / x_scale) for part in parts]
    preparation = plain_preparation(
        dataset.feature_names,
        x_mean,
        x_scale,
        task=dataset.task,
        target=dataset.target_name,
        class_names=dataset.class_names,
        source_rows=len(dataset.y),
    )
    return joined(preparation, X, [dataset.y[part] for part in parts], seed, label_noise)


def joined(
    preparation: Preparation, X: list[Floats], labels: list[Ints | Floats], seed: int, label_noise: float
) -> Splits:
    """Joins the three parts, with targets standardised and noise on the labels of the training part.

    Args:
        preparation: How the inputs were made; the target's mean and deviation are filled in.
        X: Standardised inputs of each part.
        labels: Class indices, or targets in their own units, of each part.
        seed: Seed of the label noise.
        label_noise: As for `split`.
    """
    n_classes = len(preparation.class_names)
    y_mean, y_scale = 0.0, 1.0
    wrong = generator(seed, "label noise")
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


def stratified(y: Ints, n_classes: int, sizes: tuple[int, int, int], rng: np.random.Generator) -> list[Ints]:
    """Returns row numbers of each part, shuffled, with the classes shared out as evenly as whole rows allow.

    Args:
        y: (n,) class indices.
        n_classes: Classes.
        sizes: Rows of each part; together no more than n.
        rng: Draws the rows.
    """
    members = [rng.permutation(np.flatnonzero(y == k)) for k in range(n_classes)]
    left = np.array([len(rows) for rows in members])
    taken = np.zeros(n_classes, dtype=np.int64)
    parts = []
    for i, size in enumerate(sizes):
        counts = _shares(left, size)
        if i == 0:
            counts = _every_class(counts, left)
        chosen = np.concatenate([rows[a : a + c] for rows, a, c in zip(members, taken, counts, strict=True)])
        parts.append(rng.permutation(chosen))
        taken += counts
        left = left - counts
    return parts


def _shares(available: Ints, size: int) -> Ints:
    """Divides `size` rows in proportion to what is available, by largest remainder, in whole numbers."""
    total = int(available.sum())
    counts = available * size // total
    order = np.argsort(-(available * size % total), kind="stable")
    counts[order[: size - counts.sum()]] += 1
    return counts


def _every_class(counts: Ints, available: Ints) -> Ints:
    """Moves single rows from the largest classes to those that would have none."""
    counts = counts.copy()
    for k in np.flatnonzero((counts == 0) & (available > 0)):
        counts[counts.argmax()] -= 1
        counts[k] = 1
    return counts


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
