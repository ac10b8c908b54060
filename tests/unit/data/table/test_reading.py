"""The same table, however it is written."""

import numpy as np
import polars as pl
import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.settings import TableChoice
from tests.unit.data.table.mixed_table import columns, splits_of, write


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace(",", ";").replace(".", ",").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("Oslo", '"Oslo"').encode(),
        lambda text: text.replace(",", " , ").encode(),
    ],
)
def test_however_a_table_is_written_it_is_the_same(tmp_path, path, encode):
    (tmp_path / "other.csv").write_bytes(encode(path.read_text()))
    assert splits_of(tmp_path / "other.csv").fingerprint == splits_of(path).fingerprint


def test_parquet_and_csv_hold_the_same(tmp_path, path):
    table = columns()
    frame = pl.DataFrame(table).with_columns(pl.col("when").str.to_date(), pl.col("paid") == "yes")
    frame.write_parquet(tmp_path / "mine.parquet")
    assert splits_of(tmp_path / "mine.parquet").fingerprint == splits_of(path).fingerprint


def test_npz_and_csv_hold_the_same(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(0, 3, 60)
    np.savez(tmp_path / "a.npz", X=X, y=y)
    table = {f"x{i + 1}": X[:, i] for i in range(3)} | {"y": y}
    write(tmp_path / "a.csv", table)
    assert splits_of(tmp_path / "a.npz").fingerprint == splits_of(tmp_path / "a.csv").fingerprint


def test_text_in_latin_1_is_read_and_said(tmp_path, path):
    (tmp_path / "other.csv").write_bytes(path.read_text().replace("Oslo", "Malmö").encode("latin-1"))
    look = inspect_table(tmp_path / "other.csv", TableChoice(target="town"))
    assert "Malmö" in dict(look.classes)
    assert any("Latin-1" in note for note in look.notes)


def test_a_table_without_names_gets_some(tmp_path):
    rng = np.random.default_rng(0)
    np.savetxt(tmp_path / "a.csv", rng.normal(size=(40, 3)), delimiter=",")
    look = inspect_table(tmp_path / "a.csv")
    assert [column.name for column in look.columns] == ["column_1", "column_2", "column_3"]
    assert look.rows == 40
    assert any("no line with names" in note for note in look.notes)


def test_blocks_do_not_show(tmp_path, monkeypatch, path):
    """A file that is read in many pieces gives what one that is read in one piece gives."""
    whole = splits_of(path).fingerprint
    monkeypatch.setattr("l2tui.data.table.formats.BLOCK_BYTES", 1000)
    assert splits_of(path).fingerprint == whole
