"""The built-in data sets by name: what each one is and which settings show overfitting on it.

This module imports no number library, so the command line and the first picture of the app need not wait for one.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from l2tui.data.kinds import Task
from l2tui.data.memory import check_rows
from l2tui.errors import DataError, SettingsError, did_you_mean
from l2tui.settings import Settings, from_mapping, with_rate

MIN_VAL_ROWS = 200
GENERATED_TEST_ROWS = 1000
MIN_TABLE_PART = 10
# Training rows of a generated set for which every machine has the memory.
_SURELY_FITS = 100_000

_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".npz", ".csv.gz", ".tsv.gz", ".txt.gz")


class DatasetInfo(Struct, frozen=True, eq=False):
    """What is known about a data set before any number of it is read.

    Attributes:
        name: What people type.
        task: Whether classes or a number are to be predicted.
        summary: One line for people.
        n_inputs: Features of a row.
        n_classes: Classes; 0 for regression.
        rows: Rows of a real table; None for a set that is generated in any size.
        noise: Default standard deviation of the noise of a generated set; None for a real table.
        recommended: Values of `Settings` fields at which the curves are smooth and overfitting shows at λ = 0.
        suggested_l2: The λ of the ladder 1e-5, 3e-5, 1e-4 ... 1e-1 with the lowest mean final val_loss at those
            settings; the smaller one of two that differ by less than 2 %.
    """

    name: str
    task: Task
    summary: str
    n_inputs: int
    n_classes: int
    rows: int | None
    noise: float | None
    recommended: Mapping[str, Any]
    suggested_l2: float

    @property
    def generated(self) -> bool:
        """Whether the set is computed from a seed instead of read from a table."""
        return self.rows is None


def is_table(text: str) -> bool:
    """Returns whether what a person typed for the data means a file with a table of their own.

    It does where it is not the name of a built-in set, and has a slash, or ends like a table's name, or is a file.
    """
    if text in CATALOGUE:
        return False
    return os.sep in text or text.lower().endswith(_TABLE_SUFFIXES) or os.path.lexists(text)


def dataset_info(name: str) -> DatasetInfo:
    """Returns the catalogue's entry for a name.

    Raises:
        DataError: There is no such data set.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    if name == "-":
        raise DataError("-: a run reads its table again, which standard input cannot be; save it to a file first")

    what = "no such data set, and no such file" if "." in name else "no such data set"
    hints = (did_you_mean(name.lower(), CATALOGUE), "`l2tui datasets` lists them all")
    raise DataError(f"{name}: {what}; {' '.join(filter(None, hints))}")


def recommended_settings(name: str, /, **overrides: Any) -> Settings:
    """Returns the settings a data set is best shown with, altered as asked.

    Args:
        name: Name of the data set.
        **overrides: Values of other `Settings` fields, or other values for recommended ones; text is converted.

    Returns:
        Validated settings for `name`, with its default noise unless another one is given, and with a rate that suits
        Adam where that optimiser is asked for and no rate.

    Raises:
        DataError: There is no such data set.
        SettingsError: A value is not allowed, in itself or for this data set.
    """
    info = dataset_info(name)
    settings = from_mapping(
        {"noise": info.noise, **info.recommended, **with_rate(_given(overrides)), "data": info.name}
    )
    check_settings(info, settings)
    return settings


def check_settings(info: DatasetInfo, settings: Settings) -> None:
    """Checks what depends on the data set: whether it has noise to set, and enough rows for all parts.

    Raises:
        SettingsError: `noise` is set for a real table, or `train_size` is too large or too small for the set, or too
            large for this machine's memory.
    """
    if not info.generated and settings.noise is not None:
        raise SettingsError(f"noise: {info.name} is a real table and has no noise setting; try label_noise", "noise")
    split_sizes(info, settings.train_size)
    if info.generated and settings.train_size > _SURELY_FITS:
        check_rows(info.name, settings.train_size)


def split_sizes(info: DatasetInfo, train_size: int) -> tuple[int, int, int]:
    """Returns how many rows each part gets.

    A generated set gets max(200, train_size // 2) validation and 1000 test rows. Of a real table, what the training
    part leaves is halved between validation and test; an odd row goes to validation.

    Args:
        info: The data set.
        train_size: Rows in the training part.

    Returns:
        Rows in the training, validation and test part.

    Raises:
        SettingsError: A table has too few rows for that, or there are fewer training rows than classes.
    """
    smallest = max(2, info.n_classes)
    if info.rows is None:
        if train_size < smallest:
            raise SettingsError(
                f"train_size: expected {smallest} or more for {info.name}, got {train_size}", "train_size"
            )
        return train_size, max(MIN_VAL_ROWS, train_size // 2), GENERATED_TEST_ROWS
    largest = info.rows - 2 * MIN_TABLE_PART
    if not smallest <= train_size <= largest:
        raise SettingsError(
            f"train_size: expected a whole number from {smallest} to {largest} for {info.name}, got {train_size} "
            f"(of its {info.rows} rows, validation and test need {MIN_TABLE_PART} each)",
            "train_size",
        )
    left = info.rows - train_size
    return train_size, left - left // 2, left // 2


def _given(overrides: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in overrides.items() if not (name == "noise" and value is None)}


def _recommended(**values: Any) -> Mapping[str, Any]:
    return MappingProxyType(values)


_ENTRIES = (
    DatasetInfo(
        "moons",
        "classification",
        "two interleaved half circles in the plane",
        n_inputs=2,
        n_classes=2,
        rows=None,
        noise=0.3,
        recommended=_recommended(train_size=100, hidden=64, learning_rate=0.1, batch_size=10, epochs=1500),
        suggested_l2=1e-3,
    ),
    DatasetInfo(
        "circles",
        "classification",
        "a ring around a disc in the plane",
        n_inputs=2,
        n_classes=2,
        rows=None,
        noise=0.4,
        recommended=_recommended(train_size=100, hidden=64, learning_rate=0.1, batch_size=10, epochs=1500),
        suggested_l2=1e-3,
    ),
    DatasetInfo(
        "spirals",
        "classification",
        "two spiral arms around each other in the plane",
        n_inputs=2,
        n_classes=2,
        rows=None,
        noise=0.5,
        recommended=_recommended(train_size=150, hidden=64, learning_rate=0.05, batch_size=10, epochs=2000),
        suggested_l2=1e-3,
    ),
    DatasetInfo(
        "xor",
        "classification",
        "four clouds in the plane; clouds on a diagonal are one class",
        n_inputs=2,
        n_classes=2,
        rows=None,
        noise=0.6,
        recommended=_recommended(train_size=100, hidden=64, learning_rate=0.1, batch_size=10, epochs=1500),
        suggested_l2=3e-3,
    ),
    DatasetInfo(
        "sine",
        "regression",
        "a sine wave of one input (training targets off by 1.0 deviations)",
        n_inputs=1,
        n_classes=0,
        rows=None,
        noise=0.1,
        recommended=_recommended(
            train_size=16, hidden=64, learning_rate=0.01, batch_size=4, epochs=4000, label_noise=1.0
        ),
        suggested_l2=3e-2,
    ),
    DatasetInfo(
        "breast-cancer",
        "classification",
        "569 tumours by 30 measurements of cell nuclei: malignant or benign",
        n_inputs=30,
        n_classes=2,
        rows=569,
        noise=None,
        recommended=_recommended(train_size=150, hidden=64, learning_rate=0.05, batch_size=10, epochs=1500),
        suggested_l2=1e-2,
    ),
    DatasetInfo(
        "wine",
        "classification",
        "178 wines by 13 chemical measurements: three cultivars (15 % of training labels made wrong)",
        n_inputs=13,
        n_classes=3,
        rows=178,
        noise=None,
        recommended=_recommended(
            train_size=80, hidden=64, learning_rate=0.05, batch_size=10, epochs=1500, label_noise=0.15
        ),
        suggested_l2=3e-2,
    ),
    DatasetInfo(
        "digits",
        "classification",
        "1797 handwritten digits of 8 × 8 pixels: ten classes (20 % of training labels made wrong)",
        n_inputs=64,
        n_classes=10,
        rows=1797,
        noise=None,
        recommended=_recommended(
            train_size=200, hidden=32, learning_rate=0.05, batch_size=10, epochs=500, label_noise=0.2
        ),
        suggested_l2=1e-2,
    ),
    DatasetInfo(
        "iris",
        "classification",
        "150 iris flowers by 4 lengths and widths: three species (10 % of training labels made wrong)",
        n_inputs=4,
        n_classes=3,
        rows=150,
        noise=None,
        recommended=_recommended(
            train_size=80, hidden=64, learning_rate=0.05, batch_size=10, epochs=1500, label_noise=0.1
        ),
        suggested_l2=3e-3,
    ),
    DatasetInfo(
        "diabetes",
        "regression",
        "442 patients by 10 measurements: progression of the disease a year later",
        n_inputs=10,
        n_classes=0,
        rows=442,
        noise=None,
        recommended=_recommended(train_size=200, hidden=64, learning_rate=0.01, batch_size=10, epochs=1500),
        suggested_l2=3e-2,
    ),
)

CATALOGUE: dict[str, DatasetInfo] = {entry.name: entry for entry in _ENTRIES}
