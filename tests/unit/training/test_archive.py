"""Archives of arrays, as they were written and as somebody has tampered with them."""

import io
import zipfile

import numpy as np
import pytest

from l2tui.training.archive import Archive

ARRAYS = {
    "floats": np.arange(6.0).reshape(2, 3),
    "none": np.empty((0, 2), np.float32),
    "single": np.array(7),
}


def _stored(save: object = np.savez, **arrays: np.ndarray) -> io.BytesIO:
    buffer = io.BytesIO()
    save(buffer, **arrays)  # type: ignore[operator]
    return buffer


def test_all_arrays_are_what_numpy_saved() -> None:
    found = Archive(_stored(**ARRAYS)).all_arrays(1000)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_all_arrays_together_are_bounded() -> None:
    with pytest.raises(ValueError, match="expected at most 50"):
        Archive(_stored(**ARRAYS)).all_arrays(50)


def test_what_would_grow_when_it_is_read_is_refused() -> None:
    with pytest.raises(ValueError, match="compressed"):
        Archive(_stored(np.savez_compressed, zeros=np.zeros(1 << 20))).all_arrays(1 << 30)


def test_objects_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file, file.open("any.npy", "w") as entry:
        np.lib.format.write_array(entry, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="no plain array"):
        Archive(buffer).all_arrays(1 << 30)
