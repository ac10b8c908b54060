"""More threads for the matrix products: really there when asked for, and to rounding the same result."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, sys
from l2tui.cli import main
status = main(sys.argv[1:])
tasks = "/proc/self/task"
print(len(os.listdir(tasks)) if os.path.isdir(tasks) else 0)
sys.exit(status)
"""


def trained(threads: int, tmp_path: Path) -> tuple[float, int]:
    """Returns the validation loss of a headless run, and how many threads its process had."""
    command = [
        "train",
        "digits",
        "--hidden",
        "300",
        "--batch-size",
        "200",
        "--label-noise",
        "0",
        "--epochs",
        "5",
        "--json",
    ]
    more = ["--blas-threads", str(threads), "--run-dir", str(tmp_path / str(threads))]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command, *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    summary, tasks = done.stdout.splitlines()
    return json.loads(summary)["val_loss"], int(tasks)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="a library of matrix products takes no more threads than cores")
def test_two_threads_are_used_and_give_the_same_losses_to_rounding(tmp_path: Path) -> None:
    (one, alone), (two, together) = trained(1, tmp_path), trained(2, tmp_path)
    assert two == pytest.approx(one, rel=1e-9)
    if alone:
        assert together == alone + 1
