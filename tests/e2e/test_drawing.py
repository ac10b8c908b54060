"""Whatever happens to the terminal, it shows in the end exactly what the app takes to be there."""

import os
import random
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import heed_signals
from tests.emulator import Emulator

LONG = ("moons", "--start", "--epochs=1000000", "--pace=max")
SCRIPT = Path(__file__).with_name("picture_app.py")
ROOT = SCRIPT.parents[2]
_ASKED = re.compile(rb"\x1b\[6n")


class Watched:
    """The program in a terminal that can be compared with what the program means to show.

    Args:
        arguments: Of the program.
        size: Columns and rows.
        picture: Where the program writes what it means to show.
        until: Polls a condition.
        answers: Whether the terminal answers when it is asked where its cursor is.
        variables: For the program's environment.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        size: tuple[int, int],
        picture: Path,
        until: Callable[..., Any],
        *,
        answers: bool = True,
        **variables: str,
    ) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PICTURE": str(picture)}
        environment.pop("COLORTERM", None)
        environment.pop("NO_COLOR", None)
        environment["PYTHONPATH"] = str(ROOT)
        self.process = pexpect.spawn(
            sys.executable,
            [str(SCRIPT), *arguments],
            env={**environment, **variables},
            dimensions=(size[1], size[0]),
            timeout=60,
            preexec_fn=heed_signals,
        )
        self.process.delaybeforesend = None
        self.emulator = Emulator(*size)
        self.asked = 0
        self.last = b""
        self._picture, self._until, self._answers = picture, until, answers

    def read(self) -> bool:
        """Takes in some of what has come; returns whether the terminal is still in use."""
        try:
            data = self.process.read_nonblocking(1 << 14, timeout=0.02)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.last = self.last[-100:] + data
        self.emulator.feed(data)
        for _ in _ASKED.findall(data):
            self.asked += 1
            if self._answers:
                self.process.send(b"\x1b[1;1R")
        return True

    def press(self, *keys: str) -> None:
        for key in keys:
            self.process.send(key)

    @property
    def text(self) -> str:
        return "\n".join(self.emulator.screen.display)

    def shows(self, *words: str) -> None:
        """Waits until all of these are on the screen at once."""

        def check() -> bool:
            assert self.read(), f"the program has left:\n{self.text}"
            return all(re.search(word, self.text) for word in words)

        try:
            self._until(check)
        except pytest.fail.Exception:
            pytest.fail(f"not on the screen: {words}\n{self.text}")

    def reads_until(self, condition: Callable[[Any], bool], what: str) -> None:
        """Waits until the terminal's cursor is as told."""
        self._until(lambda: self.read() and condition(self.emulator.screen.cursor), what=what)

    def ends_plainly(self) -> None:
        """Waits until the terminal has been given back, and looks at what the shell would write with."""
        self._until(lambda: not self.read() or b"\x1b[?1049l" in self.last, what="the terminal back")
        cursor = self.emulator.screen.cursor
        assert (cursor.x, cursor.y) == (0, 0) or self.emulator.screen.display[cursor.y].strip() == ""
        assert (cursor.attrs.fg, cursor.attrs.bg, cursor.attrs.bold) == ("default", "default", False)

    def leaves(self, word: str) -> None:
        """Closes a dialog, of which the word tells whether it is there."""
        self.press("\x1b")
        self._until(lambda: self.read() and word not in self.text, what=f"{word} gone")

    def resize(self, columns: int, rows: int) -> None:
        # What a terminal does with its content then is its own affair; here it is spoilt.
        self.emulator = Emulator(columns, rows)
        self.emulator.feed(b"spoilt \x1b[7m" * columns)
        self.process.setwinsize(rows, columns)

    def comes_right(self) -> None:
        """Waits until terminal and app agree on every cell. The app must be at rest."""
        differences: list[Any] = []

        def agree() -> bool:
            assert self.read(), f"the program has left:\n{self.text}"
            self._picture.unlink(missing_ok=True)
            self.process.kill(signal.SIGUSR2)
            self._until(lambda: self.read() and self._picture.exists(), what="the app's own picture")
            size, _, drawn = self._picture.read_bytes().partition(b"\n")
            columns, rows = map(int, size.split())
            if (columns, rows) != self.emulator.size:
                return False
            meant = Emulator(columns, rows)
            meant.feed(drawn)
            differences[:] = self.emulator.differs_from(meant)
            return not differences

        try:
            self._until(agree, 15)
        except pytest.fail.Exception:
            pytest.fail(f"{len(differences)} cells differ, such as {differences[:3]} in\n{self.text}")


@pytest.fixture
def watched(until: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Starts the program: `watched("moons", "--start", size=(80, 24))`."""
    started: list[Watched] = []

    def start(*arguments: str, size: tuple[int, int] = (80, 24), answers: bool = True, **variables: str) -> Watched:
        started.append(Watched(arguments, size, tmp_path / "picture", until, answers=answers, **variables))
        return started[-1]

    yield start
    for one in started:
        one.process.close(force=True)


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_after_training_at_full_speed(watched: Callable[..., Watched], size: tuple[int, int], answers: bool) -> None:
    app = watched(*LONG, size=size, answers=answers)
    app.shows("running", "Overfitting", "▲")
    asked = app.asked
    if answers:
        # One question for each frame, for as long as they are answered.
        app.reads_until(lambda _: app.asked > asked + 1, "further frames")
    app.press(" ")
    app.shows("paused")
    app.comes_right()


def test_after_a_storm_of_sizes(watched: Callable[..., Watched]) -> None:
    app = watched(*LONG)
    app.shows("running", "★")
    chance = random.Random(1)
    for _ in range(200):
        app.resize(chance.randint(1, 160), chance.randint(1, 60))
        app.read()
    app.resize(100, 30)
    app.shows("running", "Settings")
    app.press(" ")
    app.shows("paused")
    app.comes_right()


def test_a_size_and_back_again(watched: Callable[..., Watched]) -> None:
    app = watched("moons")
    app.shows("ready")
    app.comes_right()
    app.resize(79, 24)
    app.resize(80, 24)
    app.comes_right()


def test_dialogs_notes_and_themes(watched: Callable[..., Watched]) -> None:
    app = watched(*LONG)
    app.shows("running", "★")
    for key, word in (("?", "Help"), ("q", "A training is running")):
        app.press(key)
        app.shows(word)
        app.leaves(word)
    app.press(" ")
    app.shows("paused")
    for key, word in (("?", "Help"), ("q", "A training is paused"), ("r", "type to filter"), ("C", "patience")):
        app.press(key)
        app.shows(word)
        app.comes_right()
        app.leaves(word)
        app.comes_right()
    app.press("T", "y", ">")
    app.shows("pace")
    app.comes_right()


def test_typing(watched: Callable[..., Watched]) -> None:
    app = watched("moons")
    app.shows("ready")
    app.comes_right()
    app.press("\r")
    # The terminal's own cursor, which is not shown, goes where text is put in.
    app.reads_until(lambda cursor: cursor.y == 9 and cursor.x > 12, "the place to type in")
    app.press("0.01漢字e\u0301x", "\x7f")
    app.shows("0.01漢 ?字")
    app.comes_right()
    app.press("\r")
    app.shows("expected a number")
    app.comes_right()


def test_what_has_been_spoilt_is_drawn_again(watched: Callable[..., Watched]) -> None:
    app = watched("moons")
    app.shows("ready")
    app.comes_right()
    app.emulator.feed(b"\x1b[5;5H\x1b[31;42;1mmessage from the system administrator\x1b[?7l")
    app.press("\x0c")
    app.comes_right()


def test_a_terminal_that_was_not_read_for_a_while(watched: Callable[..., Watched], until: Callable[..., Any]) -> None:
    app = watched(*LONG, size=(120, 40))
    app.shows("running", "★")
    # Nothing is read while the app has much to show: other axes, other colours.
    epochs = _epoch_of(app)
    app.press("y", "T", "T", "z", "y", "\t", "T")
    until(lambda: _recorded_epochs() > epochs + 2000, what="training that goes on unseen")
    app.press(" ")
    app.shows("paused")
    app.comes_right()


def _epoch_of(app: Watched) -> int:
    found = re.search(r"epoch +(\d+)", app.text)
    assert found
    return int(found[1])


def _recorded_epochs() -> int:
    from l2tui.runs.directory import RunDirectory
    from l2tui.runs.events import Status
    from l2tui.runs.stored import read_json

    (path,) = Path(os.environ["L2TUI_RUNS"]).iterdir()
    run = RunDirectory(path)
    status = read_json(run, run.status, Status)
    return status.epoch if status else 0


def test_to_the_shell_and_back(watched: Callable[..., Watched], until: Callable[..., Any]) -> None:
    app = watched("moons")
    app.shows("ready")
    app.comes_right()
    app.press("\x1a")
    until(lambda: app.read() and b"T" in _state_of(app.process.pid), what="the app stopped")
    app.emulator = Emulator(80, 24)
    app.emulator.feed(b"\x1b[31;44m$ something else\r\n" * 30)
    app.process.kill(signal.SIGCONT)
    app.comes_right()
    app.press("\x1b[B", "\x1b[C")
    app.comes_right()


@pytest.mark.parametrize("key", ["q", "\x1a"])
def test_nothing_of_its_colours_is_left_to_the_shell(watched: Callable[..., Watched], key: str) -> None:
    app = watched("moons")
    app.shows("ready")
    app.comes_right()
    app.press(key)
    app.ends_plainly()


def _state_of(number: int) -> bytes:
    return Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()[0]


def test_stock_drawing_can_be_had(watched: Callable[..., Watched]) -> None:
    app = watched("moons", L2TUI_DRAWING="stock")
    app.shows("ready")
    app.comes_right()
    assert app.asked == 0
