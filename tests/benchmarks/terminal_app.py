"""`l2tui` with the settings and the rate of drawing that a measurement asks for, or a bare app of Textual."""

import argparse
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.terminal_app", description=__doc__)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--epochs", type=int, default=1_000_000)
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--open", type=Path, help="a run to look at")
    parser.add_argument("--stalls", help="a file for the times between two turns of the event loop (s), if long")
    parser.add_argument("--bare", action="store_true")
    options = parser.parse_args()
    sys.exit(run_bare() if options.bare else run_l2tui(options))


def run_l2tui(options: argparse.Namespace) -> int:
    from l2tui.cli import main as l2tui

    if options.stalls:
        from l2tui.tui import app

        _watch_stalls(app.L2tuiApp, options.stalls)
    if options.open:
        return l2tui(["watch", str(options.open), f"--fps={options.fps}"])
    start = ["--start"] if options.start else []
    return l2tui([*start, f"--fps={options.fps}", f"--epochs={options.epochs}", "--pace=max"])


def _watch_stalls(kind: Any, path: str) -> None:
    """Has an app write down when its event loop comes late by more than 10 ms, and by how much."""
    import asyncio
    import time

    mounted = kind.on_mount

    async def watch() -> None:
        with Path(path).open("a", buffering=1, encoding="utf-8") as file:
            file.write("0\n")
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.01)
                late = time.perf_counter() - before - 0.01
                if late > 0.01:
                    file.write(f"{late}\n")

    def on_mount(self: Any) -> None:
        mounted(self)
        self.run_worker(watch(), group="stalls")

    kind.on_mount = on_mount


def run_bare() -> int:
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("a bare app of Textual " * 20)

    Bare().run()
    return 0


if __name__ == "__main__":
    main()
