"""The built-in data sets as arrays: generated from a seed, or read from the tables that come with the package."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l2tui.data.builtin.catalogue import DatasetInfo, dataset_info
from l2tui.data.kinds import Task
from l2tui.data.preparation import Floats
from l2tui.data.seeds import generator
from l2tui.errors import DataError

_PACKAGE = Path(__file__).resolve().parents[2]
_SINE_SPREAD = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Rows as they are, before any split or scaling.

    Attributes:
        X: Features, float64 of shape (n, n_inputs), C-contiguous.
        y: Class indices, int64 of shape (n,), or targets, float64 of shape (n,).
        task: Whether `y` holds classes or targets.
        feature_names: A name for each column of `X`.
        class_names: A name for each class index; empty for regression.
        target_name: What `y` is.
    """

    X: Floats
    y: NDArray[np.int64] | Floats
    task: Task
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str


def generate(name: str, n: int, noise: float, seed: int) -> Dataset:
    """Computes a generated data set.

    The places of the points without noise depend on `seed` alone, and so does the direction of each point's noise:
    another `noise` moves the same points less or more.

    Args:
        name: Name of a generated set.
        n: Rows; classes take turns, so each has half of them.
        noise: Standard deviation of the Gaussian noise on each coordinate (on the target, for `sine`).
        seed: Seed of positions and noise.

    Returns:
        The rows.

    Raises:
        DataError: There is no such data set, or it is a table.
    """
    info = dataset_info(name)
    if not info.generated:
        raise DataError(f"{name}: a real table, which cannot be generated")
    positions = generator(seed, "data positions")
    jitter = noise * generator(seed, "data noise").standard_normal((n, info.n_inputs))
    if info.task == "regression":
        x = _SINE_SPREAD * positions.standard_normal((n, 1))
        return Dataset(x, np.sin(x[:, 0]) + jitter[:, 0], info.task, ("x",), (), "y")
    along = positions.random((n, 2))
    y = np.arange(n, dtype=np.int64) % 2
    shape, class_names = _SHAPES[name]
    return Dataset(shape(along, y) + jitter, y, info.task, ("x1", "x2"), class_names, "class")


def load_table(name: str) -> Dataset:
    """Reads a real table that comes with the package.

    Classes are numbered in the sorted order of their names.

    Args:
        name: Name of the table.

    Returns:
        All its rows, in the file's order.

    Raises:
        DataError: There is no such table, or its file is missing or damaged.
    """
    info = dataset_info(name)
    if info.generated:
        raise DataError(f"{name}: a generated set, which has no table")
    path = table_path(name)
    try:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        header = next(csv.reader([first]))
        if len(lines) != info.rows or len(header) != info.n_inputs + 1:
            raise ValueError
        X = np.loadtxt(lines, delimiter=",", comments=None, usecols=range(info.n_inputs), ndmin=2)
        y, class_names = _target([line.rpartition(",")[2] for line in lines], info)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; install l2tui anew") from None
    except ValueError:
        raise DataError(f"{path}: not the table of {name} that comes with l2tui; install l2tui anew") from None
    return Dataset(X, y, info.task, tuple(header[:-1]), class_names, header[-1])


def table_path(name: str) -> Path:
    """Returns where the CSV file of a table is: inside an installed package, else beside it in a checkout."""
    installed = _PACKAGE / "_datasets"
    return (installed if installed.is_dir() else _PACKAGE.parent / "datasets") / f"{name}.csv"


def _target(column: list[str], info: DatasetInfo) -> tuple[NDArray[np.int64] | Floats, tuple[str, ...]]:
    if info.task == "regression":
        return np.array(column, dtype=np.float64), ()
    names, y = np.unique(np.array(column), return_inverse=True)
    if len(names) != info.n_classes:
        raise ValueError
    return y.astype(np.int64), tuple(str(name) for name in names)


def _moons(along: Floats, y: NDArray[np.int64]) -> Floats:
    angle = np.pi * along[:, 0]
    upper = _polar(np.ones_like(angle), angle)
    points: Floats = np.where(y[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
    return points


def _circles(along: Floats, y: NDArray[np.int64]) -> Floats:
    angle = 2.0 * np.pi * along[:, 0]
    radius = np.where(y == 0, 2.0, np.sqrt(along[:, 1]))
    return _polar(radius, angle)


def _spirals(along: Floats, y: NDArray[np.int64]) -> Floats:
    turn = np.sqrt(along[:, 0])
    angle = 2.0 * np.pi * turn + np.pi * y
    return _polar(3.0 * turn, angle)


def _xor(along: Floats, y: NDArray[np.int64]) -> Floats:
    right = np.where(along[:, 0] < 0.5, -1.0, 1.0)
    return np.stack([right, np.where(y == 0, right, -right)], axis=1)


def _polar(radius: Floats, angle: Floats) -> Floats:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


_Shape = Callable[[Floats, NDArray[np.int64]], Floats]
_SHAPES: dict[str, tuple[_Shape, tuple[str, str]]] = {
    "moons": (_moons, ("upper", "lower")),
    "circles": (_circles, ("ring", "disc")),
    "spirals": (_spirals, ("first arm", "second arm")),
    "xor": (_xor, ("same signs", "opposite signs")),
}
