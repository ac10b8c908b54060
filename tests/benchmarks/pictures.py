"""Makes the pictures of the README anew: the app in 80x24 cells, played as its first 30 seconds are told there.

Run `python -m tests.benchmarks.pictures`. It needs Chromium, which turns the app's SVG into PNG; other renderers
misplace rows of braille. `--size 120x40`, `--theme light`, `--few-colours` and `--out DIR` make others to look at.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.line.options import DrawingOptions
from l2tui.tui.app import L2tuiApp
from l2tui.tui.context import Context
from l2tui.tui.controller import Controller
from l2tui.view.key_names import KeyNames
from l2tui.view.look import Look

DOCS = Path(__file__).parents[2] / "docs"
OVERFIT, CURED = 700, 1440
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> None:
    """Trains in a folder that is deleted at the end, and writes both pictures."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"L2TUI_RUNS": folder, "XDG_STATE_HOME": folder}
        asyncio.run(_play(options))


async def _play(options: argparse.Namespace) -> None:
    columns, rows = (int(number) for number in options.size.split("x"))
    context = Context(Look(theme=options.theme, few_colours=options.few_colours), KeyNames({}), DrawingOptions())
    app = L2tuiApp(Controller(recommended_settings("moons", pace=100.0)), context)
    async with app.run_test(size=(columns, rows)) as pilot:
        await pilot.press("space")
        await _until_epoch(pilot, OVERFIT)
        overfit = app.export_screenshot(title="l2tui")
        await pilot.press(*["plus"] * 5)
        await _until_epoch(pilot, CURED)
        cured = app.export_screenshot(title="l2tui")
        await app.screen.controller.end("stop")
    _write(overfit, options.out / "overfitting.png")
    _write(cured, options.out / "decay.png")


async def _until_epoch(pilot: Pilot[None], epoch: int) -> None:
    while pilot.app.screen.view.epoch < epoch:
        assert pilot.app.screen.view.phase in ("starting", "running"), pilot.app.screen.view.phase
        await pilot.pause(0.02)


def _write(svg: str, path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size is not None
    width, height = (int(float(number)) + 1 for number in size.groups())
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "picture.svg"
        source.write_text(svg, encoding="utf-8")
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}")
        command = [str(browser), *flags, f"--screenshot={path}", str(source)]
        subprocess.run(command, check=True, capture_output=True)
    print(path)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pictures", description=__doc__)
    parser.add_argument("--size", default="80x24", help="columns x rows (default 80x24)")
    parser.add_argument("--theme", default="dark", help="dark, light or mono (default dark)")
    parser.add_argument("--few-colours", action="store_true", help="as a terminal with 16 colours")
    parser.add_argument("--out", type=Path, default=DOCS, help="where to write them (default docs)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
