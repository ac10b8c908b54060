"""A table in a file."""

import pytest

from tests.unit.data.table.mixed_table import columns, write


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "mine.csv", columns())
