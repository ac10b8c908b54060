"""Measures the comparison in a terminal: how soon it opens, what it sends, and how quick marks are in a long list.

    python -m tests.benchmarks.compare [--json FILE]

Twelve runs of 100,000 epochs are compared, first as they lie there, then while all of them grow. A list of 2,000 runs
gets 50 marks. Times depend on the machine and on what else it does; bytes do not.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from l2tui.overfitting.verdict import Assessment
from l2tui.runs.curve import CurveFile
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Facts, RunSettings, Status
from l2tui.runs.recorder import Recorder, write_run_settings
from l2tui.settings import Settings
from l2tui.training.records import EpochRecord, is_recorded
from tests.benchmarks.terminal_line import Terminal

EPOCHS, RUNS, LISTED, MARKS = 100_000, 12, 2_000, 50
SIZES = ((80, 24), (120, 40))
_PATIENCE = 30.0
# Epochs a second of each run that grows, and looks a second at which their status is replaced.
_SPEED, _LOOKS = 2_000, 10


class MadeUpRun:
    """A run whose losses come from a formula with noise, and whose files a worker could have written."""

    def __init__(self, root: Path, number: int, epochs: int, planned: int) -> None:
        self.run = RunDirectory(root / f"20240101-{number:06d}-moons-{number:04x}")
        self.run.path.mkdir()
        self._settings = Settings(data="moons", noise=0.3, l2=round(1e-4 * number, 6), epochs=planned)
        self._chance, self._number, self._planned = np.random.default_rng(number), number, planned
        self.epoch = -1
        self._best = (0, np.inf)
        write_run_settings(
            self.run,
            RunSettings(settings=self._settings, created="2024-01-01T00:00:00+00:00", versions={}, fingerprint="x"),
        )
        self._curve = CurveFile(self.run)
        self._recorder = Recorder(self.run, EpochRecord._fields, self._curve)
        self.train(epochs, "finished" if epochs == planned else "running")

    def close(self) -> None:
        self._recorder.close()

    def train(self, epochs: int, state: str) -> None:
        """Appends epochs, and replaces the status."""
        epoch = np.arange(self.epoch + 1, self.epoch + 1 + epochs + (self.epoch < 0), dtype=float)
        noise = 0.01 * self._chance.standard_normal((2, len(epoch)))
        share = epoch / EPOCHS
        train = 0.1 + 0.01 * self._number + 0.5 * np.exp(-20 * share) + noise[0] ** 2
        val = 0.25 + 0.4 * np.exp(-30 * share) + (0.4 - 0.03 * self._number) * share + noise[1]
        for at, (one, other) in enumerate(zip(train.tolist(), val.tolist(), strict=True)):
            number = int(epoch[at])
            self._curve.append(one, other)
            if other < self._best[1]:
                self._best = (number, other)
            if is_recorded(number) or number == self._planned:
                values = [0.5] * len(EpochRecord._fields)
                values[:5] = [number, 7 * number, number / 1000, one, other]
                self._recorder.add(tuple(values))
        self.epoch = int(epoch[-1])
        self._recorder.flush()
        words = ("overfitting", self.epoch, float(train[-1]), float(val[-1]), *self._best, *self._best[:1], None)
        assessment = Assessment(*words, readout="", evidence="", advice="")
        facts = Facts("classification", (100, 200, 100), (2, 64, 1))
        self._recorder.status(
            Status(
                state=state,
                pid=1,
                heartbeat=time.time(),
                settings=self._settings,
                epoch=self.epoch,
                facts=facts,
                assessment=assessment,
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.compare", description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("compare-benchmark.json"), help="where to write the figures")
    options = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="l2tui-benchmark-") as folder:
        root = Path(folder)
        for number in range(RUNS):
            MadeUpRun(root, number, EPOCHS, EPOCHS).close()
        for size in SIZES:
            figures |= told(measure_opening(root, size))
    with tempfile.TemporaryDirectory(prefix="l2tui-benchmark-") as folder:
        root = Path(folder)
        runs = [MadeUpRun(root, number, EPOCHS // 2, EPOCHS) for number in range(RUNS)]
        for size in SIZES:
            figures |= told(measure_growth(root, runs, size))
    with tempfile.TemporaryDirectory(prefix="l2tui-benchmark-") as folder:
        figures |= told(measure_marks(Path(folder)))
    options.json.write_text(json.dumps({"load": os.getloadavg(), "figures": figures}, indent=2) + "\n")


def told(figures: dict[str, float]) -> dict[str, float]:
    for name, value in figures.items():
        print(f"{name:<60}{value:>12.4g}", flush=True)
    return figures


def opened(root: Path, size: tuple[int, int]) -> Terminal:
    terminal = Terminal(["-m", "l2tui", "--fps=10"], size, {"L2TUI_RUNS": str(root), "L2TUI_DRAWING": "ours"})
    see(terminal, "space run")
    return terminal


def see(terminal: Terminal, *words: str) -> float:
    """Waits until the screen shows some words; returns for how long (s)."""
    began = time.perf_counter()
    if not terminal.read(_PATIENCE, lambda: all(word in terminal.text for word in words)):
        raise RuntimeError(f"{words} were not seen:\n{terminal.text}")
    return time.perf_counter() - began


def compared(terminal: Terminal) -> float:
    """Marks twelve runs and opens the comparison; returns how long that took (s)."""
    terminal.press("r")
    see(terminal, f"{RUNS} of {RUNS}")
    # λ at ★ and the curves come a little later, and the list is filled anew.
    terminal.read(1.0)
    for number in range(RUNS):
        terminal.press(" ")
        see(terminal, f"{number + 1} marked")
    terminal.press("\r")
    return see(terminal, f"run 1/{RUNS}", "★")


def measure_opening(root: Path, size: tuple[int, int]) -> dict[str, float]:
    """Returns how soon a comparison of finished runs opens, and what it and its keys send."""
    at = "{}x{}".format(*size)
    times = []
    for _ in range(3):
        terminal = opened(root, size)
        before = terminal.bytes
        times.append(compared(terminal))
        terminal.read(1.0)
        first = terminal.bytes - before
        terminal.end()
    terminal = opened(root, size)
    compared(terminal)
    terminal.read(1.0)
    before = terminal.bytes
    terminal.read(4.0)
    idle = (terminal.bytes - before) / 4.0
    before, moves = terminal.bytes, 20
    for _ in range(moves):
        terminal.press("\x1b[D")
        terminal.read(0.2)
    cursor = (terminal.bytes - before) / moves
    terminal.end()
    return {
        f"comparison open, s (median of 3), {at}": statistics.median(times),
        f"bytes from the list to the comparison, {at}": first,
        f"B/s of finished runs, {at}": idle,
        f"bytes of a move of the cursor, {at}": cursor,
    }


def measure_growth(root: Path, runs: list[MadeUpRun], size: tuple[int, int]) -> dict[str, float]:
    """Returns what a comparison of twelve runs that all train sends, and how busy the app is."""
    at = "{}x{}".format(*size)
    with ExitStack() as stack:
        for made_up in runs:
            stack.enter_context(made_up.run.locked())
        terminal = opened(root, size)
        see(terminal, "is training")
        terminal.press("n")
        terminal.read(1.0, lambda: "is training" not in terminal.text)
        compared(terminal)
        grow(terminal, runs, 3.0)
        before, began, busy = terminal.bytes, time.perf_counter(), sum(terminal.process.cpu_times()[:2])
        grow(terminal, runs, 10.0)
        seconds = time.perf_counter() - began
        sent = (terminal.bytes - before) / seconds
        share = 100 * (sum(terminal.process.cpu_times()[:2]) - busy) / seconds
        terminal.end()
    return {f"B/s of twelve runs that train, {at}": sent, f"processor meanwhile, % of a core, {at}": share}


def grow(terminal: Terminal, runs: list[MadeUpRun], seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        for made_up in runs:
            made_up.train(_SPEED // _LOOKS, "running")
        terminal.read(1 / _LOOKS)


def measure_marks(root: Path) -> dict[str, float]:
    """Returns how long a mark takes to be seen in a long list, the first and the fiftieth alike."""
    for number in range(LISTED):
        MadeUpRun(root, number, 20, 20).close()
    terminal = opened(root, SIZES[0])
    began = time.perf_counter()
    terminal.press("r")
    see(terminal, f"{LISTED} of {LISTED}")
    listed = time.perf_counter() - began
    terminal.read(10.0, lambda: "rank" in terminal.text or "curve" in terminal.text)
    terminal.read(3.0)
    times = []
    before = terminal.bytes
    for number in range(MARKS):
        terminal.press(" ")
        times.append(1e3 * see(terminal, f"{number + 1} marked"))
    sent = (terminal.bytes - before) / MARKS
    terminal.press("moons,0.0003")
    narrowed = see(terminal, f" 1 of {LISTED} · {MARKS} marked")
    terminal.end()
    return {
        "list of 2,000 runs shown, s": listed,
        "a mark seen, ms, median": statistics.median(times),
        "a mark seen, ms, slowest of 50": max(times),
        "bytes of a mark": sent,
        "the list filtered to one run, s": narrowed,
    }


if __name__ == "__main__":
    main()
