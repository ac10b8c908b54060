"""Random commands in random batches while the worker is killed and stopped; a trainer in this process is the oracle."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import l2tui
from l2tui.data.prepare import prepare
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, Finished, Pause, Resume, SettingChanged, SetValue, Snapshot
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker

WORKER = Path(__file__).parents[1] / "integration" / "impatient_worker.py"
SETTINGS = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=600, learning_rate=0.3, pace=150.0)


def _live(run: RunDirectory, seconds: float, *, stopped: bool) -> bool:
    """Lets a worker live for a while, and kills it; returns whether it had ended by itself."""
    environment = {**os.environ, "PYTHONPATH": str(Path(l2tui.__file__).parent.parent)}
    with run.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(run.path)], stdout=log, stderr=log, env=environment
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


def kill_run(seed: int, kills: int) -> list[str]:
    """Trains one run that is cut off again and again; returns what is wrong with it in the end."""
    chance = random.Random(seed)
    run, sent = new_run(SETTINGS), []
    for _ in range(kills):
        for _ in range(chance.choice([0, 1, 2, 5])):
            # Values of their own, so that one that is lost or acts twice shows.
            value = round(1e-5 * (len(sent) + 1), 8)
            commands: list[AnyCommand] = [
                SetValue("l2", value),
                *chance.choice([(), (Snapshot(),), (Pause(), Resume())]),
            ]
            for command in commands:
                send(run, command)
            sent.append(value)
        if _live(run, chance.uniform(0.2, 0.9), stopped=chance.random() < 0.3):
            break
        RunReader(run).poll()
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


def replayed(events: tuple[object, ...]) -> np.ndarray:
    trainer = Trainer(SETTINGS, prepare(SETTINGS))
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
