import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reveals import Reveal, add_reveal, count_reveals, read_reveals


def look(l2: float = 0.1) -> Reveal:
    return Reveal(
        count=0,
        at="2026-01-01T00:00:00+00:00",
        epoch=3,
        l2=l2,
        loss=0.5,
        loss_interval=(0.4, 0.6),
        score=0.9,
        score_interval=(0.8, 1.0),
    )


LOOK_OFTEN = """
import sys
from pathlib import Path
import msgspec
from l2tui.runs.directory import RunDirectory
from l2tui.runs.reveals import Reveal, add_reveal
look = msgspec.json.decode(sys.argv[2], type=Reveal)
for _ in range(25):
    print(add_reveal(RunDirectory(Path(sys.argv[1])), look)[-1].count)
"""


def test_looks_are_counted_and_kept(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert count_reveals(run) == 0
    assert read_reveals(run) == ()
    add_reveal(run, look(0.1))
    looks = add_reveal(run, look(0.2))
    assert [(one.count, one.l2) for one in looks] == [(1, 0.1), (2, 0.2)]
    assert read_reveals(run) == looks
    assert count_reveals(run) == 2
    assert run.reveals.stat().st_mode & 0o777 == 0o600


def test_no_two_processes_get_the_same_count(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOOK_OFTEN, str(tmp_path), msgspec.json.encode(look()).decode()]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    counts = [int(count) for process in processes for count in process.communicate(timeout=60)[0].split()]
    assert sorted(counts) == list(range(1, 101))
    assert [one.count for one in read_reveals(RunDirectory(tmp_path))] == list(range(1, 101))


def test_a_line_that_was_cut_off_counts_as_a_look_and_swallows_none(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    add_reveal(run, look())
    with run.reveals.open("ab") as file:
        file.write(b'{"count":2,"at":"20')
    looks = add_reveal(run, look())
    assert [one.count for one in looks] == [1, 3]
    assert read_reveals(run) == looks
    assert count_reveals(run) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_a_place_to_write_it_down_there_is_no_look(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="stays hidden"):
        add_reveal(RunDirectory(tmp_path), look())
