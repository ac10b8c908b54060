"""Random commands in random batches while the worker is killed and stopped; a trainer in this process is the oracle."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import l2tui
from l2tui.data.prepare import prepare
from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, Finished, Pause, Resume, SaveWeights, SettingChanged, SetValue
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker

WORKER = Path(__file__).parents[1] / "integration" / "impatient_worker.py"
SETTINGS = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=600, learning_rate=0.3, pace=150.0)


def _live(run: RunDirectory, seconds: float, *, stopped: bool, room: int | None = None) -> bool:
    """Lets a worker live for a while, and kills it; returns whether it had ended by itself.

    Args:
        run: Its run.
        seconds: How long it lives.
        stopped: Whether it is stopped half-way.
        room: Bytes by which the largest of its files may grow; None for any number.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(l2tui.__file__).parent.parent)}
    most = () if room is None else (str(room + max(path.stat().st_size for path in run.path.iterdir())),)
    with run.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(run.path), *most], stdout=log, stderr=log, env=environment
        )
    try:
        if stopped:
            time.sleep(seconds / 2)
            process.send_signal(signal.SIGSTOP)
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        process.kill()
        process.wait()
    return True


@contextlib.contextmanager
def _small_disk() -> Iterator[Path | None]:
    """Yields a disk of a megabyte, or None where none can be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "l2tui", folder]
        try:
            is_there = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            is_there = False
        try:
            yield Path(folder) if is_there else None
        finally:
            if is_there:
                subprocess.run(["umount", folder], check=True)


def _fill(disk: Path, left: int) -> Path:
    """Fills a disk up to so many bytes; returns the file that does it."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
    return filler


def kill_run(seed: int, kills: int, *, starve: bool = True) -> list[str]:
    """Trains one run that is cut off again and again; returns what is wrong with it in the end.

    Args:
        seed: What is done when.
        kills: Lives of a worker.
        starve: Whether there is no room to write in some of them.
    """
    with _small_disk() if starve and seed % 2 else contextlib.nullcontext() as disk:
        return _kill_run(seed, kills, disk, starve=starve)


def _kill_run(seed: int, kills: int, disk: Path | None, *, starve: bool) -> list[str]:
    chance = random.Random(seed)
    run, sent = new_run(SETTINGS, path=None if disk is None else disk / "run"), []
    for _ in range(kills):
        for _ in range(chance.choice([0, 1, 2, 5])):
            # Values of their own, so that one that is lost or acts twice shows.
            value = round(1e-5 * (len(sent) + 1), 8)
            commands: list[AnyCommand] = [
                SetValue("l2", value),
                *chance.choice([(), (SaveWeights(),), (Pause(), Resume())]),
            ]
            try:
                for command in commands:
                    send(run, command)
                    if isinstance(command, SetValue):
                        sent.append(value)
            except RunError:
                # Refused whole, and said, on a disk that is full.
                continue
        starved = starve and chance.random() < 0.4
        room = chance.choice([0, 100, 3000, 20_000])
        filler = _fill(disk, room) if starved and disk is not None else None
        ended = _live(
            run,
            chance.uniform(0.2, 0.9),
            stopped=chance.random() < 0.3,
            room=room if starved and disk is None else None,
        )
        events = RunReader(run).poll().events
        if filler is not None and chance.random() < 0.7:
            filler.unlink()
        # On a full disk it ends as soon as it begins.
        if ended and events and isinstance(events[-1], Finished):
            break
    if disk is not None:
        (disk / "filler").unlink(missing_ok=True)
    send(run, SetValue("pace", None))
    if start_worker(run).wait(120) != 0:
        return [f"seed {seed}: the last worker failed: {run.log.read_text()[-200:]}"]
    events = RunReader(run).poll().events
    wrong = []
    acted = [event.new for event in events if isinstance(event, SettingChanged) and event.name == "l2"]
    if acted != sent[: len(acted)] or (len(acted) < len(sent) and not _ended_first(run)):
        wrong.append(
            f"seed {seed}: {len(sent)} commands were sent, {len(acted)} acted, first difference at "
            f"{next((i for i, (a, b) in enumerate(zip(acted, sent, strict=False)) if a != b), len(acted))}"
        )
    if not isinstance(events[-1], Finished):
        wrong.append(f"seed {seed}: the run ended with {type(events[-1]).__name__}")
    if not np.array_equal(replayed(events), saved(run)):
        wrong.append(f"seed {seed}: the weights are not those of a run that was never cut off")
    return wrong


def _ended_first(run: RunDirectory) -> bool:
    """Returns whether the run's epochs were all done before the last commands came."""
    status = RunReader(run).poll().status
    return status is not None and status.commands < run.control.stat().st_size


def replayed(events: tuple[object, ...], settings: Settings = SETTINGS) -> np.ndarray:
    """Returns the weights of a run that was never cut off, in which λ changed at the same steps."""
    trainer = Trainer(settings, prepare(settings))
    for event in events:
        if isinstance(event, SettingChanged) and event.name == "l2":
            while trainer.step < event.step:
                trainer.advance(max_steps=event.step - trainer.step)
            trainer.set("l2", event.new)
    while not trainer.finished:
        trainer.advance()
    return trainer.parameters.theta.copy()


def saved(run: RunDirectory) -> np.ndarray:
    with np.load(run.checkpoint, allow_pickle=False) as file:
        return np.array(file["theta"])


def kill(seed: int, kills: int, per_run: int = 10) -> list[str]:
    """Returns the failures of runs that are killed `kills` times together."""
    failures = []
    for number in range(-(-kills // per_run)):
        failures += kill_run(seed + number, min(per_run, kills - number * per_run))
    return failures
