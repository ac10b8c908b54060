"""The main path of the program, in a terminal."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Finished, SettingChanged
from l2tui.runs.reader import RunReader, Snapshot

Open = Callable[..., Any]
TheRun = Callable[[], RunDirectory]
LONG = ("--start", "--epochs=1000000")
BRAILLE = r"[\u2801-\u28ff]"


def _look(the_run: TheRun) -> Snapshot:
    return RunReader(the_run()).poll()


def _goes_on(terminal: Any, the_run: TheRun, until: Callable[..., Any]) -> None:
    """Asserts that the run is being trained without the app."""
    rows = len(_look(the_run))
    until(lambda: len(_look(the_run)) > rows + 5)
    assert the_run().is_locked()
    snapshot = _look(the_run)
    assert snapshot.status is not None
    assert snapshot.status.state == "running"


def test_a_newcomer_sees_overfitting_and_cures_it(terminal: Open, the_run: TheRun) -> None:
    app = terminal()
    first = app.shows("Settings", "Loss", "Weights", "space", "moons", "ready")
    assert len(first.splitlines()) == 24

    app.press(" ")
    app.shows(BRAILLE, "running", "★", r"train 0\.\d+", r"val 0\.\d+")
    app.press(">", ">", ">")
    app.shows(r"Overfitting", "▲", seconds=60)

    before = _look(the_run)
    shown = app.shows(r"λ +0\b")
    assert "λ" in shown
    for _ in range(7):
        app.press("+")
    app.shows(r"λ +0\.01\b")
    l2 = app.reads_until(lambda: _look(the_run).column("l2")[-1] == 0.01, "the new λ in the metrics")
    assert l2
    changes = [event for event in _look(the_run).events if isinstance(event, SettingChanged) and event.name == "l2"]
    assert (changes[0].old, changes[-1].new) == (0.0, 0.01)
    app.reads_until(
        lambda: _look(the_run).column("w1_norm")[-1] < 0.7 * before.column("w1_norm")[-1], "weights that shrink"
    )

    app.press("?")
    app.shows("Help", "one notch more weight decay")
    app.press("\x1b")
    app.shows("Settings", "running")

    app.press("q")
    app.shows("A training is running", "stop it")
    app.press("s")
    assert app.end() == 0
    assert app.is_restored
    assert not the_run().is_locked()
    end = _look(the_run)
    assert isinstance(end.events[-1], Finished)
    assert end.events[-1].reason == "stopped"


def test_q_without_a_run_leaves_at_once(terminal: Open, runs_root: Path) -> None:
    app = terminal()
    app.shows("Settings", "space")
    app.press("q")
    assert app.end() == 0
    assert app.is_restored
    assert not runs_root.exists()


def test_pause_steps_and_going_on(terminal: Open, the_run: TheRun) -> None:
    app = terminal("xor", *LONG)
    app.shows("xor", "running", BRAILLE)
    app.press(" ")
    app.shows("paused")
    step = _look(the_run).status.step
    app.press(".")
    app.reads_until(lambda: _look(the_run).status.step == step + 1, "one step")
    app.press(",")
    app.reads_until(lambda: _look(the_run).status.step > step + 1, "one epoch")
    assert _look(the_run).status.step_in_epoch == 0
    app.press(" ")
    app.shows("running")
    app.press("q")
    app.shows("A training is running")
    app.press("\x1b")
    app.reads_until(lambda: "A training is running" not in app.text, "the question gone")
    assert app.process.isalive()
    app.press("q")
    app.shows("A training is running")
    app.press("l")
    assert app.end() == 0
    assert app.is_restored
    assert the_run().is_locked()


def test_a_finished_run_is_left_without_a_question(terminal: Open, the_run: TheRun) -> None:
    app = terminal("iris", "--start", "--epochs=30", "--pace=max")
    app.shows("finished|done")
    app.press("q")
    assert app.end() == 0
    assert _look(the_run).events[-1].reason == "epochs"


def test_the_last_line_holds_the_path_of_the_run_in_one_piece(terminal: Open, the_run: TheRun, tmp_path: Path) -> None:
    app = terminal("iris", "--start", "--epochs=3", L2TUI_RUNS=str(tmp_path / "runs" / "[b]" / ("long" * 20)))
    app.shows("finished|done")
    app.press("q")
    assert app.end() == 0
    (path,) = (tmp_path / "runs" / "[b]" / ("long" * 20)).iterdir()
    assert app.received.splitlines()[-1].endswith(str(path).encode())


def test_d_detaches(terminal: Open, the_run: TheRun, until: Callable[..., Any]) -> None:
    app = terminal("moons", *LONG)
    app.shows("running", BRAILLE)
    app.press("d")
    assert app.end() == 0
    assert app.is_restored
    # GNU screen and some consoles have no second screen: there the shell goes on where the picture was.
    picture, _, _ = app.received.rpartition(b"\x1b[?1049l")
    assert b"\x1b[J" in picture[-200:]
    assert b"goes on in" in app.received
    _goes_on(app, the_run, until)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_app_and_not_the_training(
    terminal: Open, the_run: TheRun, until: Callable[..., Any], number: signal.Signals
) -> None:
    app = terminal("moons", *LONG)
    app.shows("running", BRAILLE)
    app.process.kill(number)
    assert app.end() == 128 + number
    assert app.is_restored
    _goes_on(app, the_run, until)


def test_a_lost_connection_ends_the_app_and_not_the_training(
    terminal: Open, the_run: TheRun, until: Callable[..., Any]
) -> None:
    app = terminal("moons", *LONG)
    app.shows("running", BRAILLE)
    app.hang_up()
    until(lambda: not app.process.isalive(), what="the app gone")
    _goes_on(app, the_run, until)


def test_the_picture_follows_the_size_of_the_terminal(terminal: Open) -> None:
    app = terminal("moons", *LONG)
    app.shows("Settings", "Loss", "Weight norm", "running", BRAILLE)
    for size in ((60, 16), (120, 40), (40, 10), (80, 24), (20, 5), (1, 1), (100, 30)):
        app.resize(*size)
        if size[0] >= 60:
            app.shows("Loss", "moons", BRAILLE)
        elif size[0] >= 20:
            app.shows("60 x 16|60")
    app.resize(80, 24)
    app.shows("Settings", "Loss", "Weight norm", "running", BRAILLE)
    app.press("q")
    app.shows("A training is running")
    app.press("s")
    assert app.end() == 0


@pytest.mark.parametrize(("term", "words"), [("dumb", "TERM=dumb is a terminal that cannot"), ("", "TERM is not set")])
def test_a_terminal_that_cannot_draw_is_refused_in_one_line(
    terminal: Open, runs_root: Path, term: str, words: str
) -> None:
    app = terminal("--start", TERM=term)
    assert app.end() == 1
    assert app.received.count(b"\n") == 1
    assert app.received.startswith(f"l2tui: {words}".encode())
    assert b"\x1b" not in app.received
    assert not runs_root.exists()


@pytest.mark.parametrize("arguments", [["moon"], ["moons", "--l2=-1"], ["moons", "--epochs=ten"]])
def test_what_is_wrong_is_told_before_the_screen_is_touched(terminal: Open, arguments: list[str]) -> None:
    app = terminal(*arguments)
    assert app.end() == 1
    assert app.received.count(b"\n") == 1
    assert b"\x1b" not in app.received


def test_escape_and_the_next_key_in_one_piece_are_two_keys(terminal: Open, the_run: TheRun) -> None:
    app = terminal(*LONG)
    app.shows("running", "★")
    app.press("q")
    app.shows("A training is running")
    app.press("\x1b?")
    text = app.shows("Help", "one notch more weight decay")
    assert "A training is running" not in text
    app.press("\x1b ")
    assert "Help" not in app.shows("paused")
    app.press("q\x1bqs")
    assert app.end() == 0
