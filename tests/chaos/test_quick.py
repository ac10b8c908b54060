"""A share of the enemy's round that fits into the gate; `python -m tests.chaos` is the whole."""

import random
from pathlib import Path

import pytest

from tests.chaos.directories import fuzz
from tests.chaos.keys import feed


def test_no_damaged_directory_ends_a_command_badly(runs_root: Path, tmp_path: Path) -> None:
    seed = random.randrange(1 << 31)
    print("seed", seed)
    assert fuzz(runs_root, seed, 60) == []


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-1"])
def test_no_keys_end_the_parser(encoding: str) -> None:
    seed = random.randrange(1 << 31)
    print("seed", seed)
    assert feed(seed, 2000, encoding) == []
