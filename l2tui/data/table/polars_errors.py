"""What polars says of a file that it cannot read, in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l2tui.errors import DataError


@contextmanager
def polars_errors(path: Path) -> Iterator[None]:
    """Turns what polars raises into an error that names the file."""
    import polars as pl

    try:
        with quiet():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        said = " ".join(str(error).split("\n")[0].split())[:120]
        raise DataError(f"{path}: the file is damaged, or of a kind that is not known: {said}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Silences what bypasses Python on standard error: polars writes there about damaged files."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
