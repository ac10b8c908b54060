"""What of the enemy's round takes longer: real terminals, and apps and workers that are killed together."""

import random
from pathlib import Path

import pytest

from tests.chaos.kills import kill_run
from tests.chaos.places import PLACES, make_runs
from tests.chaos.storm import attack
from tests.chaos.together import kill_together

pytestmark = pytest.mark.study


@pytest.fixture
def seed() -> int:
    """A seed that is printed, so that a failure can be had again."""
    seed = random.randrange(1 << 31)
    print("seed", seed)
    return seed


@pytest.mark.parametrize("name", PLACES)
def test_a_terminal_that_sends_and_answers_anything_ends_nothing(
    seed: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where a name that is typed by accident becomes a file.
    monkeypatch.chdir(tmp_path)
    assert attack(seed, name, make_runs(tmp_path), 1000).failures == []


def test_a_run_whose_app_and_worker_were_killed_together_is_found_whole(seed: int) -> None:
    assert kill_together(seed, 3) == []


@pytest.mark.parametrize("disk", ["of its own", "of others"])
def test_a_worker_that_is_killed_while_it_has_no_room_loses_nothing(seed: int, disk: str) -> None:
    # An odd seed asks for a disk of its own.
    assert kill_run(seed | 1 if disk == "of its own" else seed & ~1, 6) == []
