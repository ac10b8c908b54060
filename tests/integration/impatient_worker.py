"""A worker that makes checkpoints many times a second, so that a test can cut it off between and within them.

`impatient_worker.py RUN [LARGEST_FILE_IN_BYTES]`: the limit makes the system refuse to let files grow beyond it.
"""

import contextlib
import os
import resource
import signal
import sys

from l2tui.worker import keeper, session
from l2tui.worker.__main__ import main

if __name__ == "__main__":
    keeper.CHECKPOINT_SECONDS, keeper.CHECKPOINT_SHARE, session.TROUBLE_SECONDS = 0.02, 1.0, 0.05
    if len(sys.argv) > 2:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(2)), resource.RLIM_INFINITY))
    with contextlib.suppress(KeyboardInterrupt):
        status = main()
        sys.stdout.flush()
        os._exit(status)
