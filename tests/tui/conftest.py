"""The app without a process: runs made of formulas, a stand-in for the worker, the screen as characters."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.segment import Segment
from textual.pilot import Pilot
from textual.strip import Strip

from l2tui.overfitting import Assessment, assess, evaluate
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, AnyEvent, Facts, Pause, Resume, RunSettings, SetValue, Status, Stop
from l2tui.runs.reader import Snapshot
from l2tui.settings import Settings, changed
from l2tui.training.records import EpochRecord
from l2tui.tui.app import L2tuiApp
from l2tui.tui.run_client import AttachedRun
from l2tui.tui.screens.run import RunScreen
from l2tui.tui.widgets.settings_panel import SettingsList
from tests.tui.tables import FakeTool

DEADLINE = 10.0
_LATE = 40
MOONS = Settings(
    data="moons",
    noise=0.3,
    train_size=100,
    hidden=64,
    learning_rate=0.5,
    batch_size=16,
    epochs=3000,
    criterion="gl",
    pace=100.0,
)
DONE = changed(MOONS, epochs=400)


def losses(epochs: int, *, overfits: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Epoch numbers from 0 on, a train_loss that falls, and a val_loss that turns at epoch 75 if it overfits."""
    epoch = np.arange(epochs + 1, dtype=np.float64)
    train = 0.05 + 0.45 * np.exp(-epoch / 30) + 0.2 * np.exp(-epoch / 300)
    val = 0.25 + 0.45 * np.exp(-epoch / 25) + (0.0008 * epoch if overfits else 0.1 * np.exp(-epoch / 300))
    return epoch, train, val


def make_columns(settings: Settings, epochs: int, *, overfits: bool = True) -> dict[str, np.ndarray]:
    """Every metric of a run of some epochs."""
    epoch, train, val = losses(epochs, overfits=overfits)
    norm_1, norm_2 = 8.0 + 12.0 * (1 - np.exp(-epoch / 200)), 1.0 + 6.0 * (1 - np.exp(-epoch / 150))
    lowest = np.minimum.accumulate(val)
    best = np.maximum.accumulate(np.where(val == lowest, epoch, 0)).astype(int)
    return {
        "epoch": epoch,
        "step": 7 * epoch,
        "elapsed": epoch / 100,
        "train_loss": train,
        "val_loss": val,
        "penalty": settings.l2 * (norm_1**2 + norm_2**2),
        "train_accuracy": 1 - train / 2,
        "val_accuracy": 1 - val / 2,
        "w1_norm": norm_1,
        "w2_norm": norm_2,
        "w1_max": norm_1 / 4,
        "w2_max": norm_2 / 3,
        "data_grad_norm_1": 0.03 + train / 10,
        "decay_grad_norm_1": 2 * settings.l2 * norm_1,
        "data_grad_norm_2": 0.02 + train / 20,
        "decay_grad_norm_2": 2 * settings.l2 * norm_2,
        "l2": np.full_like(epoch, settings.l2),
        "learning_rate": np.full_like(epoch, settings.learning_rate),
        "best_epoch": best.astype(np.float64),
        "best_val_loss": lowest,
    }


def make_assessment(settings: Settings, columns: dict[str, np.ndarray]) -> Assessment:
    """What the real criterion and verdict say of those columns."""
    watch = evaluate(settings.criterion, columns["epoch"].astype(int), columns["train_loss"], columns["val_loss"])
    return assess(watch, settings.l2)


def make_snapshot(
    settings: Settings = MOONS,
    epochs: int = 400,
    *,
    state: str = "running",
    overfits: bool = True,
    alive: bool | None = None,
    events: tuple[AnyEvent, ...] = (),
    reason: str = "",
    **other: Any,
) -> Snapshot:
    """A run after some epochs; `other` goes into the status, in place of what it would be."""
    columns = make_columns(settings, epochs, overfits=overfits)
    assert tuple(columns) == EpochRecord._fields
    status = {
        "state": state,
        "pid": 1,
        "heartbeat": 0.0,
        "settings": settings,
        "epoch": epochs,
        "step": 7 * epochs,
        "steps_per_epoch": 7,
        "steps_per_second": 12_345.0,
        "facts": Facts("classification", (100, 200, 1000), (2, 64, 1)),
        "assessment": make_assessment(settings, columns),
        "reason": reason,
    }
    return Snapshot(
        settings=RunSettings(settings=settings, created="2024-01-01T00:00:00+00:00", versions={}),
        status=Status(**{**status, **other}),
        columns=columns,
        events=events,
        alive=state not in ("finished", "failed", "diverged") if alive is None else alive,
    )


class FakeClient(AttachedRun):
    """In place of `RunClient`: obeys commands as a worker does, and trains as told by the test.

    Attributes:
        commands: What was sent, in order.
        epochs: How many epochs it reports; set it to train on.
        shown: A snapshot to report instead, if not None.
        error: What `poll` raises, if not None.
        refuses: What `send` raises, if not None.
        works: Whether there is a worker.
        resumed: Whether it went on with a run that was there.
    """

    def __init__(
        self, settings: Settings, *, paused: bool = False, path: str = "/runs/moons", epochs: int = 400
    ) -> None:
        super().__init__(RunDirectory(Path(path)))
        self.follows_on = False
        self.settings, self.paused_at_start = settings, paused
        self.commands: list[AnyCommand] = []
        self.epochs = 0 if paused else epochs
        self.state = "paused" if paused else "running"
        self.events: tuple[AnyEvent, ...] = ()
        self.shown: Snapshot | None = None
        self.error: Exception | None = None
        self.refuses: Exception | None = None
        self.works, self.resumed = True, False
        self.polls = 0
        self._known: tuple[Any, ...] = ()
        self._snapshot = Snapshot()

    def send(self, command: AnyCommand) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.commands.append(command)
        if isinstance(command, Pause):
            self.state = "paused"
        elif isinstance(command, Resume):
            self.state = "running"
        elif isinstance(command, SetValue):
            value = "max" if command.name == "pace" and command.value is None else command.value
            self.settings = changed(self.settings, **{command.name: value})
        elif isinstance(command, Stop):
            self.state, self.works = "finished", False

    def poll(self) -> Snapshot:
        # Called in a thread. Nothing new is handed out late, so that the screen has time to be idle.
        for _ in range(_LATE):
            if (now := self._now()) != self._known:
                break
            time.sleep(0.005)
        self.polls += 1
        if self.error is not None:
            raise self.error
        if now != self._known:
            self._known = now
            self._snapshot = self.shown or make_snapshot(
                self.settings, self.epochs, state=self.state, events=self.events
            )
        return self._snapshot

    def _now(self) -> tuple[Any, ...]:
        return self.settings, self.epochs, self.state, self.events, id(self.shown), self.error, self.works

    def wait(self, seconds: float) -> bool:
        return not self.works

    @property
    def worker_started(self) -> bool:
        return self.works


class Worker:
    """All the clients that an app made.

    Attributes:
        clients: In order.
        refuses_to_start: What the next start raises, if not None.
        epochs: How many epochs a run has as soon as it is started.
        shown: A snapshot that every new client reports, if not None.
    """

    def __init__(self) -> None:
        self.clients: list[FakeClient] = []
        self.refuses_to_start: Exception | None = None
        self.epochs = 400
        self.shown: Snapshot | None = None
        self.path = "/runs/moons"

    def start(self, settings: Settings, *, paused: bool = False, resume: RunDirectory | None = None) -> FakeClient:
        if self.refuses_to_start is not None:
            raise self.refuses_to_start
        path = self.path if resume is None else str(resume.path)
        client = FakeClient(settings, paused=paused, path=path, epochs=self.epochs)
        client.resumed = resume is not None
        client.shown = self.shown
        if self.shown is not None:
            client.works = self.shown.alive
        self.clients.append(client)
        return client

    @property
    def client(self) -> FakeClient:
        """The last one."""
        return self.clients[-1]

    @property
    def commands(self) -> list[AnyCommand]:
        """What was sent to the last one."""
        return self.client.commands


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Stands in for every process that the app would start, and tells what is new at once."""
    stand_in = Worker()
    monkeypatch.setattr("l2tui.tui.screens.following.RunClient", stand_in.start)
    monkeypatch.setattr("l2tui.tui.drawing.options.DrawingOptions.frame_seconds", 0.0)
    return stand_in


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeTool:
    """Stands in for this program's own commands; what was opened is remembered in the test's folder."""
    stand_in = FakeTool()
    monkeypatch.setattr("l2tui.tui.tools.run_tool", stand_in)
    monkeypatch.setattr("l2tui.tui.recent.recent_path", lambda: tmp_path / "state" / "recent.json")
    monkeypatch.setattr("l2tui.tui.screens.preview.DEBOUNCE_SECONDS", 0.0)
    return stand_in


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the app says in passing, also after it has left the screen."""
    said: list[str] = []
    notify = L2tuiApp.notify

    def listen(app: L2tuiApp, message: str, **options: Any) -> None:
        said.append(message)
        notify(app, message, **options)

    monkeypatch.setattr(L2tuiApp, "notify", listen)
    return said


@pytest.fixture
def app(worker: Worker) -> L2tuiApp:
    """The app as it opens without options."""
    return L2tuiApp(MOONS)


async def until(pilot: Pilot[None], condition: Callable[[], Any], what: str = "") -> None:
    """Waits until something holds; fails if it does not come about."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert pilot.app._exception is None, pilot.app._exception
        assert time.monotonic() < deadline, what or "\n".join(screen_lines(pilot))
        await pilot.pause(0.02)


async def until_shown(pilot: Pilot[None], *texts: str) -> None:
    """Waits until the screen shows some texts."""
    await until(pilot, lambda: all(text in "\n".join(screen_lines(pilot)) for text in texts))


async def start(pilot: Pilot[None], phase: str = "running") -> None:
    """Presses space, and waits until the run is drawn."""
    await pilot.press("space")
    await until(pilot, lambda: run_screen(pilot).view.phase == phase and len(run_screen(pilot).view.snapshot))
    await drawn(pilot)


async def drawn(pilot: Pilot[None]) -> None:
    """Waits until the chart's drawing module is there and the picture has settled."""
    await until(pilot, lambda: run_screen(pilot).query_one("#chart").draw is not None)
    await pilot.pause()


def run_screen(pilot: Pilot[None]) -> RunScreen:
    """The main screen, also while another one lies on it."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, RunScreen)
    return screen


def strips(pilot: Pilot[None]) -> list[Strip]:
    """The screen as the terminal gets it, with what lies on it."""
    update = pilot.app.screen._compositor.render_full_update()
    return [Strip.join(line) for line in update.strips]


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """The screen as characters."""
    return [strip.text for strip in strips(pilot)]


def lines_of(pilot: Pilot[None], selector: str) -> list[str]:
    """What the screen shows inside a widget, borders left out."""
    region = run_screen(pilot).query_one(selector).content_region
    return [strip.crop(region.x, region.right).text for strip in strips(pilot)[region.y : region.bottom]]


def text_of(pilot: Pilot[None], selector: str) -> str:
    """The same as one line, words apart by one space."""
    return " ".join(" ".join(lines_of(pilot, selector)).split())


def title_of(pilot: Pilot[None], selector: str) -> str:
    """Both lines of a widget's border."""
    region = run_screen(pilot).query_one(selector).region
    shown = screen_lines(pilot)
    return "\n".join((shown[region.y], shown[region.bottom - 1]))


def row_of(pilot: Pilot[None], label: str) -> str:
    """The line of one setting."""
    found = [line for line in lines_of(pilot, "SettingsList") if line[1:].startswith(label)]
    assert len(found) == 1, (label, lines_of(pilot, "SettingsList"))
    return found[0]


def value_of(pilot: Pilot[None], label: str) -> str:
    """The value in the line of one setting."""
    return row_of(pilot, label)[1:].removeprefix(label).split()[0]


def select(pilot: Pilot[None], name: str) -> None:
    """Selects a setting."""
    from l2tui.tui.renderables.settings_rows import PANEL_SETTINGS

    run_screen(pilot).query_one(SettingsList).selected = PANEL_SETTINGS.index(name)


def style_map(pilot: Pilot[None]) -> tuple[list[str], dict[str, str]]:
    """The style of every cell as one letter, and what the letters mean, in the order in which they come up."""
    letters: dict[str, str] = {}
    rows = []
    for strip in strips(pilot):
        row = ""
        for segment in Segment.simplify(strip):
            style = segment.style.without_color + segment.style if segment.style else None
            words = _words(style) if style else "none"
            letter = letters.setdefault(
                words, chr(ord("A") + len(letters)) if len(letters) < 26 else chr(ord("a") + len(letters) - 26)
            )
            row += letter * segment.cell_length
        rows.append(row)
    return rows, {letter: words for words, letter in letters.items()}


def _words(style: Any) -> str:
    parts = [name for name in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, name)]
    parts += [f"{kind} {colour.name}" for kind, colour in (("ink", style.color), ("on", style.bgcolor)) if colour]
    return ", ".join(parts)
