"""Pictures that a worker hands out: whatever the file holds, what is read of it can be drawn."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import read_pictures

FIELD = {
    "type": "field",
    "columns": 2,
    "rows": 1,
    "classes": "AAM=",
    "low": [0, 0],
    "high": [1, 1],
    "names": ["x1", "x2"],
    "class_names": ["a", "b"],
    "across": [0.5],
    "up": [0.5],
    "labels": "AA==",
    "marked": "AA==",
    "wrong_side": 0,
    "looked_at": 1,
    "total": 1,
}
FIT = {
    "type": "fit",
    "low": 0,
    "high": 1,
    "curve": [0],
    "truth": [],
    "train": [],
    "val": [],
    "name": "x",
    "target": "y",
}
INPUTS = {"type": "inputs", "names": ["a"], "uses": [1.0], "total": 1}
PIXELS = {"type": "pixels", "side": 1, "uses": [1.0]}
WEIGHTS = {"type": "weights", "limit": 1.0, "counts": [[1], [1]], "largest": [1.0, 1.0]}


def read(folder: Path, numbers: dict[str, Any]) -> int:
    run = RunDirectory(folder)
    picture = {"request": {"kind": "field"}, "epoch": 1, "l2": 0.0, "numbers": numbers}
    run.pictures.write_bytes(msgspec.json.encode([picture]))
    return len(read_pictures(run))


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        (FIELD, {"columns": 3}),
        (FIELD, {"rows": 0, "classes": ""}),
        (FIELD, {"up": []}),
        (FIELD, {"labels": ""}),
        (FIELD, {"total": -1}),
        (FIT, {"low": 2}),
        (INPUTS, {"uses": []}),
        (INPUTS, {"total": 0}),
        (PIXELS, {"side": 2}),
        (PIXELS, {"uses": [-1e308]}),
        (WEIGHTS, {"counts": [[-1], [1]]}),
        (WEIGHTS, {"counts": [[10**30], [1]]}),
    ],
)
def test_numbers_that_do_not_fit_together_are_no_picture(
    tmp_path: Path, numbers: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert read(tmp_path, numbers) == 1
    assert read(tmp_path, numbers | wrong) == 0
