"""Commands to a worker: appended by any controller, read by the worker."""

import os
import time

from l2tui.errors import RunError
from l2tui.files import UNDECODABLE, append_line, take_turn
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, Snapshot, decode_command, encode_line
from l2tui.runs.stored import known_status
from l2tui.worker.log import say

# A worker acts upon a command within a fraction of a second; longer is not waited for it.
_PATIENCE = 2.0


def send(run: RunDirectory, command: AnyCommand) -> None:
    """Appends a command, as a whole line or not at all, so that commands of several controllers never mix.

    Raises:
        RunError: The run directory cannot be written to; the command does not act then.
    """
    try:
        descriptor = run.open(run.control, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            take_turn(descriptor)
            append_line(descriptor, encode_line(command))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RunError(f"{run.control}: cannot be written: {error.strerror}") from None


def have_best_written(run: RunDirectory) -> None:
    """Has a run that goes on write its best weights, which by itself it does now and then only.

    Where there is no worker, it may not be reached or it does not answer, those that are there have to do.
    """
    if not run.is_locked():
        return
    try:
        send(run, Snapshot())
        sent = run.control.stat().st_size
    except (RunError, OSError):
        return
    deadline = time.monotonic() + _PATIENCE
    while run.is_locked() and time.monotonic() < deadline:
        status = known_status(run)
        if status is not None and status.commands >= sent:
            return
        time.sleep(0.02)


class Inbox:
    """The worker's end: hands out the commands that have come since the last look.

    Looking costs one `stat` while nothing has come. A line that is no command is passed over, with a word in the log:
    a controller's mistake must not end the training.

    Attributes:
        position: Bytes of the file that have been read.
    """

    def __init__(self, run: RunDirectory, position: int = 0) -> None:
        self._run = run
        self.position = position

    def read(self) -> list[AnyCommand]:
        """Returns the new commands, oldest first."""
        try:
            if self._run.control.stat().st_size <= self.position:
                return []
            with os.fdopen(self._run.open(self._run.control, os.O_RDONLY), "rb") as file:
                file.seek(self.position)
                data = file.read()
        except FileNotFoundError:
            return []
        complete = data[: data.rfind(b"\n") + 1]
        self.position += len(complete)
        commands = []
        for line in complete.splitlines():
            try:
                commands.append(decode_command(line))
            except UNDECODABLE as error:
                say(f"ignored {line!r}: {error}")
        return commands
