import dataclasses
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, AnyEvent
from l2tui.runs.reader import RunReader, Snapshot
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker


@dataclasses.dataclass
class RealWorker:
    """A worker process and the files of its run."""

    run: RunDirectory
    process: subprocess.Popen[bytes]
    until: Callable[..., Any]

    def send(self, *commands: AnyCommand) -> None:
        for command in commands:
            send(self.run, command)

    def look(self) -> Snapshot:
        return RunReader(self.run).poll()

    def when(self, condition: Callable[[Snapshot], Any], what: str = "") -> Snapshot:
        """Waits until the run's files fulfil a condition, and returns them."""

        def check() -> Snapshot | None:
            snapshot = self.look()
            assert self.process.poll() is None or condition(snapshot), f"ended early: {self.run.log.read_text()}"
            return snapshot if condition(snapshot) else None

        found: Snapshot = self.until(check, what=what)
        return found

    def when_at(self, state: str, step: int) -> Snapshot:
        return self.when(
            lambda seen: seen.status and (seen.status.state, seen.status.step) == (state, step), f"{state} at {step}"
        )

    def when_epoch(self, epoch: int) -> Snapshot:
        return self.when(
            lambda seen: seen.status is not None and len(seen) and seen.column("epoch")[-1] >= epoch, f"epoch {epoch}"
        )

    def when_event(self, kind: type[AnyEvent], count: int = 1) -> Snapshot:
        return self.when(lambda seen: sum(isinstance(e, kind) for e in seen.events) >= count, kind.__name__)

    def end(self) -> Snapshot:
        """Waits until the worker has ended by itself, well."""
        assert self.process.wait(60) == 0, self.run.log.read_text()
        return self.look()


@pytest.fixture
def worker(reap: Callable[..., Any], until: Callable[..., Any]) -> Iterator[Callable[..., RealWorker]]:
    """Starts workers: `worker(settings, paused=True)`."""

    def start(settings: Settings, *, paused: bool = False) -> RealWorker:
        run = new_run(settings, paused=paused)
        return RealWorker(run, reap(start_worker(run)), until)

    return start
