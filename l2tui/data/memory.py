"""Whether data fit into this machine's memory."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from l2tui.errors import DataError, SettingsError

# The numbers as they are read, split, and copied once more for training.
_COPIES = 3.0
# A training row of a set with two inputs, and the validation rows that come with it: made, split, copied for training;
# 247 bytes were measured with a million rows.
_GENERATED_ROW_BYTES = 250
# What polars and its threads reserve of the address space, most of it without ever using it.
_RESERVED = 1_500_000_000


def available_bytes(root: Path = Path("/")) -> int:
    """Returns the memory that can still be had: of the machine, of the control groups and within `ulimit -v`.

    Args:
        root: Where the system's own files are.
    """
    found = [*_of_groups(root), *_of_address_space(root)]
    with suppress(OSError):
        found.append(1024 * _figure(root / "proc/meminfo", "MemAvailable:"))
    if not found:
        with suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return max(0, min(found, default=sys.maxsize))


def _of_groups(root: Path) -> Iterator[int]:
    """Yields what is left to the control groups of this process, which a cluster's scheduler or a container limits."""
    try:
        groups = [line.split(":", 2) for line in (root / "proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return
    for _, controllers, name in groups:
        if controllers == "":
            top, limit, used = root / "sys/fs/cgroup", "memory.max", "anon"
        elif "memory" in controllers.split(","):
            top, limit, used = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes", "total_rss"
        else:
            continue
        group = top / name.strip("/")
        for folder in (group, *group.parents[: len(group.parts) - len(top.parts)]):
            # A group without a limit says "max"; one outside this container is not there.
            with suppress(OSError, ValueError):
                yield int((folder / limit).read_text()) - _figure(folder / "memory.stat", used)


def _of_address_space(root: Path) -> Iterator[int]:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError):
        if limit != resource.RLIM_INFINITY:
            yield limit - 1024 * _figure(root / "proc/self/status", "VmSize:")


def _figure(path: Path, name: str) -> int:
    """Returns the number behind a name in one of the system's files, 0 where it is missing."""
    lines = (line.split() for line in path.read_text().splitlines())
    return next((int(words[1]) for words in lines if words[:1] == [name]), 0)


def check_address_space(path: Path) -> None:
    """Checks that `ulimit -v` leaves what reading any table takes; with less, the system ends the process.

    Args:
        path: The file, for the message.

    Raises:
        DataError: It does not.
    """
    there = min(_of_address_space(Path("/")), default=_RESERVED)
    if there < _RESERVED:
        left = f"{max(0, there) / 1e9:.3g} GB are left"
        problem = f"reading a table takes {_RESERVED / 1e9:g} GB of address space, and {left}"
        raise DataError(f"{path}: {problem}: raise the limit with ulimit -v")


def check_memory(path: Path, matrix_bytes: int, rows: int | None) -> None:
    """Checks that there is memory to train on a table.

    Args:
        path: The file, for the message.
        matrix_bytes: Size of its numbers, 8 bytes each.
        rows: The rows that these are of; None where they cannot be sampled.

    Raises:
        DataError: There is too little; the message says how many rows fit.
    """
    needed, there = _COPIES * matrix_bytes, available_bytes()
    if needed <= there:
        return
    advice = "use a machine with more"
    if rows is not None:
        fit = max(10, _round_down(rows * there / needed))
        advice = f"about {fit:,} of {rows:,} rows fit: take a sample with --rows {fit}"
    raise DataError(f"{path}: needs about {needed / 1e9:.3g} GB of memory, and {there / 1e9:.3g} GB are free; {advice}")


def check_rows(name: str, rows: int) -> None:
    """Checks that there is memory to make and train on a generated set.

    Args:
        name: The set, for the message.
        rows: Rows in its training part.

    Raises:
        SettingsError: There is too little; the message says how many rows fit.
    """
    needed, there = _GENERATED_ROW_BYTES * rows, available_bytes()
    if needed > there:
        fit = _round_down(rows * there / needed)
        have = f"{rows:,} take about {needed / 1e9:.3g} GB of memory, and {there / 1e9:.3g} GB are free"
        raise SettingsError(
            f"train_size: expected at most about {fit} rows of {name} on this machine: {have}", "train_size"
        )


def _round_down(rows: float) -> int:
    """Returns four fifths of a number, to two digits: free memory may be taken a moment later."""
    fit = int(rows * 0.8)
    digits: int = 10 ** max(0, len(str(fit)) - 2)
    return fit // digits * digits
