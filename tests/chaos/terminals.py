"""A terminal that sends anything into every dialog, answers late, twice, wrongly or never, and changes its size."""

import os
import random
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from l2tui.runs.directory import runs_root
from tests.conftest import wait_until
from tests.e2e.conftest import Terminal


class Place(NamedTuple):
    """Where bytes are sent to: what the program is called with, which keys open it, and what is on the screen then."""

    arguments: tuple[str, ...]
    keys: tuple[str, ...]
    title: str


PLACES = {
    "run": Place(("moons", "--start", "--epochs=1000000"), (), "running"),
    "leave": Place(("moons", "--start", "--epochs=1000000"), ("q",), "A training is running"),
    "help": Place((), ("?",), "Help"),
    "open": Place((), ("o",), "Open"),
    "runs": Place((), ("r",), "Runs"),
    "palette": Place((), ("\x10",), "Search"),
    "lessons": Place((), ("L",), "Lessons"),
    "sweep": Place((), ("w",), "[Ss]weep"),
    "compare": Place((), ("r", " ", "\x1b[B", " ", "\r"), "differs|Compar|compar"),
    "preview": Place(("TABLE",), (), "y"),
    "results": Place(("attach", "MOONS"), ("t",), "How good it is"),
    "export": Place(("attach", "MOONS"), ("e",), "Export the best"),
    "fork": Place(("attach", "MOONS"), ("F",), "Fork at"),
    "criteria": Place(("attach", "MOONS"), ("C",), "every criterion"),
    "pictures": Place(("attach", "MOONS"), ("v",), "Decision field"),
    "preparation": Place(("attach", "POINTS"), ("D",), "What was done to"),
}
# Of these the bytes may choose to leave.
_MAY_LEAVE = ("leave", "palette")
# What is not sent: the keys that leave, and what a path outside the folder would need.
_NOT_SENT = b"qd\x11/~"
_LETTERS = b"0123456789;:?<>$mMtuyRIO~ABab_"
_NUMBERS = ("", "-1", "0", "1", "2", "5", "24", "80", "300", "9999", "99999", "1000000000", "9" * 30, "1:2")
_SIZES = ((80, 24), (120, 40), (200, 60), (20, 5), (1, 1), (90, 26))
_ASK = b"\x1b[6n"
# Ends what was begun, a paste or a control string, and says the size as terminals do that were asked to.
_PLAIN = b"\x1b[201~\x1b\\\x1b[48;30;100;600;1000t"


def make_runs(folder: Path) -> dict[str, str]:
    """Trains what there is to be looked at; returns the paths that stand for the words of `PLACES`."""
    table = folder / "points.csv"
    chance = random.Random(1)
    rows = [(chance.random(), chance.random()) for _ in range(80)]
    table.write_text("a,b,y\n" + "".join(f"{a:.4f},{b:.4f},{int(a > b)}\n" for a, b in rows))
    paths = {"TABLE": str(table), "MOONS": str(runs_root() / "first"), "POINTS": str(runs_root() / "second")}
    for data, word in (("moons", "MOONS"), (str(table), "POINTS")):
        command = [sys.executable, "-m", "l2tui", "train", data, "--epochs", "40", "--run-dir", paths[word]]
        subprocess.run(command, capture_output=True, check=True)
    return paths


def noise(chance: random.Random) -> bytes:
    """Returns some bytes: any, keys, and sequences that are almost those of keys and answers."""
    kind = chance.random()
    numbers = ";".join(chance.choices(_NUMBERS, k=chance.randint(1, 5)))
    if kind < 0.3:
        data = chance.randbytes(chance.randint(1, 40))
    elif kind < 0.5:
        data = b"\x1b[" + bytes(chance.choices(_LETTERS, k=chance.randint(0, 12)))
    elif kind < 0.7:
        forms = ("[{}R", "[?{}R", "[48;{}t", "[8;{}t", "[?{}$y", "[?{}c", "[<{}M", "[<{}m", "[{}u", "[{}~", "]{}\x07")
        data = b"\x1b" + chance.choice(forms).format(numbers).encode()
    elif kind < 0.75:
        data = chance.choice((b"\x1b[200~", b"\x1b[201~", b"\x1b[I", b"\x1b[O", b"\x1bP", b"\x1b]", b"\x1b_", b"\x1bO"))
    else:
        data = bytes(chance.choices(range(0x20, 0x7F), k=chance.randint(1, 20))) + chance.choice((b"", b"\r", b"\t"))
    return data.translate(None, _NOT_SENT)


class Enemy:
    """A program in a terminal that means it no good.

    Args:
        arguments: Of the program.
        chance: What is sent and answered.
    """

    def __init__(self, arguments: tuple[str, ...], chance: random.Random) -> None:
        self._chance = chance
        self.app = Terminal(arguments, (100, 30), {}, wait_until)
        master, slave = os.openpty()
        self._found = termios.tcgetattr(slave)
        os.close(master)
        os.close(slave)
        path = Path(f"/proc/{self.app.process.pid}/fd/0").readlink()
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._answered = 0
        self._due: list[tuple[float, bytes]] = []

    def close(self) -> None:
        """Ends the program, however it is."""
        os.close(self._descriptor)
        if self.app.process.isalive():
            self.app.process.kill(9)
            wait_until(lambda: not self.app.process.isalive(), 10)
        self.app.hang_up()

    def send(self, data: bytes, seconds: float = 60.0) -> None:
        """Writes bytes as the program takes them in, and reads what it draws meanwhile."""
        deadline = time.monotonic() + seconds
        while data and self.turn():
            _, writable, _ = select.select([], [self.app.process.child_fd], [], 0)
            if writable:
                data = data[os.write(self.app.process.child_fd, data[:256]) :]
            assert time.monotonic() < deadline, f"takes nothing in for {seconds} s"

    def turn(self) -> bool:
        """Reads and answers; returns whether the program is there."""
        is_there = self.app.read()
        now = time.monotonic()
        for _ in range(self.app.received.count(_ASK) - self._answered):
            self._answered += 1
            right = b"\x1b[1;1R"
            wrong = noise(self._chance)
            manner = self._chance.choice(("right", "late", "twice", "wrong", "never"))
            delay = self._chance.uniform(0.1, 2.0) if manner == "late" else 0.0
            answers = {"right": [right], "late": [right], "twice": [right, right], "wrong": [wrong], "never": []}
            self._due += [(now + delay, answer) for answer in answers[manner]]
        for at, answer in [*self._due]:
            if at <= now and is_there and select.select([], [self.app.process.child_fd], [], 0)[1]:
                self._due.remove((at, answer))
                os.write(self.app.process.child_fd, answer)
        return is_there

    def answers_a_key(self) -> bool:
        """Returns whether the program draws the screen again when it is asked to."""
        self.app.resize(100, 30)
        before = len(self.app.received)
        asked = 0.0

        def has_drawn() -> bool:
            nonlocal asked, before
            if time.monotonic() - asked > 1:
                before, asked = len(self.app.received), time.monotonic()
                self.send(_PLAIN + b"\x0c")
            return not self.turn() or len(self.app.received) - before > 200

        try:
            wait_until(has_drawn, 60)
        except pytest.fail.Exception:
            pytest.fail(f"no answer to a key: {bytes(self.app.received[-300:])!r}\n{self.app.text}")
        return bool(self.app.process.isalive())

    def leaves(self) -> list[str]:
        """Returns what is wrong with how the program leaves and with the terminal afterwards."""
        asked = 0.0

        def is_gone() -> bool:
            nonlocal asked
            # A second request takes the place of the first, which may still be ending a worker.
            if time.monotonic() - asked > 20 and self.app.process.isalive():
                asked = time.monotonic()
                self.send(_PLAIN + b"\x11")
            if "A training is running" in self.app.text:
                self.send(b"l")
            self.turn()
            return not self.app.process.isalive()

        try:
            wait_until(is_gone, 90)
        except pytest.fail.Exception:
            pytest.fail(f"does not leave: {bytes(self.app.received[-300:])!r}\n{self.app.text}")
        return self.what_is_left()

    def what_is_left(self) -> list[str]:
        """Returns what is wrong after the program has gone."""
        while self.app.read():
            pass
        wrong = []
        if self.app.process.exitstatus != 0:
            wrong.append(f"exit status {self.app.process.exitstatus}, signal {self.app.process.signalstatus}")
        if termios.tcgetattr(self._descriptor) != self._found:
            wrong.append("the terminal has other attributes than before")
        if not self.app.is_restored:
            wrong.append("the terminal's modes are not restored")
        return wrong and [f"{', '.join(wrong)}: {self.app.received[-300:]!r}"]


def _begins_with(place: Place) -> str:
    """Returns what is on the screen before the keys are pressed."""
    if not place.keys:
        return place.title
    return "running" if "--start" in place.arguments else "finished" if "attach" in place.arguments else "ready"


def attack(seed: int, name: str, paths: dict[str, str], size: int = 20_000) -> list[str]:
    """Sends bytes into one of the `PLACES`; returns what went wrong."""
    chance = random.Random(f"{seed} {name}")
    place = PLACES[name]
    arguments = tuple(paths.get(word, word) for word in place.arguments)
    wrong: list[str] = []
    sent, enemy = 0, None
    try:
        while sent < size:
            if enemy is None:
                enemy = Enemy(arguments, chance)
                enemy.app.shows(_begins_with(place), seconds=90)
                enemy.app.press(*place.keys)
                enemy.app.shows(place.title, seconds=90)
            data = b"".join(noise(chance) for _ in range(20))
            enemy.send(data)
            sent += len(data)
            if chance.random() < 0.3:
                enemy.app.resize(*chance.choice(_SIZES))
            enemy.send(_PLAIN + b"\x1b")
            if not enemy.answers_a_key():
                left = enemy.what_is_left()
                if left or name not in _MAY_LEAVE:
                    wrong.append(f"seed {seed}, {name}, after {sent} bytes: left by itself, {left}")
                enemy.close()
                enemy = None
                continue
            enemy.send("".join(place.keys).encode())
        if enemy is not None:
            wrong += [f"seed {seed}, {name}: {words}" for words in enemy.leaves()]
    except (AssertionError, OSError, pytest.fail.Exception) as error:
        wrong.append(f"seed {seed}, {name}, after {sent} bytes: {error}")
    finally:
        if enemy is not None:
            enemy.close()
    return wrong
