"""Whether a table fits into this machine's memory."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from l2tui.errors import DataError

# The numbers as they are read, split, and copied once more for training.
_COPIES = 3.0


def available_bytes() -> int:
    """Returns the memory that can still be had, as far as the system tells."""
    found = []
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()) - _used_by_group())
    if not found:
        with suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return max(0, min(found, default=sys.maxsize))


def _used_by_group() -> int:
    stats = dict(line.split() for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines())
    return int(stats.get("anon", "0"))


def check_memory(path: Path, matrix_bytes: int, rows: int | None) -> None:
    """Checks that there is memory to train on a table.

    Args:
        path: The file, for the message.
        matrix_bytes: Size of its numbers, 8 bytes each.
        rows: The rows that these are of; None where they cannot be sampled.

    Raises:
        DataError: There is not; the message tells how many rows fit.
    """
    needed, there = _COPIES * matrix_bytes, available_bytes()
    if needed <= there:
        return
    advice = "use a machine with more"
    if rows is not None:
        fit = int(rows * there / needed * 0.8)
        digits = 10 ** max(0, len(str(fit)) - 2)
        fit = max(10, fit // digits * digits)
        advice = f"about {fit:,} of {rows:,} rows fit: take a sample with --rows {fit}"
    raise DataError(f"{path}: needs about {needed / 1e9:.3g} GB of memory, and {there / 1e9:.3g} GB are free; {advice}")
