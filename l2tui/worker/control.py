"""Commands to a worker: appended by any controller, read by the worker."""

import os

import msgspec

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, decode_command, encode_line
from l2tui.worker.log import say


def send(run: RunDirectory, command: AnyCommand) -> None:
    """Appends a command. One write of one line, so that commands of several controllers never mix.

    Raises:
        RunError: The run directory cannot be written to.
    """
    try:
        descriptor = os.open(run.control, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, encode_line(command))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RunError(f"{run.control}: cannot be written: {error.strerror}") from None


class Inbox:
    """The worker's end: hands out the commands that have come since the last look.

    Looking costs one `stat` while nothing has come. A line that is no command is passed over, with a word in the log:
    a controller's mistake must not end the training.

    Attributes:
        position: Bytes of the file that have been read.
    """

    def __init__(self, run: RunDirectory, position: int = 0) -> None:
        self._path = run.control
        self.position = position

    def read(self) -> list[AnyCommand]:
        """Returns the new commands, oldest first."""
        try:
            if self._path.stat().st_size <= self.position:
                return []
            with self._path.open("rb") as file:
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
            except msgspec.DecodeError as error:
                say(f"ignored {line!r}: {error}")
        return commands
