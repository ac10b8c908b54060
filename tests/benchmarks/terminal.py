"""Measures the app in a terminal: bytes, start, key echo, a slow line, a terminal that is not read, processor, memory.

    python -m tests.benchmarks.terminal [--quick] [--json FILE]

Everything is measured with our drawing and with Textual's own of the same app, in turns; the start also with a bare app
of Textual. Times depend on the machine and on what else it does: compare the columns.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Status
from l2tui.runs.stored import read_json
from tests.benchmarks.terminal_line import Terminal, be_polite

APP = ["-m", "tests.benchmarks.terminal_app"]
SMALL, LARGE = (80, 24), (120, 40)
DRAWINGS = ("ours", "stock")

# Whoever has had no answer to a key by then (s) is not measured any further.
_PATIENCE = 20.0
# The losses of all epochs are kept, 16 bytes for each: memory is that after so many, however fast the machine is.
_EPOCHS_KEPT = 100_000

Figures = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.terminal", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a third of the time, for a first look")
    parser.add_argument("--json", type=Path, default=Path("terminal-benchmark.json"), help="where to write the figures")
    options = parser.parse_args()
    figures = measure(quick=options.quick)
    result = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()},
        "figures": figures,
    }
    print_table(figures)
    options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\nAll figures are in {options.json}.")


def measure(*, quick: bool) -> Figures:
    """Runs everything; returns figures by name and drawing."""
    seconds = 4.0 if quick else 12.0
    keys = 40 if quick else 300
    turns = 3 if quick else 15
    figures: Figures = {}

    def note(name: str, drawing: str, value: float) -> None:
        figures.setdefault(name, {})[drawing] = value
        print(f"{name}, {drawing}: {value:.6g}", flush=True)

    for size in (SMALL, LARGE):
        for drawing in DRAWINGS:
            traffic, paused = measure_traffic(drawing, size, seconds)
            note(f"B/s training at full speed, 10 fps, {_name(size)}", drawing, traffic)
            note(f"B/s paused, {_name(size)}", drawing, paused)
    for name, values in measure_starts(turns).items():
        for drawing, value in values.items():
            note(name, drawing, value)
    for drawing in DRAWINGS:
        p50, p99 = measure_echo_on_one_core(drawing, keys)
        note("key echo p50 while training on one core, ms", drawing, p50)
        note("key echo p99 while training on one core, ms", drawing, p99)
    for drawing in DRAWINGS:
        note("worst key echo on a line of 10 kB/s, ms", drawing, measure_slow_echo(drawing, 8 if quick else 25))
    for drawing in DRAWINGS:
        stall, speed = measure_unread(drawing, 8.0 if quick else 20.0)
        note("longest stall with an unread terminal, s", drawing, stall)
        note("training speed meanwhile, of that before", drawing, speed)
    for drawing in DRAWINGS:
        busy, app, worker = measure_load(drawing, seconds)
        note("processor at 5 fps, 120x40, % of a core", drawing, busy)
        note("memory of the app, MB", drawing, app)
        note("memory of the worker, MB", drawing, worker)
    return figures


GOALS: tuple[tuple[str, float], ...] = (
    ("B/s training at full speed, 10 fps, 80x24", 2000),
    ("B/s training at full speed, 10 fps, 120x40", 2500),
    ("B/s paused, 80x24", 0),
    ("bytes of the first picture, 80x24", 6000),
    ("first frame, ms", 350),
    ("first frame, times that of a bare app", 1.35),
    ("chart ready, ms", 550),
    ("chart ready, times a bare app's first frame", 2.1),
    ("key echo p99 while training on one core, ms", 30),
    ("worst key echo on a line of 10 kB/s, ms", 100),
    ("longest stall with an unread terminal, s", 0.15),
    ("processor at 5 fps, 120x40, % of a core", 8),
    ("memory of the app, MB", 70),
    ("memory of the worker, MB", 40),
)


def print_table(figures: Figures) -> None:
    print(f"\n{'':<50}{'stock':>12}{'goal':>10}{'measured':>12}")
    for name, goal in GOALS:
        values = figures[name]
        stock = f"{values['stock']:>12.4g}" if "stock" in values else " " * 12
        met = "met" if values["ours"] <= goal else "missed"
        print(f"{name:<50}{stock}{goal:>10.4g}{values['ours']:>12.4g}  {met}")
    speed = figures["training speed meanwhile, of that before"]
    print(f"{'training speed while the terminal is not read':<50}{speed['stock']:>12.0%}{'':>10}{speed['ours']:>12.0%}")


def _name(size: tuple[int, int]) -> str:
    return "{}x{}".format(*size)


@contextmanager
def opened(drawing: str, size: tuple[int, int], *arguments: str, **options: Any) -> Iterator[tuple[Terminal, Path]]:
    """Opens the app in a terminal, with a folder of its own for runs."""
    with tempfile.TemporaryDirectory(prefix="l2tui-benchmark-") as folder:
        # With another value than `stock` the app draws in its own way.
        variables = {"L2TUI_RUNS": folder, "L2TUI_DRAWING": drawing}
        if drawing == "stock":
            variables["TEXTUAL_FPS"] = "60"
        terminal = Terminal([*APP, *arguments], size, variables, **options)
        try:
            yield terminal, Path(folder)
        finally:
            terminal.end()


def _trains(terminal: Terminal) -> None:
    _see(terminal, lambda: "running" in terminal.text and "▲" in terminal.text, "a training")


def _see(terminal: Terminal, condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    if not terminal.read(seconds, condition):
        raise RuntimeError(f"{what} was not seen:\n{terminal.text}")


def _status(runs: Path) -> Status:
    (path,) = runs.iterdir()
    run = RunDirectory(path)
    status = read_json(run, run.status, Status)
    assert status is not None
    return status


def measure_traffic(drawing: str, size: tuple[int, int], seconds: float) -> tuple[float, float]:
    """Returns bytes a second while training, and while paused."""
    with opened(drawing, size, "--start", "--fps=10") as (terminal, _):
        _trains(terminal)
        terminal.read(3.0)
        before = terminal.bytes
        terminal.read(seconds)
        training = (terminal.bytes - before) / seconds
        terminal.press(" ")
        _see(terminal, lambda: "paused" in terminal.text, "the pause")
        terminal.read(1.5)
        before = terminal.bytes
        terminal.read(seconds / 2)
        return training, (terminal.bytes - before) / (seconds / 2)


def measure_starts(turns: int) -> Figures:
    """Returns times from the start to the first frame and to the chart (medians, ratios within a turn), and bytes."""
    seen: dict[str, dict[str, list[float]]] = {}

    def note(name: str, drawing: str, value: float) -> None:
        seen.setdefault(name, {}).setdefault(drawing, []).append(value)

    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        finished = ["train", "moons", "--epochs=200", f"--run-dir={run}"]
        subprocess.run([sys.executable, "-m", "l2tui", *finished], check=True, capture_output=True)
        for _ in range(turns):
            _start_each(run, note)
    return {
        name: {drawing: statistics.median(values) for drawing, values in both.items()} for name, both in seen.items()
    }


def _start_each(run: Path, note: Callable[[str, str, float], None]) -> None:
    with opened("ours", SMALL, "--bare") as (terminal, _):
        _see(terminal, lambda: "a bare app" in terminal.text, "a bare app")
        bare = 1e3 * (time.perf_counter() - terminal.started)
    note("first frame of a bare app, ms", "ours", bare)
    for drawing in DRAWINGS:
        with opened(drawing, SMALL) as (app, _):
            _see(app, lambda app=app: "Press space" in app.text, "the first frame")
            first = 1e3 * (time.perf_counter() - app.started)
            app.read(1.0)
            note("bytes of the first picture, 80x24", drawing, app.bytes)
        with opened(drawing, SMALL, f"--open={run}") as (app, _):
            _see(app, lambda app=app: "┤" in app.text, "the chart")
            chart = 1e3 * (time.perf_counter() - app.started)
        note("first frame, ms", drawing, first)
        note("first frame, times that of a bare app", drawing, first / bare)
        note("chart ready, ms", drawing, chart)
        note("chart ready, times a bare app's first frame", drawing, chart / bare)


def _echoes(terminal: Terminal, count: int, pause: float) -> list[float]:
    """Presses keys that move the selection of the settings and returns how long each took to be seen (ms)."""
    chance = random.Random(1)
    row, times = _selected(terminal), []
    for number in range(count):
        terminal.read(pause * chance.uniform(0.5, 1.5))
        before = time.perf_counter()
        terminal.press("\x1b[A" if number % 2 == 0 else "\x1b[B")
        if not terminal.read(_PATIENCE, partial(_has_moved, terminal, row)):
            return [*times, 1e3 * _PATIENCE]
        times.append(1e3 * (time.perf_counter() - before))
        row = _selected(terminal)
    return times


def _has_moved(terminal: Terminal, row: int | None) -> bool:
    return _selected(terminal) not in (None, row)


def _selected(terminal: Terminal) -> int | None:
    rows = [y for y, line in enumerate(terminal.left(2)) if line == "│▸"]
    return rows[0] if len(rows) == 1 else None


def measure_echo_on_one_core(drawing: str, count: int) -> tuple[float, float]:
    """Returns median and 99th percentile of the time to a key's echo (ms), all on one core, the worker made polite."""
    core = max(os.sched_getaffinity(0))
    with opened(drawing, SMALL, "--start", core=core) as (terminal, _):
        _trains(terminal)
        for child in terminal.process.children(recursive=True):
            be_polite(child)
        terminal.read(1.0)
        times = sorted(_echoes(terminal, count, 0.15))
    return statistics.median(times), times[min(len(times) - 1, int(0.99 * len(times)))]


def measure_slow_echo(drawing: str, count: int) -> float:
    """Returns the longest time to a key's echo (ms) on a line of 10 kB/s with the buffers of SSH."""
    with opened(drawing, SMALL, "--start", "--fps=10", bandwidth=10_000) as (terminal, _):
        _see(terminal, lambda: "running" in terminal.text and "▸" in terminal.text, "a training")
        terminal.read(4.0)
        return max(_echoes(terminal, count, 0.3))


def measure_unread(drawing: str, seconds: float) -> tuple[float, float]:
    """Returns the longest time in which the app did nothing (s), and the training speed as a share of that before.

    The app is watched by its stalls in the file `L2TUI_STALLS`, which the measured program writes.
    """
    with tempfile.TemporaryDirectory() as folder:
        stalls = Path(folder) / "stalls"
        with opened(drawing, LARGE, "--start", "--fps=10", f"--stalls={stalls}") as (terminal, runs):
            _trains(terminal)
            terminal.read(1.0)
            begun, at = _status(runs).step, time.perf_counter()
            terminal.read(seconds / 4)
            usual = (_status(runs).step - begun) / (time.perf_counter() - at)
            skip = stalls.stat().st_size
            begun, at = _status(runs).step, time.perf_counter()
            time.sleep(seconds)
            speed = (_status(runs).step - begun) / (time.perf_counter() - at)
            terminal.read(2.0)
            times = [float(line) for line in stalls.read_bytes()[skip:].split(b"\n") if line]
        return max(times, default=0.0), speed / usual


def measure_load(drawing: str, seconds: float) -> tuple[float, float, float]:
    """Returns the processor's share (%), and the memory of app and worker (MB) after so many epochs."""
    with opened(drawing, LARGE, "--start", "--fps=5") as (terminal, runs):
        _trains(terminal)
        terminal.read(3.0)
        while _status(runs).epoch < _EPOCHS_KEPT:
            terminal.read(0.2)
        (worker,) = terminal.process.children()
        memory = terminal.process.memory_info().rss / 1e6, worker.memory_info().rss / 1e6
        before, at = _processor_seconds(terminal.process), time.perf_counter()
        terminal.read(seconds)
        busy = (_processor_seconds(terminal.process) - before) / (time.perf_counter() - at)
        return 100 * busy, *memory


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
