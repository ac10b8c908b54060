"""New rows, prepared as the training rows were."""

import msgspec
import numpy as np
import pytest

from l2tui.data.preparation import Preparation, encode_preparation, plain_preparation
from l2tui.data.table.applying import apply_to_file
from l2tui.errors import DataError
from tests.unit.data.table.mixed_table import PARTS, N, columns, splits_of, write


def test_training_rows_are_the_same_when_the_preparation_is_done_again(path):
    splits = splits_of(path, transform=(("size", "rank"), ("rich", "log")))
    again, notes = apply_to_file(msgspec.json.decode(encode_preparation(splits.preparation), type=Preparation), path)
    assert again.shape == (N, splits.X_train.shape[1])
    rows = {row.tobytes() for row in again}
    for part in PARTS:
        assert {row.tobytes() for row in getattr(splits, f"X_{part}")} <= rows
    assert any(note.startswith("gap: ") and "median" in note for note in notes)


def test_new_rows_keep_their_order_and_count(tmp_path, path):
    splits = splits_of(path)
    table = columns()
    whole, _ = apply_to_file(splits.preparation, path)
    picked = [5, 3, 299, 3]
    names = ["town", "size", "when", "gap", "paid", "rich", "firm", "who", "extra"]
    new = {name: [table[name][k] if name in table else "7" for k in picked] for name in names}
    X, notes = apply_to_file(splits.preparation, write(tmp_path / "new.csv", new))
    assert np.array_equal(X, whole[picked])
    assert any("extra" in note for note in notes)
    one, _ = apply_to_file(splits.preparation, write(tmp_path / "one.csv", {k: v[:1] for k, v in new.items()}))
    assert np.array_equal(one, whole[picked[:1]])


def test_new_values_and_missing_ones_are_counted(tmp_path, path):
    splits = splits_of(path)
    table = columns()
    new = {name: values[:4] for name, values in table.items()}
    new["town"], new["paid"], new["firm"] = ["Mars", "Oslo", "Mars", ""], ["", "yes", "no", "no"], ["z", "x", "x", "x"]
    X, notes = apply_to_file(splits.preparation, write(tmp_path / "new.csv", new))
    assert np.isfinite(X).all()
    assert "town: 2 never seen in training, taken as other" in notes
    assert "town: 1 missing, taken as no category" in notes
    assert "paid: 1 missing, taken as the median of training" in notes
    inputs = dict(zip(splits.feature_names, (X * splits.x_scale + splits.x_mean).T, strict=True))
    assert np.allclose(inputs["town: other"], [1, 0, 1, 0])
    assert np.allclose(inputs["firm=x"] + inputs["firm=y"], [0, 1, 1, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"town": None, "size": None}, r"columns are missing: size, town"),
        ({"size": ["1", "2", "big"]}, "column 'size', row 3: 'big' is not a finite number"),
        ({"size": ["1", "inf", "2"]}, "column 'size', row 2: 'inf' is not a finite number"),
        ({"paid": ["yes", "no", "maybe"]}, "column 'paid', row 3: 'maybe' is not no or yes"),
        ({"when": ["2020-01-01", "01.02.2020", ""]}, "column 'when', row 2: '01.02.2020' is not such a date"),
    ],
)
def test_new_rows_that_cannot_be_read_are_refused_with_their_place(tmp_path, path, change, words):
    splits = splits_of(path)
    new = {name: values[:3] for name, values in columns().items()} | change
    write(tmp_path / "new.csv", {name: values for name, values in new.items() if values is not None})
    with pytest.raises(DataError, match=words):
        apply_to_file(splits.preparation, tmp_path / "new.csv")


def test_a_plan_whose_parts_do_not_belong_together_is_damaged() -> None:
    whole = plain_preparation(("a", "b"), np.zeros(2), np.ones(2), task="regression", target="y")
    data = msgspec.json.decode(msgspec.json.encode(whole))
    for change in ({"missing_input": True}, {"means": []}, {"knots": [1.0]}):
        damaged = {**data, "columns": [{**data["columns"][0], **change}, data["columns"][1]]}
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(msgspec.json.encode(damaged), type=Preparation)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({**data, "input_names": ["a"]}), type=Preparation)
