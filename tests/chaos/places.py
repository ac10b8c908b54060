"""All screens and dialogs of the app: how each is reached, and how it is told from all others."""

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from l2tui.runs.directory import runs_root


class Place(NamedTuple):
    """A screen or a dialog.

    Attributes:
        sign: A pattern of what it shows, as long as nothing lies on it.
        arguments: What the program is called with; a word of `make_runs` stands for a path.
        steps: Keys, and the place that they lead to or a pattern of what they bring, from the main screen on.
        leaves: Keys that lead out of it, or on from it; they are sent more rarely than others.
    """

    sign: str
    arguments: tuple[str, ...]
    steps: tuple[tuple[str, str], ...] = ()
    leaves: bytes = b""


_RUN = ("moons", "--start", "--epochs=1000000", "--pace=20")
# What a sweep of it that is begun by accident takes is little.
_PLAN = ("moons", "--train-size=40", "--epochs=30")
_MOONS, _POINTS = ("attach", "MOONS"), ("attach", "POINTS")
_LIST = ("r", "runs")
_COMPARE = (_LIST, (" \x1b[B \r", "compare"))
_PREVIEW = (("o", "open"), ("TABLE\r", "preview"))
_THEME = (("\x10", "palette"), ("theme", "Change the current theme"), ("\r", "theme"))
_SWEEP = (("w", "sweep"),)
_LINE = (*_PREVIEW, ("s", "line"))
_MAIN_SIGN = "^ l2tui  "
_MAIN_LEAVES = b"oDteLwrCFPv?sNR\x10"
_PICTURES = "(?i)(decision field|fitted curve|inputs used|weights|wrong labels) · epoch"

# What lies on another comes before it.
PLACES = {
    "theme": Place("^  🔎", _PLAN, _THEME, b"\r"),
    "palette": Place("^▔{40,}\\s*\\n.*\\n  >  ", _PLAN, (("\x10", "palette"),), b"\r"),
    "leave": Place("A training is", _RUN, (("q", "leave"),), b"slcdq\r"),
    "delete": Place("Delete .* for good", _PLAN, (_LIST, ("\x04", "delete")), b"ynq"),
    "line": Place("Train, validation and test, in", _PLAN, _LINE, b"\r"),
    "name": Place("enter keeps it, esc leaves it", _PLAN, (_LIST, ("\x14", "name")), b"\r"),
    "notes": Place("─ Notes ─", _PLAN, (*_PREVIEW, ("n", "notes")), b"q \r"),
    "keys": Place("─ Keys ─", _MOONS, (*_COMPARE, ("?", "keys")), b"q \r"),
    "recipe": Place("─ Recipe ─", _MOONS, (("e", "export"), ("r", "recipe")), b"q \r"),
    "help": Place("─ Help ─", _PLAN, (("?", "help"),), b"q? \r"),
    "open": Place("─ Open a table ─", _PLAN, (("o", "open"),), b"\r"),
    "lessons": Place("─ Lessons ─", _PLAN, (("L", "lessons"),), b"qL\r"),
    "export": Place("Export the best weights", _MOONS, (("e", "export"),), b"norqe"),
    "fork": Place("Fork at .*: a new run", _MOONS, (("F", "fork"),), b"\r"),
    "criteria": Place("─ The same curve by every", _MOONS, (("C", "criteria"),), b"q C\r"),
    "preparation": Place("─ What was done to", _POINTS, (("D", "preparation"),), b"q D\r"),
    "pairs": Place("Which losses\\?", ("watch", "LOG"), (("P", "pairs"),), b"q\r"),
    "lanes": Place("^ compare +\\d+ λ", _PLAN, (*_SWEEP, (" \x1b[C c", "lanes")), b"q\r?"),
    "compare": Place("^ compare +\\d", _MOONS, _COMPARE, b"q\r?"),
    "runs": Place("─ Runs ─", _PLAN, (_LIST,), b"\r\x04\x14\x12"),
    "results": Place("─ How good it is ─", _MOONS, (("t", "results"),), b"q"),
    "preview": Place("─ What becomes of it ─", _PLAN, _PREVIEW, b"qasrn?"),
    "sweep": Place("^ λ sweep", _PLAN, _SWEEP, b"qw\roc"),
    "editor": Place("^editor", _PLAN, (("\r", "editor"),), b"\r"),
    "lesson": Place("^ Lesson \\d+ of \\d+", _PLAN, (("L", "lessons"), ("\r", "lesson")), _MAIN_LEAVES),
    "picture": Place(_PICTURES, _MOONS, (("v", "picture"),), _MAIN_LEAVES + b"V"),
    "log": Place(f"{_MAIN_SIGN}.*◉ watching", ("watch", "LOG"), (), _MAIN_LEAVES),
    "run": Place(_MAIN_SIGN, _RUN, (), _MAIN_LEAVES),
    "plan": Place(_MAIN_SIGN, _PLAN, (), _MAIN_LEAVES),
}
MAIN = ("lesson", "picture", "log", "run", "plan")
"""Those of them that are the main screen."""
MAY_LEAVE = ("leave", "palette", "theme")
"""From these the program may be left with keys that are sent."""


def place_on(text: str) -> str:
    """Returns the place whose sign is on a screen, on top of any others; empty without one."""
    return next((name for name, place in PLACES.items() if re.search(place.sign, text, re.M)), "")


def is_in(name: str, text: str) -> bool:
    """Returns whether a screen shows a place, with nothing on it."""
    there = place_on(text)
    return bool(there) and PLACES[there].sign == PLACES[name].sign


def sign_at_start(arguments: tuple[str, ...]) -> str:
    """Returns what the main screen shows once it stands."""
    words = {"attach": "finished", "watch": "watching"}
    return "running" if "--start" in arguments else words.get(arguments[0] if arguments else "", "ready")


def make_runs(folder: Path) -> dict[str, Path]:
    """Makes what there is to be looked at; returns the paths that stand for the words of `PLACES`."""
    table, log = folder / "points.csv", folder / "log.csv"
    chance = random.Random(1)
    rows = [(chance.random(), chance.random()) for _ in range(80)]
    table.write_text("a,b,y\n" + "".join(f"{a:.4f},{b:.4f},{int(a > b)}\n" for a, b in rows))
    losses = "".join(f"{epoch},{1 / epoch},{1.1 / epoch},{2 / epoch},{2.2 / epoch}\n" for epoch in range(1, 31))
    log.write_text(f"epoch,a_loss,val_a_loss,b_loss,val_b_loss\n{losses}")
    paths = {"TABLE": table, "LOG": log, "MOONS": runs_root() / "first", "POINTS": runs_root() / "second"}
    for data, word in (("moons", "MOONS"), (str(table), "POINTS")):
        command = [sys.executable, "-m", "l2tui", "train", data, "--epochs", "40", "--run-dir", str(paths[word])]
        subprocess.run(command, capture_output=True, check=True)
    return paths


def copied(paths: Mapping[str, Path], root: Path) -> dict[str, str]:
    """Copies the runs to a folder of their own, in place of what is there; returns the paths with those in it."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o700)
    here = {word: str(path) for word, path in paths.items()}
    for word in ("MOONS", "POINTS"):
        here[word] = str(shutil.copytree(paths[word], root / paths[word].name))
    return here
