"""Tables that are NumPy arrays already."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from l2tui.data.memory import check_memory
from l2tui.data.table.formats import OpenFile
from l2tui.errors import DataError


def read_arrays(file: OpenFile, *, has_target: bool) -> tuple[Any, Any]:
    """Reads `X` (rows, inputs) and `y` (rows,) from an NPZ archive. Pickled objects are never loaded.

    Args:
        file: The archive.
        has_target: Whether there must be a `y`; where there need not and is none, it is None.

    Raises:
        DataError: They are not there, too large for the memory, or no table of numbers with one value a row.
    """
    path = file.path
    file.file.seek(0)
    try:
        with zipfile.ZipFile(file.file) as archive:
            sizes = {entry.filename.removesuffix(".npy"): entry.file_size for entry in archive.infolist()}
        needed = ("X", "y") if has_target else ("X",)
        if any(name not in sizes for name in needed):
            there = ", ".join(sorted(sizes)[:5]) or "nothing"
            what = "arrays named X and y are" if has_target else "an array named X is"
            raise DataError(f"{path}: holds {there}; {what} needed")
        check_memory(path, sizes["X"] + sizes.get("y", 0), None)
        file.file.seek(0)
        with np.load(file.file, allow_pickle=False) as archive:
            X, y = archive["X"], archive["y"] if "y" in sizes else None
    except DataError:
        raise
    except (ValueError, SyntaxError) as error:
        if "pickle" in str(error):
            raise DataError(f"{path}: holds pickled objects, which are never loaded; save plain numbers") from None
        raise DataError(f"{path}: the archive is damaged") from None
    except MemoryError:
        raise DataError(f"{path}: not enough memory for its arrays") from None
    except Exception:
        # Damaged archives raise whatever the piece of code that stumbled over them raises.
        raise DataError(f"{path}: the archive is damaged") from None
    return _checked(path, X, y)


def _checked(path: Path, X: Any, y: Any) -> tuple[Any, Any]:
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise DataError(f"{path}: X must be a table of numbers, rows by columns; it is {X.ndim}-dimensional {X.dtype}")
    if X.dtype.kind == "f" and X.dtype.itemsize != 8:
        X = X.astype(np.float64)
    return X, None if y is None else _checked_target(path, y, len(X))


def _checked_target(path: Path, y: Any, rows: int) -> Any:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1 or y.dtype.kind not in "biufUS":
        raise DataError(f"{path}: y must be one value a row; it is {y.ndim}-dimensional {y.dtype}")
    if rows != len(y):
        raise DataError(f"{path}: X has {rows} rows and y has {len(y)}; they must be as many")
    if y.dtype.kind == "S":
        y = np.char.decode(y, "latin-1")
    return y.astype(np.float64) if y.dtype.kind == "f" else y
