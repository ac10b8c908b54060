"""The processes of a sweep end with the one that made them, whatever they are at."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Reap = Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]
MAKER = """
import multiprocessing, time
from l2tui.settings import Settings
from l2tui.sweep.pool import LocalPool
from l2tui.sweep.stretch import Stretch
if __name__ == "__main__":
    settings = Settings(hidden=4, train_size=40, epochs=2_000_000)
    pool = LocalPool(settings, 1)
    pool.submit(0, Stretch(settings, (0.0, 0.1), (0, 1), settings.epochs))
    (child,) = multiprocessing.active_children()
    print(child.pid, flush=True)
    time.sleep(1000)
"""


def _processor_time(number: int) -> int:
    """Returns the clock ticks that a process has had; -1 where there is none, or nobody has waited for it yet."""
    try:
        state, *fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return -1
    return -1 if state == b"Z" else int(fields[10])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the time that another process has had is read on Linux only")
def test_a_process_that_trains_a_long_stretch_ends_when_its_maker_is_killed(
    tmp_path: Path, reap: Reap, until: Callable[..., Any]
) -> None:
    script = tmp_path / "maker.py"
    script.write_text(MAKER)
    maker = reap(subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE))
    assert maker.stdout is not None
    child = int(maker.stdout.readline())
    until(lambda: _processor_time(child) > 200, 60, what="a process that trains")
    maker.kill()
    until(lambda: _processor_time(child) < 0, 10, what="a process that has ended")
