"""Leaving a run and coming back to it, going on with one that was cut off, and watching from beside."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Finished, SettingChanged
from l2tui.runs.reader import RunReader, Snapshot

Open = Callable[..., Any]
TheRun = Callable[[], RunDirectory]
LONG = ("--start", "--epochs=1000000")


def _look(run: RunDirectory) -> Snapshot:
    return RunReader(run).poll()


def _quit_and_stop(app: Any) -> None:
    app.press("q")
    app.shows("stop it")
    app.press("s")
    assert app.end() == 0


def test_a_run_that_was_left_is_steered_again(terminal: Open, the_run: TheRun) -> None:
    first = terminal("moons", *LONG)
    first.shows("Overfitting since", seconds=60)
    first.press("d")
    assert first.end() == 0
    assert the_run().is_locked()

    again = terminal("attach")
    # The whole history is there: the mark of what happened before this app was started.
    again.shows("running", "Overfitting since", "★")
    again.press("+")
    again.reads_until(lambda: any(isinstance(event, SettingChanged) for event in _look(the_run()).events))
    _quit_and_stop(again)
    assert isinstance(_look(the_run()).events[-1], Finished)
    assert not the_run().is_locked()


def test_a_new_start_offers_the_run_that_goes_on(terminal: Open, the_run: TheRun) -> None:
    first = terminal("circles", *LONG)
    first.shows("running")
    first.press("d")
    assert first.end() == 0

    again = terminal()
    again.shows("is training", "look at it")
    again.press("y")
    again.shows("circles", "running")
    _quit_and_stop(again)


def test_a_run_whose_worker_was_killed_goes_on_at_the_press_of_a_key(terminal: Open, the_run: TheRun) -> None:
    app = terminal("moons", *LONG)
    app.shows("running")
    run = the_run()
    app.reads_until(lambda: len(_look(run)) > 100 and run.checkpoint.exists(), "a hundred epochs and a checkpoint")
    os.kill(int(run.lock.read_text()), signal.SIGKILL)
    app.shows("interrupted", "cut off", "space goes on")
    recorded = len(_look(run))
    app.press(" ")
    app.shows("running")
    app.reads_until(lambda: len(_look(run)) > recorded, "epochs beyond those before")
    epochs = _look(run).column("epoch")
    assert epochs.tolist() == list(range(len(epochs)))
    _quit_and_stop(app)


def test_two_apps_on_one_run_both_steer_it(terminal: Open, the_run: TheRun) -> None:
    one = terminal("moons", *LONG)
    one.shows("running")
    two = terminal("attach")
    two.shows("running")
    one.press("+")
    two.shows("λ 0 → 1e-05")
    two.press(" ")
    one.shows("paused")
    two.shows("paused")
    two.press("q")
    two.shows("leave it paused")
    two.press("l")
    assert two.end() == 0
    one.press(" ")
    one.shows("running")
    _quit_and_stop(one)


def test_watching_a_log_of_another_program_as_it_grows(terminal: Open, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss,val_loss\n" + "".join(f"{i},{1 / (i + 1)},{1 / (i + 1)}\n" for i in range(15)))
    app = terminal("watch", str(log))
    app.shows("watching", "Learning", r"14\b")
    with log.open("a") as file:
        file.writelines(f"{i},{1 / (i + 1)},{0.06 * i / 10}\n" for i in range(15, 200))
    app.shows("Overfitting since")
    # Another log takes the place of the first.
    replacement = tmp_path / "new.csv"
    replacement.write_text("epoch,loss,val_loss\n" + "".join(f"{i},{3 / (i + 1)},{3 / (i + 1)}\n" for i in range(12)))
    replacement.replace(log)
    app.shows("Learning", r"11\b")
    app.press(" ")
    app.shows("Watching only")
    app.press("q")
    assert app.end() == 0


def test_watching_a_run_does_not_touch_it(terminal: Open, the_run: TheRun) -> None:
    app = terminal("moons", *LONG)
    app.shows("running")
    beside = terminal("watch", the_run().name)
    beside.shows("running")
    beside.press("+", " ")
    beside.shows("watching only|Watching only")
    beside.press("q")
    assert beside.end() == 0
    assert not the_run().control.exists()
    _quit_and_stop(app)


def test_to_the_shell_and_back(terminal: Open, the_run: TheRun) -> None:
    shell = terminal(shell=True, PS1="$ ")
    shell.press(f"{sys.executable} -m l2tui moons {' '.join(LONG)}\n")
    shell.shows("running")
    shell.press("\x1a")
    shell.shows("Stopped")
    shell.press("echo shell-$((40+2))\n")
    shell.shows("shell-42")
    before = len(_look(the_run()))
    shell.reads_until(lambda: len(_look(the_run())) > before + 5, "a run that goes on")
    shell.press("fg\n")
    shell.shows("Settings", "running", "Weight norm")
    shell.press("q")
    shell.shows("stop it")
    shell.press("s")
    shell.shows("The run is in")
    shell.press("exit\n")
    shell.end()


def test_without_a_shell_to_go_to_the_app_stays(terminal: Open) -> None:
    app = terminal()
    app.shows("ready")
    app.press("\x1a")
    app.shows("No shell has started l2tui")
    app.press("+")
    app.shows(r"λ +1e-05")
    app.press("q")
    assert app.end() == 0
    assert app.is_restored
