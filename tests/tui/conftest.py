"""The app without a process."""

from pathlib import Path
from typing import Any

import pytest

from l2tui.tui.app import L2tuiApp
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.tables import FakeTool


@pytest.fixture
def worker() -> Worker:
    """Stands in for every process that its apps would start."""
    return Worker()


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
    return worker.app(MOONS)
