"""Measures what pictures of the network cost: bytes on the line, time to compute, and training speed.

Run `python -m tests.benchmarks.picture_bytes`. A field of 48x12 cells is drawn 50 epochs apart, which is half a second
at 100 epochs a second. The cost in training speed is the share of the worker's processor time.
"""

import os
import statistics
import tempfile
import time

from rich.color import ColorSystem
from textual.strip import Strip

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.line.difference import Difference
from l2tui.line.grid import Grid
from l2tui.line.looks import look_of
from l2tui.line.pen import Pen
from l2tui.runs.events import ShowPicture, Stop
from l2tui.runs.pictures import FieldNumbers, Kind, PictureRequest
from l2tui.settings import Settings
from l2tui.training.moments import weights_of
from l2tui.training.pictures.compute import compute, finish
from l2tui.training.pictures.sight import Sight
from l2tui.training.records import EpochEnd
from l2tui.training.trainer import Trainer
from l2tui.view.palette import palette_named
from l2tui.view.pictures.field import draw_field, points_of
from l2tui.view.pictures.shades import Form
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.session import Session
from l2tui.worker.work import work

WIDTH, HEIGHT, APART, PICTURES = 48, 12, 50, 24
SECONDS = 20.0


def main() -> None:
    for data in ("moons", "circles", "spirals", "xor"):
        for form in ("shades", "quadrants"):
            first, later, seconds = measure_bytes(recommended_settings(data, l2=0.0), form)
            mean, most = statistics.mean(later), max(later)
            print(f"{data:<9}{form:<10} first {first:>5} B, then {mean:>5.0f} B a picture (most {most}), ", end="")
            print(f"computed in {1e3 * statistics.median(seconds):.2f} ms")
    for data, hidden in (("moons", 64), ("moons", 4096), ("digits", 1024)):
        settings = recommended_settings(data, l2=0.0, hidden=hidden, epochs=10**9)
        kind: Kind = "field" if data == "moons" else "weights"
        share, pictures = measure_share(settings, PictureRequest(kind=kind, columns=96, rows=54))
        print(
            f"{data}, {hidden} hidden units: {share:.2%} of the worker's time, {pictures} pictures in {SECONDS:.0f} s"
        )


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
        assert isinstance(numbers, FieldNumbers)
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


def measure_share(settings: Settings, request: PictureRequest) -> tuple[float, int]:
    """Returns which share of the worker's processor time pictures take while one is open, and how many there were.

    All of it is measured within one process, so that what else the machine does counts on both sides.
    """
    taken, steps = [0.0], [0]
    began = [0.0]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["L2TUI_RUNS"] = folder
        run = new_run(settings)
        send(run, ShowPicture(request, SECONDS))

        def watch(session: Session) -> None:
            pictures = session._pictures
            advance, write = pictures.advance, pictures._write
            began[0] = time.thread_time()

            def timed(*, idle: bool) -> None:
                before = time.thread_time()
                advance(idle=idle)
                taken[0] += time.thread_time() - before

            def counted() -> None:
                steps[0] += 1
                write()

            pictures.advance, pictures._write = timed, counted  # type: ignore[method-assign]

        until = time.monotonic() + SECONDS

        def stop(end: EpochEnd) -> None:
            if time.monotonic() > until and end.epoch % 64 == 0:
                send(run, Stop())

        work(run, on_session=watch, on_epoch=stop)
        return taken[0] / (time.thread_time() - began[0]), steps[0]


if __name__ == "__main__":
    main()
