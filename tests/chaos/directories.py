"""Run directories as an enemy, a broken disk or a careless copy leaves them, against every command that reads one."""

import contextlib
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from l2tui.cli import main
from l2tui.runs.events import SetValue, Snapshot
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

SECONDS = 60
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("runs",),
    ("runs", "--json"),
    ("runs", "prune", "--older-than", "0m", "--yes"),
    ("test", "RUN"),
    ("plot", "RUN"),
    ("export", "RUN", "npz", "--out", "OUT"),
    ("export", "RUN", "recipe", "--out", "OUT"),
    ("train", "--resume", "RUN", "--epochs", "8"),
    ("watch", "--once", "RUN"),
    ("watch", "--json", "RUN"),
    ("predict", "RUN", "TABLE"),
    ("attach", "RUN"),
    ("resume", "RUN"),
)
# Without a terminal, the app is refused only once the run has been looked at.
_IN_PROCESS_OF_THEIR_OWN = ("attach", "resume")
_OWN_SHARE = 0.02
Files = dict[str, bytes]


class Hung(BaseException):
    """A command that did not come back."""


def healthy_runs() -> tuple[Files, Files]:
    """Returns the files of two short runs with different networks."""
    found = []
    for settings in (
        Settings(epochs=6, hidden=4, train_size=40, noise=0.3),
        Settings(data="wine", epochs=5, hidden=3, optimizer="adam"),
    ):
        run = new_run(settings)
        with contextlib.redirect_stdout(io.StringIO()):
            work(run)
        send(run, SetValue("l2", 0.01))
        send(run, Snapshot())
        found.append({path.name: path.read_bytes() for path in run.path.iterdir()})
        shutil.rmtree(run.path)
    return found[0], found[1]


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 8])):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _double(data: bytes, chance: random.Random) -> bytes:
    return data + _cut(data, chance)


def _nest(data: bytes, chance: random.Random) -> bytes:
    at = data.find(b":") + 1
    return data[:at] + chance.choice([b"[", b'{"a":']) * chance.choice([10, 3000, 100_000]) + data[at:]


def _zero(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + bytes(min(512, len(data) - at)) + data[at + 512 :]


CONTENT: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _flip, _flip, _cut, _double, _nest, _zero)


def _put_odd(path: Path, outside: Path, chance: random.Random) -> str:
    kind = chance.choice(
        ["link", "hard link", "dangling", "loop", "FIFO", "directory", "device", "sparse", "unreadable"]
    )
    if kind == "link":
        path.symlink_to(outside)
    elif kind == "hard link":
        path.hardlink_to(outside)
    elif kind == "dangling":
        path.symlink_to(path.parent / "nowhere")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "FIFO":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(1 << 28)
    elif kind == "unreadable":
        path.touch(0)
    else:
        path.mkdir()
    return kind


class Fuzzer:
    """Makes damaged directories and looks at what the commands make of them.

    Args:
        root: The folder of runs, used by this alone.
        names: Files that are damaged; by default all.
    """

    def __init__(self, root: Path, names: tuple[str, ...] | None = None) -> None:
        self.root, self.outside, self.names = root, root.parent / "outside", names
        self.outside.write_bytes(b"precious")
        self._table = root.parent / "table.csv"
        self._table.write_text("x1,x2\n0.5,-0.25\n1,0\n")
        self.healthy = healthy_runs()

    def case(self, seed: int) -> str | None:
        """Tries one directory with one command; returns what went wrong."""
        chance = random.Random(seed)
        shutil.rmtree(self.root, ignore_errors=True)
        run = self.root / f"20300101-000000-bad-{seed & 0xFFFF:04x}"
        good = self.root / "20300101-000000-good-0000"
        for path, files in ((run, self.healthy[0]), (good, self.healthy[1])):
            path.mkdir(parents=True)
            for name, data in files.items():
                (path / name).write_bytes(data)
        story = self._damage(run, chance)
        command = chance.choice(COMMANDS)
        paths = {"RUN": run, "OUT": self.root.parent / "out.npz", "TABLE": self._table}
        arguments = [str(paths.get(word, word)) for word in command]
        apart = command[0] in _IN_PROCESS_OF_THEIR_OWN or chance.random() < _OWN_SHARE
        wrong = self._try_apart(arguments) if apart else self._try(arguments)
        if self.outside.read_bytes() != b"precious":
            self.outside.write_bytes(b"precious")
            wrong = "a file outside was changed"
        if wrong is None and command == ("runs",) and "good-0000" not in self._output:
            wrong = "a healthy run is not listed"
        return None if wrong is None else f"seed {seed}: {' '.join(command)}: {story}: {wrong}"

    def _damage(self, run: Path, chance: random.Random) -> str:
        names = sorted(self.healthy[0].keys() & set(self.names or self.healthy[0]))
        story = []
        for name in chance.sample(names, k=chance.choice([1, 1, 1, 2])):
            path = run / name
            if chance.random() < 0.3:
                path.unlink()
                story.append(f"{name} {_put_odd(path, self.outside, chance)}")
            elif chance.random() < 0.15:
                path.write_bytes(self.healthy[1].get(name, b""))
                story.append(f"{name} of another run")
            elif chance.random() < 0.1:
                path.unlink()
                story.append(f"{name} missing")
            else:
                change = chance.choice(CONTENT)
                path.write_bytes(change(self.healthy[0][name], chance))
                story.append(f"{name} {change.__name__.strip('_')}")
        return ", ".join(story)

    def _try_apart(self, arguments: list[str]) -> str | None:
        """Tries a command in a process of its own, with no terminal."""
        command = [sys.executable, "-m", "l2tui", *arguments]
        try:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"not back after {SECONDS} s"
        self._output = ended.stdout.decode()
        if b"Traceback" in ended.stderr:
            return ended.stderr.decode(errors="replace").strip().splitlines()[-1]
        return None if ended.returncode in (0, 1, 3) else f"exit status {ended.returncode}"

    def _try(self, arguments: list[str]) -> str | None:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        status: object = None
        try:
            with _alarm(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _signals_kept():
                status = main(arguments)
        except SystemExit as left:
            status = left.code
        except Hung:
            return f"not back after {SECONDS} s"
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} in {Path(at.filename).name}:{at.lineno}: {str(error)[:80]}"
        out.flush()
        self._output = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
        return None if status in (0, 1, 3) else f"exit status {status}"


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    mask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(mask)
        for number, handler in kept.items():
            signal.signal(number, handler)


def fuzz(root: Path, seed: int, cases: int, names: tuple[str, ...] | None = None) -> list[str]:
    """Returns the failures of `cases` directories, the seeds of which follow on `seed`."""
    fuzzer = Fuzzer(root, names)
    failures = []
    for number in range(seed, seed + cases):
        if (wrong := fuzzer.case(number)) is not None:
            failures.append(wrong)
            print(wrong, file=sys.stderr, flush=True)
    return failures
