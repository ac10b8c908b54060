"""Planning, beginning and steering runs without a widget, against a worker that takes its time."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.errors import RunError
from l2tui.overfitting import Assessment
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Advance, AnyCommand, Pause, RestoreBest, Resume, SetValue, Status, Stop
from l2tui.runs.reader import Snapshot
from l2tui.settings import LIVE_SETTINGS, SETTING_INFO, Settings, changed
from l2tui.tui.controller import Controller
from l2tui.tui.ladders import step_value
from l2tui.tui.run_client import AttachedRun, WatchedLog
from l2tui.view.key_names import DEFAULT_NAMES
from l2tui.view.offers import offered, refusal
from l2tui.view.settings_rows import PANEL_SETTINGS, rows_of

MOONS = recommended_settings("moons", epochs=40)
NORMS = 3.0, 4.0
ACTS = ("edit", "edit", "data", "steer", "steer", "toggle", "step", "stop", "best", "restart", "work")


class SlowWorker(AttachedRun):
    """Obeys when it is told to work, and not before: the app is always ahead of it, as over a slow disk."""

    def __init__(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> None:
        super().__init__(resume or RunDirectory(Path("/runs/20240101-000000-moons-0a1b")))
        self.follows_on = False
        self.settings, self.state, self.epoch = settings, "paused" if paused else "running", 0
        self.sent: list[AnyCommand] = []
        self.done = 0

    def send(self, command: AnyCommand) -> int:
        self.sent.append(command)
        return len(self.sent)

    def work(self, epochs: int) -> None:
        for command in self.sent[self.done :]:
            if isinstance(command, SetValue):
                value = "max" if command.name == "pace" and command.value is None else command.value
                self.settings = changed(self.settings, **{command.name: value})
            elif isinstance(command, Stop):
                self.state = "finished"
            elif self.ends_itself:
                self.state = {Pause: "paused", Resume: "running", Advance: "paused"}.get(type(command), self.state)
        self.done = len(self.sent)
        if self.state == "running":
            self.epoch = min(self.epoch + epochs, max(self.epoch, self.settings.epochs))
            if self.epoch >= self.settings.epochs:
                self.state = "finished"

    @property
    def ends_itself(self) -> bool:
        return self.state in ("running", "paused")

    @property
    def in_force(self) -> Settings:
        """The settings once everything is obeyed that was sent."""
        ahead = SlowWorker(self.settings)
        ahead.sent = self.sent[self.done :]
        ahead.work(0)
        return ahead.settings

    def poll(self) -> Snapshot:
        losses = np.linspace(1.0, 0.5, self.epoch + 1)
        columns = {"epoch": np.arange(self.epoch + 1.0), "train_loss": losses, "val_loss": losses}
        columns |= {f"w{i}_norm": np.full(self.epoch + 1, norm) for i, norm in enumerate(NORMS, 1)}
        columns["penalty"] = np.zeros(self.epoch + 1)
        judged = Assessment("learning", self.epoch, 0.5, 0.5, self.epoch, 0.5, None, None, "", "", "raise λ")
        status = Status(
            state=self.state,
            pid=id(self),
            heartbeat=0.0,
            settings=self.settings,
            epoch=self.epoch,
            commands=self.done,
            assessment=judged,
        )
        return Snapshot(status=status, columns=columns, alive=self.ends_itself)

    @property
    def worker_started(self) -> bool:
        return self.ends_itself


class Workers(list[SlowWorker]):
    """Every worker that was started."""

    def launch(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> SlowWorker:
        worker = SlowWorker(settings, paused=paused)
        if resume is not None:
            # It goes on with its own settings, but for the epochs.
            worker.settings = changed(self[-1].settings, epochs=settings.epochs)
            worker.epoch = self[-1].epoch
        self.append(worker)
        return worker


def look(controller: Controller) -> None:
    """Reads the run once."""
    run = controller.run
    if run is not None:
        started = run.source.worker_started
        controller.take(run, run.source.poll(), started=started)


def test_it_knows_no_widget() -> None:
    code = "import sys, l2tui.tui.controller; sys.exit(any(m in sys.modules for m in ('textual', 'rich', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def act(controller: Controller, chance: random.Random) -> str:
    """Does one thing at random that the screen can do; returns what."""
    view, pending = controller.view, controller.pending
    what = chance.choice(ACTS)
    if what == "edit":
        name = chance.choice([name for name in PANEL_SETTINGS if name != "data"])
        value = step_value(pending, name, chance.choice((-1, 1)), controller.table)
        if value != getattr(pending, name):
            controller.edit(name, value)
    if what == "data":
        controller.edit("data", step_value(pending, "data", chance.choice((-1, 1)), controller.table))
    elif what == "steer":
        name = chance.choice(("l2", "pace", "criterion"))
        controller.steer(name, step_value(controller.steered, name, chance.choice((-1, 1))))
    elif what == "work" and controller.run is not None:
        controller.run.source.work(chance.randrange(15))
    for action, id, do in (
        ("toggle", "run.toggle", controller.toggle),
        ("step", "run.step", lambda: controller.advance(epoch=False)),
        ("stop", "run.stop", lambda: controller.send(Stop())),
        ("best", "run.best", lambda: controller.send(RestoreBest())),
        ("restart", "run.restart", controller.restart),
    ):
        if what == action and not refusal(view, id, DEFAULT_NAMES):
            do()
    if chance.random() < 0.7:
        look(controller)
    return what


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_done_what_is_shown_is_so(seed: int) -> None:
    chance = random.Random(seed)
    workers = Workers()
    controller = Controller(MOONS, launch=workers.launch)
    for _ in range(60):
        sent, before = (len(workers[-1].sent) if workers else 0), len(workers)
        what = act(controller, chance)
        if what == "data" and len(workers) == before and workers:
            assert len(workers[-1].sent) == sent, "looking at other data sends nothing"
        check(controller, workers)


def check(controller: Controller, workers: Workers) -> None:
    view = controller.view
    words = {ids[0]: word for (_, word), ids in offered(view, DEFAULT_NAMES)}
    if not workers:
        assert view.phase == "ready"
        assert words["run.toggle"] == "run"
        assert not {"run.stop", "run.best", "run.restart", "run.results"} & set(words)
        return
    worker = workers[-1]
    assert view.live is not None
    if controller.steers:
        assert view.live == worker.in_force, "a live setting that was sent counts as in force"
        if view.live.data == view.pending.data:
            assert all(getattr(view.pending, name) == getattr(view.live, name) for name in LIVE_SETTINGS)
    for row in rows_of(view.pending, view.live):
        assert row.waits == (getattr(view.pending, row.name) != getattr(view.live, row.name)), row
    assert ("run.stop" in words) == ("run.best" in words) == controller.steers or view.assessment is None
    assert ("run.toggle" in words) == (view.toggle is not None)
    if view.phase == "finished":
        assert view.epoch >= view.epochs
    if view.phase == "stopped":
        assert view.epoch < view.epochs
    if view.snapshot is not None:
        assert view.latest("penalty") == pytest.approx(view.live.l2 * sum(norm**2 for norm in NORMS))


@pytest.mark.parametrize("seed", range(20))
def test_a_round_over_other_data_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    controller = Controller(MOONS, launch=SlowWorker)
    for _ in range(20):
        act(controller, chance)
    before, live = controller.pending, controller.live
    sent = list(controller.run.source.sent) if controller.run is not None else []
    rounds = [1, 1, -1, -1] if chance.random() < 0.5 else [-1, -1, -1, 1, 1, 1]
    for direction in rounds:
        controller.edit("data", step_value(controller.pending, "data", direction, controller.table))
    assert controller.pending == before
    assert controller.live == live
    assert controller.run is None or controller.run.source.sent == sent


def test_a_run_that_was_stopped_goes_on_with_what_was_changed_since() -> None:
    controller = Controller(MOONS, launch=Workers().launch)
    controller.begin()
    controller.run.source.work(10)
    controller.send(Stop())
    controller.run.source.work(0)
    look(controller)
    stopped = controller.run.snapshot
    assert controller.view.phase == "stopped"
    controller.edit("l2", 0.01)
    controller.edit("hidden", 128)
    assert controller.view.toggle == "go on"
    controller.toggle()
    assert controller.run.source.sent == [SetValue("l2", 0.01)]
    controller.take(controller.run, stopped, started=True)
    assert (controller.view.phase, controller.view.toggle) == ("starting", "pause"), "the new worker has not spoken yet"
    look(controller)
    assert (controller.live.l2, controller.live.hidden, controller.pending.hidden) == (0.01, MOONS.hidden, 128)


def test_a_change_that_the_worker_refuses_is_not_shown_as_in_force() -> None:
    controller = Controller(MOONS, launch=SlowWorker)
    controller.begin()
    controller.steer("l2", 0.5)
    worker = controller.run.source
    worker.done = len(worker.sent)
    look(controller)
    assert controller.live.l2 == MOONS.l2
    assert controller.pending.l2 == MOONS.l2


def test_a_change_from_another_window_is_shown() -> None:
    controller = Controller(MOONS, launch=SlowWorker)
    controller.begin()
    controller.edit("hidden", 8)
    controller.run.source.settings = changed(MOONS, l2=0.1)
    look(controller)
    assert (controller.pending.l2, controller.pending.hidden) == (0.1, 8)


def test_a_change_from_another_window_just_before_the_end_is_shown_as_well() -> None:
    controller = Controller(MOONS, launch=SlowWorker)
    controller.begin()
    look(controller)
    worker = controller.run.source
    worker.settings, worker.state = changed(MOONS, l2=0.1), "finished"
    look(controller)
    assert (controller.live.l2, controller.pending.l2) == (0.1, 0.1)
    controller.steer("l2", 0.3)
    look(controller)
    assert controller.pending.l2 == 0.3, "what is planned after the end stays"


@pytest.mark.parametrize("id", ["run.toggle", "run.step", "run.stop", "run.best", "run.restart", "run.reseed", "l2.up"])
def test_nothing_is_trained_where_one_watches(tmp_path: Path, id: str) -> None:
    def launch(*_: Any, **__: Any) -> SlowWorker:
        raise AssertionError("a training was started")

    log = tmp_path / "k.csv"
    log.write_text("epoch,loss,val_loss\n0,1,1\n1,0.5,0.9\n")
    controller = Controller(Settings(data="k.csv"), source=WatchedLog(log), launch=launch)
    look(controller)
    assert refusal(controller.view, id, DEFAULT_NAMES).startswith("Watching only")
    assert not any(id in ids for _, ids in offered(controller.view, DEFAULT_NAMES))
    for do in (controller.begin, controller.restart, lambda: controller.steer("l2", 1.0)):
        with pytest.raises(RunError, match="Watching only"):
            do()
    assert controller.toggle() is False
    assert controller.pending == controller.live


def test_every_setting_of_the_panel_can_be_edited() -> None:
    controller = Controller(MOONS, launch=SlowWorker)
    for name in PANEL_SETTINGS:
        value = step_value(controller.pending, name, 1)
        controller.edit(name, value)
        assert getattr(controller.pending, name) == value, SETTING_INFO[name]
