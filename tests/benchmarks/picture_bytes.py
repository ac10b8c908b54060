"""Measures what pictures of the network cost: bytes on the line, time to compute, and training speed.

Run `python -m tests.benchmarks.picture_bytes`. A field of 48x12 cells is drawn 50 epochs apart, which is half a second
at 100 epochs a second. The cost in training speed is a ratio of steps a second of the worker's processor time, which
what else the machine does disturbs least: stretches with and without pictures take turns.
"""

import os
import statistics
import tempfile
import time

import psutil
from rich.color import ColorSystem
from textual.strip import Strip

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.line.difference import Difference
from l2tui.line.grid import Grid
from l2tui.line.looks import look_of
from l2tui.line.pen import Pen
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import SetValue, ShowPicture, Stop
from l2tui.runs.pictures import Kind, PictureRequest
from l2tui.runs.stored import known_status
from l2tui.settings import Settings
from l2tui.training.moments import weights_of
from l2tui.training.pictures.compute import compute, finish
from l2tui.training.pictures.sight import Sight
from l2tui.training.trainer import Trainer
from l2tui.view.palette import palette_named
from l2tui.view.pictures.field import draw_field, points_of
from l2tui.view.pictures.shades import Form
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker

WIDTH, HEIGHT, APART, PICTURES = 48, 12, 50, 24
TURNS, STRETCH = 12, 2.0


def main() -> None:
    for data in ("moons", "circles", "spirals", "xor"):
        for form in ("shades", "quadrants"):
            first, later, seconds = measure_bytes(recommended_settings(data, l2=0.0), form)
            mean, most = statistics.mean(later), max(later)
            print(f"{data:<9}{form:<10} first {first:>5} B, then {mean:>5.0f} B a picture (most {most}), ", end="")
            print(f"computed in {1e3 * statistics.median(seconds):.2f} ms")
    ratios = measure_speed(recommended_settings("moons", l2=0.0, epochs=10**9), "field")
    low, high = min(ratios), max(ratios)
    print(f"training speed with a field of 96x54 points: {statistics.median(ratios):.3f} ({low:.3f} to {high:.3f})")


def measure_bytes(settings: Settings, form: Form) -> tuple[int, list[int], list[float]]:
    """Returns the bytes of the first picture and of those after it, and the seconds to compute each."""
    splits = prepare(settings)
    trainer, sight = Trainer(settings, splits), Sight.of(settings, splits.preparation, splits)
    palette = palette_named("l2tui-dark" if form == "shades" else "l2tui-dark-16")
    columns, rows = points_of(WIDTH, HEIGHT, form)
    request = PictureRequest(kind="field", columns=columns, rows=rows)
    sent, wanted, pen = Grid(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT), Pen(0, 0, look_of(None, ColorSystem.EIGHT_BIT))
    sizes, seconds = [], []
    for _ in range(PICTURES):
        until = trainer.epoch + APART
        while trainer.epoch < until:
            trainer.advance()
        then = weights_of(trainer, "live")
        assert then is not None
        began = time.perf_counter()
        numbers = finish(compute(request, then.weights, sight))
        seconds.append(time.perf_counter() - began)
        put(wanted, draw_field(numbers, WIDTH, HEIGHT, palette, form), form)
        text, _ = Difference(sent, wanted, pen, erases=True).write(range(HEIGHT))
        sizes.append(len(text.encode()))
    return sizes[0], sizes[1:], seconds


def put(grid: Grid, strips: list[Strip], form: Form) -> None:
    """Writes strips into a grid as they look in a terminal with 256 or 16 colours."""
    colours = ColorSystem.EIGHT_BIT if form == "shades" else ColorSystem.STANDARD
    for y, strip in enumerate(strips):
        x = 0
        for segment in strip:
            x = grid.put(x, y, segment.text, look_of(segment.style, colours))


def measure_speed(settings: Settings, kind: Kind) -> list[float]:
    """Returns the steps a second with a picture open, each as a share of those before and after without."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["L2TUI_RUNS"] = folder
        run = new_run(settings)
        process = start_worker(run)
        send(run, SetValue("pace", "max"))
        while (status := known_status(run)) is None or status.epoch < 1000:
            time.sleep(0.1)
        speeds = []
        for turn in range(2 * TURNS + 1):
            if turn % 2:
                send(run, ShowPicture(PictureRequest(kind=kind, columns=96, rows=54), STRETCH))
            speeds.append(_speed(run, psutil.Process(process.pid)))
        send(run, Stop())
        process.wait(10)
    pairs = zip(speeds[1::2], speeds[::2], speeds[2::2], strict=False)
    return [with_it / ((before + after) / 2) for with_it, before, after in pairs]


def _speed(run: RunDirectory, worker: psutil.Process) -> float:
    found = []
    for pause in (STRETCH, 0.0):
        status, times = known_status(run), worker.cpu_times()
        assert status is not None
        found.append((status.step, times.user + times.system))
        time.sleep(pause)
    (step, at), (later, until) = found
    return (later - step) / (until - at)


if __name__ == "__main__":
    main()
