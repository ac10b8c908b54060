"""Sends a storm of bytes into one place of the app, comes back whenever one led out, and counts what arrived."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.chaos.noise import endless, noise
from tests.chaos.places import MAIN, MAY_LEAVE, PLACES, copied, is_in, place_on, sign_at_start
from tests.chaos.terminals import SIZES, Enemy
from tests.conftest import end_workers

# What is never sent: the keys that leave, that of all commands, and what a path outside the folder would need.
_NEVER = b"qd\x10\x11/~"
_ITEMS = 20
# Pieces that may hold anything, those of which a part is a string without end, and new sizes (shares).
_FREE, _ENDLESS, _RESIZED = 0.05, 0.03, 0.1
_MOST_STARTS = 60


@dataclass
class Storm:
    """What came of a storm.

    Attributes:
        reached: Bytes after which the program was in the place, as it was before them.
        sent: All bytes.
        starts: How often the program was started.
        returns: How often the place was come into.
        failures: What went wrong.
    """

    reached: int = 0
    sent: int = 0
    starts: int = 0
    returns: int = 0
    failures: list[str] = field(default_factory=list)


def _comes_in(enemy: Enemy, name: str, paths: Mapping[str, str]) -> bool:
    """Goes to a place from wherever the program is; returns whether it is there."""
    for _ in range(12):
        if not enemy.looks():
            return False
        there = place_on(enemy.text)
        if is_in(name, enemy.text):
            return True
        if there not in MAIN:
            enemy.send(b"\x1b")
            continue
        for keys, sign in PLACES[name].steps:
            enemy.send("".join(paths.get(part, part) for part in keys.partition("\r")).encode())
            if not enemy.shows(sign, 10):
                break
    return False


def _start(name: str, chance: random.Random, paths: Mapping[str, Path], root: Path) -> tuple[Enemy, dict[str, str]]:
    here = copied(paths, root)
    arguments = tuple(here.get(word, word) for word in PLACES[name].arguments)
    enemy = Enemy(arguments, chance, {"L2TUI_RUNS": str(root)})
    if not enemy.shows(sign_at_start(PLACES[name].arguments), 90):
        pytest.fail(f"does not begin: {enemy.app.text}")
    return enemy, here


def _piece(name: str, chance: random.Random) -> bytes:
    free = chance.random() < _FREE
    without = _NEVER if free else _NEVER + PLACES[name].leaves + b"\x1b"
    return b"".join(noise(chance, without) for _ in range(_ITEMS))


def attack(seed: int, name: str, paths: Mapping[str, Path], size: int = 20_000) -> Storm:
    """Sends bytes into one of the `PLACES` until so many have reached it; returns what came of it."""
    chance, storm = random.Random(f"{seed} {name}"), Storm()
    root = next(iter(paths.values())).parent / f"runs-{name}"
    enemy, here = None, {}
    try:
        while storm.reached < size and storm.starts <= _MOST_STARTS:
            if enemy is None:
                enemy, here = _start(name, chance, paths, root)
                storm.starts += 1
            if not is_in(name, enemy.text):
                storm.returns += 1
                if not _comes_in(enemy, name, here) and enemy.app.process.isalive():
                    # What was done to the runs or the settings may leave no way; another beginning has one.
                    storm.failures += [f"seed {seed}, {name}: {words}" for words in enemy.leaves()]
            if enemy.app.process.isalive():
                data = _piece(name, chance)
                enemy.send(data)
                storm.sent += len(data)
                if chance.random() < _ENDLESS:
                    enemy.send(endless(chance).translate(None, _NEVER))
                if chance.random() < _RESIZED:
                    enemy.resize(*chance.choice((*SIZES, (chance.randint(1, 250), chance.randint(1, 80)))))
                if enemy.looks():
                    storm.reached += len(data) if is_in(name, enemy.text) else 0
                    continue
            left = enemy.what_is_left()
            if left or name not in MAY_LEAVE:
                storm.failures.append(f"seed {seed}, {name}, after {storm.sent} bytes: left by itself, {left}")
            enemy.close()
            enemy = None
            end_workers(root)
        if enemy is not None:
            storm.failures += [f"seed {seed}, {name}: {words}" for words in enemy.leaves()]
    except (AssertionError, OSError, pytest.fail.Exception) as error:
        storm.failures.append(f"seed {seed}, {name}, after {storm.sent} bytes: {error}")
    finally:
        if enemy is not None:
            enemy.close()
        end_workers(root)
    if storm.reached < size:
        storm.failures.append(f"seed {seed}, {name}: only {storm.reached} of {size} bytes reached it")
    return storm
