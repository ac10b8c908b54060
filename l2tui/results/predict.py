"""Predictions of a run's best weights for the rows of another file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from l2tui.data.table.applying import apply_to_file
from l2tui.errors import DataError
from l2tui.files import write_file
from l2tui.nn.network import sigmoid, softmax
from l2tui.results.trained import Floats, Trained

if TYPE_CHECKING:
    import polars as pl

_SLICE = 20_000


@dataclass(frozen=True, eq=False)
class Predictions:
    """What is predicted, a value for each row of the file, in its order.

    Attributes:
        columns: The class by name and its probabilities, or the value in the target's own units, by column.
        notes: What a person should know of how the rows were read.
    """

    columns: dict[str, NDArray[Any]]
    notes: tuple[str, ...]


def predict(trained: Trained, path: Path) -> Predictions:
    """Predicts for each row of a file.

    Args:
        trained: The weights, and the preparation that was learnt with them.
        path: A file with the same columns; it need not have the target.

    Raises:
        DataError: The file cannot be used.
    """
    X, notes = apply_to_file(trained.preparation, path)
    Z2 = trained.outputs(X)
    answers = answers_of(trained, Z2)
    preparation = trained.preparation
    if preparation.task == "regression":
        return Predictions({preparation.target: answers}, notes)
    names = [f"probability {name}" for name in preparation.class_names]
    head = preparation.target if preparation.target not in names else f"predicted {preparation.target}"
    taken = np.array(preparation.class_names, dtype=object)[chosen_classes(Z2)]
    return Predictions({head: taken, **dict(zip(names, answers.T, strict=True))}, notes)


def answers_of(trained: Trained, Z2: Floats) -> Floats:
    """Returns probabilities (n, n_classes), or values (n,) in the target's own units, for outputs (n, n_out)."""
    if trained.preparation.task == "regression":
        return np.asarray(Z2[:, 0] * trained.preparation.y_scale + trained.preparation.y_mean, np.float64)
    if Z2.shape[1] == 1:
        return np.asarray(sigmoid(np.column_stack((-Z2, Z2))), np.float64)
    return np.asarray(softmax(Z2), np.float64)


def chosen_classes(Z2: Floats) -> NDArray[np.int64]:
    """Returns the likeliest class of each row: of two by the sign of their one output, else by the largest."""
    if Z2.shape[1] == 1:
        return (Z2[:, 0] > 0).astype(np.int64)
    return np.asarray(Z2.argmax(axis=1), np.int64)


def csv_pieces(predictions: Predictions) -> Iterator[str]:
    """Yields predictions as CSV, with a line of names first."""
    for index, part in enumerate(_frame(predictions, escaped=True).iter_slices(_SLICE)):
        yield part.write_csv(include_header=index == 0)


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Writes predictions as a table, all of it or nothing.

    Args:
        predictions: What to write.
        path: The file; its ending says whether it is CSV, TSV or Parquet.

    Raises:
        DataError: The ending is another one, or it cannot be written.
    """
    kind = output_kind(path)
    frame = _frame(predictions, escaped=kind != ".parquet")

    def write(file: BinaryIO) -> None:
        if kind == ".parquet":
            frame.write_parquet(file)
        else:
            frame.write_csv(file, separator="\t" if kind == ".tsv" else ",")

    write_file(path, write)


def output_kind(path: Path) -> str:
    """Returns the ending of an output file.

    Raises:
        DataError: It is none of those that can be written.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".tsv", ".parquet"):
        raise DataError(f"{path}: name a file that ends in .csv, .tsv or .parquet")
    return kind


def _frame(predictions: Predictions, *, escaped: bool) -> pl.DataFrame:
    import polars as pl

    columns: dict[str, Any] = {}
    for name, values in predictions.columns.items():
        texts = values.dtype == object
        found = pl.Series([_harmless(text) if escaped else text for text in values.tolist()]) if texts else values
        columns[_harmless(name) if escaped else name] = found
    return pl.DataFrame(columns)


def _harmless(text: str) -> str:
    """Returns a text that no spreadsheet runs as a formula: with an apostrophe before it where one would."""
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
