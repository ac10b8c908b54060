import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from l2tui.runs.events import Confirmed, SettingChanged, Status, Withdrawn
from l2tui.runs.reader import Snapshot
from l2tui.settings import Settings, changed
from l2tui.view.run_view import LIVE_PHASES, RunView

PLANNED = Settings(epochs=50)


def snapshot(state: str | None, *, alive: bool, **other: object) -> Snapshot:
    status = None if state is None else Status(state=state, pid=1, heartbeat=0.0, settings=Settings(epochs=50), **other)
    return Snapshot(status=status, alive=alive)


@pytest.mark.parametrize(
    ("state", "alive", "started", "phase"),
    [
        (None, False, True, "starting"),
        (None, True, False, "starting"),
        (None, False, False, "failed"),
        ("starting", True, True, "starting"),
        ("starting", False, False, "interrupted"),
        ("running", True, True, "running"),
        ("running", True, False, "running"),
        ("running", False, False, "interrupted"),
        ("paused", True, False, "paused"),
        ("paused", False, False, "interrupted"),
        ("finished", True, True, "stopped"),
        ("finished", False, False, "stopped"),
        ("diverged", False, False, "diverged"),
        ("failed", False, False, "failed"),
        ("failed", True, True, "failed"),
    ],
)
def test_the_phase_follows_from_the_status_and_the_lock(
    state: str | None, phase: str, *, alive: bool, started: bool
) -> None:
    view = RunView(PLANNED, snapshot(state, alive=alive), started)
    assert view.phase == phase
    assert view.is_live == (phase in LIVE_PHASES)


def test_a_run_killed_between_its_first_epoch_and_its_first_status_goes_on() -> None:
    killed = Snapshot(columns={"epoch": np.array([0.0, 1.0])}, alive=False)
    view = RunView(PLANNED, killed, began=PLANNED)
    assert view.phase == "interrupted"
    assert view.toggle == "go on"


def test_before_a_run_it_is_ready_and_knows_nothing() -> None:
    view = RunView(PLANNED)
    assert view.phase == "ready"
    assert not view.is_live
    assert view.live is None
    assert view.assessment is None
    assert (view.epoch, view.epochs) == (0, 50)
    assert view.latest("train_loss") is None
    assert view.l2_changes() == ()
    assert RunView(PLANNED, worker_started=True).phase == "starting"


@pytest.mark.parametrize(
    ("state", "epoch", "goes_on"),
    [("finished", 30, True), ("finished", 50, False), ("diverged", 30, False), ("running", 30, True)],
)
def test_a_run_can_go_on_where_epochs_are_left(state: str, epoch: int, *, goes_on: bool) -> None:
    assert RunView(PLANNED, snapshot(state, alive=False, epoch=epoch)).can_go_on == goes_on


def test_more_epochs_on_the_screen_let_a_finished_run_go_on() -> None:
    ended = snapshot("finished", alive=False, epoch=50)
    assert RunView(changed(PLANNED, epochs=60), ended).can_go_on


def test_settings_in_force_are_those_of_the_status() -> None:
    view = RunView(changed(PLANNED, l2=0.5), snapshot("running", alive=True))
    assert view.live == Settings(epochs=50)
    assert view.pending.l2 == 0.5


def test_values_are_read_by_position() -> None:
    shown = Snapshot(columns={"epoch": np.arange(4.0), "train_loss": np.array([4.0, 3.0, 2.0, 1.0])})
    view = RunView(PLANNED, shown)
    assert view.latest("train_loss") == 1.0
    assert view.at("train_loss", 1) == 3.0
    assert view.at("penalty", 1) is None


def test_a_file_without_a_norm_has_the_penalty_that_was_recorded() -> None:
    columns = {"epoch": np.arange(2.0), "w1_norm": np.array([1.0, 2.0]), "penalty": np.array([0.25, 0.5])}
    shown = replace(snapshot("running", alive=True), columns=columns)
    assert RunView(PLANNED, shown).latest("penalty") == 0.5


def test_changes_of_lambda_carry_both_values_and_those_of_one_epoch_are_one() -> None:
    def change(epoch: int, name: str, old: float, new: float) -> SettingChanged:
        return SettingChanged(epoch=epoch, step=epoch, name=name, old=old, new=new)

    events = (
        change(3, "l2", 0.0, 1e-3),
        change(4, "learning_rate", 0.1, 0.5),
        change(9, "l2", 1e-3, 0.1),
        change(9, "l2", 0.1, 0.0),
    )
    assert RunView(PLANNED, Snapshot(events=events)).l2_changes() == ((3, 0.0, 1e-3), (9, 1e-3, 0.0))


def test_only_marks_that_were_taken_back_are_withdrawn() -> None:
    def confirmed(epoch: int) -> Confirmed:
        return Confirmed(epoch=epoch, step=epoch, onset_epoch=epoch - 1, criterion="gl")

    events = (confirmed(5), Withdrawn(epoch=8, step=8), confirmed(12), Withdrawn(epoch=20, step=20), confirmed(31))
    assert RunView(PLANNED, Snapshot(events=events)).withdrawn_epochs() == (5, 12)


def test_it_loads_no_number_library() -> None:
    code = "import sys, l2tui.view.run_view; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
