"""App and worker are killed together, as on a machine that runs out of memory; another app finds all of the run."""

import os
import random
import signal

import msgspec
import numpy as np
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Finished, Resume, SettingChanged, SetValue, decode_command
from l2tui.runs.reader import RunReader
from l2tui.training.moments import read_weights
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker
from tests.chaos.kills import SETTINGS, replayed, saved
from tests.conftest import wait_until
from tests.e2e.conftest import Terminal

LONG = msgspec.structs.replace(SETTINGS, epochs=4000, pace=100.0)


def _live(run: RunDirectory, chance: random.Random) -> None:
    """Has an app come back to the run and steer it, and kills it and its worker at any moment."""
    resumes = not run.checkpoint.exists() or chance.random() < 0.5
    app = Terminal(("resume" if resumes else "attach", str(run.path)), (90, 26), {}, wait_until)
    try:
        if not resumes:
            app.shows("space goes on")
            app.press(" ")
        wait_until(lambda: app.read() and run.is_locked() and run.lock.read_text().strip(), 60, what="a worker")
        lives = chance.randint(0, 120)
        for turn in range(lives):
            app.read()
            if turn % 10 == 0:
                app.press(chance.choice("+-+ .,"))
        both = [app.process.pid, int(run.lock.read_text())]
        chance.shuffle(both)
        for number in both:
            os.kill(number, signal.SIGKILL)
        wait_until(lambda: not run.is_locked() and not app.process.isalive(), what="both gone")
    finally:
        if app.process.isalive():
            app.process.kill(signal.SIGKILL)
            wait_until(lambda: not app.process.isalive(), 10)
        app.hang_up()


def kill_together(seed: int, kills: int) -> list[str]:
    """Trains one run whose app and worker are killed together again and again; returns what is wrong in the end."""
    chance = random.Random(seed)
    run = new_run(LONG)
    epoch, wrong = 0, []
    for _ in range(kills):
        try:
            _live(run, chance)
        except pytest.fail.Exception as error:
            return [*wrong, f"seed {seed}: {error}"]
        now = read_weights(run, "live").epoch if run.checkpoint.exists() else 0
        if now < epoch:
            wrong.append(f"seed {seed}: the checkpoint went back from epoch {epoch} to {now}")
        epoch = now
    for command in (Resume(), SetValue("pace", None)):
        send(run, command)
    if start_worker(run).wait(120) != 0:
        return [*wrong, f"seed {seed}: the last worker failed: {run.log.read_text()[-200:]}"]
    events = RunReader(run).poll().events
    sent = [decode_command(line) for line in run.control.read_bytes().splitlines()]
    asked = [command.value for command in sent if isinstance(command, SetValue) and command.name == "l2"]
    # What is in force already changes nothing, and leaves no event.
    asked = [new for old, new in zip([LONG.l2, *asked], asked, strict=False) if new != old]
    acted = [event.new for event in events if isinstance(event, SettingChanged) and event.name == "l2"]
    if asked != acted:
        wrong.append(f"seed {seed}: λ was asked to be {asked}, and became {acted}")
    if not isinstance(events[-1], Finished):
        wrong.append(f"seed {seed}: the run ended with {type(events[-1]).__name__}")
    if not np.array_equal(replayed(events, LONG), saved(run)):
        wrong.append(f"seed {seed}: the weights are not those of a run that was never cut off")
    return wrong
