"""Predictions as a table."""

import csv

import numpy as np
import polars as pl
import pytest

from l2tui.results.predict import Predictions, csv_pieces, write_predictions

TEXTS = ["=cmd|' /C calc'!A0", "+1+1", "-x", "@SUM(A1)", "-1", "+2.5", "plain"]
SHOWN = ["'=cmd|' /C calc'!A0", "'+1+1", "'-x", "'@SUM(A1)", "-1", "+2.5", "plain"]


def predictions():
    return Predictions({"=name": np.array(TEXTS, dtype=object), "p": np.linspace(-1, 1, len(TEXTS))}, ())


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_no_cell_is_one_that_a_spreadsheet_runs(tmp_path, ending):
    path = tmp_path / f"out{ending}"
    write_predictions(predictions(), path)
    rows = list(csv.reader(path.read_text().splitlines(), delimiter="\t" if ending == ".tsv" else ","))
    assert [row[0] for row in rows] == ["'=name", *SHOWN]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(np.linspace(-1, 1, len(TEXTS)).tolist())
    if ending == ".csv":
        assert "".join(csv_pieces(predictions())) == path.read_text()


def test_parquet_keeps_the_names_as_they_are(tmp_path):
    write_predictions(predictions(), tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["=name"].to_list() == TEXTS
