"""Pictures that a worker hands out: whatever the file holds, what is read of it is drawn."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import Picture, read_pictures
from l2tui.view.palette import palette_named
from l2tui.view.pictures.draw import draw_picture
from l2tui.view.pictures.shades import Form

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


def read(folder: Path, numbers: dict[str, Any]) -> tuple[Picture, ...]:
    run = RunDirectory(folder)
    picture = {"request": {"kind": "field"}, "epoch": 1, "l2": 0.0, "numbers": numbers}
    run.pictures.write_bytes(msgspec.json.encode([picture]))
    return read_pictures(run)


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
    assert len(read(tmp_path, numbers)) == 1
    assert read(tmp_path, numbers | wrong) == ()


@pytest.mark.parametrize(
    "numbers",
    [
        FIELD | {"up": [1e308], "across": [-1e308]},
        FIT | {"low": 1, "high": 1, "train": [[1, 0.5]]},
        FIT | {"low": -1e308, "high": 1e308, "curve": [1e308, -1e308], "train": [[1e308, 1e308]]},
        INPUTS | {"uses": [1e308]},
        PIXELS | {"uses": [5e-324]},
        WEIGHTS | {"limit": 1e308, "counts": [[1 << 53], []], "largest": [-1e308, 1e308]},
    ],
)
@pytest.mark.parametrize("form", ["shades", "halves", "quadrants", "signs"])
def test_numbers_at_the_edge_of_what_there_is_are_drawn(tmp_path: Path, numbers: dict[str, Any], form: Form) -> None:
    (picture,) = read(tmp_path, numbers)
    strips = draw_picture(picture, 40, 12, palette_named("dark"), form)
    assert [strip.cell_length for strip in strips] == [40] * 12
