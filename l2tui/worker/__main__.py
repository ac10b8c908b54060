"""`python -m l2tui.worker RUN [EPOCHS]`: trains or resumes a run in a process of its own."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from l2tui.errors import L2tuiError
from l2tui.lean import without_encryption
from l2tui.worker.log import say
from l2tui.worker.manners import give_way

if TYPE_CHECKING:
    from l2tui.sweep.coordinator import Coordinator
    from l2tui.sweep.directory import SweepDirectory
    from l2tui.worker.session import Session

# Compression that no archive of ours has, and names of types that msgspec would know as well.
_NOT_NEEDED = ("bz2", "lzma", "typing_extensions")


def main() -> int:
    """Trains the run named on the command line; returns the exit status."""
    os.umask(0o077)
    # The app leaves these to one thread of its own, and what it starts inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTSTP, signal.SIGCONT))
    # Before the number library is loaded, which takes longer than the app's first picture may.
    give_way()
    with without_encryption(*_NOT_NEEDED):
        from l2tui.runs.directory import RunDirectory
        from l2tui.sweep.directory import SweepDirectory, is_sweep
        from l2tui.worker.work import work

    run = RunDirectory(Path(sys.argv[1]))
    if is_sweep(run.path):
        return _sweep(SweepDirectory(run.path))
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else None
    try:
        work(run, epochs=epochs, on_session=_stop_on_signals)
    except L2tuiError as error:
        say(error)
        return 1
    return 0


def _sweep(sweep: "SweepDirectory") -> int:
    from l2tui.sweep.coordinator import run_sweep

    try:
        run_sweep(sweep, on_coordinator=_stop_on_signals)
    except L2tuiError as error:
        say(error)
        return 1
    return 0


def _stop_on_signals(session: "Session | Coordinator") -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: session.stop())


if __name__ == "__main__":
    sys.exit(main())
