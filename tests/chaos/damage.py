"""Runs as they should be, and what an enemy, a broken disk or a careless copy makes of their files."""

import contextlib
import io
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from l2tui.results.picture import pictures_of
from l2tui.runs.events import Ghost, SaveWeights, SetValue
from l2tui.runs.info import Note
from l2tui.runs.listing import write_note
from l2tui.runs.pictures import Kind, Picture, PictureRequest
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

Files = dict[str, bytes]
_NUMBER = re.compile(rb"-?\d+(\.\d+)?(e[+-]?\d+)?")
_EDGES = (
    b"0",
    b"-1",
    b"1e308",
    b"-1e308",
    b"5e-324",
    b"9007199254740993",
    b"1e999",
    b"nan",
    b"null",
    b"9" * 400,
    b"-0.0",
)


def healthy_runs() -> tuple[Files, Files]:
    """Returns the files of two short runs with different networks."""
    found = []
    for settings in (
        Settings(epochs=6, hidden=4, train_size=40, noise=0.3, label_noise=0.1),
        Settings(data="wine", epochs=5, hidden=3, optimizer="adam"),
    ):
        run = new_run(settings)
        send(run, Ghost(0.05))
        with contextlib.redirect_stdout(io.StringIO()):
            work(run)
        send(run, SetValue("l2", 0.01))
        send(run, SaveWeights())
        write_note(run, Note("healthy", "of a person"))
        found.append({path.name: path.read_bytes() for path in run.path.iterdir()})
        shutil.rmtree(run.path)
        found[-1][run.pictures.name] = _pictures()
    return found[0], found[1]


def _pictures() -> bytes:
    """Returns what a worker hands out, a picture of each kind; no single run has them all."""
    kinds: dict[str, tuple[Kind, ...]] = {
        "moons": ("weights", "field", "labels"),
        "sine": ("fit",),
        "iris": ("inputs", "labels"),
        "digits": ("inputs",),
    }
    shown: list[Picture] = []
    for data, of in kinds.items():
        run = new_run(Settings(data=data, epochs=1, hidden=3, label_noise=0.0 if data == "sine" else 0.1))
        with contextlib.redirect_stdout(io.StringIO()):
            work(run)
        for kind in of:
            shown += pictures_of([run], PictureRequest(kind=kind, columns=20, rows=10))
        shutil.rmtree(run.path)
    return msgspec.json.encode(shown)


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


def _number(data: bytes, chance: random.Random) -> bytes:
    """Puts the edge of what can be a number in the place of some numbers."""
    for _ in range(chance.choice([1, 1, 3])):
        if places := list(_NUMBER.finditer(data)):
            at = chance.choice(places)
            data = data[: at.start()] + chance.choice(_EDGES) + data[at.end() :]
    return data


def _zero(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + bytes(min(512, len(data) - at)) + data[at + 512 :]


CONTENT: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _flip,
    _flip,
    _number,
    _number,
    _cut,
    _double,
    _nest,
    _zero,
)


def put_odd(path: Path, outside: Path, chance: random.Random) -> str:
    """Puts something that is no plain file in a file's place; returns what."""
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
