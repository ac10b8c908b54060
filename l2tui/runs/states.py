"""States of a run that are kept to fork from: which, how many, and what they are called."""

import contextlib
import os
import re

from l2tui.runs.directory import RunDirectory

# At most so many, and so many bytes, in one run.
MOST_STATES = 32
MOST_BYTES = 64 << 20
# On a disk with less room than this, none is kept: the curve and the checkpoint need the rest.
ROOM_BYTES = 4 * MOST_BYTES

_NAME = re.compile(r"state-(\d{1,10})\.npz")


def kept_epochs(run: RunDirectory) -> list[int]:
    """Returns the epochs of the states that are kept, ascending; none where the directory cannot be read."""
    try:
        with os.scandir(run.path if run.held is None else run.held) as entries:
            found = [match for entry in entries if (match := _NAME.fullmatch(entry.name))]
    except OSError:
        return []
    return sorted(int(match[1]) for match in found)


def thinned(epochs: list[int], last: int, most: int) -> list[int]:
    """Returns which of some states stay, by their epochs alone.

    The epochs up to `last` are cut into stretches of one length, a power of two, so that there are at most `most` of
    them. The first state of each stretch stays. So the states lie evenly, and fewer stay as a run gets longer.

    Args:
        epochs: Epochs of the states, ascending.
        last: The epoch that the run has reached.
        most: States at most.
    """
    if most < 1:
        return []
    stretch = 1 << (last // most).bit_length()
    first: dict[int, int] = {}
    for epoch in epochs:
        first.setdefault(epoch // stretch, epoch)
    return list(first.values())


def keep_state(run: RunDirectory, epoch: int) -> None:
    """Keeps the present checkpoint to fork from, where none lies near it, and drops those that are too many.

    Args:
        run: The run's directory.
        epoch: Finished epochs in the checkpoint.

    Raises:
        OSError: It cannot be written; the states that were there before are unharmed.
    """
    kept = kept_epochs(run)
    size = run.stat(run.checkpoint).st_size
    staying = thinned(sorted({*kept, epoch}), epoch, min(MOST_STATES, MOST_BYTES // max(1, size)))
    for gone in sorted({*kept} - {*staying}):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(run.state(gone) if run.held is None else run.state(gone).name, dir_fd=run.held)
    if epoch in staying and epoch not in kept and _has_room(run):
        run.replace(run.state(epoch), run.read(run.checkpoint), durable=True)


def _has_room(run: RunDirectory) -> bool:
    disk = os.statvfs(run.path if run.held is None else run.held)
    return disk.f_bavail * disk.f_frsize >= ROOM_BYTES
