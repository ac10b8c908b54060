"""Runs as they should be, and what an enemy, a broken disk or a careless copy makes of their files."""

import contextlib
import io
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from l2tui.results.picture import pictures_of
from l2tui.runs.events import Ghost, SetValue, Snapshot
from l2tui.runs.info import Note
from l2tui.runs.listing import write_note
from l2tui.runs.pictures import Kind, PictureRequest
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

Files = dict[str, bytes]


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
        send(run, Snapshot())
        write_note(run, Note("healthy", "of a person"))
        kinds: tuple[Kind, ...] = ("weights", "field", "labels") if settings.label_noise else ("weights", "inputs")
        shown = [pictures_of([run], PictureRequest(kind=kind, columns=20, rows=10))[0] for kind in kinds]
        run.replace(run.pictures, msgspec.json.encode(shown))
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
