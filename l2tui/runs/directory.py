"""Where runs live and what the files of a run are called. No other module knows a file's name."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from l2tui.errors import RunError
from l2tui.files import open_directory, open_plain, read_plain, replace_file

ENVIRONMENT_VARIABLE = "L2TUI_RUNS"


def runs_root() -> Path:
    """Returns the folder of all runs: `$L2TUI_RUNS`, else `runs` in the user's state directory.

    Raises:
        RunError: `$L2TUI_RUNS` begins with the home directory of a user that there is not.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if not chosen:
        import platformdirs

        return platformdirs.user_state_path("l2tui") / "runs"
    try:
        return Path(chosen).expanduser()
    except RuntimeError:
        raise RunError(f"{ENVIRONMENT_VARIABLE}={chosen}: there is no such home directory") from None


class RunDirectory(Struct, frozen=True):
    """The files of one run.

    Attributes:
        path: The directory.
        held: A descriptor of the directory, if somebody holds it open: its files stay those of this directory, also
            when it is moved and another one takes its name.
    """

    path: Path
    held: int | None = None

    @property
    def name(self) -> str:
        """The run's name, that of its directory."""
        return self.path.name

    @property
    def sweep(self) -> Path:
        """Settings, grid, folds and versions of a sweep; no run has it. Written once."""
        return self.path / "sweep.json"

    @property
    def settings(self) -> Path:
        """Settings, versions and the data's fingerprint; written once."""
        return self.path / "settings.json"

    @property
    def preparation(self) -> Path:
        """What was done to the data before training, so that it can be done to new rows."""
        return self.path / "preparation.json"

    @property
    def metrics(self) -> Path:
        """A CSV row for each recorded epoch."""
        return self.path / "metrics.csv"

    @property
    def curve(self) -> Path:
        """train_loss and val_loss of every epoch, two little-endian float64 each."""
        return self.path / "curve.bin"

    @property
    def events(self) -> Path:
        """What happened, a JSON object a line."""
        return self.path / "events.jsonl"

    @property
    def ghost(self) -> Path:
        """A CSV row for each recorded epoch of the ghost, the twin that trains along."""
        return self.path / "ghost.csv"

    @property
    def control(self) -> Path:
        """Commands to the worker, a JSON object a line."""
        return self.path / "control.jsonl"

    @property
    def status(self) -> Path:
        """What the worker is doing right now; replaced as a whole."""
        return self.path / "status.json"

    @property
    def checkpoint(self) -> Path:
        """Everything needed to go on exactly."""
        return self.path / "checkpoint.npz"

    @property
    def best(self) -> Path:
        """The weights of the best epoch."""
        return self.path / "best.npz"

    @property
    def weights(self) -> Path:
        """The weights at the last snapshot command."""
        return self.path / "weights.npz"

    @property
    def pictures(self) -> Path:
        """The numbers of the pictures that somebody looks at while the run trains; replaced as a whole."""
        return self.path / "pictures.json"

    @property
    def reveals(self) -> Path:
        """Every look at the test part, a JSON object a line."""
        return self.path / "reveals.jsonl"

    @property
    def lock(self) -> Path:
        """Locked by the worker as long as it lives."""
        return self.path / "lock"

    @property
    def note(self) -> Path:
        """The name and the note that a person has given the run."""
        return self.path / "note.json"

    @property
    def log(self) -> Path:
        """What the worker prints."""
        return self.path / "worker.log"

    def state(self, epoch: int) -> Path:
        """Returns where a state is kept to fork from: a checkpoint with so many finished epochs."""
        return self.path / f"state-{epoch}.npz"

    def open(self, file: Path, flags: int) -> int:
        """Returns a descriptor of one of the files above.

        Raises:
            OSError: As `open_plain`.
        """
        return open_plain(file, flags, at=self.held)

    def read(self, file: Path) -> bytes:
        """Returns the content of one of the small files.

        Raises:
            OSError: As `read_plain`.
        """
        return read_plain(file, at=self.held)

    def stat(self, file: Path) -> os.stat_result:
        """Returns what the system knows of one of the files, or of a link in its place.

        Raises:
            OSError: There is no such file.
        """
        name = file if self.held is None else file.name
        return os.stat(name, dir_fd=self.held, follow_symlinks=False)

    def replace(self, file: Path, content: bytes | Callable[[BinaryIO], object], *, durable: bool = False) -> None:
        """Replaces one of the files as a whole.

        Raises:
            OSError: As `replace_file`.
        """
        replace_file(file, content, at=self.held, durable=durable)

    def is_in_place(self) -> bool:
        """Returns whether the directory that is held still has its name."""
        if self.held is None:
            return self.path.is_dir()
        try:
            return os.path.samestat(os.fstat(self.held), self.path.stat())
        except OSError:
            return False

    def check(self) -> None:
        """Refuses a run that holds links, FIFOs or devices, or something else in the place of its files.

        Raises:
            RunError: It does, or the directory cannot be read.
        """
        try:
            with os.scandir(self.path if self.held is None else self.held) as entries:
                odd = sorted(entry.name for entry in entries if not self._may_be_there(entry))
        except OSError as error:
            raise RunError(f"{self.path}: cannot be read: {error.strerror}") from None
        if odd:
            what = "is no plain file, but a link, a FIFO, a device or a directory, which no run holds here; remove it"
            raise RunError(f"{self.path / odd[0]}: {what}")

    def _may_be_there(self, entry: "os.DirEntry[str]") -> bool:
        if entry.is_dir(follow_symlinks=False):
            return self.path / entry.name not in self._files()
        return entry.is_file(follow_symlinks=False)

    def _files(self) -> set[Path]:
        return {getattr(self, name) for name, kind in vars(RunDirectory).items() if isinstance(kind, property)}

    @contextmanager
    def locked(self) -> Iterator["RunDirectory"]:
        """Holds the run's lock, which dies with its process, and yields the run with its directory held.

        Raises:
            RunError: Another worker holds it, it cannot be had, or as `check`.
        """
        with contextlib.ExitStack() as stack:
            try:
                directory = open_directory(self.path)
                stack.callback(os.close, directory)
                held = msgspec.structs.replace(self, held=directory)
                held.check()
                descriptor = held.open(self.lock, os.O_RDWR | os.O_CREAT)
                stack.callback(os.close, descriptor)
            except OSError as error:
                raise RunError(f"{self.path}: cannot be used: {error.strerror}") from error
            if not _take(descriptor):
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
                raise RunError(f"{self.path}: process {holder or '?'} is training it already")
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield held

    def is_locked(self) -> bool:
        """Returns whether a worker is alive on this run, by its lock alone: never by a pid, which may be another's."""
        try:
            descriptor = self.open(self.lock, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def _take(descriptor: int) -> bool:
    # A reader that looks whether the lock is held has it for a moment itself.
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.01)
    return False
