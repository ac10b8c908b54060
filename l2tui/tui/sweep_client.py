"""A sweep as the app knows it: started or found, followed, asked for more. Knows no widget; `poll` is for a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.runs.directory import RunDirectory
from l2tui.settings import Settings
from l2tui.sweep.directory import (
    SweepCommand,
    SweepDirectory,
    SweepPlan,
    create_sweep,
    read_plan,
    read_status,
    send_command,
)

if TYPE_CHECKING:
    import subprocess

    import numpy as np
    from numpy.typing import NDArray

    from l2tui.sweep.curves import Curves
    from l2tui.sweep.summary import SweepView


class SweepClient:
    """Follows one sweep.

    Args:
        sweep: Its directory.
        process: Its process, if it was started here.
    """

    def __init__(self, sweep: SweepDirectory, process: subprocess.Popen[bytes] | None = None) -> None:
        self.sweep = sweep
        self.plan = read_plan(sweep)
        self._process = process
        self._curves: Curves | None = None
        self._curves_of = -1

    @classmethod
    def start(cls, settings: Settings) -> SweepClient:
        """Begins a sweep with the default grid.

        Raises:
            RunError: It cannot be made or started.
        """
        from l2tui.sweep.grid import default_grid
        from l2tui.worker.launch import start_sweep
        from l2tui.worker.manners import usable_cores

        plan = SweepPlan(settings=settings, l2=default_grid(settings), workers=usable_cores())
        sweep = create_sweep(plan)
        return cls(sweep, start_sweep(sweep))

    @classmethod
    def of(cls, run: RunDirectory) -> SweepClient:
        """Follows a sweep that is there.

        Raises:
            RunError: It cannot be read.
        """
        return cls(SweepDirectory(run.path))

    @classmethod
    def find_or_start(cls, settings: Settings) -> SweepClient:
        """Follows the sweep of these settings that still trains, as after the app was closed; begins one otherwise.

        Raises:
            RunError: It cannot be read, made or started.
        """
        from l2tui.runs.listing import list_runs

        for info in list_runs():
            if info.grid and info.is_live:
                found = cls.of(info.run)
                if found.fits(settings):
                    return found
        return cls.start(settings)

    def resume(self) -> None:
        """Trains on where the sweep is not finished.

        Raises:
            RunError: The process cannot be started.
        """
        from l2tui.worker.launch import start_sweep

        status = read_status(self.sweep)
        if not self.sweep.is_locked() and (status is None or status.state != "finished"):
            self._process = start_sweep(self.sweep)

    def fits(self, settings: Settings) -> bool:
        """Returns whether the sweep is on these settings, but for λ and what does not touch the bits."""
        from l2tui.settings import changed

        apart = {"l2": 0.0, "fold": 0, "pace": None, "criterion": "growing", "stop_on_overfit": False}
        return changed(settings, **apart) == changed(self.plan.settings, **apart)

    def poll(self) -> SweepView:
        """Returns the sweep as it is now.

        Raises:
            RunError: A file is damaged.
        """
        from l2tui.sweep.summary import read_view

        if self._process is not None:
            self._process.poll()
        return read_view(self.sweep)

    def curve(self, l2: float) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Returns the curves of a λ as a mean over its folds, as far as all of them go; None where there are none."""
        import numpy as np

        from l2tui.sweep.curves import read_curves

        try:
            changed = self.sweep.curves.stat().st_mtime_ns
        except OSError:
            return None
        if changed != self._curves_of:
            self._curves, self._curves_of = read_curves(self.sweep), changed
        lanes = [] if self._curves is None else self._curves.folds_of(l2)
        if not lanes:
            return None
        epochs = min((lane[0] for lane in lanes), key=len)
        return epochs, np.mean([lane[1][: len(epochs)] for lane in lanes], axis=0, dtype=np.float32)

    def ask(self, command: SweepCommand) -> None:
        """Sends a command, and starts a process for it where the sweep has ended.

        Raises:
            RunError: It cannot be sent, or the process cannot be started.
        """
        from l2tui.worker.launch import start_sweep

        send_command(self.sweep, command)
        if not self.sweep.is_locked():
            self._process = start_sweep(self.sweep)
