"""The program, with a way to ask what it takes to be on its screen: SIGUSR2 writes that to the file `PICTURE`.

What is written are the bytes with which Textual itself would draw the whole screen. The test is the shell that it goes
to with ctrl+z.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from textual.events import Mount

import l2tui.tui.app
from l2tui.cli import main
from l2tui.tui.app import L2tuiApp


class PictureApp(L2tuiApp):
    CSS_PATH = Path(l2tui.tui.app.__file__).with_name("app.tcss")

    async def on_event(self, event: Any) -> None:
        await super().on_event(event)
        if isinstance(event, Mount):
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, self.write_picture)

    def write_picture(self) -> None:
        lines = self.screen._compositor.render_strips()
        rows = [f"\x1b[{y + 1}H{strip.render(self.console)}" for y, strip in enumerate(lines)]
        path = Path(os.environ["PICTURE"])
        new = path.with_suffix(".new")
        new.write_bytes("".join([f"{self.size.width} {self.size.height}\n", *rows]).encode())
        new.replace(path)


if __name__ == "__main__":
    l2tui.tui.app.L2tuiApp = PictureApp
    l2tui.tui.app.has_shell = lambda: True
    sys.exit(main())
