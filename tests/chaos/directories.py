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
from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import read_pictures
from l2tui.view.palette import palette_named
from l2tui.view.pictures.draw import draw_picture, title_of
from l2tui.view.pictures.shades import Form
from tests.chaos.damage import CONTENT, healthy_runs, put_odd

# What hangs does so for ever; a machine with other work to do is slow.
SECONDS = 300
_REPORT_EVERY = 1000
# No command: what the app makes of the pictures that a worker hands out.
READ_PICTURES = "pictures"
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
    # Without a terminal, the app is refused only once the run has been looked at.
    ("attach", "RUN"),
    ("resume", "RUN"),
    ("fork", "RUN", "--no-train", "--run-dir", "FORK"),
    ("fork", "RUN", "--epoch", "2", "--l2", "0.01", "--run-dir", "FORK"),
    ("compare", "RUN", "GOOD"),
    ("compare", "RUN", "RUN", "--json"),
    ("plot", "RUN", "--picture", "field"),
    ("plot", "RUN", "GOOD", "--picture", "weights", "--at", "best"),
    ("plot", "RUN", "--picture", "labels", "--at", "STATE", "--json"),
    ("plot", "RUN", "--picture", "inputs", "--svg", "OUT"),
    (READ_PICTURES, "RUN"),
)
_OWN_SHARE = 0.02


class Hung(BaseException):
    """A command that did not come back."""


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
        self._state = max(int(name[6:-4]) for name in self.healthy[0] if name.startswith("state-"))

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
        command = chance.choice(COMMANDS)
        story = self._damage(run, chance, ("pictures.json",) if command[0] == READ_PICTURES else self.names)
        fork = self.root / "fork"
        places = {"RUN": run, "GOOD": good, "FORK": fork, "OUT": self.root.parent / "out.npz", "TABLE": self._table}
        words = {name: str(path) for name, path in places.items()} | {"STATE": str(self._state)}
        arguments = [words.get(word, word) for word in command]
        if command[0] == READ_PICTURES:
            wrong = self._guard(lambda: _draw_pictures(RunDirectory(run)))
        else:
            wrong = self._try_apart(arguments) if chance.random() < _OWN_SHARE else self._try(arguments)
        if self.outside.read_bytes() != b"precious":
            self.outside.write_bytes(b"precious")
            wrong = "a file outside was changed"
        if wrong is None and command == ("runs",) and "good-0000" not in self._output:
            wrong = "a healthy run is not listed"
        return None if wrong is None else f"seed {seed}: {' '.join(command)}: {story}: {wrong}"

    def _damage(self, run: Path, chance: random.Random, only: tuple[str, ...] | None) -> str:
        names = sorted(self.healthy[0].keys() & set(only or self.healthy[0]))
        story = []
        for name in chance.sample(names, k=min(len(names), chance.choice([1, 1, 1, 2]))):
            path = run / name
            if chance.random() < 0.3:
                path.unlink()
                story.append(f"{name} {put_odd(path, self.outside, chance)}")
            elif chance.random() < 0.15:
                path.write_bytes(self.healthy[1].get(name, b""))
                story.append(f"{name} of another run")
            elif chance.random() < 0.05:
                other = chance.choice(sorted(self.healthy[0]))
                path.write_bytes(self.healthy[0][other])
                story.append(f"{name} is {other}")
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
        status: object = None

        def call() -> None:
            nonlocal status
            try:
                status = main(arguments)
            except SystemExit as left:
                status = left.code

        wrong = self._guard(call)
        return wrong or (None if status in (0, 1, 3) else f"exit status {status}")

    def _guard(self, call: Callable[[], None]) -> str | None:
        """Calls what would be a program of its own, with no terminal, and keeps what it prints."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        stdin = sys.stdin
        try:
            with _alarm(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _signals_kept():
                sys.stdin = io.StringIO()
                call()
        except Hung:
            return f"not back after {SECONDS} s"
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} in {Path(at.filename).name}:{at.lineno}: {str(error)[:80]}"
        finally:
            sys.stdin = stdin
        out.flush()
        self._output = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
        return None


def _draw_pictures(run: RunDirectory) -> None:
    forms: tuple[Form, ...] = ("shades", "halves", "quadrants", "signs")
    for picture in read_pictures(run):
        title_of(picture)
        for form in forms:
            draw_picture(picture, 40, 12, palette_named("dark"), form)


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
        if (done := number - seed + 1) % _REPORT_EVERY == 0:
            print(f"{done:,} directories", file=sys.stderr, flush=True)
    return failures
